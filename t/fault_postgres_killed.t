#!/usr/bin/perl
# PostgreSQL's backends are killed, and the whole server crashes and is started at once, in the middle of
# traffic. No ok without a commit; what was in doubt is tried again; nothing is lost, nothing is there twice.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Traffic;
use Chatd::Test::Util qw(children);

my $site = site();
my $postgres = $site->postgres;
my @node = $site->start_nodes([qw(a b)], worker_processes => 2);
my $traffic = Chatd::Test::Traffic->new($site, @node);
$traffic->flow(300);

for my $round (1 .. 5) {
    $postgres->query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()
        AND backend_type = 'client backend'");
    $traffic->flow(300);
}
pass 'backends told to end: it goes on';

for my $round (1 .. 2) {
    # One that is killed takes the others with it: the server starts anew, with its recovery.
    my ($backend) = $postgres->query("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()
        AND backend_type = 'client backend' LIMIT 1");
    kill 'KILL', $backend;
    $traffic->flow(300);
}
pass 'a backend killed by signal 9: it goes on';

for my $round (1 .. 2) {
    $postgres->stop('immediate');
    $postgres->begin;
    $traffic->flow(300);
}
pass 'stopped as by a crash, and started: it goes on';

is $traffic->count('lost'), 0, 'nobody lost the connection';
$traffic->proves('PostgreSQL killed');

done_testing;
