#!/usr/bin/perl
# The network between a node and Redis fails in every way it can, and Redis itself cuts the node off, in the
# middle of traffic with a node that notices nothing. What was published meanwhile is read from the store.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Traffic;
use Chatd::Test::Util qw(folder slurp);

my $site = site();
my $redis = $site->redis;
my $link = $site->redis_link;
my ($near) = $site->start_nodes(['near'], worker_processes => 2);
my ($far) = $site->start_nodes(['far'], worker_processes => 2, redis => $link->address, redis_timeout => '1s');
my $traffic = Chatd::Test::Traffic->new($site, $near, $far);

# What its log says of Redis: how often it was away, and whether every connection's last word is that it is up.
sub away { scalar(() = $far->log_text =~ /redis [^\n]*: away/g) }
sub all_up {
    my ($log, %last) = $far->log_text;
    $last{"$1 $2"} = $3 while $log =~ /(\S+ \d+): redis \S+ \((\w+)\): (up|away)/g;
    return keys %last == 4 && !grep { $_ ne 'up' } values %last;
}

my @fault = (
    [ 'reset',                      sub { $link->reset } ],
    [ 'half-closed',                sub { $link->half_close } ],
    [ 'closed for a while',         sub { $link->cut } ],
    [ 'stands still',               sub { $link->freeze } ],
    [ 'Redis ends its subscribers', sub { $redis->command(qw(CLIENT KILL TYPE pubsub)) } ],
    [ 'Redis ends everybody else',  sub { $redis->command(qw(CLIENT KILL TYPE normal)) } ],
);
for my $fault (@fault) {
    my ($name, $strike) = @$fault;
    $traffic->flow(200);
    my $away = away();
    $strike->();
    $traffic->flow_until(sub { away() > $away }, "$name: the node notices");
    $traffic->flow(200);
    $link->thaw;
    $link->heal;
    $traffic->flow_until(\&all_up, "$name: the node is back");
    pass "$name: noticed, and the node is back";
}

# A subscriber that does not take what is published is cut off by Redis, as it would be at its own 32 MB: more
# than the kernel's buffers hold must be said.
my ($patient) = $site->start_nodes(['patient'], worker_processes => 1, redis => $link->address, redis_timeout => '30s');
my ($ann, $ben) = (person($near, 'ann'), person($patient, 'ben'));
$ann->request('group_create', group => '#loud')->{ok} or die;
$ben->request('group_join', group => '#loud')->{ok} or die;
$redis->command('CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 64kb 0 0');
$link->freeze;
my $said = 0;
$traffic->flow_until(sub {
    $said += grep { $ann->reply($_)->{ok} } map { $ann->begin('send', to => '#loud', text => 'x' x 8000) } 1 .. 20;
    return slurp(folder() . '/redis.stderr') =~ /overcoming of output buffer limits/;
}, 'Redis cuts it off');
$link->thaw;
is_deeply seqs($ben->messages($said, to => '#loud')), [ 1 .. $said ], 'cut off for not reading: everything arrives, in order, once';

is $traffic->count('lost'), 0, 'nobody lost the connection';
is $traffic->count('refused'), 0, 'nothing was refused';
$traffic->proves('cut off from Redis');

done_testing;
