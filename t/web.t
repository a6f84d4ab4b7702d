#!/usr/bin/perl
# The web page, as people use it: two of them in two browsers on two nodes, from making an account to a conversation,
# a group, somebody who is blocked, links and titles. All by what is seen and by the keyboard.
use strict;
use warnings;
use utf8;
use Chatd::Test;
use Chatd::Test::Browser;
use Chatd::Test::Util qw(root);

my $browser = Chatd::Test::Browser->new;
my $site = site();
my @nodes = map { $site->node($_, worker_processes => 1, web_root => root() . '/web')->begin } qw(a b);
$_->wait_ready for @nodes;
$site->add($browser);
my ($ann, $bob) = map { $browser->window($_) } @nodes;

subtest 'an account' => sub {
    $ann->fill('Name', 'ann');
    $ann->fill('Password', 'not the one');
    $ann->click('button', 'Sign in');
    ok $ann->see('This name and this password do not belong together.'), 'there is none yet';
    $ann->click('button', 'New here? Create an account');
    $ann->fill('Name', 'Zoë Müller');
    $ann->fill('Password', 'short');
    $ann->click('button', 'Create account');
    ok $ann->see('Try “zoe.mueller”.', exact => 0), 'a name that cannot be, and one that could';
    ok $ann->see('A password has at least 8 characters.'), 'and at once, what else is wrong';
    is $ann->evaluate('document.activeElement.name'), 'name', 'the first of them is where one writes';
    is join("\n", $ann->axe), '', 'axe finds nothing';
    $ann->picture('entry-wrong');
    $ann->fill('Name', '@Ann');
    $ann->fill('Display name (optional)', 'Ann Archer');
    $ann->fill('Password', Chatd::Test::Client::password('ann'));
    $ann->press('Enter');
    ok $ann->see('Nothing here yet.'), 'ann is in';
    $bob->sign_up('bob', 'Bob Baker');
    ok $bob->see('@bob'), 'bob too';
};

subtest 'finding a friend, and talking' => sub {
    $ann->click('button', 'New chat', nth => 0);
    $ann->fill('Person’s name', 'nobody');
    $ann->press('Enter');
    ok $ann->see('There is nobody of this name.'), 'a name that nobody has';
    $ann->fill('Person’s name', 'bob');
    $ann->press('Enter');
    $ann->see('The beginning', exact => 0);
    $ann->type('Hello Bob,');
    $ann->press('Tab');
    is $ann->evaluate('document.activeElement.getAttribute("aria-label")'), 'Send', 'the keyboard is enough';
    $ann->press('Enter');
    $bob->see('Hello Bob,', nth => 0);
    ok + (wait_until { ($bob->texts('.rows .badge')->[0] // '') =~ /^1\s+unread$/ } 'it is counted'), 'bob has one unread message';
    ok + (wait_until { $bob->title eq '(1) chatd' } 'the title'), 'and his title says so';
    ok $ann->see_role('img', 'stored'), 'ann sees that it is stored';
    $bob->open('@ann');
    is_deeply $bob->holds('Hello Bob,'), ['Hello Bob,'], 'he reads it';
    ok $ann->see_role('img', 'read'), 'ann sees that it is read';
    $bob->fill('Message', 'Hello');
    ok $ann->see('Bob Baker is typing…'), 'and that he writes';
    $bob->write("Hello Ann, see https://example.org/x.");
    is_deeply $ann->holds('Hello Bob,', 'Hello Ann, see https://example.org/x.'), [ 'Hello Bob,', 'Hello Ann, see https://example.org/x.' ], 'the answer';
    is $ann->evaluate('document.querySelector(".text a").href'), 'https://example.org/x', 'an address is a link';
    $bob->write('www.example.org, (bob@mail.example.org) or @ann');
    wait_until { @{ $ann->messages } == 3 } 'more of them';
    is_deeply $ann->evaluate('[...document.querySelectorAll(".text a")].slice(1).map((link) => link.href)'),
        [ 'https://www.example.org/', 'mailto:bob@mail.example.org' ], 'also without its beginning, also a mail address';
    ok $bob->see('online'), 'bob sees that she is there';
};

subtest 'another tab, and a hidden one' => sub {
    my $tab = $browser->tab($bob);
    $tab->see('Ann', exact => 0);
    $bob->step('permit');
    $tab->evaluate('void (window.Notification = class extends Notification {
        constructor(title, options) { super(title, options); window.notified = `${title}: ${options.body}`; }
    })');
    $tab->hide(1);
    $bob->hide(1);
    $ann->write('Are you there?');
    wait_until { $tab->title =~ /^\(1\) / && $bob->title =~ /^\(1\) / } 'both say that there is something new';
    $bob->hide(0);
    $bob->evaluate('window.dispatchEvent(new Event("focus"))');
    wait_until { $tab->title !~ /^\(/ } 'what is read in one is read in the other';
    is $tab->evaluate('window.notified'), 'ann: Are you there?', 'a notification was shown';
    $tab->close;
};

subtest 'a group' => sub {
    $ann->click('button', 'New chat', nth => 0);
    $ann->click('tab', 'New group');
    $ann->fill('Name of the new group', 'garden');
    $ann->fill('Topic (optional)', 'Plot 14');
    $ann->step('click', label => 'Anyone may join');
    $ann->click('button', 'Make group');
    $ann->see('1 member · Plot 14');
    $bob->open('#garden');
    ok $bob->see('You are not a member of #garden.'), 'a link to a group that one is not in';
    $bob->click('button', 'Join');
    $bob->write('Here I am');
    is_deeply $ann->holds('Here I am'), ['Here I am'], 'joined, and heard';
    $ann->click('button', 'Details');
    ok $ann->see('2 members'), 'both are members';
    wait_until { "@{ $ann->texts('.members small') }" =~ /owner/ } 'the owner is marked';
    $ann->step('click', css => '.more:not([hidden]) summary');
    $ann->click('button', 'Make admin');
    wait_until { "@{ $ann->texts('.members small') }" =~ /admin/ } 'bob is an admin';
    $ann->step('click', css => '.more:not([hidden]) summary');
    $ann->click('button', 'Remove');
    $ann->click('button', 'Remove', nth => -1);
    ok $bob->see('You are not a member of #garden.'), 'and out';
    ok $ann->see('1 member'), 'ann is alone';
};

subtest 'blocked, and back' => sub {
    $ann->open('@bob');
    $ann->click('button', 'Details');
    $ann->click('button', 'Block');
    $ann->click('button', 'Block', nth => -1);
    ok $ann->see('You have blocked @bob', exact => 0), 'ann knows why she cannot write';
    $bob->open('@ann');
    $bob->write('Hello?');
    ok $bob->see('Not sent. One of you has blocked the other.', exact => 0), 'bob is told, too';
    $ann->click('button', 'Unblock', nth => 0);
    $bob->click('button', 'Try again', nth => 0);
    is $ann->holds('Hello Bob,', 'Hello Ann, see https://example.org/x.', 'www.example.org, (bob@mail.example.org) or @ann', 'Are you there?', 'Hello?')->[-1], 'Hello?', 'and it goes on';
};

subtest 'signing out' => sub {
    my $tab = $browser->tab($bob);
    $tab->see_role('button', 'Your account', exact => 0);
    $bob->step('click', css => '.account');
    $bob->click('button', 'Sign out');
    ok $bob->see('Sign in to chatd'), 'bob is out';
    ok $tab->see('Sign in to chatd'), 'in all his tabs';
    $bob->sign_in('bob');
    ok $bob->see('@bob'), 'and in again';
};

is join("\n", map { $_->complaints } $ann, $bob), '', 'the pages complain of nothing';
done_testing;
