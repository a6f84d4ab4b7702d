#!/usr/bin/perl
# Promise 4: sending again is safe. One cid of one sender in one conversation is one message, from any node, while
# the first attempt is in flight too, and when sending is not allowed any more.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Talk;

my $cluster = cluster(backlog_page => 1);

# The next message that a client has not shown yet: it drops what it has seen by (conv, seq).
sub next_new {
    my ($client) = @_;
    while (1) {
        my $event = $client->expect_event('message');
        return $event if !$client->{shown}{"$event->{from} $event->{to} $event->{seq}"}++;
    }
}

sub is_again {
    my ($again, $first, $name) = @_;
    is_ok $again, $name;
    is "$again->{seq} $again->{ts} " . ($again->{duplicate} // 'new'), "$first->{seq} $first->{ts} 1", '… the first one\'s';
}

each_talk($cluster, sub {
    my ($talk) = @_;
    my ($ann, $ben) = $talk->people(qw(ann ben));
    my @ann = ($ann, map { $talk->person('ann', $_) } 1, 0);

    my $first = $talk->say($ann, 'one', cid => 'c');
    is_ok $first, 'sent';
    is_again($talk->say($ann, 'one', cid => 'c'), $first, 'the same session');
    is_again($talk->say($ann[1], 'one', cid => 'c'), $first, 'another place');
    is_again($talk->say($ann[1], 'another', cid => 'c'), $first, 'another text');
    is $talk->say($ann, 'two')->{seq}, 2, 'none took a seq';
    is next_new($ben)->{text}, 'one', 'the first text stands';
    is next_new($ben)->{text}, 'two', 'and nothing between';

    my $note = $ann->say('@' . $talk->name('ann'), 'x', cid => 'c');
    is "$note->{seq} " . ($note->{duplicate} // 'new'), '1 new', 'another conversation: another message';
    is $talk->say($ben, 'x', cid => 'c')->{seq}, 3, 'another sender';
    is $talk->say($ann, 'x', cid => 'C')->{seq}, 4, 'another letter case';
    is $talk->say($ann, 'x')->{seq}, 5, 'no cid';
    is $talk->say($ann, 'x')->{seq}, 6, 'no cid again';
    next_new($ben) for 4 .. 6;
    in_flight($talk, $ben, @ann);
});

# Each message four times at once, from three sessions at two places.
sub in_flight {
    my ($talk, $ben, @ann) = @_;
    my $count = 30;
    my @sent;
    for my $i (1 .. $count) {
        push @sent, [ $i, $ann[$_], $talk->begin_say($ann[$_], "flight $i", cid => "f $i") ] for 0, 1, 2, 0;
    }
    my %reply;
    for (@sent) {
        my ($i, $from, $id) = @$_;
        push @{ $reply{$i} }, $from->reply($id);
    }
    my ($agreed, $once) = (0, 0);
    for my $i (1 .. $count) {
        my %outcome = map { ($_->{ok} ? "$_->{seq} $_->{ts}" : $_->{_line}) => 1 } @{ $reply{$i} };
        ++$agreed if keys %outcome == 1;
        ++$once if 1 == grep { !$_->{duplicate} } @{ $reply{$i} };
    }
    is $agreed, $count, 'the same seq and ts for all four';
    is $once, $count, 'one of them is no duplicate';
    my @event = map { next_new($ben) } 1 .. $count;
    is_deeply seqs(@event), [ 7 .. 6 + $count ], 'so many messages, no more';
    is_deeply [ sort @{ texts(@event) } ], [ sort map { "flight $_" } 1 .. $count ], 'each once';
    is $talk->say($ann[1], 'the end')->{seq}, 7 + $count, 'and the next seq';
    is next_new($ben)->{text}, 'the end', 'comes next';
}


# The store stands still, so that the first attempt is under way when the second is made at another place.
each_talk($cluster, sub {
    my ($talk) = @_;
    my ($ann, $ben) = $talk->people(qw(ann ben));
    my ($other, $look) = ($talk->person('ann', 1), $talk->person('cat', 1));
    is_ok $talk->say($_, 'before'), 'before' for $ann, $other;
    $cluster->{site}->postgres->freeze;
    my @id = ($talk->begin_say($ann, 'x', cid => 'held'), $talk->begin_say($other, 'x', cid => 'held'));
    is_ok $look->request('ping'), 'the workers go on';
    $cluster->{site}->postgres->thaw;
    my @reply = ($ann->reply($id[0]), $other->reply($id[1]));
    is join(' ', map { $_->{seq} // $_->{_line} } @reply), '3 3', 'the same seq';
    is scalar(grep { $_->{duplicate} } @reply), 1, 'one of them is the duplicate';
    is_deeply texts(map { next_new($ben) } 1 .. 3), [qw(before before x)], 'ben has it';
    is $talk->say($ann, 'after')->{seq}, 4, 'once';
});

# A cid is its sender's: what another has sent by the same one is shown, though one is sending by it just now.
each_talk($cluster, sub {
    my ($talk) = @_;
    my ($ann, $ben) = $talk->people(qw(ann ben));
    my @sent = map { $talk->begin_say($ben, "ben $_", cid => "c $_") } 1 .. 60;
    is scalar(grep { $ben->reply($_)->{ok} } @sent), 60, 'ben has sent';
    $cluster->{site}->postgres->hold('SELECT FROM conversation FOR UPDATE');
    my $back = connect_to($talk->place(0));
    my $login = $back->begin('login', token => $ann->{me}{token});
    my $own = $back->begin('send', to => $talk->conv($ann), text => 'ann', cid => 'c 60');
    is_ok $back->reply($login), 'ann comes back, and sends at once';
    is_deeply seqs($back->messages(60)), [ 1 .. 60 ], 'she is sent all that waited';
    $cluster->{site}->postgres->let_go;
    my $reply = $back->reply($own);
    is "$reply->{seq} " . ($reply->{duplicate} // 'new'), '61 new', 'hers is another message';
});

# Who may not send any more still learns what became of what was sent.
each_talk($cluster, sub {
    my ($talk) = @_;
    my ($ann, $ben) = $talk->people(qw(ann ben));
    my $other = $talk->person('ben', 0);
    my $first = $talk->say($ben, 'one', cid => 'c');
    is_ok $ben->request('group_leave', group => $talk->group), 'left';
    is_again($talk->say($_, 'one', cid => 'c'), $first, 'after leaving') for $ben, $other;
    is_error $talk->say($_, 'x', cid => 'd'), 'not_member', 'a new one is refused' for $ben, $other;
    is_error $talk->say($ben, 'x'), 'not_member', 'without a cid too';
    is_ok $ben->request('group_join', group => $talk->group), 'joined again';
    is_again($talk->say($_, 'one', cid => 'c'), $first, 'after joining again') for $ben, $other;
    is $talk->say($ann, 'two')->{seq}, 2, 'none took a seq';
    is next_new($ann)->{text}, 'one', 'ann saw it';
    is_deeply [ grep { $_->{seq} != 1 } $talk->until_now($ann, $ben) ], [], 'and nothing else';
}, kinds => ['group']);

# The group may be gone, the two may have blocked each other.
each_talk($cluster, sub {
    my ($talk) = @_;
    my ($ann, $ben) = $talk->people(qw(ann ben));
    my $other = $talk->person('ben', 0);
    my $first = $talk->say($ben, 'one', cid => 'c');
    is_deeply texts($ann->messages(1)), ['one'], 'there was one';    # who loses the group first may miss it
    is_ok $talk->is_group ? $ann->request('group_delete', group => $talk->group) : $ann->request('block', name => $talk->name('ben')),
      'no more';
    my $refused = $talk->is_group ? 'no_such_group' : 'blocked';
    is_again($talk->say($_, 'one', cid => 'c'), $first, 'again') for $ben, $other;
    is_error $talk->say($_, 'x', cid => 'd'), $refused, 'a new one is refused' for $ben, $other;
    $ann->barrier;
    is_deeply [ $ann->events('message') ], [], 'and nothing new';
});

# The same where a gap is filled: node c hears of ben's message by asking the store, and waits before it reads it.
subtest 'a gap' => sub {
    my ($c) = $cluster->{site}->start_nodes(['c'], worker_processes => 1, gap_hold => '1s');
    my ($ann, $ben) = (person($c, 'ann'), person($cluster->{a}, 'ben'));
    is_ok $ben->say('@ann', 'one'), 'one';
    is $ann->expect_event('message')->{text}, 'one', 'is there';
    $cluster->{site}->redis->kill9;
    is_ok $ben->say('@ann', 'two', cid => 'c'), 'two';
    $cluster->{site}->postgres->hold('SELECT FROM conversation FOR UPDATE');
    my $own = $ann->begin('send', to => '@ben', text => 'three', cid => 'c');
    is $ann->expect_event('message')->{text}, 'two', 'is there, while ann is sending by the same cid';
    $cluster->{site}->postgres->let_go;
    is $ann->reply($own)->{seq}, 3, 'which is another message';
    is $ben->expect_event('message')->{text}, 'three', 'ben has it';
    $cluster->{site}->redis->start;
};

done_testing;
