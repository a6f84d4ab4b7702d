#!/usr/bin/perl
# The fields of send: what is refused, and that texts arrive as they were written.
use strict;
use warnings;
use utf8;
use Encode qw(encode_utf8);
use Chatd::Test;

my $site = site();
my $node = $site->node('a', worker_processes => 1)->start;
my $alice = person($node, 'alice');
my $bob = person($node, 'bob');

subtest 'refused' => sub {
    my $send = sub { $alice->request('send', @_) };
    is_error $send->(text => 'x'), 'bad_field', 'no to', field => 'to';
    is_error $send->(to => $_, text => 'x'), 'bad_field', 'a bad to', field => 'to'
      for 'bob', '', '@', '#', '@Bob', '@bo b', '!bob', '@' . 'x' x 33, 7, undef, ['@bob'];
    is_error $send->(to => '@nobody', text => 'x'), 'no_such_user', 'nobody';
    is_error $send->(to => '@bob'), 'bad_field', 'no text', field => 'text';
    is_error $send->(to => '@bob', text => $_), 'bad_field', 'a bad text', field => 'text' for '', 7, undef, ['x'];
    is_error $send->(to => '@bob', text => 'x' x 8193), 'text_too_long', 'a byte too many';
    is_error $send->(to => '@bob', text => 'é' x 4097), 'text_too_long', 'bytes are counted, not characters';
    is_error $send->(to => '@bob', text => 'x', cid => $_), 'bad_field', 'a bad cid', field => 'cid'
      for '', 'x' x 65, 7, undef;
};

subtest 'kept as they are' => sub {
    my @text = (
        'x', 'x' x 8192, 'é' x 4096, ' leading and trailing ', "one\r\ntwo\n", "tab\t and \x{1}\x{1b}[31mred\x{7f}",
        "'; DROP TABLE message; --", '%s%n%d', '$1 \\x41 \\\\ {a,"b",NULL}', '{"event":"message"}', "</script>\x{2028}",
        '👩‍👩‍👧 Ünïcödé ‮ reversed', "\x{10ffff}\x{ffff}\x{feff}", 'NULL', '\\N', '"',
    );
    my $before = 0;
    for my $text (@text) {
        my $cid = "cid $before 'é\n\x{1}";
        my $reply = $alice->say('@bob', $text, cid => $cid);
        is $reply->{seq}, ++$before, 'nothing that was refused took a seq';
        my $event = $bob->expect_event('message');
        ok $event->{text} eq $text && $event->{cid} eq $cid, 'the text is the same: ' . encode_utf8(substr $text, 0, 20) =~ s/[^ -~]/?/gr;
        unlike $event->{_line}, qr/[\x00-\x1f]/, 'no raw control goes out';
    }
};

subtest 'nothing of it in the log' => sub {
    unlike $node->log_text, qr/DROP TABLE|[\x00-\x08\x0b-\x1f\x7f]/, 'neither texts nor raw controls';
};

subtest 'a cid has up to 64 bytes' => sub {
    is_ok $alice->say('@bob', 'x', cid => 'é' x 32), 'so long';
    is $bob->expect_event('message')->{cid}, 'é' x 32, 'it comes with the event';
};

done_testing;
