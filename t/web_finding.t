#!/usr/bin/perl
# Finding in the web page: chats and people one knows, by either name; others by their exact one; and nobody who is not.
use strict;
use warnings;
use utf8;
use Chatd::Test;
use Chatd::Test::Browser;

my ($browser, $site, $node) = Chatd::Test::Browser->beginning;
my ($dave, $elsewhere) = map { person($node, $_) } qw(dave ann);
$elsewhere->request('contact_add', name => 'dave');
$elsewhere->say('@dave', 'Hello');
my $ann = $browser->window($node);
$ann->sign_in('ann');
$elsewhere->request('group_create', group => '#garden');
wait_until { "@{ rows() }" =~ /#garden/ && "@{ rows() }" =~ /dave/ } 'what she has';

# The rows of the part of the list that is in sight.
sub rows { $ann->texts('.rows a') }

subtest 'finding' => sub {
    my $carol = person($node, 'carol');
    $carol->request('profile', display => 'Carol Clark');
    $carol->request('group_create', group => '#carol');
    my $find = sub { $ann->fill('Find a chat or a person', $_[0]) };
    $find->('GARD');
    is_deeply [ map { /(\S+) [\d:]+ No messages yet$/ } map { s/\s+/ /gr } @{ rows() } ], ['#garden'], 'a group of mine';
    $find->('da');
    wait_until { "@{ rows() }" =~ /dave/ } 'a person';
    is scalar(grep { /dave/ } @{ rows() }), 1, 'once';
    $find->('carol');
    ok $ann->see('Not in your chats yet:'), 'whom I do not know is not in my list';
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
    $find->('dav');
    wait_until { "@{ rows() }" =~ /dave/ } 'dave';
    $ann->press('ArrowDown', 'Enter');
    ok + (wait_until { "@{ $ann->texts('.talk h2') }" eq 'dave' } 'dave'), 'Enter opens';
    $ann->click('tab', 'People');
    $find->('#nothing');
    is_deeply $ann->texts('.more-rows button'), ['Open #nothing'], 'a group by its sign';
    ok $ann->see('You are in no group called #nothing.'), 'which is none of mine';
    $ann->press('Enter');
    ok $ann->see('There is no group #nothing', exact => 0), 'which says what is wrong';
    $find->('Not A Name');
    $ann->see('Nobody in your chats. To write to somebody new, type their exact @name.');
    is_deeply $ann->texts('.more-rows button'), [], 'what cannot be a name is none';
    $ann->press('Escape');
};

subtest 'names that nobody has' => sub {
    my $find = sub { $ann->fill('Find a chat or a person', $_[0]) };
    $ann->evaluate(typed_at_once('nobody.of.this.name'));
    ok $ann->see('Nobody is called @nobody.of.this.name.', exact => 0), 'one is told';
    is_deeply $ann->texts('.more-rows button'), [], 'and offered nothing';
    is_deeply $ann->evaluate('window.asked'), ['@nobody.of.this.name'], 'it is not asked for every letter';
    is join("\n", $ann->axe), '', 'axe finds nothing';
    $ann->picture('nobody-found');
    $ann->open('@dave');
    $find->('@carol.clark');
    $ann->press('Enter');
    ok $ann->see('Nobody is called @carol.clark.', exact => 0), 'who is quicker than the answer goes nowhere';
    is $ann->evaluate('location.hash'), '#@dave', 'if there is nobody';
    person($node, 'erin');
    $find->('erin');
    $ann->press('Enter');
    ok $ann->see('The beginning of your conversation with @erin'), 'and to whoever is there';
};

is join("\n", $ann->complaints), '', 'the page complains of nothing';
done_testing;

# Types a name within one moment, letter by letter; keeps whom the page asks for in window.asked.
sub typed_at_once {
    my ($name) = @_;
    return <<"JS";
(() => {
  const send = WebSocket.prototype.send;
  window.asked = [];
  WebSocket.prototype.send = function (frame) {
    const { op, conv } = JSON.parse(frame);
    if (op === "history") window.asked.push(conv);
    send.call(this, frame);
  };
  const input = document.querySelector("input[type=search]");
  for (const letter of "$name") {
    input.value += letter;
    input.dispatchEvent(new Event("input"));
  }
})()
JS
}
