#!/usr/bin/perl
# Reading in the web page: more than fits that came while one was away, from where one had stopped; what has been before
# the eyes is read, and nothing else; the place one looks at stays, whatever comes in above and below.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Browser;

my ($browser, $site, $node) = Chatd::Test::Browser->beginning;
my $ann = $browser->window($node);
$ann->sign_up('ann');
my $bob = person($node, 'bob');
my $said = 0;

# Bob writes so many to ann.
sub says {
    my ($count) = @_;
    my @id = map { $bob->begin('send', to => '@ann', text => 'line ' . ++$said) } 1 .. $count;
    $bob->reply($_)->{ok} or die for @id;
}

# What is in sight in the open conversation: texts, and "---" for the line before what is new.
sub in_sight {
    return @{ $ann->evaluate(<<'JS') };
(() => {
  const scroller = document.querySelector(".scroller");
  const { top, bottom } = scroller.getBoundingClientRect();
  const inside = (node) => node.getBoundingClientRect().top >= top - 1 && node.getBoundingClientRect().bottom <= bottom + 1;
  return [...scroller.querySelectorAll("ol > li")].filter(inside).map((node) => node.querySelector(".text")?.textContent ?? "---");
})()
JS
}

sub sees_in_sight {
    my ($text, $name) = @_;
    my @now;
    eval { wait_until { @now = in_sight(); grep { $_ eq $text } @now } $name } or diag "in sight: @now";
    ok + (grep { $_ eq $text } @now), $name;
}

sub unread { ($ann->title =~ /^\((\d+)\)/)[0] // 0 }
sub scroll_to { $ann->evaluate(qq{void document.querySelectorAll(".message")[$_[0] - 1].scrollIntoView()}) }

# So many messages came while Ann was away; she opens the conversation.
sub comes_back_to {
    my ($count) = @_;
    $ann->close;
    says($count);
    $ann = $browser->tab($ann);
    wait_until { unread() == $count } 'all are counted';
    $ann->open('@bob');
}

subtest 'three hundred that came while away' => sub {
    comes_back_to(300);
    sees_in_sight('line 1', 'it begins with the first');
    is + (in_sight())[0], '---', 'below the line';
    $ann->picture('reading');
    my $read = $bob->expect_event('read', conv => '@ann')->{seq};
    cmp_ok $read, '<', 60, 'read is what was in sight';
    wait_until { unread() == 300 - $read } 'so many less are unread';
    ok $ann->see(300 - $read . ' new messages'), 'the way down says how many are left';
    scroll_to(100);
    wait_until { unread() < 200 } 'reading on, they grow fewer';
    cmp_ok unread(), '>', 150, 'one by one';
};

subtest 'elsewhere, and back' => sub {
    my ($top, $left) = ((in_sight())[0], unread());
    $ann->open('@ann');
    $ann->see('Notes to myself', nth => 0);
    is unread(), $left, 'nothing is unread again';
    $ann->open('@bob');
    sees_in_sight($top, 'the same place');
    is + (in_sight())[0], $top, 'to the line';
    $ann->reload;
    sees_in_sight('line ' . (301 - $left), 'after a reload, what is next to be read');
    ok + (grep { $_ eq '---' } in_sight()), 'below the line';
    cmp_ok unread(), '<=', $left, 'no more are unread';
    $ann->step('click', css => '.jump');
    wait_until { unread() == 0 } 'at the end everything is read';
    is + (in_sight())[-1], 'line 300', 'the last is in sight';
};

subtest 'older ones above, new ones below' => sub {
    $ann->reload;
    sees_in_sight('line 300', 'nothing is new: the end');
    cmp_ok abs $ann->evaluate(moved_by_an_older_page()), '<=', 1, 'what one looks at stays when an older page comes in above';
    my @before = in_sight();
    says(3);
    wait_until { unread() == 3 } 'what comes below is unread';
    is "@{[ in_sight() ]}", "@before", 'and moves nothing';
    $ann->step('click', css => '.jump');
    wait_until { unread() == 0 } 'until one goes there';
};

subtest 'details, where there is room for one of them alone' => sub {
    $ann->size(800);
    scroll_to(20);
    my @before = in_sight();
    $ann->click('button', 'Details');
    $ann->click('button', 'Close details');
    $ann->vanish('Details', nth => 0);
    is "@{[ in_sight() ]}", "@before", 'the place is kept';
    $ann->click('button', 'Details');
    $ann->see('Details', nth => 0);
    $ann->evaluate('history.back()');
    $ann->vanish('Details', nth => 0);
    is "@{[ in_sight() ]}", "@before", 'going back leads to the conversation, too';
    $ann->size(1100);
    $ann->press('Escape');
    $ann->evaluate('void (document.querySelector(".scroller").scrollTop = 1e6)');
};

subtest 'nobody looks' => sub {
    sees_in_sight('line 303', 'at the end');
    $ann->hide(1);
    says(60);
    wait_until { unread() == 60 } 'all are unread';
    $ann->hide(0);
    sees_in_sight('line 304', 'one begins where one had stopped');
    is + (grep { $_ eq '---' } in_sight()), 1, 'the line is there';
    wait_until { unread() < 60 } 'and reads on';
    cmp_ok unread(), '>', 20, 'from there';
    $ann->write('So much!');
    wait_until { unread() == 0 } 'what is answered is read';
};

subtest 'more than anybody reads' => sub {
    comes_back_to(1100);
    sees_in_sight("line $said", 'one begins with the newest');
    cmp_ok scalar @{ $ann->messages }, '<=', 300, 'the rest is left to history';
    wait_until { unread() == 0 } 'which counts as read';
};

is join("\n", $ann->complaints), '', 'the page complains of nothing';
done_testing;

# By how many px the first message's words move when scrolling up to it brings older ones.
sub moved_by_an_older_page {
    return <<'JS';
(async () => {
  const scroller = document.querySelector(".scroller");
  const first = scroller.querySelector(".message");
  const place = () => first.querySelector(".text").getBoundingClientRect().top - scroller.getBoundingClientRect().top;
  scroller.scrollTop = 100;
  const before = place();
  for (let turns = 0; scroller.querySelector(".message") === first; ++turns) {
    if (turns === 500) return 9999; // nothing older has come
    await new Promise((done) => setTimeout(done, 20));
  }
  return Math.round(place() - before);
})()
JS
}
