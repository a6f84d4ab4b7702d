#!/usr/bin/perl
# Where nothing can be written, the web page says why, offers what helps, and nothing else.
use strict;
use warnings;
use utf8;
use Chatd::Test;
use Chatd::Test::Browser;

my ($browser, $site, $node) = Chatd::Test::Browser->beginning;
my $bob = person($node, 'bob');
my $ann = $browser->window($node);
$ann->sign_up('ann');

# The buttons of the open conversation.
sub offered { join ', ', @{ $ann->evaluate('[...document.querySelectorAll(".talk button")].filter((one) => one.offsetParent).map((one) => one.innerText || one.title)') } }

subtest 'a name that nobody has' => sub {
    $ann->open('@bbo');
    ok $ann->see('There is nobody called @bbo.', exact => 0), 'is said to be none';
    is offered(), 'Search for another name', 'neither details nor a picture of nobody';
    is_deeply $ann->texts('.talk .avatar'), [], 'is shown';
    $ann->picture('nobody');
    $ann->click('button', 'Search for another name');
    ok $ann->see('Nobody is called @bbo.', exact => 0), 'one is led to where names are found';
    is $ann->evaluate('document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)'), '@bbo', 'with the name to be changed';
    $ann->type('@bob');
    $ann->press('Enter');
    ok $ann->see('The beginning of your conversation with @bob'), 'and finds the one that was meant';
    is offered(), 'Details, Send', 'of whom there are details';
    $ann->size(320);
    $ann->open('#nothing');
    $ann->see('There is no group #nothing', exact => 0);
    is join("\n", $ann->axe), '', 'axe finds nothing';
    $ann->picture('nothing-320');
    $ann->click('button', 'Search for another name');
    wait_until { $ann->evaluate('document.activeElement.value') eq '#nothing' } 'on a narrow screen, too';
    $ann->size(1100);
    $ann->press('Escape');
};

subtest 'a group that goes while its details are open' => sub {
    $bob->request('group_create', group => '#shed');
    $bob->request('group_invite', group => '#shed', name => 'ann');
    $ann->open('#shed');
    $ann->click('button', 'Details');
    $ann->see('2 members');
    $bob->request('group_delete', group => '#shed');
    ok $ann->see('There is no group #shed', exact => 0), 'is gone';
    is_deeply $ann->texts('.details'), [], 'with its details';
    is $ann->evaluate('document.activeElement.innerText'), '#shed', 'the focus is not lost';
};

subtest 'blocked by the other' => sub {
    my @id = map { $bob->begin('send', to => '@ann', text => "line $_") } 1 .. 120;
    $bob->reply($_)->{ok} or die for @id;
    wait_until { $ann->title =~ /^\(120\)/ } 'all has come';
    $ann->open('@bob');
    $ann->step('click', css => '.jump');
    wait_until { $ann->title !~ /^\(/ } 'all is read';
    $ann->reload;
    $ann->see('line 120');
    $bob->request('block', name => 'ann');
    $ann->write('Hello?');
    ok $ann->see('You can’t write to @bob.'), 'one is told so';
    is_deeply $ann->texts('.obstacle button'), [], 'and to try again is not offered for ever';
    is join(', ', @{ $ann->texts('.message .trouble button') }), 'Try again, Edit, Discard', 'but for what was not sent';
    is join("\n", $ann->axe), '', 'axe finds nothing';
    $ann->picture('blocked');
    $ann->step('focus', role => 'region', name => 'Messages');
    wait_until { $ann->press('Home'); @{ $ann->messages } == 121 } 'what was written can be read';
    ok $ann->see('You can’t write to @bob.'), 'which changes nothing';
    $ann->click('button', 'Details');
    $ann->see('One of you has blocked the other.', exact => 0);
    is join(', ', @{ $ann->texts('.about button') }), 'Remove from contacts, Block, Unblock', 'if it was oneself, elsewhere, one can unblock';
    $ann->click('button', 'Remove from contacts');
    ok + (wait_until { "@{ $ann->texts('.about button') }" eq 'Block Unblock' } 'removed'), 'but not add who is blocked';
    is join("\n", $ann->axe), '', 'axe finds nothing';
    $ann->picture('blocked-details');
    $ann->press('Escape');
    $bob->request('unblock', name => 'ann');
    $bob->say('@ann', 'Sorry');
    $ann->vanish('You can’t write to @bob.');
    $ann->press('End');
    $ann->click('button', 'Try again');
    ok $bob->expect_event('message', text => 'Hello?'), 'once unblocked it goes on';
};

subtest 'blocked in another browser' => sub {
    my ($elsewhere) = arrive($node, 'ann');
    $elsewhere->request('block', name => 'bob');
    $ann->write('Are you there?');
    ok $ann->see('You can’t write to @bob.'), 'this one does not know by whom';
    $ann->click('button', 'Details');
    $ann->click('button', 'Unblock');
    $ann->vanish('You can’t write to @bob.');
    $ann->click('button', 'Try again');
    ok $bob->expect_event('message', text => 'Are you there?'), 'but unblocks';
};

is join("\n", $ann->complaints), '', 'the page complains of nothing';
done_testing;
