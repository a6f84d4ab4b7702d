#!/usr/bin/perl
# A worker stands still, with its connections and perhaps the accept mutex: it is killed and replaced, and
# others are accepted meanwhile. (While it holds the mutex, or none has it: accept.t.)
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Traffic;

my $site = site();
my @node = $site->start_nodes([qw(a b)], worker_processes => 2, worker_timeout => '1s');
my $traffic = Chatd::Test::Traffic->new($site, @node);
$traffic->flow(300);

for my $worker ($node[0]->workers) {
    kill 'STOP', $worker;
    $traffic->flow_until(sub { $node[0]->replaced($worker) }, 'it is replaced');
    like $node[0]->log_text, qr/process $worker\) has been silent/, 'the master says why it killed it';
    is_ok person($node[0], "new-$worker")->request('ping'), 'who comes is served';
    $traffic->all_back;
}
# Stopped, and going on before anybody was sure: what it has under way is neither lost nor done twice.
my ($worker) = $node[1]->workers;
for (1 .. 5) {
    kill 'STOP', $worker;
    $traffic->turn for 1 .. 5;
    kill 'CONT', $worker;
    $traffic->flow(50);
}
$traffic->proves('workers stopped');

done_testing;
