#!/usr/bin/perl
# The web page by keyboard alone: what is pressed may go, the place where one is does not.
use strict;
use warnings;
use utf8;
use Chatd::Test;
use Chatd::Test::Browser;

my ($browser, $site, $node) = Chatd::Test::Browser->beginning;
my $bob = person($node, 'bob');
my $ann = $browser->window($node);
$ann->sign_up('ann');

# The label or text of what has the focus.
sub focus { $ann->evaluate('document.activeElement.ariaLabel ?? document.activeElement.innerText') }
sub comes_to { my ($wanted, $name) = @_; my $now; eval { wait_until { ($now = focus()) eq $wanted } $name }; is $now, $wanted, $name }
sub press { my ($name, %which) = @_; $ann->step('focus', role => 'button', name => $name, %which); $ann->press('Enter') }

subtest 'what is answered goes' => sub {
    $bob->say('@ann', 'Hello');
    $ann->open('@bob');
    $ann->see('@bob is not among your contacts.');
    press('Add');
    comes_to('Message', 'one is where one writes');
    $bob->request('block', name => 'ann');
    $ann->type('Hello?');
    $ann->press('Enter');
    $ann->see('You can’t write to @bob.');
    comes_to('bob', 'or, where one cannot, in the conversation');
    $bob->request('unblock', name => 'ann');
    press('Try again');
    $ann->vanish('You can’t write to @bob.');
    press('Details');
    press('Block');
    press('Block', nth => -1);
    $ann->see('You have blocked @bob', exact => 0);
    $ann->press('Escape');
    comes_to('Details', 'the details lead back to where they were opened');
    press('Unblock');
    comes_to('Message', 'and on');
};

subtest 'a list that changes' => sub {
    my $what = sub { $ann->step('focus', css => '.more:not([hidden]) summary'); $ann->press('Enter') };
    my ($elsewhere) = arrive($node, 'ann');
    $elsewhere->request('group_create', group => '#garden');
    $elsewhere->request('group_invite', group => '#garden', name => 'bob');
    $ann->open('#garden');
    press('Details');
    $ann->see('2 members');
    $what->();
    press('Make admin');
    wait_until { "@{ $ann->texts('.members small') }" =~ /admin/ } 'bob is an admin';
    comes_to('What to do with bob', 'one stays with the member');
    $what->();
    press('Remove');
    press('Remove', nth => -1);
    $ann->see('1 member');
    comes_to('Close details', 'who is removed leaves one in the details');
};

subtest 'back to the list' => sub {
    $ann->size(320);
    $ann->open('@bob');
    $ann->step('focus', css => '.back');
    $ann->press('Enter');
    my $row = 'document.activeElement.getAttribute("href")';
    ok + (wait_until { ($ann->evaluate($row) // '') eq '#@bob' } 'the row'), 'one stands where one was';
    is join("\n", $ann->axe), '', 'axe finds nothing';
};

is join("\n", $ann->complaints), '', 'the page complains of nothing';
done_testing;
