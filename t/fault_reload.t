#!/usr/bin/perl
# The configuration is read again (HUP) in the middle of traffic, again and again: nobody who comes is refused,
# everybody who is sent away comes back, nothing is lost.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Traffic;

my $site = site();
my @node = $site->start_nodes([qw(a b)], worker_processes => 2, shutdown_timeout => '5s');
my $traffic = Chatd::Test::Traffic->new($site, @node);
$traffic->flow(200);

for my $round (1 .. 3) {
    for my $node (@node) {
        my @old = $node->workers;
        $node->reload;
        my ($came, $greeted) = (0, 0);
        $traffic->flow_until(sub {
            ++$came;
            my $client = Chatd::Test::Client->try_connect($node->{plain});
            if ($client) { ++$greeted; $client->close }
            return !grep { alive($_) } @old;
        }, 'the old workers are gone');
        is $greeted, $came, "$node->{name} reloaded: all $came who came meanwhile were greeted";
        $traffic->all_back;
    }
}
cmp_ok $traffic->count('lost'), '>=', 6, 'everybody was sent away';
$traffic->proves('reloaded');

done_testing;
