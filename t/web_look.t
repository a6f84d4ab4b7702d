#!/usr/bin/perl
# How the web page looks and to whom: from 320 px to a wide screen, light and dark, empty, loading, cut off, full of
# long and hostile names; by keyboard, by screen reader (axe-core finds nothing). Pictures of it all are kept in
# build/web/pictures, to be looked at.
use strict;
use warnings;
use utf8;
use Chatd::Test;
use Chatd::Test::Browser;
use Chatd::Test::Link;

my ($browser, $site, $node) = Chatd::Test::Browser->beginning;
my $link = $site->add(Chatd::Test::Link->new($node->{web})->start);
my $hostile = '<script>document.hacked = 1</script><img src=x onerror="document.hacked = 1">';
my $long = 'a-name-of-thirty-two-characters.';
my $sticking_out = q{[...document.querySelectorAll("body *")].filter((node) => {
    const { left, right, width } = node.getBoundingClientRect();
    return width > 1 && (right > innerWidth + 1 || left < -1);
}).map((node) => node.outerHTML.slice(0, 80))};

# A picture at each width, light and dark, each looked at by axe and for what sticks out.
sub portrait {
    my ($window, $name) = @_;
    my @wrong;
    for my $dark (0, 1) {
        $window->dark($dark);
        for my $width (320, 768, 1440) {
            $window->size($width, $width < 400 ? 640 : 900);
            push @wrong, map { "$width px: $_" } $window->axe if $width == ($dark ? 1440 : 320);
            push @wrong, map { "$width px: $_ sticks out" } @{ $window->evaluate($sticking_out) };
            $window->picture(join '-', $name, $width, $dark ? 'dark' : 'light');
        }
    }
    $window->dark(0);
    $window->size(1100);
    is join("\n", @wrong), '', $name;
}

my $window = $browser->window($link->address);
portrait($window, 'entry');
$window->evaluate('document.body.append(document.createElement("img"))');
like join("\n", $window->axe), qr/image-alt/, 'axe finds what is wrong';
$window->reload;
$window->sign_up('ann', 'Ann Archer');
$window->see('Nothing here yet.');
portrait($window, 'empty');

my ($eve, $ann) = map { person($node, $_) } $long, 'ann';
$ann->request('contact_add', name => $long);
for my $group (map { "#$_" } $long, 'garden', 'release') {
    $eve->request('group_create', group => $group, topic => $hostile x 2);
    $ann->request('group_join', group => $group);
    $eve->say($group, $_) for 'Donaudampfschifffahrtsgesellschaftskapitän' x 4, $hostile, "several\nlines", 'https://example.org/' . 'long/' x 30;
}
$eve->say('@ann', $_) for $hostile, 'javascript:alert(1)', "\x{202e}txet", "line\n" x 12, map { "number $_" } 1 .. 40;

subtest 'a hostile name and text' => sub {
    wait_until { @{ $window->texts('.rows .badge') } == 4 } 'all of it is in the list';
    portrait($window, 'unread');
    $window->open("\@$long");
    $window->see('number 40');
    ok $window->see('New messages', nth => 0), 'what is new is marked';
    is_deeply [ grep { $_ eq $hostile } @{ $window->messages } ], [$hostile], 'a text is what was written';
    unlike $window->evaluate('getComputedStyle(document.querySelector(".day h3")).backgroundColor'), qr{/|rgba}, 'the day covers what is below it';
    portrait($window, 'conversation');
    $window->open("#$long");
    $window->see("several\nlines");
    $window->click('button', 'Details');
    $window->see('2 members');
    is $window->texts('.details [dir]')->[0], $hostile x 2, 'so is a topic';
    portrait($window, 'group');
    is $window->evaluate('document.hacked ?? "safe"'), 'safe', 'nothing of it was run';
    is_deeply $window->evaluate('[...document.querySelectorAll(".text a")].map((link) => link.protocol)'), ['https:'], 'only addresses are links';
    is $window->evaluate('document.querySelectorAll("#app script, .text img, .line img").length'), 0, 'or became an element';
};

subtest 'what cannot be' => sub {
    $window->open('@nobody');
    ok $window->see('There is nobody called @nobody.', exact => 0), 'a person';
    portrait($window, 'nobody');
    $window->open('#nothing');
    ok $window->see('There is no group #nothing', exact => 0), 'a group';
};

subtest 'windows over the page' => sub {
    $window->click('button', 'New chat', nth => 0);
    $window->click('tab', 'New group');
    portrait($window, 'new-chat');
    $window->press('Escape');
    $window->step('click', css => '.account');
    portrait($window, 'account');
    $window->press('Escape');
    is $window->evaluate('document.activeElement.className'), 'account', 'the focus goes back to where it was';
};

subtest 'by keyboard alone' => sub {
    $window->go('');
    $window->reload;
    $window->see('Pick a conversation');
    my %met;
    for (1 .. 14) {
        $window->press('Tab');
        my ($what, $outline) = @{ $window->evaluate('[document.activeElement.outerHTML.slice(0, 60), getComputedStyle(document.activeElement).outlineStyle]') };
        $met{$what} = $outline if $what !~ /^<body/;
    }
    cmp_ok scalar keys %met, '>=', 8, 'everything is reached';
    is_deeply [ grep { $met{$_} eq 'none' } sort keys %met ], [], 'and the focus is seen';
    $window->step('focus', css => '.rows a[href="#garden"]');
    $window->press('Enter');
    $window->see('The beginning of #garden');
    wait_until { $window->evaluate('document.activeElement.tagName') eq 'TEXTAREA' } 'opening one leads to where one writes';
    $eve->say('#garden', 'for your ears');
    $window->see('for your ears', nth => 0);
    ok + (wait_until { $window->evaluate('document.getElementById("announcer").textContent') eq "$long: for your ears" } 'said'), 'what comes is said';
};

subtest 'loading, and cut off' => sub {
    $site->postgres->freeze;
    $window->reload;
    $window->see('Loading messages…');
    portrait($window, 'loading');
    $site->postgres->thaw;
    $window->see('The beginning of #garden');
    $link->cut;
    $window->see('No connection', exact => 0);
    portrait($window, 'cut-off');
};

is_deeply [ grep { !/WebSocket connection|Failed to load resource/ } $window->complaints ], [], 'the page complains of nothing but the connection';
done_testing;
