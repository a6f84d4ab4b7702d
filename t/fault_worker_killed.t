#!/usr/bin/perl
# Workers are killed in the middle of traffic, one after the other, on two nodes. Each is replaced, its clients
# come back by token, and nothing that was acknowledged is lost.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Traffic;

my $site = site();
my @node = $site->start_nodes([qw(a b)], worker_processes => 2);
my $traffic = Chatd::Test::Traffic->new($site, @node);
$traffic->flow(300);

for my $node (@node) {
    $node->allow(qr/signal 9/);
    for my $worker ($node->workers) {
        kill 'KILL', $worker;
        $traffic->flow_until(sub { $node->replaced($worker) }, 'it is replaced');
        $traffic->all_back;
        $traffic->flow(100);
        pass "a worker of $node->{name} killed: replaced, and everybody is served";
    }
}
cmp_ok $traffic->count('lost'), '>=', 4, 'connections were lost: ' . $traffic->count('lost');
$traffic->proves('workers killed');

done_testing;
