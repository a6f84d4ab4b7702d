#!/usr/bin/perl
# The master is killed in the middle of traffic. Its workers end, so that nothing listens without a master; the
# next one, which a service manager would start, has the same addresses, and the clients come back to it.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Traffic;

my $site = site();
my @node = $site->start_nodes([qw(a b)], worker_processes => 2);
my $traffic = Chatd::Test::Traffic->new($site, @node);

for my $round (1 .. 3) {
    $traffic->flow(200);
    my @worker = $node[0]->workers;
    $node[0]->signal('KILL');
    $traffic->flow_until(sub { !grep { alive($_) } @worker }, 'its workers have ended');
    $node[0]->wait_end;
    $traffic->flow(100);
    $node[0]->begin;
    $traffic->all_back;
    pass "round $round: its workers ended, the next one serves";
}
$traffic->proves('masters killed');

done_testing;
