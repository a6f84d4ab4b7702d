#!/usr/bin/perl
# Rates: who is too fast is told when to try again, by all workers together, and nobody else is held back.
# Exact counts are t/unit/rate_table.cc's: here time passes while we speak.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::ProxyHeader qw(proxy_v2 proxy_v6);

my $site = site();
my $node = $site->node('a', worker_processes => 2, send_rate => 1, send_burst => 5, guess_rate => 1, guess_burst => 3,
    login_rate => 1, login_burst => 12)->start;
my ($one, $two) = $node->workers;

sub from { connect_to($node->{proxy}, proxy => proxy_v2(from => $_[0])) }
sub few { my ($count, $burst, $most, $name) = @_; ok $count >= $burst && $count < $most, "$name: $count of $most" }

my $alice = from('192.0.2.1');
$alice->register_and_login('alice');
my $bob = from('192.0.2.2');
$bob->register_and_login('bob');
$bob->request('group_create', group => '#bobs')->{ok} or die;

subtest 'sends of a user' => sub {
    my @session = ($alice, map { connect_to([$node, $_]) } $one, $two);
    $_->login_token($alice->{me}{token}) for @session[1, 2];
    is_ok $alice->say('@bob', 'x', cid => 'one'), 'the first';
    my @reply = map { $_->say('@bob', 'x') } (@session) x 10;
    few(scalar(grep { $_->{ok} } @reply), 4, 30, 'of three sessions on two workers');
    my ($refused) = grep { !$_->{ok} } @reply;
    is_error $refused, 'rate_limited', 'the others are told so';
    ok $refused->{retry_ms} > 0 && $refused->{retry_ms} <= 1000, "and when: in $refused->{retry_ms} ms";
    is_error $alice->say('@nobody', 'x'), 'no_such_user', 'what is wrong anyhow comes first';
    my @again = map { $alice->say('@bob', 'x', cid => 'one') } 1 .. 30;
    is scalar(grep { $_->{duplicate} } @again), 30, 'what is stored is answered, however fast it is asked again';
    my @outside = map { $alice->say('#bobs', 'x') } 1 .. 10;
    is scalar(grep { $_->{error} eq 'not_member' } @outside), 10, 'who may not send at all is told that';
    is_ok $bob->say('@alice', 'x'), 'bob is not held back';
    my ($first) = @again;
    my @other = map { $bob->say('@alice', 'x', cid => 'one') } 1 .. 10;
    is scalar(grep { $_->{ok} && $_->{seq} == $first->{seq} } @other), 0, 'and what alice has stored is no answer to him';
    is_ok $alice->request('ping'), 'nor is the connection';
    my @typed = map { $alice->request('typing', to => '@bob') } 1 .. 10;
    few(scalar(grep { !$_->{ok} && $_->{error} eq 'rate_limited' } @typed), 1, 11, 'typing counts as well');
    ok wait_until { $alice->say('@bob', 'later')->{ok} } 'alice may send again';
};

subtest 'guesses at a password' => sub {
    my $guesser = from('192.0.2.3');
    my @reply = map { $guesser->request('login', name => 'bob', password => "wrong $_") } 1 .. 12;
    is_error $reply[0], 'bad_credentials', 'a wrong one';
    few(scalar(grep { $_->{error} eq 'bad_credentials' } @reply), 3, 12, 'looked at');
    is_error((grep { $_->{error} ne 'bad_credentials' } @reply)[0], 'rate_limited', 'then');
    is_error $guesser->request('login', name => 'bob', password => 'even the right one'), 'rate_limited', 'whatever it is';
    is_ok from('192.0.2.4')->login('bob'), 'bob himself comes in from elsewhere';
    is_error from('192.0.2.3')->request('login', name => 'nobody', password => 'wrong'), 'bad_credentials', 'another name';
    is_error from('192.0.2.3')->login('bob'), 'rate_limited', 'another connection of that address is no way round';
};

subtest 'logins of an address' => sub {
    my $client = connect_to($node->{proxy}, proxy => proxy_v6(from => '2001:db8:1:2::1'));
    my @reply = map { $client->request('register', name => "user$_", password => 'long enough') } 1 .. 20;
    few(scalar(grep { $_->{ok} } @reply), 12, 20, 'registered');
    is_error((grep { !$_->{ok} } @reply)[0], 'rate_limited', 'then');
    my $sibling = connect_to($node->{proxy}, proxy => proxy_v6(from => '2001:db8:1:2:ffff::9'));
    is_error $sibling->login('bob'), 'rate_limited', 'another address of the same network of 64 bits';
    is_ok $sibling->login_token($bob->{me}{token}), 'a token is no password';
    is_ok connect_to($node->{proxy}, proxy => proxy_v6(from => '2001:db8:1:3::1'))->login('bob'), 'another network';
};

done_testing;
