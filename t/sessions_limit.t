#!/usr/bin/perl
# max_sessions_per_user: over all workers and nodes; the oldest goes.
use strict;
use warnings;
use Chatd::Test;

my $site = site();
my @limit = (max_sessions_per_user => 3);
my $node_a = $site->node('a', worker_processes => 2, @limit);
my $node_b = $site->node('b', worker_processes => 1, @limit);
$_->begin for $node_a, $node_b;
$_->wait_ready for $node_a, $node_b;

sub stays { my ($client, $name) = @_; is_ok $client->barrier, $name }

subtest 'one after the other' => sub {
    my $other = person($node_a, 'other');
    my @ann = map { person($_, 'ann') } $node_a, $node_b, $node_a;
    stays($_, 'three are allowed') for @ann;
    for my $node ($node_b, $node_a, $node_a, $node_b, $node_b) {
        push @ann, person($node, 'ann');
        ok shift(@ann)->expect_closing('replaced'), 'one more: the oldest is replaced';
        stays($_, 'the others are not') for @ann;
    }
    stays($other, 'nor is anybody else');
    $other->say('@ann', 'hello');
    $_->expect_event('message', text => 'hello') for @ann;
};

subtest 'who leaves makes room' => sub {
    my @ben = map { person($_, 'ben') } $node_a, $node_b, $node_a;
    for my $node ($node_b, $node_a) {
        my $gone = splice @ben, 1, 1;
        is_ok $gone->request('logout'), 'one logs out';
        $gone->expect_closing('logged_out');
        $gone->close;
        $_->barrier for @ben;
        push @ben, person($node, 'ben');
        stays($_, 'one more') for @ben;
    }
    push @ben, person($node_b, 'ben');
    ok shift(@ben)->expect_closing('replaced'), 'one too many';
    stays($_, 'the others stay') for @ben;
};

subtest 'many at once' => sub {
    my @cat = map { connect_to($_ % 2 ? $node_a : $node_b) } 1 .. 10;
    $cat[0]->register('cat');
    my @id = map { $_->begin('login', name => 'cat', password => 'password of cat') } @cat;
    is_ok $cat[$_]->reply($id[$_]), 'in' for 0 .. 9;
    wait_until { 3 == grep { !$_->at_end } @cat } 'three stay';
    $_->barrier for grep { !$_->at_end } @cat;
    is scalar(grep { !$_->at_end } @cat), 3, 'and stay';
    is_deeply [ map { $_->expect_event('closing')->{reason} } grep { $_->at_end } @cat ], [ ('replaced') x 7 ], 'the others were replaced';
};

done_testing;
