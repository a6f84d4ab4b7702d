#!/usr/bin/perl
# A worker is killed in the middle of traffic: first the sender's, then the receiver's. It is replaced, the
# clients come back by token, and what was acknowledged is there, in order, once.
use strict;
use warnings;
use Chatd::Test;

my $site = site();
my $node = $site->node('a', worker_processes => 2)->start;
$node->allow(qr/signal 9/);

my ($total, $window) = (1200, 64);
my @worker = $node->workers;
my ($alice, $bob) = ($node->connect_on($worker[0]), $node->connect_on($worker[1]));
my %token;
$token{alice} = $alice->register_and_login('alice')->{token};
$token{bob} = $bob->register_and_login('bob')->{token};

my (%acked, %shown);    # seq => text: as alice was told, as bob saw it

sub back {
    my ($name) = @_;
    my $client = wait_until { Chatd::Test::Client->try_connect($node->{plain}) } 'somebody accepts';
    is_ok $client->login_token($token{$name}), "$name is back by token";
    return $client;
}

sub look {
    for my $event ($bob->events('message')) {
        is $event->{text}, $shown{ $event->{seq} }, "what comes again is the same: $event->{seq}" if $shown{ $event->{seq} };
        $shown{ $event->{seq} } = $event->{text};
    }
    $bob = back('bob') if $bob->at_end;
}

sub kill_at {
    my ($sent) = @_;
    my $victim = $sent == 400 ? $alice : $sent == 800 ? $bob : return;
    my $pid = $node->worker_of($victim) or return fail('the victim is served by a worker');
    kill 'KILL', $pid;
    pass "worker $pid killed after $sent";
}

# A window of sends is always in flight; whoever loses the connection sends what has no reply again.
my ($next, @flight) = (1);
while ($next <= $total || @flight) {
    while (@flight < $window && $next <= $total) {
        push @flight, [ $next, $alice->begin('send', to => '@bob', text => "m $next", cid => "c $next") ];
        kill_at($next++);
    }
    my ($number, $id) = @{ $flight[0] };
    my $reply = $alice->take(sub { ($_[0]{id} // '') eq $id });
    if (!$reply) {
        $alice = back('alice');
        $_->[1] = $alice->begin('send', to => '@bob', text => "m $_->[0]", cid => "c $_->[0]") for @flight;
        next;
    }
    if (!$reply->{ok}) {
        $reply->{error} eq 'unavailable' or die $reply->{_line};
        $flight[0][1] = $alice->begin('send', to => '@bob', text => "m $number", cid => "c $number");
        next;
    }
    is $acked{ $reply->{seq} }, undef, "seq $reply->{seq} was given twice" if $acked{ $reply->{seq} };
    $acked{ $reply->{seq} } = "m $number";
    shift @flight;
    look();
}

is_deeply [ sort { $a <=> $b } keys %acked ], [ 1 .. $total ], 'every seq was acknowledged, once, without gaps';
wait_until { look(); keys %shown >= $total } 'bob has seen as many';
is_deeply \%shown, \%acked, 'bob saw what alice was told, each once';

my $later = connect_to($node);
$later->login('bob');
is_deeply [ map { "$_->{seq} $_->{text}" } $later->messages($total) ], [ map { "$_ $acked{$_}" } 1 .. $total ],
  'the store has them all, in order';
$later->expect_event('synced');

wait_until { $node->workers == 2 } 'there are two workers again';
my %old = map { $_ => 1 } @worker;
is scalar(grep { $old{$_} } $node->workers), 0, 'both are new';

done_testing;
