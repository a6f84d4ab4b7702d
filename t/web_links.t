#!/usr/bin/perl
# Links to conversations in the web page: offered where they lead somebody somewhere, and honest about whom.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Browser;

my ($browser, $site, $node) = Chatd::Test::Browser->beginning;
my $ann = $browser->window($node);
$ann->sign_up('ann');
my ($elsewhere) = arrive($node, 'ann');

sub offered { join ', ', @{ $ann->texts('.notice-strip button') } }
sub reach { "@{ $ann->texts('.details .copy + .hint') }" }
sub set_open { $elsewhere->request('group_set', group => '#shed', open => $_[0] ? JSON::PP::true : JSON::PP::false)->{ok} or die }

subtest 'of a group' => sub {
    $elsewhere->request('group_create', group => '#shed', open => JSON::PP::false);
    $ann->open('#shed');
    $ann->see('Nobody else is here yet.');
    is offered(), 'Add people', 'of a closed one no link is offered: it would lead others nowhere';
    $ann->picture('closed-group');
    $ann->click('button', 'Details');
    $ann->see('Closed: its admins add members.');
    is reach(), 'Opens only for members.', 'its link says for whom it is';
    is join("\n", $ann->axe), '', 'axe finds nothing';
    $ann->picture('closed-group-details');
    is $ann->texts('.details button')->[-1], 'Delete group', 'what cannot be undone comes last';
    set_open(1);
    ok + (wait_until { offered() eq 'Add people, Copy link' } 'a link'), 'as soon as anyone may join, the link is offered';
    ok + (wait_until { reach() eq '' } 'for everybody'), 'without a limit';
    set_open(0);
    ok + (wait_until { offered() eq 'Add people' } 'no link'), 'and not when it is closed again';
    ok + (wait_until { reach() eq 'Opens only for members.' } 'for members'), 'which the details say, too';
};

subtest 'to a closed group' => sub {
    my $bob = $browser->window($node);
    $bob->sign_up('bob');
    $bob->open('#shed');
    ok $bob->see('Into a closed group an admin must add you.', exact => 0), 'who follows it learns what is needed';
    $bob->reload;
    $bob->see_role('button', 'Your account', exact => 0);
    ok $bob->see('Into a closed group an admin must add you.', exact => 0), 'who is signed in already, too';
    $bob->close;
};

subtest 'followed by who is not signed in' => sub {
    my $carol = $browser->window($node);
    is_deeply $carol->texts('.entry .notice'), [], 'without a link nothing is said';
    $carol->open('#shed');
    ok $carol->see('The link opens the group #shed once you are signed in.'), 'a group';
    $carol->open('@ann');
    ok $carol->see('The link opens your conversation with @ann once you are signed in.'), 'a person';
    $carol->click('button', 'New here? Create an account');
    ok $carol->see('The link opens your conversation with @ann once you are signed in.'), 'for who is new here, too';
    is join("\n", $carol->axe), '', 'axe finds nothing';
    $carol->picture('link-signed-out');
    $carol->fill('Name', 'carol');
    $carol->fill('Password', 'password of carol');
    $carol->press('Enter');
    ok $carol->see('The beginning of your conversation with @ann'), 'and that is where one is';
    $carol->step('click', css => '.account');
    $carol->click('button', 'Sign out');
    $carol->see('Sign in to chatd');
    is_deeply $carol->texts('.entry .notice'), [], 'who signs out has followed no link';
    $carol->sign_in('carol');
    ok $carol->see('Your first conversation'), 'and begins anew';
};

is join("\n", $ann->complaints), '', 'the page complains of nothing';
done_testing;
