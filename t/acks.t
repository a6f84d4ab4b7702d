#!/usr/bin/perl
# What was sent while somebody was away waits in the store: backlog, synced, ack, and how much to send.
use strict;
use warnings;
use Chatd::Test;

my $site = site();
my $node_a = $site->node('a', worker_processes => 1);
my $node_b = $site->node('b', worker_processes => 1);
$_->begin for $node_a, $node_b;
$_->wait_ready for $node_a, $node_b;

# "conv seq" of each, as the person who logs in names the conversations.
sub kept { map { "$_->{from} $_->{to} $_->{seq}" } @_ }

my $alice = person($node_a, 'alice');
my $carol = person($node_b, 'carol');
person($node_b, $_)->close for qw(bob dave erin frank);

subtest 'backlog' => sub {
    $alice->say('@bob', "from alice $_") for 1 .. 5;
    $carol->say('@bob', "from carol $_") for 1 .. 3;
    my ($bob, @waited) = arrive($node_b, 'bob');
    my @from_alice = grep { $_->{from} eq 'alice' } @waited;
    is scalar(@waited), 8, 'all of it';
    is_deeply texts(@from_alice), [ map { "from alice $_" } 1 .. 5 ], 'oldest first, each once';
    is_deeply seqs(grep { $_->{from} eq 'carol' } @waited), [ 1 .. 3 ], 'in each conversation';
    $alice->say('@bob', 'and one live');
    is $bob->expect_event('message')->{seq}, 6, 'then it goes on live';
    is scalar($bob->events('synced')), 0, 'synced came exactly once';
    my $again = person($node_a, 'bob');
    is scalar($again->events('synced')), 0, 'for the other session too';
};

subtest 'not acknowledged: sent again' => sub {
    is_deeply [ sort(kept(backlog_of($node_a, 'bob'))) ],
      [ (map { "alice \@bob $_" } 1 .. 6), map { "carol \@bob $_" } 1 .. 3 ], 'at the next login, on another node';
};

subtest 'ack' => sub {
    my ($bob) = arrive($node_b, 'bob');
    is_error $bob->request('ack', conv => '@alice', seq => 7), 'bad_field', 'above the head', field => 'seq';
    is_error $bob->request('ack', conv => '@dave', seq => 1), 'bad_field', 'nobody has written yet', field => 'seq';
    is_error $bob->request('ack', conv => '@nobody', seq => 1), 'no_such_user', 'nobody';
    is_error $bob->request('ack', conv => $_, seq => 1), 'bad_field', 'a bad conv', field => 'conv' for 'alice', '@', 7;
    is_error $bob->request('ack', conv => '@alice', seq => $_), 'bad_field', 'a bad seq', field => 'seq'
      for -1, 1.5, '1', undef, 9007199254740993;
    is_ok $bob->request('ack', conv => '@alice', seq => 4), 'ack';
    wait_until { !grep { /^alice \@bob [1-4]$/ } kept(backlog_of($node_a, 'bob')) } 'what was acknowledged is not sent again';
    is_deeply [ sort(kept(backlog_of($node_a, 'bob'))) ],
      [ (map { "alice \@bob $_" } 5, 6), map { "carol \@bob $_" } 1 .. 3 ], 'everything else is';

    is_ok $bob->request('ack', conv => '@alice', seq => $_), "below what was acknowledged, or 0: ok ($_)" for 2, 0;
    is_ok $bob->request('ack', conv => '@carol', seq => 3), 'an ack of another conversation, behind it';
    wait_until { !grep { /^carol/ } kept(backlog_of($node_a, 'bob')) } 'that one counts';
    is_deeply [ kept(backlog_of($node_a, 'bob')) ], [ map { "alice \@bob $_" } 5, 6 ], 'the lower ones had no effect';
};

subtest 'ack without id' => sub {
    my ($bob) = arrive($node_b, 'bob');
    $bob->send_json({ op => 'ack', conv => '@alice', seq => 5 });
    my $ping = $bob->begin('ping');
    is $bob->next_reply->{id}, $ping, 'is not answered';
    $bob->send_json({ op => 'ack', conv => '@alice', seq => 99 });
    is_error $bob->next_reply, 'bad_field', 'unless it is refused', op => 'ack', conv => '@alice', field => 'seq';
    wait_until { "@{ seqs(backlog_of($node_a, 'bob')) }" eq '6' } 'it counts all the same';
};

subtest 'backlog N' => sub {
    $alice->say('@dave', $_) for 1 .. 5;
    $carol->say('@dave', $_) for 1 .. 3;
    is_deeply [ sort(kept(backlog_of($node_a, 'dave', backlog => 2))) ],
      [ 'alice @dave 4', 'alice @dave 5', 'carol @dave 2', 'carol @dave 3' ], 'the newest of each conversation';
    is scalar(backlog_of($node_a, 'dave', backlog => 0)), 0, '0: none';
    is scalar(backlog_of($node_a, 'dave', backlog => 10000)), 8, 'more than there are: all';
    is scalar(backlog_of($node_a, 'dave')), 8, 'absent: all';
    my ($dave) = arrive($node_a, 'dave', backlog => 0);
    $alice->say('@dave', 6);
    is $dave->expect_event('message')->{seq}, 6, 'live ones come whatever was left out';
};

subtest 'one\'s own messages are in the backlog' => sub {
    my $erin = person($node_a, 'erin');
    $erin->say('@frank', $_) for 1 .. 3;
    $erin->close;
    is_deeply [ kept(backlog_of($node_b, 'erin')) ], [ map { "erin \@frank $_" } 1 .. 3 ], 'a send acknowledges nothing';
    my ($again) = arrive($node_b, 'erin');
    is_ok $again->request('ack', conv => '@frank', seq => 3), 'ack of the seq of a reply';
    wait_until { !backlog_of($node_b, 'erin') } 'it counts';
    is scalar(backlog_of($node_b, 'frank')), 3, 'for herself alone';
};

subtest 'ack auto' => sub {
    is scalar(backlog_of($node_b, 'frank', ack => 'explicit')), 3, 'explicit: they wait on';
    my ($frank, @waited) = arrive($node_b, 'frank', ack => 'auto');
    is scalar(@waited), 3, 'auto: they come';
    wait_until { !backlog_of($node_a, 'frank') } 'the server has acknowledged them';
    $alice->say('@frank', 'live');
    $frank->expect_event('message', from => 'alice');
    wait_until { !backlog_of($node_a, 'frank') } 'a live one too';
    is $frank->say('@alice', 'my own')->{seq}, 2, 'frank writes';
    wait_until { !backlog_of($node_a, 'frank') } 'one\'s own too';
};

subtest 'many' => sub {
    my $grace = person($node_a, 'grace');
    $grace->close;
    my $count = 1000;
    my @id = map { $alice->begin('send', to => '@grace', text => "m $_") } 1 .. $count;
    $alice->reply($_)->{ok} or die for @id;
    is_deeply seqs(backlog_of($node_b, 'grace')), [ 1 .. $count ], "$count, in order, once";
};

done_testing;
