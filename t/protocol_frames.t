#!/usr/bin/perl
# Frames: the greeting, what is refused and how, ids, the order of replies. One connection, no people.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Util qw(slurp);

my $site = site();
my $node = $site->node('a', worker_processes => 1)->start;

subtest 'greeting' => sub {
    my $hello = connect_to($node)->{hello};
    like $hello->{server}, qr{^chatd/\d}, 'server';
    is $hello->{protocol}, 1, 'protocol';
    is $hello->{node}, 'a', 'node';
    is $hello->{max_frame}, 65536, 'max_frame';
    is $hello->{ping_interval}, 60, 'ping_interval in seconds';
};

subtest 'lines' => sub {
    my $client = connect_to($node);
    my $reply = $client->request('ping');
    is_ok $reply, 'ping';
    is $reply->{state}, 'ready', 'state';
    cmp_ok abs($reply->{ts} / 1000 - time), '<', 120, 'ts is Unix time in milliseconds';
    $client->send_raw(qq({"op":"ping","id":"crlf"}\r\n));
    is_ok $client->reply('crlf'), 'CR LF ends a line too';
    $client->send_raw(qq(\n\r\n\n{"op":"ping","id":"after empty"}\n));
    is $client->next_reply->{id}, 'after empty', 'empty lines are ignored';
    for my $part ('{"op":', '"pi', 'ng","id":"parts"', "}\r", "\n") {
        $client->send_raw($part);
        is_ok connect_to($node)->request('ping'), 'others are served while a line is incomplete';
    }
    is_ok $client->reply('parts'), 'a line in pieces';
    $client->send_raw(qq({"op":"ping"}\n));
    my $bare = $client->next_reply;
    ok $bare->{ok} && !exists $bare->{id}, 'without id none is echoed';
    is_ok $client->request('ping', nobody => 1, knows => { these => [ 1, 2 ] }), 'unknown fields are ignored';
};

subtest 'max_frame' => sub {
    my $frame = sub {
        my ($length) = @_;
        my ($begin, $end) = ('{"op":"ping","id":1,"x":"', '"}');
        return $begin . 'x' x ($length - length("$begin$end")) . $end;
    };
    my $client = connect_to($node);
    $client->send_raw($frame->(65536) . "\n");
    is_ok $client->next_reply, 'a frame of max_frame bytes';
    $client->send_raw($frame->(65536) . "\r\n");
    is_ok $client->next_reply, 'the line\'s end is not counted';
    $client->send_raw($frame->(65537) . "\n");
    is_error $client->next_reply, 'too_large', 'a byte more is answered';
    $client->expect_closing('too_large');

    my $endless = connect_to($node);
    $endless->send_raw($frame->(70000));
    is_error $endless->next_reply, 'too_large', 'a long line need not end to be refused';
    $endless->expect_closing('too_large');

    # Much more than a worker may keep for one connection; what is not read is the peer's own.
    my @other = map { connect_to($node) } 1 .. 3;
    my ($worker) = $node->workers;
    my $before = memory_of($worker);
    my @flood = map { connect_to($node) } 1 .. 4;
    for my $client (@flood) { $client->send_raw('x' x 65536) or last for 1 .. 128 }
    for (@flood) { is_error $_->next_reply, 'too_large', 'a line without end'; $_->expect_closing('too_large') }
    cmp_ok memory_of($worker) - $before, '<', 16 * 1024, 'megabytes of it are not kept' ;
    is_ok $_->request('ping'), 'others go on' for @other;
};

# KiB of a process's own.
sub memory_of {
    my ($pid) = @_;
    return slurp("/proc/$pid/status") =~ /^RssAnon:\s*(\d+) kB/m ? $1 : die "no process $pid";
}

subtest 'half-close' => sub {
    my $client = connect_to($node);
    my $made = $client->begin('register', name => 'half', password => 'long enough');
    my $ping = $client->begin('ping');
    $client->half_close;
    is_ok $client->reply($made), 'a slow request is answered after the half-close';
    is_ok $client->reply($ping), 'and the one behind it';
    ok $client->wait_eof, 'then the server closes';

    my ($ann, $ben) = map { person($node, $_) } qw(ann ben);
    my @sent = map { $ann->begin('send', to => '@ben', text => "m $_") } 1 .. 20;
    $ann->half_close;
    is_deeply seqs(map { $ann->reply($_) } @sent), [ 1 .. 20 ], 'sends are answered after the half-close';
    ok $ann->wait_eof, 'then the server closes';
    is_deeply texts($ben->messages(20)), [ map { "m $_" } 1 .. 20 ], 'and they have arrived';

    my $cut = person($node, 'cat');
    $cut->send_raw('{"op":"send","to":"@ben","text":"cut');
    $cut->half_close;
    ok $cut->wait_eof, 'half a frame and no more: closed';
    is_deeply [ $ben->events('message') ], [], 'it is no frame';
    is_ok $ben->request('ping'), 'others stay';
};

done_testing;
