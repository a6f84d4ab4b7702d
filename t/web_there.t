#!/usr/bin/perl
# Who is there, in the web page: as soon as it can be known, and not when it cannot.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Browser;
use Chatd::Test::Link;

my ($browser, $site, $node) = Chatd::Test::Browser->beginning;
my $link = $site->add(Chatd::Test::Link->new($node->{web})->start);
my ($bob, $eve) = map { person($node, $_) } qw(bob eve);
my $ann = $browser->window($link->address);
$ann->sign_up('ann');

sub is_there { "@{ $ann->texts('.talk .subtitle') }" eq 'online' }
sub dots { $ann->evaluate('document.querySelectorAll(".shell .avatar.online").length') }

subtest 'who is no contact' => sub {
    $bob->say('@ann', 'Hello');
    $bob->close;
    wait_until { !$eve->request('presence', names => ['bob'])->{presence}[0]{online} } 'bob is away';
    $ann->open('@bob');
    ok $ann->see('last seen', exact => 0), 'is away';
    ($bob) = arrive($node, 'bob');
    $bob->request('typing', to => '@ann');
    wait_until { is_there() || "@{ $ann->texts('.talk .subtitle') }" =~ /typing/ } 'typing is seen';
    $bob->say('@ann', 'Here again');
    ok + (wait_until { is_there() } 'online'), 'who types is there, at once';
};

subtest 'without a connection' => sub {
    is dots(), 2, 'as the list and the head say';
    $link->cut;
    $ann->see('No connection', exact => 0);
    ok + (wait_until { !dots() } 'no dots'), 'nobody is said to be there';
    ok !is_there(), 'in words neither';
    $ann->picture('banner');
    $link->heal;
    ok + (wait_until { is_there() } 'online'), 'until it is known again';
};

subtest 'blocked' => sub {
    $bob->request('block', name => 'ann');
    $ann->write('Hello?');
    $ann->see('Not sent.', exact => 0);
    ok + (wait_until { !dots() } 'no dots'), 'who has blocked her is not shown to be there';
};

is_deeply [ grep { !/WebSocket connection|Failed to load resource/ } $ann->complaints ], [], 'the page complains of nothing but the connection';
done_testing;
