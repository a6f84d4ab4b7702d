#!/usr/bin/perl
# Promise 5: a slow reader costs nobody else. Past the server's buffer limit it is no longer pushed to; it is caught up
# from the store when it has drained, and closed if it never does.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Talk;

my $cluster = cluster(output_limit => '64k');

# More than the kernel's buffers take in between.
my ($count, $text) = (980, 'x' x 8000);

# Much is written to a reader who reads nothing; after each few, others are served.
sub flood {
    my ($talk, $from, @other) = @_;
    my ($one, $two) = @other;
    my $end = 0;
    while ($end < $count) {
        my @reply = $talk->speak($from, map { "$_ $text" } $end + 1 .. $end + 35);
        $end = $reply[-1]{seq};
        $one->say('@' . $two->{me}{name}, "at $end")->{ok} or die;
        $two->expect_event('message', to => '@' . $two->{me}{name})->{text} eq "at $end" or die 'the other has something else';
    }
}

each_talk($cluster, sub {
    my ($talk) = @_;
    my @who = $talk->is_group ? qw(ann ben cat) : qw(ann ben);
    my ($ann, $ben, $cat) = $talk->people(@who);
    my @other = map { $talk->person($_, 1) } qw(dan eve);
    $ben->close;
    my $slow = connect_to($talk->place(1), receive_buffer => 65536);
    $slow->{me} = $slow->login($talk->name('ben'));
    $slow->expect_event('synced');
    flood($talk, $ann, @other);
    pass 'the sender and others are served while ben reads nothing';
    is_deeply seqs($cat->messages($count)), [ 1 .. $count ], 'another reader of the same has had everything' if $cat;

    # With the store away all that can come is what was pushed.
    $cluster->{site}->postgres->freeze;
    my $ping = $slow->begin('ping');
    is_ok $slow->reply($ping), 'ben reads, and what he asks is read again';
    my @pushed = $slow->events('message');
    $cluster->{site}->postgres->thaw;
    cmp_ok scalar(@pushed), '<', $count, 'not everything had been pushed: ' . @pushed;
    my @event = (@pushed, $slow->messages($count - @pushed));
    is_deeply seqs(@event), [ 1 .. $count ], 'everything comes, in order, once';
    is_deeply [ grep { $_->{text} ne "$_->{seq} $text" } @event ], [], 'as it was written';
    is_ok $talk->say($ann, 'and now live'), 'the next one';
    is $slow->expect_event('message')->{text}, 'and now live', 'comes live';
    is_ok $talk->say($slow, 'here I am'), 'ben writes';
    is $ann->expect_event('message')->{text}, 'here I am', 'and is heard';
});

subtest 'closed in the end' => sub {
    my $impatient = $cluster->{site}->node('c', worker_processes => 1, output_limit => '64k', slow_timeout => '1s')->start;
    my ($dave, $carol, $carla) = map { person($impatient, $_) } qw(dave carol carla);
    my $erin = connect_to($impatient, receive_buffer => 65536);
    my $token = $erin->register_and_login('erin')->{token};
    for my $block (1 .. $count / 35) {
        my @id = map { $dave->begin('send', to => '@erin', text => $text) } 1 .. 35;
        $dave->reply($_)->{ok} or die for @id;
    }
    wait_until { !$impatient->worker_of($erin) } 'who never reads is closed';
    is_ok $_->request('ping'), 'others are not' for $dave, $carol, $carla;
    my $back = connect_to($impatient);
    is_ok $back->login_token($token, backlog => 5), 'and may come back';
    is_deeply seqs($back->messages(5)), [ $count - 4 .. $count ], 'to find what was written';
};

done_testing;
