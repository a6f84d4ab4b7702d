#!/usr/bin/perl
# Who is silent, does not log in, or never ends a line is told so and closed; who pings stays.
use strict;
use warnings;
use Chatd::Test;

my $site = site();
my $node_a = $site->node('a', worker_processes => 1, login_timeout => '1s');
my $node_b = $site->node('b', worker_processes => 1, ping_interval => '1s', frame_timeout => '1s');
$_->begin for $node_a, $node_b;
$_->wait_ready for $node_a, $node_b;

subtest 'login_timeout' => sub {
    my ($silent, $busy) = (connect_to($node_a), connect_to($node_a));
    my $alice = person($node_a, 'alice');
    wait_until { $busy->send_raw(qq({"op":"ping"}\n)); $busy->at_end } 'pings do not help';
    is $busy->events('closing', reason => 'auth_timeout'), 1, 'auth_timeout';
    $silent->expect_closing('auth_timeout');
    my $dripping = connect_to($node_a);
    wait_until { $alice->request('ping'); $dripping->send_raw(' '); $dripping->at_end } 'nor does a byte at a time';
    is $dripping->events('closing', reason => 'auth_timeout'), 1, 'auth_timeout too';
    is_ok $alice->request('ping'), 'who has logged in stays';
};

subtest 'ping_interval' => sub {
    is connect_to($node_b)->{hello}{ping_interval}, 1, 'announced';
    my ($silent, $pings) = map { person($node_b, $_) } qw(silent pings);
    wait_until { $pings->request('ping'); $silent->at_end } 'silence comes to an end';
    is $silent->events('closing', reason => 'idle'), 1, 'idle';
    is_ok $pings->request('ping'), 'who pings stays';
};

subtest 'frame_timeout' => sub {
    my ($slow, $other) = map { person($node_b, $_) } qw(slow other);
    $slow->send_raw('{"op":"ping"');
    wait_until { $other->request('ping'); $slow->at_end } 'a line without end comes to one';
    my $dripping = person($node_b, 'dripping');
    wait_until { $other->request('ping'); $dripping->send_raw('x'); $dripping->at_end } 'a byte at a time does not help';
    is_ok $other->request('ping'), 'others stay';
};

done_testing;
