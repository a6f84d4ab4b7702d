#!/usr/bin/perl
# Promise 3: at least once to each member, exactly once to the eye. A message comes again until it has been
# acknowledged, and missing acks never hold anything back; auto acknowledges what was written.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Talk;

my $cluster = cluster();

each_talk($cluster, sub {
    my ($talk) = @_;
    my ($ann, $ben) = $talk->people(qw(ann ben));
    my $again = sub { my ($place) = @_; return seqs($talk->backlog_of('ben', $place)) };
    my $conv = $talk->conv($ben);

    $talk->speak($ann, 1 .. 100);
    is_deeply seqs($ben->messages(100)), [ 1 .. 100 ], 'missing acks hold nothing back';
    is_deeply $again->($_), [ 1 .. 100 ], 'not acknowledged: sent again' for 0, 1;

    is_error $ben->request('ack', conv => $conv, seq => 101), 'bad_field', 'ack above the head', field => 'seq';
    is_ok $ben->request('ack', conv => $conv, seq => 60), 'ack';
    wait_until { $again->(0)->[0] == 61 } 'what was acknowledged is not sent again';
    is_deeply $again->($_), [ 61 .. 100 ], 'everything above is' for 0, 1;
    is_ok $ben->request('ack', conv => $conv, seq => $_), "below what was acknowledged: ok ($_)" for 30, 0;
    $ben->send_json({ op => 'ack', conv => $conv, seq => 80 });
    is_ok $ben->barrier, 'an ack without id is not answered';
    wait_until { $again->(1)->[0] == 81 } 'it counts; the lower ones had no effect';

    # Connections that break in the middle: whatever the moment, what came by all of them is everything, once to the eye.
    my %shown = map { $_ => 1 } 1 .. 100;
    my @order;
    my $token = $ben->{me}{token};
    my $client = $ben;
    my @id = map { $talk->begin_say($ann, $_) } 101 .. 300;
    for my $id (@id) {
        $ann->reply($id)->{ok} or die;
        next if $id % 20;
        push @order, map { $_->{seq} } grep { $talk->has($_) && !$shown{ $_->{seq} }++ } $client->events('message');
        $client->close;
        $client = connect_to($talk->place($id / 20));
        is_ok $client->login_token($token), 'back';
    }
    while (@order < 200) {
        my $event = $client->expect_event('message');
        push @order, $event->{seq} if $talk->has($event) && !$shown{ $event->{seq} }++;
    }
    is_deeply \@order, [ 101 .. 300 ], 'broken ten times: everything, in order, once to the eye';
});

each_talk($cluster, sub {
    my ($talk) = @_;
    my ($ann, $ben) = $talk->people(qw(ann ben));
    $talk->speak($ann, 1 .. 20);
    $ben->close;
    my ($auto, @waited) = $talk->arrive('ben', 0, ack => 'auto');
    is_deeply seqs(@waited), [ 1 .. 20 ], 'auto: they come';
    wait_until { !$talk->backlog_of('ben', 1) } 'and are acknowledged by being written';
    $talk->speak($ann, 21 .. 25);
    $auto->messages(5);
    wait_until { !$talk->backlog_of('ben', 1) } 'live ones too';
    is $talk->say($auto, 'my own')->{seq}, 26, 'ben writes';
    wait_until { !$talk->backlog_of('ben', 1) } 'one\'s own too';
    is scalar($talk->backlog_of('ann', 1)), 26, 'ann has acknowledged nothing';
});

done_testing;
