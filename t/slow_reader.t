#!/usr/bin/perl
# A reader that reads nothing disturbs nobody, is caught up when it reads again, and is closed in the end.
use strict;
use warnings;
use Chatd::Test;

my $site = site();
my $node = $site->node('a', worker_processes => 1, output_limit => '64k')->start;
my $impatient = $site->node('b', worker_processes => 1, output_limit => '64k', slow_timeout => '1s')->start;

# More than the kernel's buffers take in.
my ($count, $text) = (1200, 'x' x 8000);

# Somebody writes much to a reader, and looks after each few whether others are served.
sub flood {
    my ($from, $reader, $other) = @_;
    for my $block (1 .. $count / 40) {
        my @id = map { $from->begin('send', to => "\@$reader", text => "$_ $text") } 1 .. 40;
        $from->reply($_)->{ok} or die 'a send failed' for @id;
        $from->say('@carol', "block $block");
        $other->expect_event('message')->{text} eq "block $block" or die 'the other gets something else';
    }
}

my $carol = person($node, 'carol');

subtest 'caught up' => sub {
    my $alice = person($node, 'alice');
    my $bob = connect_to($node, receive_buffer => 65536);
    $bob->register_and_login('bob');
    flood($alice, 'bob', $carol);
    pass 'the sender and others are served while bob reads nothing';
    my @event = $bob->messages($count, from => 'alice');
    is_deeply seqs(@event), [ 1 .. $count ], 'bob reads: everything is there, in order, once';
    is_ok $alice->say('@bob', 'and now live'), 'the next one';
    is $bob->expect_event('message')->{text}, 'and now live', 'comes live';
    is_ok $bob->say('@alice', 'here I am'), 'bob\'s requests are read again';
};

subtest 'closed in the end' => sub {
    my $dave = person($impatient, 'dave');
    my $erin = connect_to($impatient, receive_buffer => 65536);
    my $token = $erin->register_and_login('erin')->{token};
    flood($dave, 'erin', $carol);
    wait_until { !$impatient->worker_of($erin) } 'who never reads is closed';
    is_ok $dave->request('ping'), 'others are not';
    my $back = connect_to($impatient);
    is_ok $back->login_token($token, backlog => 5), 'and may come back';
    is_deeply seqs($back->messages(5)), [ $count - 4 .. $count ], 'to find what was written';
};

done_testing;
