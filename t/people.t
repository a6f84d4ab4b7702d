#!/usr/bin/perl
# Contacts, and who is there: asked for one by one or by the list, over two nodes, and after a worker or a
# node was killed.
use strict;
use warnings;
use Chatd::Test;
use Time::HiRes qw(time);

my $site = site();
my $node_a = $site->node('a', worker_processes => 1, max_contacts => 3)->allow(qr/signal 9/);
my $node_b = $site->node('b', worker_processes => 2, max_contacts => 3)->allow(qr/signal 9/);
$_->begin for $node_a, $node_b;
$_->wait_ready for $node_a, $node_b;

my $gone_limit = 30;    # seconds: what a dead worker held is not shown on-line for longer
my ($ann, $ben) = (person($node_a, 'ann'), person($node_b, 'ben'));
my $never = connect_to($node_a);
$never->register('never', display => "N\x{e9}ver \"quoted\"");

sub presence { my ($client, @name) = @_; return @{ $client->request('presence', names => \@name)->{presence} } }
sub online { (presence(@_))[0]{online} }
sub contacts { @{ $_[0]->request('contacts')->{contacts} } }
sub contact_names { join ' ', sort map { $_->{name} } contacts($_[0]) }
my @bad_names = ('@ben', 'Ben', '', '-ben', 'b' x 33, 7, undef, ['ben']);

subtest 'contacts' => sub {
    is_error connect_to($node_a)->request($_, name => 'ben', names => ['ben']), 'not_logged_in', "$_ before login"
      for qw(contacts contact_add contact_remove presence);
    like $ann->request('contacts')->{_line}, qr/"contacts":\[\]/, 'none yet';
    is_ok $ann->request('contact_add', name => 'ben'), 'one';
    is_ok $ann->request('contact_add', name => 'ben'), 'repeated: ok';
    is_ok $ann->request('contact_add', name => 'never'), 'another';
    my %contact = map { $_->{name} => $_ } contacts($ann);
    is join(' ', sort keys %contact), 'ben never', 'each once';
    is $contact{never}{display}, "N\x{e9}ver \"quoted\"", 'display';
    ok $contact{ben}{online}, 'ben is on-line, on another node';
    ok !$contact{never}{online}, 'never is not';
    ok exists $contact{never}{last_seen} && !defined $contact{never}{last_seen}, 'and has never been';
    like $ann->request('contacts')->{_line}, qr/"online":true.*"online":false|"online":false.*"online":true/, 'booleans';
    is contact_names($ben), '', 'ben has none for that';
    is contact_names(person($node_b, 'ann')), 'ben never', 'ann\'s other device has them, on another node';
    for my $op (qw(contact_add contact_remove)) {
        is_error $ann->request($op, name => 'nobody'), 'no_such_user', "$op: nobody";
        is_error $ann->request($op, name => 'ann'), 'bad_field', "$op: oneself", field => 'name';
        is_error $ann->request($op, name => $_), 'bad_field', "$op: a bad name", field => 'name' for @bad_names;
        is_error $ann->request($op), 'bad_field', "$op: no name", field => 'name';
    }
    is_ok $ann->request('contact_remove', name => 'ben'), 'removed';
    is_ok $ann->request('contact_remove', name => 'ben'), 'repeated: ok';
    is contact_names($ann), 'never', 'one is left';
};

subtest 'too many contacts' => sub {
    $never->register("c$_") for 1 .. 4;
    is_ok $ben->request('contact_add', name => "c$_"), "c$_" for 1 .. 3;
    is_error $ben->request('contact_add', name => 'c4'), 'too_many', 'one more', limit => 'max_contacts';
    is_ok $ben->request('contact_add', name => 'c3'), 'repeated: ok all the same';
    is_error $ben->request('contact_add', name => 'nobody'), 'no_such_user', 'what exists comes before limits';
    is contact_names($ben), 'c1 c2 c3', 'three';
    is_ok $ben->request('contact_remove', name => 'c1'), 'removing one';
    is_ok $ben->request('contact_add', name => 'c4'), 'makes room';
};

subtest 'presence' => sub {
    my @asked = qw(never ben nobody ann ben);
    my $reply = $ann->request('presence', names => \@asked);
    my @presence = @{ $reply->{presence} };
    is_deeply values_of('name', @presence), \@asked, 'in the order asked';
    is_deeply [ map { $_->{online} ? 1 : 0 } @presence ], [ 0, 1, 0, 1, 1 ], 'online, oneself too';
    is_deeply [ @presence[ 0, 2 ] ], [ map { +{ name => $_, online => $presence[0]{online}, last_seen => undef } } qw(never nobody) ],
      'unknown: as who was never on-line';
    like $reply->{_line}, qr/"online":false,?.*"online":true/, 'booleans';
    like $ann->request('presence', names => [])->{_line}, qr/"presence":\[\]/, 'nobody asked for';
    is scalar(presence($ann, map { "n$_" } 1 .. 100)), 100, 'a hundred';
    is_error $ann->request('presence', names => $_), 'bad_field', 'bad names', field => 'names'
      for [ map { "n$_" } 1 .. 101 ], 'ben', undef, {}, (map { [ 'ben', $_ ] } @bad_names);
    is_error $ann->request('presence'), 'bad_field', 'no names', field => 'names';
};

subtest 'coming and going' => sub {
    my $begin = $ann->request('ping')->{ts};
    my @cat = map { person($_, 'cat') } $node_b, $node_b, $node_a;
    ok online($_, 'cat'), 'on-line as soon as synced' for $ann, $ben;
    $cat[0]->close;
    $cat[1]->request('logout');
    $cat[1]->wait_eof;
    ok online($_, 'cat'), 'one device is enough' for $ann, $ben;
    $cat[2]->close;
    wait_until { !online($_, 'cat') } 'the last one has gone' for $ann, $ben;
    my $seen = wait_until { (presence($ben, 'cat'))[0]{last_seen} } 'last_seen is written';
    cmp_ok $seen, '>=', $begin, 'last_seen is after the beginning';
    cmp_ok $seen, '<=', $ann->request('ping')->{ts}, 'and not to come';
    my $again = person($node_a, 'cat');
    ok online($ben, 'cat'), 'on-line again';
    is_ok $again->request('logout'), 'logout';
    wait_until { !online($_, 'cat') } 'gone' for $ann, $ben;
    wait_until { (presence($ben, 'cat'))[0]{last_seen} > $seen } 'the end of the last session counts';
};

# Who is not shown on-line any more after so many seconds, and was not shown so for longer than allowed.
sub gone_in_time {
    my ($asker, $since, @name) = @_;
    for my $name (@name) {
        wait_until { !online($asker, $name) } "$name is not on-line any more";
        cmp_ok time - $since, '<', Chatd::Test::Util::limit($gone_limit), "$name is not shown on-line for longer than allowed";
    }
}

subtest 'a killed worker' => sub {
    my @worker = $node_b->workers;
    my ($dan, $erin, $fay) = (person([ $node_b, $worker[0] ], 'dan'), person([ $node_b, $worker[0] ], 'erin'), person([ $node_b, $worker[1] ], 'fay'));
    my $elsewhere = person($node_a, 'erin');
    ok online($ann, $_), "$_ is on-line" for qw(dan erin fay);
    kill 'KILL', $worker[0];
    my $since = time;
    $dan->wait_eof;
    gone_in_time($ann, $since, 'dan');
    gone_in_time($fay, $since, 'dan');
    ok online($_, 'erin'), 'who is elsewhere, too, is on-line still' for $ann, $fay;
    ok online($ann, 'fay'), 'and who was with the other worker';
    wait_until { $node_b->workers == 2 } 'the worker is replaced';
    my $back = wait_until { Chatd::Test::Client->try_connect($node_b->{plain}) } 'somebody accepts';
    is_ok $back->login_token($dan->{me}{token}), 'he can log in at once';
    $back->expect_event('synced');
    ok online($_, 'dan'), 'and is on-line' for $ann, $fay, $elsewhere;
};

subtest 'a killed node' => sub {
    my @gone = map { person($node_b, $_) } qw(gus hal);
    ok online($ann, $_), "$_ is on-line" for qw(gus hal);
    $node_b->kill_all;
    gone_in_time($ann, time, qw(gus hal));
    my $back = connect_to($node_a);
    is_ok $back->login_token($gone[0]{me}{token}), 'he can log in at once, elsewhere';
    $back->expect_event('synced');
    ok online($ann, 'gus'), 'and is on-line';
    ok !online($back, 'hal'), 'the other one is not';
};

done_testing;
