#!/usr/bin/perl
# Two nodes behind HAProxy, by the repository's etc/haproxy.cfg: health, PROXY v2, a node that goes and
# comes back, people on different nodes through one address.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Haproxy;

my $site = site();
my %node = map { $_ => $site->node("node-$_", worker_processes => 1) } qw(a b);
$_->begin for @node{qw(a b)};
$_->wait_ready for @node{qw(a b)};
my $haproxy = $site->add(Chatd::Test::Haproxy->new(@node{qw(a b)})->start->wait_healthy);
pass 'both nodes are up, by a check that was made';

sub through { $haproxy->connect_through($_[0]) }

subtest 'people on two nodes' => sub {
    my ($alice, $bob) = (through('node-a'), through('node-b'));
    $alice->register_and_login('alice');
    $bob->register_and_login('bob');
    for my $i (1 .. 20) {
        my ($from, $to, $name) = $i % 2 ? ($alice, $bob, 'bob') : ($bob, $alice, 'alice');
        is $from->say("\@$name", "m $i")->{seq}, $i, "to $name";
        is $to->expect_event('message')->{text}, "m $i", "… $name has it";
    }
};

subtest 'a node goes and comes back' => sub {
    my $stays = through('node-a');
    my $token = $stays->register_and_login('carol')->{token};
    my $moves = through('node-b');
    $moves->login_token($token);
    $node{b}->quit;
    is $moves->expect_event('closing')->{reason}, 'shutdown', 'its clients are told';
    $moves->wait_eof;
    wait_until { $haproxy->is_down('node-b') } 'HAProxy has it out';
    is connect_to($haproxy->{chat})->{hello}{node}, 'node-a', 'new clients come to the other' for 1 .. 5;
    is_ok connect_to($haproxy->{chat})->login_token($token), 'by token too';
    is_ok $stays->say('@carol', 'still here'), 'clients of the other notice nothing';
    $node{b}->start;
    $haproxy->wait_healthy('node-b');
    through('node-b')->close;
    pass 'it is taken in again';
};

subtest 'a node is killed' => sub {
    my $lost = through('node-a');
    $node{a}->kill_all;
    ok $lost->wait_eof, 'its clients lose their connection';
    wait_until { $haproxy->is_down('node-a') } 'HAProxy has it out';
    is_ok connect_to($haproxy->{chat})->login('alice'), 'they come back to the other';
    $node{a}->start;
    $haproxy->wait_healthy;
};

subtest 'PostgreSQL away is no fault of a node' => sub {
    $site->postgres->freeze;
    my $client = through('node-a');
    is_error $client->login('alice'), 'unavailable', 'the store is away';
    ok $haproxy->is_up($_), "$_ is up all the same" for qw(node-a node-b);
    $site->postgres->thaw;
    wait_until { $client->login('alice')->{ok} } 'and it heals';
};

done_testing;
