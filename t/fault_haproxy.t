#!/usr/bin/perl
# HAProxy is reloaded in the middle of traffic: nobody is dropped, nobody who comes is refused. It is killed:
# everybody comes back by token when it is there again. And what lies between it and a node fails.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Haproxy;
use Chatd::Test::Link;
use Chatd::Test::Traffic;
use Chatd::Test::Util qw(children);
use Chatd::Test::Sockets qw(established);

my $site = site();
my @node = $site->start_nodes([qw(node-a node-b)], worker_processes => 2);
my $link = $site->add(Chatd::Test::Link->new($node[1]{proxy})->start);
my $haproxy = $site->add(Chatd::Test::Haproxy->new($node[0], { %{ $node[1] }, proxy => $link->address })->start->wait_healthy);
my $traffic = Chatd::Test::Traffic->new($site, ($haproxy->{chat}) x 3);
$traffic->flow(200);

for my $round (1 .. 3) {
    my %old = map { $_ => 1 } children($haproxy->{pid});
    $haproxy->reload;
    my ($came, $greeted) = (0, 0);
    $traffic->flow_until(sub {
        ++$came;
        my $client = Chatd::Test::Client->try_connect($haproxy->{chat});
        if ($client) { ++$greeted; $client->close }
        return $came >= 20 && grep { !$old{$_} } children($haproxy->{pid});
    }, 'there is a new process');
    is $greeted, $came, "reloaded: all $came who came meanwhile were greeted";
    $traffic->flow(100);
}
is $traffic->count('lost'), 0, 'nobody was dropped';

$haproxy->kill9;
$traffic->flow_until(sub { $traffic->count('lost') >= 6 }, 'everybody lost the connection');
$haproxy->start;
$traffic->all_back;
pass 'killed and started: everybody is back by token';

# Some come to the node beyond the link: the other one sends its clients away until it is so.
sub some_beyond {
    while (keys %{ established($node[1]{proxy}) } < 3) {
        my @old = $node[0]->workers;
        $node[0]->reload;
        $traffic->flow_until(sub { !grep { alive($_) } @old }, 'the old workers are gone');
        $traffic->all_back for 1 .. 2;
    }
}

my @fault = ([ 'reset' ], [ 'half-closed', 'half_close' ], [ 'slow', 'delay', 0.1 ], [ 'closed', 'cut' ], [ 'stands still', 'freeze' ]);
for my $fault (@fault) {
    my ($name, $strike, @argument) = @$fault;
    some_beyond();
    my $lost = $traffic->count('lost');
    $strike //= $name;
    $link->$strike(@argument);
    $traffic->flow_until(sub { $traffic->count('lost') > $lost }, "$name: connections are lost") if $name ne 'slow';
    $traffic->flow_until(sub { $haproxy->is_down('node-b') }, 'HAProxy has the node out') if $name =~ /^(?:closed|stands still)$/;
    $traffic->all_back;
    $link->thaw;
    $link->heal;
    $traffic->flow_until(sub { $haproxy->is_up('node-b') }, 'and in again');
    pass "$name between HAProxy and a node: everybody is served, and the node is in again";
}
$traffic->proves('HAProxy reloaded, killed, cut off');

done_testing;
