#!/usr/bin/perl
# The web page when things go wrong: a person away while others write, a connection that is cut, a node killed under a
# conversation, a store that hangs; and reading back. Nothing is lost, nothing comes twice, and the page says no more
# about it than it must.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Browser;
use Chatd::Test::Haproxy;
use Chatd::Test::Link;
use Chatd::Test::Util qw(root);

my $browser = Chatd::Test::Browser->new;
my $site = site();
my %node = map { $_ => $site->node("node-$_", worker_processes => 1, max_sessions_per_user => 2, web_root => root() . '/web')->begin } qw(a b);
$_->wait_ready for values %node;
my $haproxy = $site->add(Chatd::Test::Haproxy->new(@node{qw(a b)})->start->wait_healthy);
my $link = $site->add(Chatd::Test::Link->new($node{b}{web})->start);
$site->add($browser);

my $ann = person($node{a}, 'ann');
my $bob = $browser->window($link->address);
$bob->sign_up('bob');
my @said;

# Ann writes these to bob.
sub says {
    push @said, @_;
    for (@_) { $ann->say('@bob', $_)->{ok} or die }
}

subtest 'reading back' => sub {
    says(map { "line $_" } 1 .. 120);
    $bob->open('@ann');
    $bob->see('line 120');
    cmp_ok scalar @{ $bob->messages }, '<', 200, 'not everything at once';
    $bob->step('focus', role => 'region', name => 'Messages');
    wait_until { $bob->press('Home'); ($bob->messages->[0] // '') eq 'line 1' } 'scrolling up brings the rest';
    is_deeply $bob->messages, \@said, 'all of it, in order, once';
    ok $bob->see('The beginning of your conversation with @ann'), 'and says where it begins';
    wait_until { $bob->press('Home'); $bob->evaluate('document.querySelector(".scroller").scrollTop < 5') } 'its top is reached';
    $bob->reload;
    $bob->see('line 120');
    $bob->step('focus', role => 'region', name => 'Messages');
    wait_until { $bob->press('Home'); @{ $bob->messages } == 120 } 'after a reload as well';
    is_deeply $bob->messages, \@said, 'from history, page by page';
    $bob->press('End');
};

subtest 'off-line, and back' => sub {
    $link->cut;
    ok $bob->see('No connection', exact => 0), 'a quiet word';
    $bob->write('written while away');
    ok $bob->see_role('img', 'waiting to be sent'), 'what is written waits';
    says('one', 'two', 'three');
    $link->heal;
    $bob->vanish('No connection', exact => 0);
    push @said, 'written while away';
    is_deeply $bob->holds(@said), \@said, 'what was missed is there, and what was written was sent';
    is $ann->expect_event('message', from => 'bob')->{text}, 'written while away', 'ann has it';
    wait_until { !@{ $bob->texts('.pending') } } 'nothing waits any more';
    $link->reset;
    says('after a reset');
    is_deeply $bob->holds(@said), \@said, 'cut off without a word: the same';
};

subtest 'a reply that never came' => sub {
    $link->delay(0.5);
    $bob->write('once');
    $ann->expect_event('message', text => 'once');
    $link->cut;    # the answer is still on its way
    $link->delay(0);
    $link->heal;
    push @said, 'once';
    is_deeply $bob->holds(@said), \@said, 'it stands there once';
    my @got = grep { $_->{text} eq 'once' } @{ $ann->request('history', conv => '@bob')->{messages} };
    is scalar @got, 1, 'and is stored once';
};

subtest 'too many windows' => sub {
    my @window = $browser->window($node{a});
    $window[0]->sign_up('dora');
    push @window, $browser->tab($window[0]) for 1, 2;
    ok $window[0]->see('open in too many windows', exact => 0), 'the oldest is paused, and says so';
    $window[0]->click('button', 'Use it here');
    ok $window[1]->see('open in too many windows', exact => 0), 'until it is wanted';
    $window[0]->vanish('open in too many windows', exact => 0);
    $window[0]->open('@dora');
    $window[0]->write('note');
    $window[2]->open('@dora');
    is_deeply $window[2]->holds('note'), ['note'], 'and goes on';
    $_->close for @window;
};

subtest 'a node is killed' => sub {
    my $carol = $browser->window($haproxy->{web});
    $carol->sign_up('carol');
    $carol->open('@ann');
    $carol->write('before');
    $carol->see_role('img', 'stored');
    my $hers = $node{ node_of($carol) };
    $hers->kill_all;
    $carol->write('after');
    is_deeply $carol->holds('before', 'after'), [ 'before', 'after' ], 'the other one takes her';
    wait_until { !@{ $carol->texts('.pending') } } 'both are stored';
    my $other = (grep { $_ != $hers } values %node)[0];
    is_deeply texts(@{ person($other, 'ann')->request('history', conv => '@carol')->{messages} }), [ 'before', 'after' ], 'in order, once';
    $carol->close;
};

is_deeply [ grep { !/WebSocket connection|Failed to load resource/ } $bob->complaints ], [], 'the page complains of nothing but the connection';
done_testing;

# Which node serves a window: a or b.
sub node_of {
    my ($window) = @_;
    $window->step('click', css => '.account');
    $window->see('Connected to', exact => 0);
    my ($name) = "@{ $window->texts('dialog') }" =~ /Connected to node-(\w)/;
    $window->press('Escape');
    return $name;
}
