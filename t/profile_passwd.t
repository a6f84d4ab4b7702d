#!/usr/bin/perl
# profile and passwd: the display name as others see it; a new password, which ends every other session and token,
# with Redis away too.
use strict;
use warnings;
use Chatd::Test;

my $site = site();
my $node_a = $site->node('a', worker_processes => 1);
my $node_b = $site->node('b', worker_processes => 2);
$_->begin for $node_a, $node_b;
$_->wait_ready for $node_a, $node_b;

my ($ann, $ben) = (person($node_a, 'ann'), person($node_b, 'ben'));

sub login { my ($node, %field) = @_; return connect_to($node)->request('login', %field) }

subtest 'profile' => sub {
    is_error connect_to($node_a)->request('profile'), 'not_logged_in', 'before login';
    my $profile = $ann->request('profile');
    is "$profile->{name} '$profile->{display}'", "ann ''", 'as registered';
    is_error $ann->request('profile', display => $_), 'bad_field', 'a bad display', field => 'display' for 'x' x 65, "\x{e9}" x 33, 7, undef, ['x'];
    my $name = "\x{c9}l\x{e9}onore \"A\" <b>";
    $profile = $ann->request('profile', display => $name);
    is "$profile->{name} $profile->{display}", "ann $name", 'changed';
    is $ann->request('profile')->{display}, $name, 'kept';
    is login($node_b, name => 'ann', password => 'password of ann')->{display}, $name, 'told at the next login';
    is_ok $ben->request('contact_add', name => 'ann'), 'a contact';
    is $ben->request('contacts')->{contacts}[0]{display}, $name, 'sees it';
    is $ann->request('profile', display => 'x' x 64)->{display}, 'x' x 64, 'the longest';
    is $ann->request('profile', display => '')->{display}, '', 'none at all';
};

subtest 'passwd: errors' => sub {
    my %good = (old => 'password of ann', new => 'another password');
    is_error connect_to($node_a)->request('passwd', %good), 'not_logged_in', 'before login';
    is_error $ann->request('passwd', %good, old => $_), 'bad_field', 'a bad old', field => 'old' for 'x' x 1025, 7, undef, ['x'];
    is_error $ann->request('passwd', %good, new => $_), 'bad_field', 'a bad new', field => 'new' for 'x' x 7, 'x' x 1025, 7, undef, ['x'];
    is_error $ann->request('passwd', new => 'another password'), 'bad_field', 'no old', field => 'old';
    is_error $ann->request('passwd', old => 'password of ann'), 'bad_field', 'no new', field => 'new';
    is_error $ann->request('passwd', %good, old => $_), 'bad_credentials', 'a wrong old' for 'wrong password', '', 'x', 'x' x 1024;
    is_ok login($node_b, name => 'ann', password => 'password of ann'), 'nothing of that changed it';
};

subtest 'passwd' => sub {
    my @other = map { person($_, 'ann') } $node_a, $node_b, $node_b;
    my @same = map { my $client = connect_to($_); is_ok $client->login_token($ann->{me}{token}), 'by the same token'; $client } $node_a, $node_b;
    my @token = map { $_->{me}{token} } @other;
    is_ok $ann->request('passwd', old => 'password of ann', new => 'another password'), 'changed';
    ok $_->expect_closing('logged_out'), 'another session ends' for @other, @same;
    is_error login($_->[0], token => $_->[1]), 'bad_token', 'its token is void' for map { my $node = $_; map { [ $node, $_ ] } @token } $node_a, $node_b;
    is_ok $ann->barrier, 'the session that did it stays';
    is $ann->say('@ben', 'still here')->{seq}, 1, 'and works';
    is_ok login($node_b, token => $ann->{me}{token}), 'so does its token';
    is_error login($node_a, name => 'ann', password => 'password of ann'), 'bad_credentials', 'the old password does not';
    is_ok login($node_b, name => 'ann', password => 'another password'), 'the new one does';
    is_ok $ben->barrier, 'and nobody else is concerned';
    is_ok $ann->request('passwd', old => 'another password', new => 'password of ann'), 'again';
    my $by_token = connect_to($node_b);
    is_ok $by_token->login_token($ann->{me}{token}), 'and another comes by the token';
    wait_until { $site->postgres->query(q(SELECT now() - max(at) > interval '3 seconds' FROM revocation)) eq 't' } 'the others have asked for revocations since';
    is_ok $_->barrier, 'it still stays, as does who came since' for $ann, $by_token;
};

subtest 'pipelined: later requests see it' => sub {
    my $third = person($node_a, 'cat');
    my @id = ($third->begin('passwd', old => 'password of cat', new => 'password two'), $third->begin('passwd', old => 'password of cat', new => 'password three'),
        $third->begin('passwd', old => 'password two', new => 'password three'), $third->begin('ping'));
    my @reply = map { $third->reply($_) } @id;
    is join(' ', map { $_->{ok} ? 'ok' : $_->{error} } @reply), 'ok bad_credentials ok ok', 'one after the other';
};

subtest 'two at once, from two nodes' => sub {
    my @cat = map { my $client = connect_to($_); is_ok $client->request('login', name => 'cat', password => 'password three'), 'in'; $client } $node_a, $node_b;
    my @id = map { $cat[$_]->begin('passwd', old => 'password three', new => "password of $_") } 0, 1;
    my @answer = map { my $reply = $cat[$_]->take(sub { defined $_[0]{id} && $_[0]{id} eq $id[$_] || ($_[0]{event} // '') eq 'closing' }); $reply->{ok} ? 'ok' : $reply->{error} // $reply->{event} } 0, 1;
    is scalar(grep { $_ eq 'ok' } @answer), 1, "one has changed it: @answer";
    my ($won) = grep { $answer[$_] eq 'ok' } 0, 1;
    is_ok login($node_b, name => 'cat', password => "password of $won"), 'it is that one\'s';
};

subtest 'an account that an administrator has deleted' => sub {
    my $gone = person($node_a, 'dora');
    $site->postgres->query("DELETE FROM token WHERE user_id = (SELECT id FROM users WHERE name = 'dora'); DELETE FROM users WHERE name = 'dora'");
    is_error $gone->request('passwd', old => 'password of dora', new => 'another password'), 'bad_credentials', 'has no password';
    is_error $gone->request('profile', display => 'Dora'), 'no_such_user', 'no display name';
    is_ok $gone->request('logout', all => \1), 'can be left';
    is_ok $ben->barrier, 'and harms nobody';
};

# It was let in by the old password, and meets the change where its token would be made.
subtest 'a login meanwhile' => sub {
    my $store = $site->postgres;
    my $dan = person($node_a, 'dan');
    wait_until { $store->query(q(SELECT last_login IS NOT NULL FROM users WHERE name = 'dan')) eq 't' } 'nothing else is written of dan';
    $store->hold(q(SELECT FROM users WHERE name = 'dan' FOR UPDATE));
    my $change = $dan->begin('passwd', old => 'password of dan', new => 'another password');
    wait_until { $store->waiting('SET password') } 'a change is under way';
    my $late = connect_to($node_b);
    my $login = $late->begin('login', name => 'dan', password => 'password of dan');
    wait_until { $late->read_some(0); @{ $late->{queue} } || $store->waiting('INTO token') } 'a login too';
    $store->let_go;
    is_ok $dan->reply($change), 'changed';
    is_error $late->reply($login), 'bad_credentials', 'who came by the old password is not in';
};

subtest 'Redis away' => sub {
    my $other = person($node_b, 'ben');
    my $third = person($node_a, 'ben');
    $site->redis->stop;
    is_ok $ben->request('passwd', old => 'password of ben', new => 'another password'), 'changed';
    ok $_->expect_closing('logged_out'), 'another session ends' for $other, $third;
    is_ok $ben->barrier, 'the one stays';
};

done_testing;
