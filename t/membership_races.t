#!/usr/bin/perl
# Members come and go while messages flow, and what tells the workers of it is late or lost. Everybody gets
# exactly what lies in the time of their membership: all of it, in order, once, and nothing else.
use strict;
use warnings;
use Chatd::Test;

my $site = site();
my $link = $site->redis_link;
# Node c reaches Redis by a way of its own, which can stand still; it is patient enough not to notice.
my $node_a = $site->node('a', worker_processes => 1);
my $node_b = $site->node('b', worker_processes => 2);
my $node_c = $site->node('c', worker_processes => 1, redis => $link->address, redis_timeout => '30s')->allow(qr/signal 9/);
$_->begin for $node_a, $node_b, $node_c;
$_->wait_ready for $node_a, $node_b, $node_c;

my $ann = person($node_a, 'ann');    # she makes the groups, writes, and never leaves

sub members { my ($group) = @_; return $ann->request('group_info', group => $group)->{members} }
sub join_group { $_[0]->request('group_join', group => $_[1])->{last_seq} // die "$_[1]" }

sub make_group {
    my ($group, @member) = @_;
    is_ok $ann->request('group_create', group => $group), "$group is made";
    join_group($_, $group) for @member;
}

# So many messages from somebody, committed: the seq of the last.
sub speak {
    my ($client, $group, $count) = @_;
    my @id = map { $client->begin('send', to => $group, text => "$client->{me}{name} $_") } 1 .. $count;
    my $last;
    for (@id) { my $reply = $client->reply($_); $reply->{ok} or die $reply->{_line}; $last = $reply->{seq} }
    return $last;
}

# What has come of a group when a later direct message has come as well.
sub seen_until_now {
    my ($client, $group) = @_;
    my $mark = $ann->say("\@$client->{me}{name}", 'mark')->{seq};
    $client->expect_event('message', from => 'ann', text => 'mark', seq => $mark);
    return seqs($client->events('message', to => $group));
}

# The next messages of a group, up to this seq.
sub seen_up_to {
    my ($client, $group, $last) = @_;
    my @seq;
    while (!@seq || $seq[-1] < $last) { push @seq, $client->expect_event('message', to => $group)->{seq} }
    return \@seq;
}

subtest 'a join whose subscription is slow' => sub {
    for my $before (0, 7) {
        my ($cat, $tablet) = (person($node_c, "cat-$before"), person($node_b, "cat-$before"));
        make_group("#slow-$before");
        speak($ann, "#slow-$before", $before) if $before;
        $link->freeze;
        my $id = $cat->begin('group_join', group => "#slow-$before");
        wait_until { members("#slow-$before") == 2 } 'the join is committed';
        my $last = speak($ann, "#slow-$before", 20);
        $link->thaw;
        is $cat->reply($id)->{last_seq}, $before, "joined after $before, before the twenty";
        $last = speak($ann, "#slow-$before", 5);
        is_deeply seen_up_to($_, "#slow-$before", $last), [ $before + 1 .. $last ], 'all since the join, in order, once'
          for $cat, $tablet;
        is_deeply seen_until_now($_, "#slow-$before"), [], 'nothing twice' for $cat, $tablet;
    }
};

# Several times, for what a node reads anyway soon after its start may help the first ones.
subtest 'the last message while the subscription was slow' => sub {
    for my $i (1 .. 5) {
        my $cat = person($node_c, "cat-last-$i");
        make_group("#last-$i");
        $link->freeze;
        my $id = $cat->begin('group_join', group => "#last-$i");
        wait_until { members("#last-$i") == 2 } 'the join is committed';
        speak($ann, "#last-$i", 3);
        $link->thaw;
        is $cat->reply($id)->{last_seq}, 0, 'joined';
        is_deeply seen_up_to($cat, "#last-$i", 3), [ 1 .. 3 ], 'no later one has to come for them to be missed';
    }
};

subtest 'a join of which nobody was told' => sub {
    my ($dan, $tablet) = (person($node_c, 'dan'), person($node_b, 'dan'));
    my $ben = person($node_b, 'ben-untold');
    make_group('#untold', $ben);
    $link->freeze;
    $dan->begin('group_join', group => '#untold');
    wait_until { members('#untold') == 3 } 'the join is committed';
    kill 'KILL', $node_c->workers;
    $link->thaw;
    $dan->wait_eof;
    my $last = speak($ann, '#untold', 5);
    is_deeply seen_up_to($_, '#untold', $last), [ 1 .. $last ], 'the other device has all, as has who was there' for $tablet, $ben;
    wait_until { $node_c->ready } 'node c is there again';
};

# One may go, or be sent away: by ann, at the given place.
my %ways_out = (
    leave => sub { my ($group, $who) = @_; return $who->request('group_leave', group => $group) },
    kick => sub { my ($group, $who, $by) = @_; return $by->request('group_kick', group => $group, name => $who->{me}{name}) },
);
my $far_ann = person($node_c, 'ann');

for my $out (sort keys %ways_out) {
    subtest "a $out overtakes a message from another node" => sub {
        my ($ben, $eve, $dan) = (person($node_b, "ben-$out"), person($node_b, "eve-$out"), person($node_c, "dan-$out"));
        make_group("#over-$out", $ben, $eve, $dan);
        speak($dan, "#over-$out", 2);
        is_deeply seen_up_to($_, "#over-$out", 2), [ 1, 2 ], 'before' for $ben, $eve, $ann;
        $link->freeze;
        speak($dan, "#over-$out", 3);    # committed; nobody has been told
        is_ok $ways_out{$out}->("#over-$out", $ben, $ann), 'ben is out';
        $ben->expect_event('group', change => 'kicked') if $out eq 'kick';
        $ben->events('message', to => "#over-$out");    # what came before he was told
        $link->thaw;
        my $last = speak($ann, "#over-$out", 1);
        is_deeply seen_up_to($eve, "#over-$out", $last), [ 3 .. $last ], 'eve, on ben\'s node, has all of it';
        is_deeply seen_until_now($ben, "#over-$out"), [], 'ben has nothing after he was told';
        is_error $ben->say("#over-$out", 'x'), 'not_member', 'and can\'t write';
    };

    subtest "a message overtakes the $out before it" => sub {
        my ($ben, $eve, $away) = (person($node_b, "ben-late-$out"), person($node_b, "eve-late-$out"), person($node_c, "ben-late-$out"));
        make_group("#late-$out", $ben, $eve);
        speak($ann, "#late-$out", 2);
        is_deeply seen_up_to($_, "#late-$out", 2), [ 1, 2 ], 'before' for $ben, $eve, $away;
        $link->freeze;
        is_ok $ways_out{$out}->("#late-$out", $away, $far_ann), 'ben is out by node c, which tells nobody yet';
        my $last = speak($ann, "#late-$out", 3);
        is_deeply seen_up_to($eve, "#late-$out", $last), [ 3 .. $last ], 'eve has what comes after';
        is_deeply seen_until_now($ben, "#late-$out"), [], 'ben, on the same node, has not';
        is $eve->say("#late-$out", 'from here')->{seq}, $last + 1, 'a message of ben\'s own node';
        is_deeply seen_until_now($ben, "#late-$out"), [], 'neither';
        $link->thaw;
        is_deeply seen_until_now($_, "#late-$out"), [], 'nor later' for $ben, $away;
    };
}

subtest 'left and joined again, while what was sent before is under way' => sub {
    my ($ben, $eve, $dan) = (person($node_b, 'ben-again'), person($node_b, 'eve-again'), person($node_c, 'dan-again'));
    make_group('#again', $ben, $eve, $dan);
    $link->freeze;
    speak($dan, '#again', 4);
    is_ok $ben->request('group_leave', group => '#again'), 'left';
    $ben->events('message', to => '#again');
    speak($dan, '#again', 2);
    is join_group($ben, '#again'), 6, 'joined again';
    speak($dan, '#again', 2);
    $link->thaw;
    my $last = speak($ann, '#again', 1);
    is_deeply seen_up_to($ben, '#again', $last), [ 7 .. $last ], 'only what was sent after the second join';
    is_deeply seen_up_to($eve, '#again', $last), [ 1 .. $last ], 'who stayed has all';
};

subtest 'a change by a worker that dies before it tells' => sub {
    my ($ben, $eve, $away) = (person($node_b, 'ben-dead'), person($node_b, 'eve-dead'), person($node_c, 'ben-dead'));
    make_group('#dead', $ben, $eve);
    $link->freeze;
    is_ok $away->request('group_leave', group => '#dead'), 'ben leaves by node c';
    kill 'KILL', $node_c->workers;
    $link->thaw;
    my $last = speak($ann, '#dead', 3);
    is_deeply seen_up_to($eve, '#dead', $last), [ 1 .. $last ], 'eve has what comes after';
    is_deeply seen_until_now($ben, '#dead'), [], 'ben has not';
    wait_until { $node_c->ready } 'node c is there again';
};

subtest 'joined and left while Redis stands still for all' => sub {
    my ($ben, $eve, $fay) = (person($node_b, 'ben-still'), person($node_b, 'eve-still'), person($node_a, 'fay-still'));
    make_group('#still', $ben);
    $site->redis->freeze;
    my @join = ([ $eve, $eve->begin('group_join', group => '#still') ], [ $fay, $fay->begin('group_join', group => '#still') ]);
    wait_until { members('#still') == 4 } 'the joins are committed';
    my $first = speak($ann, '#still', 5);
    is $_->[0]->reply($_->[1])->{last_seq}, 0, 'joined' for @join;
    is_deeply seen_up_to($_, '#still', $first), [ 1 .. $first ], 'it arrives' for $ben, $eve, $fay;
    is_ok $eve->request('group_leave', group => '#still'), 'left';
    my $last = speak($ann, '#still', 5);
    is_deeply seen_up_to($_, '#still', $last), [ $first + 1 .. $last ], 'for who is there still' for $ben, $fay;
    is_deeply seen_until_now($eve, '#still'), [], 'not for who is not';
    $site->redis->thaw;
    my $end = speak($ann, '#still', 5);
    is_deeply seen_up_to($_, '#still', $end), [ $last + 1 .. $end ], 'and afterwards' for $ben, $fay;
    is_deeply seen_until_now($eve, '#still'), [], 'not for who is not';
};

# As after an hour: the record of changes is swept, and who is a member is asked one by one. Known joins are no news.
subtest 'the record does not reach back' => sub {
    my ($ben, $eve) = (person($node_b, 'ben-old'), person($node_a, 'eve-old'));
    make_group('#old', $ben, $eve);
    my $first = speak($ann, '#old', 5);
    is_deeply seen_up_to($_, '#old', $first), [ 1 .. $first ], 'told' for $ben, $eve;
    $site->postgres->query("UPDATE conversation SET epoch = epoch + 2 WHERE id = (SELECT conv_id FROM groups WHERE name = 'old')");
    my $last = speak($ann, '#old', 3);
    is_deeply seen_up_to($_, '#old', $last), [ $first + 1 .. $last ], 'told on, and nothing again' for $ben, $eve;
};

# Members toggle at random on three nodes, with a second device here and there, while two people write.
subtest 'everybody comes and goes' => sub {
    my $seed = $ENV{CHATD_TEST_SEED} // time;
    note "CHATD_TEST_SEED=$seed";
    srand $seed;
    my $writer = person($node_b, 'writer');
    make_group('#busy', $writer);
    my @node = ($node_a, $node_b, $node_c);
    my @who = map { { client => person($node[ $_ % 3 ], "m$_"), inside => 0, asked => [], joined => [] } } 0 .. 8;
    $who[$_]{second} = person($node[ ($_ + 1) % 3 ], "m$_") for 0 .. 3;
    my @sent;
    for my $round (1 .. 40) {
        push @sent, map { my $client = $_; map { [ $client, $client->begin('send', to => '#busy', text => "$round") ] } 1 .. 5 } $ann, $writer;
        for my $who (grep { rand() < 0.4 || $round == 40 && !$_->{inside} } @who) {
            my $op = $who->{inside} ? 'group_leave' : 'group_join';
            push @{ $who->{asked} }, [ $op, $who->{client}->begin($op, group => '#busy') ];
            $who->{inside} = !$who->{inside};
        }
        $link->freeze if $round % 10 == 3;
        $link->thaw if $round % 10 == 5;
        settle($_) for map { $_->[0]->reply($_->[1]) } splice @sent, 0, 6;
        if ($round % 10 == 8) { answered($_) for @who }
    }
    settle($_) for map { $_->[0]->reply($_->[1]) } @sent;
    for my $who (@who) {
        push @{ $who->{asked} }, [ 'group_join', $who->{client}->begin('group_join', group => '#busy') ];
        answered($who);
    }
    my $last = speak($ann, '#busy', 3);
    for my $who (@who) {
        my $name = $who->{client}{me}{name};
        is times_of_membership($who, seen_up_to($_, '#busy', $last), $last), 'as it should be', $name
          for grep { $_ } @$who{qw(client second)};
    }
    for my $client ($writer) { is_deeply seen_until_now($client, '#busy')->[-1], $last, 'who never left has the last' }
};

sub settle { $_[0]{ok} or die $_[0]{_line} }

# The answers to the joins and leaves so far; each join's last_seq is kept.
sub answered {
    my ($who) = @_;
    for (splice @{ $who->{asked} }) {
        my ($op, $id) = @$_;
        my $reply = $who->{client}->reply($id);
        $reply->{ok} or die $reply->{_line};
        push @{ $who->{joined} }, $reply->{last_seq} if $op eq 'group_join';
    }
}

# Between one join's last_seq and the next one's there is one time of membership: what came of it begins
# with its first message and has no gaps; of the last one everything came.
sub times_of_membership {
    my ($who, $seen, $last) = @_;
    my @begin = do { my %once; sort { $a <=> $b } grep { !$once{$_}++ } @{ $who->{joined} } };
    for my $i (1 .. $#$seen) { return "$seen->[$i] after $seen->[$i - 1]: @$seen" if $seen->[$i] <= $seen->[ $i - 1 ] }
    return "$seen->[0] came before the first join at $begin[0]" if $seen->[0] <= $begin[0];
    for my $i (0 .. $#begin) {
        my $end = $begin[ $i + 1 ] // $last;
        my @part = grep { $_ > $begin[$i] && $_ <= $end } @$seen;
        my @whole = ($begin[$i] + 1 .. ($i == $#begin ? $end : $begin[$i] + @part));
        return "joined at @begin: of $begin[$i] to $end came @part" if "@part" ne "@whole";
    }
    return 'as it should be';
}

done_testing;
