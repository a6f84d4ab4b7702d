#!/usr/bin/perl
# Sending again is safe: one cid, one message, from any node, while the first is in flight too.
use strict;
use warnings;
use Chatd::Test;

my $site = site();
my $node_a = $site->node('a', worker_processes => 2);
my $node_b = $site->node('b', worker_processes => 1);
$_->begin for $node_a, $node_b;
$_->wait_ready for $node_a, $node_b;

my $bob = person($node_b, 'bob');
my @alice = map { person($_, 'alice') } $node_a, $node_b, $node_a;
person($node_a, 'carol')->close;

# The next message that bob has not seen yet: a client drops what it has seen by (conv, seq).
my %seen;
sub next_new {
    while (1) {
        my $event = $bob->expect_event('message');
        return $event if !$seen{ $event->{from} }{ $event->{seq} }++;
    }
}

subtest 'again' => sub {
    my $first = $alice[0]->say('@bob', 'one', cid => 'c');
    is_ok $first, 'sent';
    for my $case ([ 'the same session', 0, 'one' ], [ 'another node', 1, 'one' ], [ 'another text', 1, 'another' ]) {
        my ($name, $from, $text) = @$case;
        my $again = $alice[$from]->say('@bob', $text, cid => 'c');
        is_ok $again, $name;
        is "$again->{seq} $again->{ts}", "$first->{seq} $first->{ts}", '… the first one\'s seq and ts';
        is $again->{duplicate}, 1, '… duplicate';
    }
    is $alice[0]->say('@bob', 'two')->{seq}, 2, 'none took a seq';
    is next_new()->{text}, 'one', 'the first text stands';
    is next_new()->{text}, 'two', 'and nothing between';
};

subtest 'what is not the same' => sub {
    is $alice[0]->say('@carol', 'x', cid => 'c')->{seq}, 1, 'another conversation';
    is $bob->say('@alice', 'x', cid => 'c')->{seq}, 3, 'another sender';
    is $alice[0]->say('@bob', 'x', cid => 'C')->{seq}, 4, 'another letter case';
    is $alice[0]->say('@bob', 'x')->{seq}, 5, 'no cid';
    is $alice[0]->say('@bob', 'x')->{seq}, 6, 'no cid again';
    next_new() for 4 .. 6;
};

subtest 'in flight' => sub {
    my $count = 40;
    my @sent;
    for my $i (1 .. $count) {
        push @sent, [ $_, $i, $alice[$_]->begin('send', to => '@bob', text => "flight $i", cid => "f $i") ]
          for 0, 1, 2, 0;
    }
    my %reply;
    for (@sent) {
        my ($from, $i, $id) = @$_;
        push @{ $reply{$i} }, $alice[$from]->reply($id);
    }
    my ($agreed, $once) = (0, 0);
    for my $i (1 .. $count) {
        my %outcome = map { ($_->{ok} ? "$_->{seq} $_->{ts}" : $_->{_line}) => 1 } @{ $reply{$i} };
        ++$agreed if keys %outcome == 1;
        ++$once if 1 == grep { !$_->{duplicate} } @{ $reply{$i} };
    }
    is $agreed, $count, 'four times at once, from three workers: the same seq and ts for all';
    is $once, $count, 'one of them is no duplicate';
    my @event = map { next_new() } 1 .. $count;
    is_deeply seqs(@event), [ 7 .. 6 + $count ], 'so many messages, no more';
    is_deeply [ sort @{ texts(@event) } ], [ sort map { "flight $_" } 1 .. $count ], 'each once';
    is $alice[1]->say('@bob', 'the end')->{seq}, 7 + $count, 'and the next seq';
    is next_new()->{text}, 'the end', 'comes next';
};

done_testing;
