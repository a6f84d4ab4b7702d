#!/usr/bin/perl
# Contacts who have each other see each other come and go, over two nodes; a short absence is none; a storm of
# people who come back is no storm of events; and when somebody was last seen.
use strict;
use warnings;
use Chatd::Test;

my $site = site();
my $node_a = $site->node('a', worker_processes => 1, presence_delay => '500ms');
my $node_b = $site->node('b', worker_processes => 2, presence_delay => '500ms')->allow(qr/signal 9/);
$_->begin for $node_a, $node_b;
$_->wait_ready for $node_a, $node_b;

sub contact { is_ok $_[0]->request('contact_add', name => $_[1]), "$_[0]{me}{name} adds $_[1]" }
sub mutual {
    my ($one, $other) = @_;
    contact($one, $other->{me}{name});
    contact($other, $one->{me}{name});
}
sub presence { my ($client, $name) = @_; return $client->request('presence', names => [$name])->{presence}[0] }
sub contacts_of { return { map { $_->{name} => $_ } @{ $_[0]->request('contacts')->{contacts} } } }

# The presence events of somebody by the time that those of a friend, who comes now, have come as well: what
# is told is told in turns, and the friend's is of a later one.
my $friends = 0;
sub told_until_now {
    my ($client, $name) = @_;
    my $friend = person($node_a, 'friend' . ++$friends);
    mutual($client, $friend);
    $client->expect_event('presence', name => $friend->{me}{name}, online => 1);
    return map { $_->{online} ? 'on' : 'off' } $client->events('presence', name => $name);
}

my ($ann, $ann_too) = (person($node_a, 'ann'), person($node_b, 'ann'));
my $ben = person($node_b, 'ben');

subtest 'who become contacts of each other' => sub {
    contact($ann, 'ben');
    is_deeply [ $ann->events('presence') ], [], 'one alone has the other: no event';
    contact($ben, 'ann');
    for ([ $ann, 'ben' ], [ $ann_too, 'ben' ], [ $ben, 'ann' ]) {
        my ($client, $name) = @$_;
        my $event = $client->expect_event('presence', name => $name);
        like $event->{_line}, qr/"online":true,"last_seen":null/, "$client->{me}{name} is told of $name, whose first session this is";
    }
};

subtest 'one goes and comes' => sub {
    contacts_of($ann);
    $ben->close;
    for my $client ($ann, $ann_too) {
        my $event = $client->expect_event('presence', name => 'ben');
        ok !$event->{online}, 'gone: told on either node';
        like $event->{_line}, qr/"online":false,"last_seen":\d{13}\b/, 'with the time';
        is $event->{last_seen}, presence($client, 'ben')->{last_seen}, 'the same that is answered';
    }
    $ben = person($node_a, 'ben');
    ok $_->expect_event('presence', name => 'ben', online => 1), 'back: told on either node' for $ann, $ann_too;
    $ben->close;
    $_->expect_event('presence', name => 'ben', online => 0) for $ann, $ann_too;
    $ben = person($node_b, 'ben');
    $_->expect_event('presence', name => 'ben', online => 1) for $ann, $ann_too;
};

subtest 'one of several devices' => sub {
    my $second = person($node_a, 'ben');
    $second->close;
    is_deeply [ told_until_now($ann, 'ben') ], [], 'neither its coming nor its going is told';
};

subtest 'a short absence' => sub {
    $_->set(presence_delay => '30s')->renew for $node_a, $node_b;
    for my $client ($ann, $ann_too, $ben) { $client->wait_eof }
    ($ann, $ann_too, $ben) = (person($node_a, 'ann'), person($node_b, 'ann'), person($node_b, 'ben'));
    contacts_of($ann);
    for my $node ($node_a, $node_b, $node_a) {
        $ben->close;
        wait_until { !presence($ann_too, 'ben')->{online} } 'ben is away, as far as one can see';
        $ben = person($node, 'ben');
    }
    is_deeply [ told_until_now($ann, 'ben') ], [], 'who did not look is told nothing';
    is $ann_too->expect_event('presence', name => 'ben')->{online}, JSON::PP::true(), 'who was answered "away" is told that it is over';
};

subtest 'a storm' => sub {
    my @crowd = map { person($node_b, "crowd$_") } 1 .. 30;
    mutual($ann, $_) for @crowd;
    $ann->expect_event('presence', name => $_->{me}{name}, online => 1) for @crowd;
    $ann->events('presence');
    my @token = map { $_->{me}{token} } @crowd;
    $_->close for @crowd;
    @crowd = map { my $client = connect_to($node_a); $client->login_token($_); $client } @token;
    is_deeply [ told_until_now($ann, 'ben') ], [], 'thirty come back to another node';
    is_deeply [ map { $_->{name} } grep { $_->{name} =~ /^crowd/ } $ann->events('presence') ], [], 'nobody is told of it';
};

subtest 'contacts no longer' => sub {
    $_->set(presence_delay => '100ms')->renew for $node_a, $node_b;
    $_->wait_eof for $ann, $ben;
    ($ann, $ben) = (person($node_a, 'ann'), person($node_b, 'ben'));
    ok contacts_of($ann)->{ben}{online}, 'ben is there';
    is_ok $ben->request('contact_remove', name => 'ann'), 'ben removes ann';
    $ben->close;
    wait_until { !contacts_of($ann)->{ben}{online} } 'she may ask';
    is_deeply [ told_until_now($ann, 'ben') ], [], 'but is told no more';
};

subtest 'a worker killed in somebody\'s first session' => sub {
    my $dan = person($node_b, 'dan');
    mutual($ann, $dan);
    $ann->expect_event('presence', name => 'dan', online => 1);
    is presence($ann, 'dan')->{last_seen}, undef, 'while it lasts: no session has ended yet';
    wait_until { $site->postgres->query(q(SELECT last_login IS NOT NULL FROM users WHERE name = 'dan')) eq 't' } 'it is written that he came';
    kill 'KILL', $node_b->worker_of($dan);
    my $event = $ann->expect_event('presence', name => 'dan', online => 0);
    ok $event->{last_seen}, 'nobody was left to write when he left: when he came is told';
    is presence($ann, 'dan')->{last_seen}, $event->{last_seen}, 'and answered';
    is contacts_of($ann)->{dan}{last_seen}, $event->{last_seen}, 'in the list, too';
    wait_until { $node_b->ready } 'the worker is replaced';
    $dan = person($node_b, 'dan');
    ok $ann->expect_event('presence', name => 'dan', online => 1), 'back';
    $dan->close;
    cmp_ok $ann->expect_event('presence', name => 'dan', online => 0)->{last_seen}, '>', $event->{last_seen}, 'a session that ends is the later of both';
};

subtest 'Redis away' => sub {
    my $eve = person($node_b, 'eve');
    mutual($ann, $eve);
    $ann->expect_event('presence', name => 'eve', online => 1);
    $site->redis->stop;
    $site->redis->start;
    is_deeply [ told_until_now($ann, 'eve') ], [], 'nobody has gone';
    $eve->close;
    ok $ann->expect_event('presence', name => 'eve', online => 0), 'afterwards it is told again';
};

done_testing;
