#!/usr/bin/perl
# Redis is killed and comes back, and stands still and goes on, in the middle of traffic between two nodes.
# Commits go on, other workers' messages come through the store, people come and go, and after its return
# hints are used again.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Traffic;

my $site = site();
my $redis = $site->redis;
my @node = $site->start_nodes([qw(a b)], worker_processes => 2);
my $traffic = Chatd::Test::Traffic->new($site, @node);
my ($ann, $bob) = (person($node[0], 'ann'), person($node[1], 'bob'));

sub between_nodes {
    my ($when) = @_;
    is_ok $ann->say('@bob', $when), "$when: sent";
    is $bob->expect_event('message')->{text}, $when, '… and received on the other node';
}

sub subscribed { ($redis->command(qw(PUBSUB CHANNELS u:*)) // '') =~ /^\*[1-9]/ }

my @fault = (
    [ 'killed', sub { $redis->kill9 },  sub { $redis->begin } ],
    [ 'stopped', sub { $redis->freeze }, sub { $redis->thaw } ],
);
for my $fault (@fault) {
    my ($name, $strike, $heal) = @$fault;
    $traffic->flow(300);
    $strike->();
    $traffic->flow(500);
    between_nodes("$name, without Redis");
    person($node[1], "new-$name")->close;
    $heal->();
    $traffic->flow_until(\&subscribed, 'there are subscriptions again');
    $traffic->flow(300);
    between_nodes("$name, with Redis again");
}
is $traffic->count('lost'), 0, 'nobody lost the connection';
is $traffic->count('refused'), 0, 'nothing was refused';
$traffic->proves('Redis killed and stopped');

done_testing;
