#!/usr/bin/perl
# Two people talk: on one worker, on two, on two nodes; both ways, at the same time, with several devices.
use strict;
use warnings;
use Chatd::Test;

my $site = site();
my $node_a = $site->node('a', worker_processes => 1);
my $node_b = $site->node('b', worker_processes => 2);
$_->begin for $node_a, $node_b;
$_->wait_ready for $node_a, $node_b;

sub talk {
    my ($case, $alice, $bob) = @_;
    my ($anna, $ben) = ("anna-$case", "ben-$case");
    my $sent = $alice->say("\@$ben", 'hello', cid => 'c-1');
    is_ok $sent, 'sent';
    is $sent->{seq}, 1, 'the first seq';
    ok !exists $sent->{duplicate}, 'no duplicate';
    my $event = $bob->expect_event('message');
    is_deeply { map { $_ => $event->{$_} } qw(from to seq ts text cid) },
      { from => $anna, to => "\@$ben", seq => 1, ts => $sent->{ts}, text => 'hello', cid => 'c-1' }, 'what bob sees';
    is $bob->say("\@$anna", 'hello yourself')->{seq}, 2, 'the answer has the next seq';
    $event = $alice->expect_event('message');
    is "$event->{from} $event->{to} $event->{seq} $event->{text}", "$ben \@$anna 2 hello yourself", 'what alice sees';
    ok !exists $event->{cid}, 'no cid was given, none is there';
}

# Both send as fast as they can; each keeps what it saw, by seq.
sub talk_at_once {
    my ($case, $alice, $bob) = @_;
    my $count = 50;
    my %seen = (anna => {}, ben => {});
    my @pair = (['anna', $alice, 'ben'], ['ben', $bob, 'anna']);
    my %ids;
    for my $i (1 .. $count) {
        for (@pair) {
            my ($me, $client, $peer) = @$_;
            push @{ $ids{$me} }, [ $client->begin('send', to => "\@$peer-$case", text => "$me $i"), "$me $i" ];
        }
    }
    for (@pair) {
        my ($me, $client, $peer) = @$_;
        my @reply = map { $client->reply($_->[0]) } @{ $ids{$me} };
        is scalar(grep { $_->{ok} } @reply), $count, "$me: all committed";
        is_deeply seqs(@reply), [ sort { $a <=> $b } @{ seqs(@reply) } ], "$me: one's own in the order they were sent";
        my @event = $client->messages($count, from => "$peer-$case");
        is_deeply seqs(@event), [ sort { $a <=> $b } @{ seqs(@event) } ], "$me: events in the order of seq";
        is_deeply texts(@event), [ map { "$peer $_" } 1 .. $count ], "$me: each once";
        $seen{$me}{ $reply[$_]{seq} } = $ids{$me}[$_][1] for 0 .. $#reply;
        $seen{$me}{ $_->{seq} } = $_->{text} for @event;
    }
    is_deeply [ sort { $a <=> $b } keys %{ $seen{anna} } ], [ 3 .. 2 * $count + 2 ], 'no gaps';
    is_deeply $seen{anna}, $seen{ben}, 'the same for both';
}

my @worker = $node_b->workers;
my %place = (
    'one-worker'  => [ [$node_a], [$node_a] ],
    'two-workers' => [ [ $node_b, $worker[0] ], [ $node_b, $worker[1] ] ],
    'two-nodes'   => [ [$node_a], [$node_b] ],
);
for my $case (sort keys %place) {
    subtest $case => sub {
        my ($alice, $bob) = (person($place{$case}[0], "anna-$case"), person($place{$case}[1], "ben-$case"));
        talk($case, $alice, $bob);
        talk_at_once($case, $alice, $bob);
    };
}

subtest 'the first message, from both sides at once' => sub {
    for my $i (1 .. 10) {
        my ($one, $two) = (person($node_a, "one-$i"), person($node_b, "two-$i"));
        my @id = ($one->begin('send', to => "\@two-$i", text => 'a'), $two->begin('send', to => "\@one-$i", text => 'b'));
        my @seq = ($one->reply($id[0])->{seq}, $two->reply($id[1])->{seq});
        is_deeply [ sort @seq ], [ 1, 2 ], 'one conversation';
        is $one->expect_event('message')->{seq}, $seq[1], 'one has what two sent';
        is $two->expect_event('message')->{seq}, $seq[0], 'two has what one sent';
    }
};

subtest 'notes to oneself' => sub {
    my ($carol, $tablet) = (person($node_a, 'carol'), person($node_b, 'carol'));
    is $carol->say('@carol', 'milk')->{seq}, 1, 'sent';
    my $event = $tablet->expect_event('message');
    is "$event->{from} $event->{to} $event->{text}", 'carol @carol milk', 'the other device has it';
    is $tablet->say('@carol', 'bread')->{seq}, 2, 'sent back';
    is $carol->expect_event('message')->{seq}, 2, 'the sending session gets only its reply';
};

subtest 'several devices' => sub {
    my @dora = map { person($_, 'dora') } $node_a, $node_a, $node_b;
    my @emil = map { person($_, 'emil') } $node_a, $node_b;
    $dora[0]->say('@emil', 'to all of you', cid => 'x');
    my %line = map { $_->expect_event('message')->{_line} => 1 } @dora[ 1, 2 ], @emil;
    is scalar(keys %line), 1, 'the same bytes go to everyone, the sender\'s other sessions too';
    $emil[0]->say('@dora', 'thanks');
    is $dora[0]->next_event->{seq}, 2, 'the sending session got no event of its own message';
    is $emil[1]->expect_event('message')->{seq}, 2, 'emil\'s other device';
};

done_testing;
