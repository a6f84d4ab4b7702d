#!/usr/bin/perl
# Promise 6: several devices of one user are served side by side. Acks are the user's, the highest of the devices; a
# login's backlog begins where the user stood then, and all that is committed after its reply is sent to it.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Talk;

my $cluster = cluster(backlog_page => 20);

each_talk($cluster, sub {
    my ($talk) = @_;
    my ($ann, $ben) = $talk->people(qw(ann ben));
    my @device = ($ben, map { $talk->person('ben', $_) } 0, 1, 1);
    $talk->speak($ann, 1 .. 40);
    my @event = map { [ $_->messages(40) ] } @device;
    is_deeply seqs(@{ $event[$_] }), [ 1 .. 40 ], "device $_ has all, in order" for 0 .. $#device;
    is_deeply values_of('_line', @{ $event[$_] }), values_of('_line', @{ $event[0] }), "the same bytes for device $_" for 1 .. $#device;

    my $conv = $talk->conv($ben);
    $device[0]->request('ack', conv => $conv, seq => 10);
    $device[2]->request('ack', conv => $conv, seq => 30);
    $device[1]->request('ack', conv => $conv, seq => 20);
    wait_until { $talk->backlog_of('ben', 0) == 10 } 'the highest ack counts, whichever device it came from';
    is_deeply seqs($talk->backlog_of('ben', 1)), [ 31 .. 40 ], 'for each place';
    $talk->say($ann, 'more');
    is $_->expect_event('message')->{seq}, 41, 'what one has acknowledged keeps nothing from another' for @device;

    # What another device has acknowledged earlier is not in the backlog: it is fetched.
    $device[0]->request('ack', conv => $conv, seq => 41);
    wait_until { !$talk->backlog_of('ben', 1) } 'all is acknowledged';
    my ($new, @waited) = $talk->arrive('ben', 1);
    is scalar(@waited), 0, 'a new device is sent nothing of it';
    my ($line) = grep { $_->{conv} eq $conv } @{ $new->request('conversations')->{conversations} };
    is "$line->{last_seq} $line->{recv_seq}", '41 41', 'it sees how far the conversation is';
    is_deeply seqs(@{ $new->request('history', conv => $conv)->{messages} }), [ 1 .. 41 ], 'and reads the history';
});

# The backlog is read from a conversation in which another device acknowledges everything meanwhile.
each_talk($cluster, sub {
    my ($talk) = @_;
    my ($ann, $ben) = $talk->people(qw(ann ben));
    $talk->speak($ann, 1 .. 200);
    my $conv = $talk->conv($ben);
    my @login;
    for my $i (1 .. 5) {
        my $client = connect_to($talk->place($i));
        push @login, [ $client, $client->begin('login', token => $ben->{me}{token}) ];
    }
    my @reply = map { $_->[0]->reply($_->[1]) } @login;
    is_ok $_, 'a login' for @reply;
    is_ok $ben->request('ack', conv => $conv, seq => 200), 'all is acknowledged by the first device';
    for (@login) {
        $_->[0]->expect_event('synced');
        is_deeply seqs($_->[0]->events('message')), [ 1 .. 200 ], 'what waited at the login is sent all the same';
    }
});

# The same to the moment: what waits has been noted, and the login waits for Redis, when another device acknowledges it.
$cluster->{site}->postgres->log_statements('all');
each_talk($cluster, sub {
    my ($talk) = @_;
    my ($ann, $ben) = $talk->people(qw(ann ben));
    my ($site, $conv) = ($cluster->{site}, $talk->conv($ben));
    my ($store, $redis) = ($site->postgres, $site->redis);
    $talk->speak($ann, 1 .. 20);
    is_deeply seqs($ben->messages(20)), [ 1 .. 20 ], 'the first device has all';
    my $client = connect_to($talk->place(0));
    my $noted = $store->times_logged('execute memberships_of');
    $redis->freeze;
    my $login = $client->begin('login', token => $ben->{me}{token});
    wait_until { $store->times_logged('execute memberships_of') > $noted } 'the login has noted what waits';
    is_ok $ben->request('ack', conv => $conv, seq => 20), 'and acknowledges it';
    wait_until { $store->query('SELECT max(recv_seq) FROM member WHERE user_id = ' . $ben->{me}{user}) == 20 } 'which is written';
    $redis->thaw;
    is_ok $client->reply($login), 'the login goes on';
    is_deeply seqs($client->messages(20)), [ 1 .. 20 ], 'and is sent all that waited';
}, ways => [ 'two workers', 'two nodes' ]);
$cluster->{site}->postgres->log_statements('none');

# Logging in while messages pour in: whatever the moment, backlog and live messages join without a gap, in order.
each_talk($cluster, sub {
    my ($talk) = @_;
    my ($ann, $ben) = $talk->people(qw(ann ben));
    my ($logins, $each) = (15, 40);
    my (@session, @sent);
    for my $round (1 .. $logins) {
        push @sent, $talk->begin_say($ann, "m $round $_") for 1 .. $each / 2;
        my $client = connect_to($talk->place($round));
        push @session, [ $client, $client->begin('login', token => $ben->{me}{token}) ];
        push @sent, $talk->begin_say($ann, "m $round $_") for $each / 2 + 1 .. $each;
    }
    is scalar(grep { $ann->reply($_)->{ok} } @sent), $logins * $each, 'everything is committed';
    for (@session) {
        my ($client, $id) = @$_;
        is_ok $client->reply($id), 'a login';
        is_deeply stream_up_to($client, $logins * $each), [ 'in order, each once', 'synced once' ], "all of it";
    }
});

# Nothing is written after the last one, so each session's stream ends with it, or with synced.
sub stream_up_to {
    my ($client, $last) = @_;
    my ($synced, $next) = (0, 1);
    while ($next <= $last || !$synced) {
        my $event = $client->next_event;
        if ($event->{event} eq 'synced') { ++$synced; next }
        return ["seq $event->{seq} instead of $next"] if $event->{seq} != $next++;
    }
    $synced += $client->events('synced');
    return [ 'in order, each once', $synced == 1 ? 'synced once' : "synced $synced times" ];
}

done_testing;
