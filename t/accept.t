#!/usr/bin/perl
# Connections that stay are spread evenly over the workers, whoever left before; and a worker that holds the
# accept mutex may be killed or stopped: nobody is refused.
use strict;
use warnings;
use Chatd::Test;

need_descriptors(3000);
my $site = site();
my ($workers, $total) = (4, 2000);
my $node = $site->node('a', worker_processes => $workers, worker_timeout => '1s')->start;
$node->allow(qr/signal 9/);
my @client;

# So many at once, then every one is greeted.
sub connect_many {
    my ($count) = @_;
    my @new = map { connect_to($node, hello => 0) } 1 .. $count;
    $_->expect_event('hello') for @new;
    push @client, @new;
    return scalar @new;
}

sub is_even {
    my ($name) = @_;
    my $count;
    wait_until { $count = $node->connections; my $sum = 0; $sum += $_ for values %$count; $sum == $total } 'all are counted';
    my $mean = $total / $workers;
    is scalar(keys %$count), $workers, "$name: $workers workers";
    cmp_ok abs($count->{$_} - $mean), '<=', $mean / 10, "$name: worker $_ has $count->{$_}" for sort keys %$count;
}

subtest 'a burst' => sub {
    is connect_many($total), $total, 'all are greeted';
    is_even('at first');
};

subtest 'half of them leave' => sub {
    # All that two workers have, which is the least even way to go.
    my $serving = $node->serving;
    my ($first, $second) = $node->workers;
    my %leaves = map { $_ => 1 } $first, $second;
    my @leaver = grep { $leaves{ $serving->{ $_->port } } } @client;
    my %leaver = map { $_ => 1 } @leaver;
    @client = grep { !$leaver{$_} } @client;
    $_->close for @leaver;
    wait_until { keys %{ $node->serving } == @client } 'they are gone';
    connect_many($total - @client);
    is_even('after half of them left');
};

# The one worker that watches the listeners now.
sub holder { (wait_until { my @pid = $node->acceptors; @pid == 1 && \@pid } 'a worker holds the mutex')->[0] }

for my $case ([ KILL => 'killed' ], [ STOP => 'stopped' ]) {
    my ($signal, $word) = @$case;
    subtest "the holder is $word" => sub {
        my $pid = holder();
        kill $signal, $pid;
        is connect_many(200), 200, 'all who come now are greeted';
        wait_until { !alive($pid) && $node->workers == $workers } 'it has been replaced';
        is connect_many(50), 50, 'and after that too';
    };
}

subtest 'each worker stopped in turn' => sub {
    for my $pid ($node->workers) {
        kill 'STOP', $pid;
        connect_many(20);
        wait_until { !alive($pid) && $node->workers == $workers } 'it has been replaced';
        is connect_many(20), 20, "after worker $pid";
    }
};

subtest 'without the mutex' => sub {
    $_->close for splice @client;
    my $other = $site->node('b', worker_processes => 2, accept_mutex => 'false')->start;
    is_ok connect_to($other)->request('ping'), 'served' for 1 .. 20;
    is scalar($other->acceptors), 2, 'every worker watches the listeners';
};

done_testing;
