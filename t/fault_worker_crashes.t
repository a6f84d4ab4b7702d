#!/usr/bin/perl
# A worker that dies at every start: the next one comes later and later, alerts say so, the master and its other
# worker go on, and all is well once the cause is gone.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Traffic;

my $site = site();
my ($node) = $site->start_nodes(['a'], worker_processes => 2, respawn_delay_max => '3s');
$node->allow(qr/signal 9/);
my $traffic = Chatd::Test::Traffic->new($site, $node);
my ($victim, $stays) = $node->workers;
my $master = $node->pid;
my %killed;

# Whoever takes the victim's place is killed before it can do anything.
sub strike {
    my @new = grep { $_ != $stays } $node->workers;
    $killed{$_} = kill 'KILL', $_ for @new;    # one that is dying may still be seen
    return $node->log_text =~ /keeps dying: the next one starts in 2 s.*keeps dying: the next one starts in 3 s/s;
}

$traffic->flow_until(\&strike, 'it has been put off twice, for longer and at most for respawn_delay_max');
cmp_ok scalar(keys %killed), '>=', 3, 'several were killed';
is scalar(() = $node->log_text =~ /\[alert\].*signal 9/g), scalar(keys %killed), 'an alert each';
is $node->pid, $master, 'the master is the same';
is_deeply [ $node->workers ], [$stays], 'the other worker too';
$traffic->flow_until(sub { $node->workers == 2 }, 'the next one');
$traffic->flow(200);
is scalar($node->workers), 2, 'it stays';
$traffic->proves('a worker that dies at every start');

done_testing;
