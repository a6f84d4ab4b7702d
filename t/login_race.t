#!/usr/bin/perl
# Logging in while messages pour in: whatever the moment, backlog and live messages join without a gap, in
# order, and synced comes once.
use strict;
use warnings;
use Chatd::Test;

my $site = site();
my $node_a = $site->node('a', worker_processes => 1);
my $node_b = $site->node('b', worker_processes => 2, backlog_page => 20);
$_->begin for $node_a, $node_b;
$_->wait_ready for $node_a, $node_b;

my $alice = person($node_a, 'alice');
my $token = person($node_b, 'bob')->{me}{token};
my ($logins, $each) = (25, 40);
my (@session, @sent);

for my $round (1 .. $logins) {
    push @sent, $alice->begin('send', to => '@bob', text => "m $round $_") for 1 .. $each / 2;
    my $client = connect_to($round % 5 ? $node_b : $node_a);
    push @session, [ $client, $client->begin('login', token => $token) ];
    push @sent, $alice->begin('send', to => '@bob', text => "m $round $_") for $each / 2 + 1 .. $each;
}
is scalar(grep { $alice->reply($_)->{ok} } @sent), $logins * $each, 'everything is committed';

# Nothing is written after the last one, so each session's stream ends with it.
my $last = $logins * $each;
for (@session) {
    my ($client, $id) = @$_;
    is_ok $client->reply($id), 'a login';
    my ($synced, $next, $at) = (0, 1, 'nothing wrong');
    while ($next <= $last || !$synced) {
        my $event = $client->next_event;
        if ($event->{event} eq 'synced') { ++$synced; next }
        if ($event->{seq} != $next) { $at = "seq $event->{seq} instead of $next"; last }
        ++$next;
    }
    is $at, 'nothing wrong', "all $last, in order, each once";
    is $synced + $client->events('synced'), 1, 'synced once';
}

done_testing;
