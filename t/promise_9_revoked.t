#!/usr/bin/perl
# Promise 9: revoked sessions end, wherever they are, with Redis away too.
use strict;
use warnings;
use JSON::PP ();
use Chatd::Test;
use Chatd::Test::Talk;

my $cluster = cluster();

# Sessions by password, and by the first one's token, at both places.
sub sessions {
    my ($talk, $name) = @_;
    my @own = map { $talk->person($name, $_) } 0, 0, 1;
    my @same = map { connect_to($talk->place($_)) } 0, 1;
    $_->login_token($own[0]{me}{token})->{ok} or die for @same;
    $_->expect_event('synced') for @same;
    return (@own, @same);
}

sub logout_all {
    my ($talk, $name) = @_;
    my ($first, @session) = sessions($talk, $name);
    my @stranger = map { $talk->person("$name-stays", $_) } 0, 1;
    is_ok $first->request('logout', all => JSON::PP::true), 'logout of all';
    $_->expect_closing('logged_out') for $first, @session;
    pass 'every session at every place is closed';
    is_error connect_to($talk->place(1))->login_token($_->{me}{token}), 'bad_token', 'a token is void'
      for $first, @session[ 0, 1 ];
    is_ok $_->request('ping'), 'others stay' for @stranger;
    is_ok connect_to($talk->place(1))->login($talk->name($name)), 'the password still works';
    my $late = connect_to($talk->place(0));
    $late->register_and_login($talk->name($name));
    is_ok $late->say('@' . $talk->name("$name-stays"), 'still here'), 'and a new session lives';
    $_->expect_event('message') for @stranger;
}

sub each_way { each_talk($cluster, $_[0], kinds => ['direct']) }

each_way(sub { logout_all($_[0], 'ann') });

each_way(sub {
    my ($talk) = @_;
    my ($first, $second, $third, @same) = sessions($talk, 'bob');
    is_ok $first->request('logout'), 'logout of one';
    $first->expect_closing('logged_out');
    is_ok $_->request('ping'), 'the others, and who came by the same token, stay' for $second, $third, @same;
    is_error connect_to($talk->place(1))->login_token($first->{me}{token}), 'bad_token', 'the token is void';
    is_ok connect_to($talk->place(1))->login_token($second->{me}{token}), 'another is not';
});

sub passwd {
    my ($talk, $name) = @_;
    my ($first, @session) = sessions($talk, $name);
    my $password = 'password of ' . $talk->name($name);
    is_ok $first->request('passwd', old => $password, new => 'another password'), 'a new password';
    $_->expect_closing('logged_out') for @session;
    pass 'every other session at every place is closed';
    is_error connect_to($talk->place(0))->login_token($_->{me}{token}), 'bad_token', 'a token is void' for @session[ 0, 1 ];
    is_error connect_to($talk->place(1))->login($talk->name($name)), 'bad_credentials', 'the old password too';
    is_ok $first->request('ping'), 'the session that did it stays';
    is_ok connect_to($talk->place(1))->login_token($first->{me}{token}), 'and its token';
}

each_way(sub { passwd($_[0], 'erin') });

# A token that is being made while all are revoked is one of them.
subtest 'a login meanwhile' => sub {
    my $store = $cluster->{site}->postgres;
    my $gus = person($cluster->{a}, 'gus');
    wait_until { $store->query(q(SELECT last_login IS NOT NULL FROM users WHERE name = 'gus')) eq 't' } 'nothing else is written of gus';
    $store->query($_) for q(CREATE FUNCTION held() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NULL; END'),
      'CREATE TRIGGER held AFTER INSERT ON token FOR EACH ROW EXECUTE FUNCTION held()';
    $store->hold('SELECT pg_advisory_xact_lock(1)');
    my $late = connect_to($cluster->{b});
    my $login = $late->begin('login', name => 'gus', password => 'password of gus');
    wait_until { $store->waiting('INTO token') } 'a login is under way';
    my $all = $gus->begin('logout', all => JSON::PP::true);
    wait_until { $gus->read_some(0); @{ $gus->{queue} } || $store->waiting('NO KEY UPDATE') } 'a logout of all too';
    $store->let_go;
    is_ok $gus->reply($all), 'all are out';
    my $reply = $late->reply($login);
    is_ok $reply, 'who was let in before';
    $late->expect_closing('logged_out');
    is_error connect_to($cluster->{b})->login_token($reply->{token}), 'bad_token', 'is out as well';
    $store->query('DROP FUNCTION held CASCADE');
};

subtest 'all is a boolean' => sub {
    my $carol = person($cluster->{a}, 'carol');
    is_error $carol->request('logout', all => $_), 'bad_field', 'a wrong type', field => 'all' for 1, 'true';
    is_ok $carol->request('logout', all => JSON::PP::false), 'false: this one only';
    $carol->expect_closing('logged_out');
};

$cluster->{site}->redis->kill9;
each_way(sub { logout_all($_[0], 'dave'); passwd($_[0], 'fred') });
$cluster->{site}->redis->start;

done_testing;
