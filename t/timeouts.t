#!/usr/bin/perl
# Who is silent, does not log in, or never ends a line is told so and closed; who pings stays.
use strict;
use warnings;
use Chatd::Test;

my $site = site();
my $node_a = $site->node('a', worker_processes => 1, login_timeout => '1s');
my $node_b = $site->node('b', worker_processes => 1, ping_interval => '1s', frame_timeout => '3s');
my $node_c = $site->node('c', worker_processes => 1, frame_timeout => '1s');    # silence alone is no matter here
$_->begin for $node_a, $node_b, $node_c;
$_->wait_ready for $node_a, $node_b, $node_c;

subtest 'login_timeout' => sub {
    my ($silent, $busy) = (connect_to($node_a), connect_to($node_a));
    my $alice = person($node_a, 'alice');
    wait_until { $busy->send_raw(qq({"op":"ping"}\n)); $busy->at_end } 'pings do not help';
    is $busy->events('closing', reason => 'auth_timeout'), 1, 'auth_timeout';
    $silent->expect_closing('auth_timeout');
    my $dripping = connect_to($node_a);
    wait_until { $alice->request('ping'); $dripping->send_raw(' '); $dripping->at_end } 'nor does a byte at a time';
    is $dripping->events('closing', reason => 'auth_timeout'), 1, 'auth_timeout too';
    is_ok $alice->request('ping'), 'who has logged in stays';
};

subtest 'ping_interval' => sub {
    is connect_to($node_b)->{hello}{ping_interval}, 1, 'announced';
    my ($silent, $pings) = map { person($node_b, $_) } qw(silent pings);
    wait_until { $pings->request('ping'); $silent->at_end } 'silence comes to an end';
    is $silent->events('closing', reason => 'idle'), 1, 'idle';
    is_ok $pings->request('ping'), 'who pings stays';
};

subtest 'frame_timeout' => sub {
    my ($slow, $other) = map { person($node_c, $_) } qw(slow other);
    $slow->send_raw('{"op":"ping"');
    wait_until { $other->request('ping'); $slow->at_end } 'a line without end comes to one';
    is $slow->events('closing', reason => 'idle'), 1, 'idle';
    my $dripping = person($node_c, 'dripping');
    wait_until { $other->request('ping'); $dripping->send_raw('x'); $dripping->at_end } 'a byte at a time does not help';
    is $dripping->events('closing', reason => 'idle'), 1, 'idle too';
    is_ok $other->request('ping'), 'others stay';
};

# Who does not read may not be read either: what it can't have said is not held against it.
subtest 'while it does not read' => sub {
    my ($count, $text) = (980, 'x' x 8000);    # more than the kernel's buffers take in between
    person($node_a, 'ben')->close;
    my $ann = person($node_a, 'ann');
    for my $block (1 .. $count / 35) {
        my @id = map { $ann->begin('send', to => '@ben', text => $text) } 1 .. 35;
        $ann->reply($_)->{ok} or die for @id;
    }
    my $ben = connect_to($node_b, receive_buffer => 65536);
    $ben->login('ben')->{ok} or die;
    $ben->send_raw('{"op":"ping",');
    my ($silent, $other) = map { person($node_b, $_) } qw(silent other);
    $silent->send_raw('{"op":"ping",');
    wait_until { $other->request('ping'); $silent->at_end } 'who reads, and is silent';
    is $silent->events('closing', reason => 'idle'), 1, 'is idle';
    $ben->send_raw(qq("id":"in two"}\n));
    is_ok $ben->reply('in two'), 'who did not read is answered';
    is_deeply seqs($ben->messages($count)), [ 1 .. $count ], 'and finds what waited';
};

done_testing;
