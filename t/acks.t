#!/usr/bin/perl
# ack: what is refused; each conversation by itself; without an id.
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
person($node_b, $_)->close for qw(bob dave);

$alice->say('@bob', "from alice $_") for 1 .. 6;
$carol->say('@bob', "from carol $_") for 1 .. 3;

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

done_testing;
