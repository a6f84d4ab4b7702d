#!/usr/bin/perl
# Writing in the web page: what is too long, what cannot be sent, what waits; nothing that was written is lost.
use strict;
use warnings;
use utf8;
use Chatd::Test;
use Chatd::Test::Browser;
use Chatd::Test::Link;
use Chatd::Test::Util qw(root);

my $browser = Chatd::Test::Browser->new;
my $site = site();
my $node = $site->node('a', worker_processes => 1, max_text => 1000, web_root => root() . '/web')->start;
my $link = $site->add(Chatd::Test::Link->new($node->{web})->start);
$site->add($browser);
my $bob = person($node, 'bob');
my $ann = $browser->window($link->address);
$ann->sign_up('ann');
$ann->open('@bob');

sub line { $ann->texts('.rows .line')->[0] }

subtest 'more than a message holds' => sub {
    $ann->fill('Message', 'é' x 3800);
    ok $ann->see('592 bytes left'), 'what is left is counted';
    $ann->fill('Message', 'é' x 8000);
    ok $ann->see('Too long by 7808 bytes.'), 'it is measured as the server does';
    is join("\n", $ann->axe), '', 'axe finds nothing';
    $ann->picture('too-long');
    $ann->press('Enter');
    is $ann->evaluate('document.querySelector("textarea").value.length'), 8000, 'and not sent';
    is_deeply $ann->messages, [], 'nor shown as if it were';
    $ann->fill('Message', '');
};

subtest 'refused' => sub {
    my $long = 'x' x 1200;
    $ann->write($long);    # this server takes less
    ok $ann->see('Not sent. This text is too long.', exact => 0), 'refused by the server';
    is_deeply [ map { $_ =~ s/\s+//gr } @{ $ann->texts('.message .trouble button') } ], [qw(Edit Discard)], 'again would be the same';
    ok + (wait_until { line() =~ /^Not sent: x+$/ } 'the list'), 'the list says so';
    $ann->write('shorter');
    $ann->see_role('img', 'stored');
    $bob->say('@ann', 'I hear');
    is_deeply $ann->holds($long, 'shorter', 'I hear'), [ $long, 'shorter', 'I hear' ], 'what comes later stands below';
    ok $ann->evaluate('(({ bottom }) => bottom <= innerHeight)([...document.querySelectorAll(".message")].at(-1).getBoundingClientRect())'), 'in sight';
    $ann->picture('not-sent');
    $ann->fill('Message', 'and');
    $ann->click('button', 'Edit');
    is $ann->evaluate('document.querySelector("textarea").value'), "$long\nand", 'it can be written anew';
    is_deeply $ann->holds('shorter', 'I hear'), [ 'shorter', 'I hear' ], 'and no longer stands there';
    is $ann->evaluate('document.activeElement.tagName'), 'TEXTAREA', 'where the keyboard is';
    $ann->fill('Message', '');
    ok + (wait_until { line() eq 'I hear' } 'the list'), 'nor in the list';
};

subtest 'off-line' => sub {
    $link->cut;
    $ann->see('No connection', exact => 0);
    $ann->write('later');
    ok + (wait_until { line() eq 'Not sent yet: later' } 'waits'), 'the list says what waits';
    $ann->fill('Find a chat or a person', 'carol');
    ok $ann->see_role('button', 'Write to @carol'), 'where it cannot be known whether there is anybody, one may try';
    $ann->fill('Find a chat or a person', '');
    $link->heal;
    ok + (wait_until { line() eq 'You: later' } 'stored'), 'until it is stored';
};

subtest 'drafts' => sub {
    $ann->fill('Message', 'half a thought');
    $ann->open('@ann');
    ok + (wait_until { line() eq 'Draft: half a thought' } 'the draft'), 'the list says what was begun';
    is $ann->evaluate('document.querySelector("textarea").value'), '', 'it stays in its conversation';
    $ann->reload;
    ok + (wait_until { (line() // '') eq 'Draft: half a thought' } 'the draft'), 'also after a reload';
    $ann->open('@bob');
    wait_until { $ann->evaluate('document.querySelector("textarea").value') eq 'half a thought' } 'where it was begun';
    $ann->press('Enter');
    $ann->see_role('img', 'stored', nth => -1);
    $ann->open('@ann');
    ok + (wait_until { (line() // '') eq 'You: half a thought' } 'sent'), 'once sent it is none';
};

is_deeply [ grep { !/WebSocket connection|Failed to load resource/ } $ann->complaints ], [], 'the page complains of nothing but the connection';
done_testing;
