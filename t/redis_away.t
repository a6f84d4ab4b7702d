#!/usr/bin/perl
# Redis is only a hint: without it everything is committed, and arrives, through the store where need be.
use strict;
use warnings;
use Chatd::Test;

my $site = site();
my $node_a = $site->node('a', worker_processes => 1);
my $node_b = $site->node('b', worker_processes => 1);
$_->begin for $node_a, $node_b;
$_->wait_ready for $node_a, $node_b;

my ($alice, $bob, $carol) = (person($node_a, 'alice'), person($node_a, 'bob'), person($node_b, 'carol'));

sub exchange {
    my ($when) = @_;
    for my $pair ([ $alice, 'alice', $bob, 'bob' ], [ $alice, 'alice', $carol, 'carol' ], [ $carol, 'carol', $alice, 'alice' ]) {
        my ($from, $sender, $to, $receiver) = @$pair;
        my $sent = $from->say("\@$receiver", "$when, $sender to $receiver");
        is_ok $sent, "$when: $sender to $receiver is committed";
        is $to->expect_event('message', from => $sender)->{text}, "$when, $sender to $receiver", '… and arrives';
    }
}

exchange('before');

subtest 'killed' => sub {
    $site->redis->kill9;
    exchange('without');
    my ($dave, $erin) = (person($node_a, 'dave'), person($node_b, 'erin'));
    is_ok $dave->say('@erin', 'a new conversation'), 'who came meanwhile writes to who came meanwhile';
    is $erin->expect_event('message')->{text}, 'a new conversation', 'on another node';
    my @id = map { $alice->begin('send', to => '@carol', text => "m $_") } 1 .. 200;
    is scalar(grep { $alice->reply($_)->{ok} } @id), 200, 'many';
    is_deeply texts($carol->messages(200, from => 'alice')), [ map { "m $_" } 1 .. 200 ], 'in order, once';
    is_ok $_->request('ping'), 'nobody lost the connection' for $alice, $bob, $carol;
};

subtest 'back' => sub {
    $site->redis->start;
    exchange('after');
    # Who is subscribed again needs no polling: every node holds a subscription.
    wait_until { ($site->redis->command(qw(PUBSUB CHANNELS)) // '') =~ /^\*[1-9]/ } 'there are subscriptions again';
    exchange('subscribed');
};

subtest 'stopped' => sub {
    $site->redis->freeze;
    exchange('frozen');
    my $frank = person($node_b, 'frank');
    is_ok $alice->say('@frank', 'x'), 'a login meanwhile';
    is $frank->expect_event('message')->{text}, 'x', 'is served';
    $site->redis->thaw;
    exchange('thawed');
};

subtest 'a node that starts without' => sub {
    $site->redis->kill9;
    $node_b->stop;
    $node_b->start;
    $carol = person($node_b, 'carol');
    $carol->events('message');    # what she never acknowledged
    exchange('started without');
    $site->redis->start;
    exchange('at last');
};

subtest 'in the middle of traffic' => sub {
    my @id;
    for my $step (1 .. 40) {
        push @id, map { $alice->begin('send', to => '@carol', text => "t $_") } @id + 1 .. @id + 20;
        $alice->reply($id[ -20 + $_ ])->{ok} or die for 0 .. 19;
        $site->redis->kill9 if $step == 10;
        $site->redis->begin if $step == 20;
        $site->redis->freeze if $step == 30;
    }
    my @event = $carol->messages(scalar(@id), from => 'alice');
    is_deeply texts(@event), [ map { "t $_" } 1 .. @id ], 'killed, started, frozen: ' . @id . ' in order, each once';
    $site->redis->thaw;
    exchange('after all that');
};

done_testing;
