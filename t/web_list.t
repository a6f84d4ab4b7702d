#!/usr/bin/perl
# The list of the web page: what happens shows in it, whichever part of it one looks at.
use strict;
use warnings;
use utf8;
use Chatd::Test;
use Chatd::Test::Browser;
use Chatd::Test::Util qw(root);

my $browser = Chatd::Test::Browser->new;
my $site = site();
my $node = $site->node('a', worker_processes => 1, web_root => root() . '/web')->start;
$site->add($browser);
my ($dave, $mia) = map { person($node, $_) } qw(dave mia);
my $ann = $browser->window($node);
$ann->sign_up('ann');

sub write_to {
    my ($name) = @_;
    $ann->click('button', 'New chat', nth => 0);
    $ann->fill('Person’s name', $name);
    $ann->press('Enter');
    $ann->see("The beginning of your conversation with \@$name");
}

# The rows of the part of the list that is in sight.
sub rows { $ann->texts('.rows a') }

subtest 'looking at people' => sub {
    write_to('dave');
    $ann->go('');
    $ann->see('Pick a conversation');
    $ann->click('tab', 'People');
    wait_until { "@{ rows() }" =~ /dave/ } 'dave is a contact';
    is_deeply $ann->texts('.badge'), [], 'nothing is unread';
    $dave->say('@ann', 'Hello');
    wait_until { "@{ rows() }" =~ /^D\s+dave\s+\S+\s+1\s+unread$/ } 'his message is counted beside him';
    ok $ann->see_role('tab', 'Chats 1 unread'), 'and on the tab of what is not in sight';
    $mia->say('@ann', 'Hello, too');
    ok $ann->see_role('tab', 'Chats 2 unread'), 'who is no contact counts there';
    is join("\n", $ann->axe), '', 'axe finds nothing';
    $ann->picture('people');
    $ann->step('click', css => '.panel:not([hidden]) a[href="#@dave"]');
    is_deeply $ann->holds('Hello'), ['Hello'], 'it is there to be read';
    is $ann->texts('[role=tab][aria-selected=true]')->[0], 'People', 'who is a contact is opened from there';
    $ann->click('button', 'New chat', nth => 0);
    $ann->click('tab', 'New group');
    $ann->fill('Name of the new group', 'garden');
    $ann->click('button', 'Make group');
    wait_until { "@{ rows() }" =~ /#garden/ } 'a group that is made shows in the list';
};

subtest 'finding' => sub {
    person($node, 'carol')->request('profile', display => 'Carol Clark');
    my $find = sub { $ann->fill('Find a chat or a person', $_[0]) };
    $find->('GARD');
    is_deeply [ map { s/\s+/ /gr } @{ rows() } ], ['G #garden No messages yet'], 'a group of mine';
    $find->('da');
    wait_until { "@{ rows() }" =~ /dave/ } 'a person';
    is scalar(grep { /dave/ } @{ rows() }), 1, 'once';
    $find->('carol');
    ok $ann->see('Nothing of yours found for “carol”.'), 'whom I do not know is not in my list';
    is_deeply $ann->texts('.more-rows button'), [ 'Write to @carol', 'Open #carol' ], 'but can be written to';
    is join("\n", $ann->axe), '', 'axe finds nothing';
    $ann->picture('finding');
    $ann->press('Enter');
    ok $ann->see('The beginning of your conversation with @carol'), 'Enter opens the first';
    wait_until { "@{ $ann->texts('.talk h2') }" eq 'Carol Clark' } 'who becomes a contact';
    is $ann->evaluate('document.querySelector("input[type=search]").value'), '', 'the list is back';
    $ann->click('tab', 'People');
    wait_until { "@{ rows() }" =~ /Carol Clark\s+\@carol · online/ } 'called by both names';
    $find->('Clark');
    wait_until { "@{ rows() }" =~ /Carol/ } 'and found by either';
    $ann->press('ArrowDown');
    is $ann->evaluate('document.activeElement.getAttribute("href")'), '#@carol', 'the arrow keys move';
    $ann->press('ArrowUp', 'Escape');
    is $ann->evaluate('document.activeElement.value'), '', 'Escape ends it';
    $find->('#nothing');
    is_deeply $ann->texts('.more-rows button'), ['Open #nothing'], 'a group by its sign';
    $ann->press('Enter');
    ok $ann->see('There is no group #nothing', exact => 0), 'which says what is wrong';
    $find->('Not A Name');
    $ann->see('Nothing of yours found', exact => 0);
    is_deeply $ann->texts('.more-rows button'), [], 'what cannot be a name is none';
    $ann->press('Escape');
};

is join("\n", $ann->complaints), '', 'the page complains of nothing';
done_testing;
