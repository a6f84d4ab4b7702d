#!/usr/bin/perl
# Promise 3, "when the server notices": a worker may die after it has committed a message and before it has told anybody,
# with its sender gone, too. Who is on-line elsewhere gets the message all the same, without another one having to follow.
use strict;
use warnings;
use Chatd::Test;

my $site = site();
my $link = $site->redis_link;
my $node_a = $site->node('a', worker_processes => 2)->allow(qr/signal 9/);
my $node_b = $site->node('b', worker_processes => 1);
# Node c reaches Redis by a way of its own, which can stand still.
my $node_c = $site->node('c', worker_processes => 1, redis => $link->address)->allow(qr/signal 9/);
$_->begin for $node_a, $node_b, $node_c;
$_->wait_ready for $node_a, $node_b, $node_c;

my $token = person($node_a, 'alice')->{me}{token};
my $bob = person($node_b, 'bob');
my @reader = ($bob, person($node_a, 'carol'));
is_ok $bob->request('group_create', group => '#g'), 'a group';
is_ok $_->request('group_join', group => '#g'), 'a member' for $reader[1], person($node_a, 'alice');

# What is committed while the way stands still has told nobody when the worker is killed and the way is gone.
my %last = ('@bob' => 0, '@carol' => 0, '#g' => 0);
for my $round (1 .. 3) {
    wait_until { (() = $node_c->log_text =~ /\(publishing\): up/g) >= $round } 'node c is there, and heard of';
    my $alice = connect_to($node_c);
    $alice->login_token($token)->{ok} or die;
    $alice->expect_event('synced');
    $link->freeze;
    for my $to (sort keys %last) {
        my @reply = map { $alice->reply($_) } map { $alice->begin('send', to => $to, text => "$round $_") } 1 .. $round;
        $last{$to} = $reply[-1]{seq} // die $reply[-1]{_line};
    }
    $alice->close;
    kill 'KILL', $node_c->workers;
    $link->stop;
    for my $reader ([ $bob, '@bob' ], [ $reader[1], '@carol' ]) {
        my ($client, $name) = @$reader;
        my $first = $last{$name} - $round + 1;
        is_deeply seqs(map { $client->expect_event('message', to => $name) } 1 .. $round), [ $first .. $last{$name} ],
          "round $round: $name has all that was acknowledged";
        is_deeply seqs(map { $client->expect_event('message', to => '#g') } 1 .. $round), [ $first .. $last{'#g'} ],
          '… and all of the group, in order, once';
    }
    $link->start;
}

# And where another one does follow: the first that reaches this reader's worker is not the first that it is owed.
wait_until { (() = $node_c->log_text =~ /\(publishing\): up/g) >= 4 } 'node c is there, and heard of';
my ($dora, $sender) = (person($node_b, 'dora'), connect_to($node_c));
$sender->login_token($token)->{ok} or die;
$link->freeze;
is_deeply seqs(map { $sender->say('@dora', $_) } 'one', 'two'), [ 1, 2 ], 'committed; nobody has been told';
kill 'KILL', $node_c->workers;
my $other = connect_to($node_a);
$other->login_token($token)->{ok} or die;
is $other->say('@dora', 'three')->{seq}, 3, 'the next one, by way of another node';
is_deeply texts($dora->messages(3)), [qw(one two three)], 'all of them, in order';
$link->stop;
$link->start;

# Many sends at once, and the worker, or its whole node, killed after a few replies: whatever the moment.
my $bobs_token = $bob->{me}{token};
my %seen = map { $_ => [ 1 .. $last{$_} ] } '@bob', '#g';
my $replies = $last{'@bob'} + $last{'#g'};

# How many messages there are: what somebody gets who logs in and has acknowledged nothing.
sub committed {
    my $client = connect_to($node_b);
    $client->login_token($bobs_token)->{ok} or die;
    $client->expect_event('synced');
    my @message = $client->events('message');
    $client->close;
    return scalar @message;
}

sub strike {
    my ($after, $kill) = @_;
    my $alice = connect_to($node_a);
    $alice->login_token($token)->{ok} or die;
    my $worker = $node_a->worker_of($alice);
    my @id = map { $alice->begin('send', to => $_ % 2 ? '@bob' : '#g', text => "after $after: $_") } 1 .. 300;
    $alice->reply($id[$_])->{ok} or die for 0 .. $after - 1;
    $kill->($worker);
    $alice->wait_eof;
    $replies += grep { $_->{ok} && $_->{seq} } @{ $alice->{queue} };
    $replies += $after;
    $alice->close;
}

sub look { push @{ $seen{ $_->{to} } }, $_->{seq} for $bob->events('message') }
sub count { return scalar map { @$_ } values %seen }

sub bob_has_all {
    my ($name) = @_;
    wait_until { look(); count() == committed() } "$name: bob has all";
    cmp_ok count(), '>=', $replies, "$name: what was acknowledged is there";
    is_deeply $seen{$_}, [ 1 .. @{ $seen{$_} } ], "$name: bob has all " . @{ $seen{$_} } . " of $_, in order, once" for sort keys %seen;
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
