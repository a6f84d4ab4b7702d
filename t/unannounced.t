#!/usr/bin/perl
# A worker may die after it has committed a message and before it has told anybody. Who is on-line elsewhere
# gets the message all the same, without another one having to follow it.
use strict;
use warnings;
use Chatd::Test;

my $site = site();
my $node_a = $site->node('a', worker_processes => 2)->allow(qr/signal 9/);
my $node_b = $site->node('b', worker_processes => 1);
$_->begin for $node_a, $node_b;
$_->wait_ready for $node_a, $node_b;

my $token = person($node_a, 'alice')->{me}{token};
my $bob = person($node_b, 'bob');
my $bobs_token = $bob->{me}{token};
my (@seen, $replies);

# How many messages there are: what somebody gets who logs in and has acknowledged nothing.
sub committed {
    my $client = connect_to($node_b);
    $client->login_token($bobs_token)->{ok} or die;
    $client->expect_event('synced');
    my @message = $client->events('message');
    $client->close;
    return scalar @message;
}

# Many sends at once; their worker, or its whole node, is killed after a few replies.
sub strike {
    my ($after, $kill) = @_;
    my $alice = connect_to($node_a);
    $alice->login_token($token)->{ok} or die;
    my $worker = $node_a->worker_of($alice);
    my @id = map { $alice->begin('send', to => '@bob', text => "after $after: $_") } 1 .. 300;
    $alice->reply($id[$_])->{ok} or die for 0 .. $after - 1;
    $kill->($worker);
    $alice->wait_eof;
    $replies += grep { $_->{ok} && $_->{seq} } @{ $alice->{queue} };
    $replies += $after;
    $alice->close;
}

sub bob_has_all {
    my ($name) = @_;
    wait_until { push @seen, map { $_->{seq} } $bob->events('message'); @seen == committed() } "$name: bob has all";
    cmp_ok scalar(@seen), '>=', $replies, "$name: what was acknowledged is there";
    is_deeply \@seen, [ 1 .. @seen ], "$name: bob has all " . @seen . ', in order, once';
}

for my $after (1, 20, 60, 120, 200) {
    strike($after, sub { kill 'KILL', $_[0] });
    wait_until { $node_a->workers == 2 } 'the worker is replaced';
    bob_has_all("a worker killed after $after");
}
for my $after (10, 100) {
    strike($after, sub { $node_a->kill_all });
    bob_has_all("its node killed after $after");
    $node_a->start;
}

$site->redis->kill9;
strike(50, sub { kill 'KILL', $_[0] });
bob_has_all('a worker killed while Redis is away');
strike(50, sub { $site->redis->start; kill 'KILL', $_[0] });
bob_has_all('a worker killed when Redis comes back');

done_testing;
