#!/usr/bin/perl
# Accounts: register, login by password and by token, and what is refused.
use strict;
use warnings;
use Chatd::Test;

my $site = site();
my $node = $site->node('a', worker_processes => 1, log_level => 'info')->start;
my $client = connect_to($node);

sub register { $client->request('register', password => 'long enough', @_) }

subtest 'register' => sub {
    my $made = register(name => 'alice', display => 'Alice A.');
    is_ok $made, 'register';
    like $made->{user}, qr/^\d+$/, 'an integer user';
    is_error $client->say('@alice', 'x'), 'not_logged_in', 'it does not log in';
    is_error register(name => 'alice'), 'name_taken', 'a name is taken once';
    isnt register(name => 'bob')->{user}, $made->{user}, 'another user, another number';
};

subtest 'names' => sub {
    is_ok register(name => $_), "good: $_" for 'a', '0', 'a_.-', '9.x', 'x' x 32;
    for my $name ('', 'Alice', 'aliCe', '@alice', '#alice', ' alice', 'al ice', '_a', '.a', '-a', 'x' x 33, "\xe9", 'a/b',
        "a\n", "a'b", 'a%s') {
        is_error register(name => $name), 'bad_field', "bad: " . ($name =~ s{\n}{\\n}r), field => 'name';
    }
    is_error register(name => $_), 'bad_field', 'no string', field => 'name' for 7, [], undef;
    is_error $client->request('register', password => 'long enough'), 'bad_field', 'missing', field => 'name';
};

subtest 'passwords' => sub {
    my $register = sub { $client->request('register', name => $_[0], password => $_[1]) };
    is_error $register->('p7', 'x' x 7), 'bad_field', '7 bytes', field => 'password';
    is_ok $register->('p8', 'x' x 8), '8 bytes';
    is_ok $register->('p-utf8', "\xe9" x 4), '8 bytes, 4 characters';
    is_ok $register->('p1024', 'x' x 1024), '1024 bytes';
    is_error $register->('p1025', 'x' x 1025), 'bad_field', '1025 bytes', field => 'password';
    is_error $register->('p-number', 12345678), 'bad_field', 'a number', field => 'password';
    is_error $client->request('register', name => 'p-none'), 'bad_field', 'missing', field => 'password';
    is_ok connect_to($node)->request('login', name => 'p1024', password => 'x' x 1024), 'a long one logs in';
    is_error $client->request('login', name => 'p1024', password => 'x' x 1023), 'bad_credentials', 'all of it counts';
};

subtest 'display' => sub {
    is_ok register(name => 'd64', display => "\xe9" x 32), '64 bytes';
    is connect_to($node)->request('login', name => 'd64', password => 'long enough')->{display}, "\xe9" x 32, 'kept as it is';
    my $odd = 0;
    for my $display ("\e[31mred\e[0m", "'; DROP TABLE users; --", '%s%n', "two\r\nlines", '<b>&amp;</b>') {
        my $name = 'odd' . ++$odd;
        is_ok register(name => $name, display => $display), "odd display $odd";
        is connect_to($node)->request('login', name => $name, password => 'long enough')->{display}, $display, '… is kept as it is';
    }
    is_error register(name => 'd65', display => 'x' x 65), 'bad_field', '65 bytes', field => 'display';
    is_error register(name => 'd0', display => 1), 'bad_field', 'a number', field => 'display';
};

subtest 'login' => sub {
    my $login = sub { $client->request('login', @_) };
    my $unknown = $login->(name => 'nobody', password => 'long enough');
    my $wrong = $login->(name => 'alice', password => 'not so long');
    is_error $wrong, 'bad_credentials', 'wrong password';
    delete @$_{qw(id _line)} for $unknown, $wrong;
    is_deeply $unknown, $wrong, 'the same answer for a wrong name';
    is_error $login->(name => 'alice', password => $_), 'bad_credentials', 'a password is only compared' for 'x', '';
    is_error $login->(name => 'alice', password => 'x' x 1025), 'bad_field', '1025 bytes', field => 'password';
    is_error $login->(name => 'alice'), 'bad_field', 'no password', field => 'password';
    is_error $login->(name => 'alice', password => 'long enough', token => 'x'), 'bad_field', 'both', field => 'token';
    is_error $login->(token => 7), 'bad_field', 'a token that is no string', field => 'token';
    is_error $login->(token => $_), 'bad_token', 'a forged token' for 'x', 'A' x 43, "';--";
    is_error $login->(name => 'alice', password => 'long enough', ack => 'maybe'), 'bad_field', 'ack', field => 'ack';
    is_error $login->(name => 'alice', password => 'long enough', backlog => $_), 'bad_field', 'backlog', field => 'backlog'
      for -1, 10001, 1.5, '5';

    my $reply = $login->(name => 'alice', password => 'long enough');
    is_ok $reply, 'the right password';
    is "@$reply{qw(name display)}", 'alice Alice A.', 'name and display';
    cmp_ok length $reply->{token}, '>=', 32, 'a token';
    cmp_ok $reply->{expires} / 1000, '>', time + 3600, 'which expires later';
    is $client->expect_event('synced')->{event}, 'synced', 'synced';
    is_error $login->(name => 'alice', password => 'long enough'), 'already_logged_in', 'login again';
    is_error $login->(token => $reply->{token}), 'already_logged_in', 'login again, by token';
    is_error register(name => 'carol'), 'already_logged_in', 'register';

    my $second = connect_to($node)->request('login', name => 'alice', password => 'long enough');
    isnt $second->{token}, $reply->{token}, 'by password a new token';
    my $third = connect_to($node)->login_token($reply->{token});
    is_ok $third, 'by token';
    is $third->{token}, $reply->{token}, 'the same one';
    is $third->{user}, $reply->{user}, 'the same user';
    is $third->{name}, 'alice', 'by name';
    cmp_ok $third->{expires}, '>=', $reply->{expires}, 'its expiry extended';
};

# The store's clock says when, and nobody is served by a token that was not used for its lifetime.
subtest 'a token expires' => sub {
    my $store = $site->postgres;
    my ($used, $unused) = map { connect_to($node)->register_and_login($_)->{token} } qw(used unused);
    my $expiry = sub { $store->query("SELECT expires > now() + interval '$_[1]' FROM token t JOIN users u ON u.id = user_id WHERE u.name = '$_[0]'") };
    $store->query("UPDATE token SET expires = now() + interval '1 hour'");
    is_ok connect_to($node)->login_token($used), 'one is used';
    wait_until { $expiry->('used', '2 hours') eq 't' } 'which puts its end off';
    is $expiry->('unused', '2 hours'), 'f', 'the other is not';
    $store->query("UPDATE token SET expires = expires - interval '2 hours'");
    is_ok connect_to($node)->login_token($used), 'two hours later it still works';
    is_error connect_to($node)->login_token($unused), 'bad_token', 'the other is void';
};

subtest 'before login' => sub {
    my $stranger = connect_to($node);
    is_error $stranger->request($_), 'not_logged_in', $_ for qw(logout send ack);
    $stranger->send_raw(qq({"op":"ack","conv":"\@alice","seq":1}\n));
    is_error $stranger->next_reply, 'not_logged_in', 'ack without id is answered if refused', op => 'ack', conv => '@alice';
};

subtest 'what the log tells of it, where it is asked to' => sub {
    my $token = connect_to($node)->request('login', name => 'alice', password => 'long enough')->{token};
    my $alice = connect_to($node);
    $alice->login_token($token);
    $alice->request('logout');
    wait_until { $node->log_text =~ /session \d+ of alice from 127\.0\.0\.1: ended: logged_out$/m } 'how a session has ended';
    like $node->log_text, $_, "$_"
      for qr/\[info\] .*session \d+ of alice from 127\.0\.0\.1: logged in by password$/m, qr/: logged in by token$/m,
      qr/session \d+ from 127\.0\.0\.1: a wrong password for alice$/m, qr/a wrong password for nobody$/m;
    unlike $node->log_text, qr/long enough|not so long|\Q$token\E/, 'and never a secret';
};

done_testing;
