#!/usr/bin/perl
# Logout: of one connection, and of all sessions on all nodes, with Redis away too.
use strict;
use warnings;
use JSON::PP ();
use Chatd::Test;

my $site = site();
my $node_a = $site->node('a', worker_processes => 1);
my $node_b = $site->node('b', worker_processes => 1);
$_->begin for $node_a, $node_b;
$_->wait_ready for $node_a, $node_b;

subtest 'this connection' => sub {
    my $first = person($node_a, 'alice');
    my $token = $first->{me}{token};
    my ($same, $other) = map { connect_to($_) } $node_a, $node_b;
    is_ok $_->login_token($token), 'another connection by the same token' for $same, $other;
    is_ok $first->request('logout'), 'logout';
    $first->expect_closing('logged_out');
    is_ok $_->say('@alice', 'still here'), 'who came by the same token stays' for $same, $other;
    is_error connect_to($node_b)->login_token($token), 'bad_token', 'the token is void';
    is_ok connect_to($node_b)->login('alice'), 'the password is not';
};

sub logout_all {
    my ($name) = @_;
    my ($first, $second, $far) = (person($node_a, $name), person($node_a, $name), person($node_b, $name));
    my $stranger = person($node_b, "not-$name");
    is_ok $first->request('logout', all => JSON::PP::true), 'logout of all';
    $_->expect_closing('logged_out') for $first, $second, $far;
    pass 'every session on every node is closed';
    is_error connect_to($node_b)->login_token($_->{me}{token}), 'bad_token', 'a token is void' for $first, $second, $far;
    is_ok $stranger->request('ping'), 'others stay';
    is_ok connect_to($node_b)->login($name), 'the password still works';
}

subtest 'all' => sub { logout_all('bob') };

subtest 'all is a boolean' => sub {
    my $carol = person($node_a, 'carol');
    is_error $carol->request('logout', all => $_), 'bad_field', 'a wrong type', field => 'all' for 1, 'true';
    is_ok $carol->request('logout', all => JSON::PP::false), 'false: this one only';
    $carol->expect_closing('logged_out');
};

subtest 'all, with Redis away' => sub {
    $site->redis->kill9;
    logout_all('dave');
    $site->redis->start;
};

done_testing;
