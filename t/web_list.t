#!/usr/bin/perl
# The list of the web page: what happens shows in it, whichever part of it one looks at.
use strict;
use warnings;
use utf8;
use Chatd::Test;
use Chatd::Test::Browser;

my ($browser, $site, $node) = Chatd::Test::Browser->beginning;
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

subtest 'put into a group' => sub {
    $ann->step('click', css => '#tab-chats');
    $dave->say('@ann', 'newer than the group');
    $mia->request('group_create', group => "#$_") for qw(club choir);
    $mia->request('group_invite', group => '#club', name => 'ann');
    wait_until { rows()->[0] =~ /^C\s+#club\s+\S+\s+mia added you\s+new$/ } 'it is the first in the list, and says by whom';
    ok + (wait_until { $ann->evaluate('document.getElementById("announcer").textContent') eq 'mia added you to #club' } 'said'), 'it is said';
    $ann->reload;
    wait_until { (rows()->[0] // '') =~ /^C\s+#club.*mia added you/s } 'also after a reload';
    $ann->open('#club');
    ok $ann->see('mia added you to #club', exact => 0), 'in the group as well';
    wait_until { !grep { /\snew$/ } @{ rows() } } 'what was seen is not new';
    is join("\n", $ann->axe), '', 'axe finds nothing';
    $ann->picture('added');
    $ann->size(320);
    $ann->picture('added-320');
    $ann->size(1100);
    $ann->click('button', 'Stay');
    $ann->vanish('mia added you to #club', exact => 0);
    $ann->go('');
    $ann->close;
    wait_until { !$mia->request('presence', names => ['ann'])->{presence}[0]{online} } 'ann is away';
    $mia->request('group_invite', group => '#choir', name => 'ann');
    $ann = $browser->tab($ann);
    wait_until { (rows()->[0] // '') =~ /#choir.*You are now a member\s+new$/s } 'while away: who did it is not known';
    my $other = (arrive($node, 'ann'))[0];
    $other->request('group_create', group => '#mine');
    wait_until { (rows()->[0] // '') =~ /#mine/ } 'what one does elsewhere is there, too';
    $ann->reload;
    wait_until { (rows()->[0] // '') =~ /#mine.*No messages yet$/s } 'but no news';
    $ann->open('#choir');
    $ann->click('button', 'Leave');
    $ann->click('button', 'Leave', nth => -1);
    wait_until { "@{ rows() }" !~ /choir/ } 'and left again';
};

subtest 'a stranger' => sub {
    $ann->open('@mia');
    ok $ann->see('@mia is not among your contacts.'), 'is one until added';
    $ann->picture('stranger');
    $ann->click('button', 'Add');
    $ann->vanish('@mia is not among your contacts.');
    $ann->click('tab', 'People');
    wait_until { "@{ rows() }" =~ /mia/ } 'among the people';
};

subtest 'a group of her own' => sub {
    $ann->open('#garden');
    ok $ann->see('Nobody else is here yet.'), 'is empty at first';
    $ann->picture('own-group');
    $ann->click('button', 'Add people');
    is $ann->evaluate('document.activeElement.getAttribute("list")'), 'contacts', 'one is led to where people are added';
    is_deeply [ sort @{ $ann->evaluate('[...document.querySelectorAll("#contacts option")].map((one) => one.value)') } ],
        [qw(dave mia)], 'of whom one knows';
    $ann->fill('Add by name', 'dave');
    $ann->press('Enter');
    is $dave->expect_event('group', change => 'invited')->{group}, '#garden', 'who is in at once';
    $ann->vanish('Nobody else is here yet.');
    wait_until { "@{ $ann->texts('.members b') }" =~ /dave/ } 'and listed';
    $dave->request('profile', display => 'Dave Doe');
    $dave->say('#garden', 'Thank you');
    $ann->reload;
    wait_until { "@{ $ann->texts('.author') }" eq 'Dave Doe @dave' } 'a message says who wrote it by both names';
    my ($elsewhere) = arrive($node, 'ann');
    $ann->click('button', 'Details');
    $ann->see('Closed: its admins add members.');
    $elsewhere->request('group_set', group => '#garden', open => JSON::PP::true);
    $ann->see('Open: anyone may join.');
    $ann->step('click', text => 'Settings');
    ok $ann->evaluate('document.querySelector(".settings [type=checkbox]").checked'), 'its settings are what they are';
    $ann->step('click', label => 'Anyone may join');
    $elsewhere->request('group_set', group => '#garden', topic => 'Plot 14');
    $ann->see('Plot 14');
    $ann->click('button', 'Save');
    $ann->see('Closed: its admins add members.');
    is $elsewhere->request('group_info', group => '#garden')->{topic}, 'Plot 14', 'and what another one has set meanwhile stays';
    $ann->fill('Message', '');
};

is join("\n", $ann->complaints), '', 'the page complains of nothing';
done_testing;
