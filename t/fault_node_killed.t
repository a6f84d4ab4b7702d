#!/usr/bin/perl
# A whole node is gone at once, behind HAProxy, in the middle of traffic: HAProxy takes it out, its clients
# come back to the other, and to it when it is back.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Haproxy;
use Chatd::Test::Traffic;

my $site = site();
my @node = $site->start_nodes([qw(node-a node-b)], worker_processes => 2);
my $haproxy = $site->add(Chatd::Test::Haproxy->new(@node)->start->wait_healthy);
my $traffic = Chatd::Test::Traffic->new($site, ($haproxy->{chat}) x 2);

for my $node (@node) {
    $traffic->flow(200);
    $node->kill_all;
    $traffic->flow_until(sub { $haproxy->is_down($node->{name}) }, 'HAProxy has it out');
    $traffic->all_back;
    $traffic->flow(100);
    pass "$node->{name} killed: everybody is served by the other";
    $node->begin;
    $traffic->flow_until(sub { $haproxy->is_up($node->{name}) }, 'HAProxy has it in again');
}
$traffic->proves('nodes killed');

done_testing;
