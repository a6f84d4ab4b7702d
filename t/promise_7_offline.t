#!/usr/bin/perl
# Promise 7: what was sent while the user was off-line waits in the store, and comes at the next login, oldest first
# within each conversation, then synced, once.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Talk;

my $cluster = cluster();

each_talk($cluster, sub {
    my ($talk) = @_;
    my ($ann, $ben) = $talk->people(qw(ann ben));
    my $cat = $talk->person('cat', 1);
    $ben->close;
    $talk->speak($ann, map { "from ann $_" } 1 .. 5);
    $cat->say('@' . $talk->name('ben'), "from cat $_") for 1 .. 3;

    my ($back, @all) = Chatd::Test::arrive($talk->place(1), $talk->name('ben'));
    my @waited = grep { $talk->has($_) } @all;
    is_deeply texts(@waited), [ map { "from ann $_" } 1 .. 5 ], 'all of it, oldest first, before synced';
    is_deeply seqs(grep { !$talk->has($_) } @all), [ 1 .. 3 ], 'in each conversation';
    $talk->say($ann, 'and one live');
    is $back->expect_event('message')->{seq}, 6, 'then it goes on live';
    is scalar($back->events('synced')), 0, 'synced came exactly once';
    is_deeply seqs($talk->backlog_of('ben', $_)), [ 1 .. 6 ], 'at the next login again, at any place' for 0, 1;

    $back->close;
    is_deeply seqs($talk->backlog_of('ben', 0, backlog => 2)), [ 5, 6 ], 'backlog 2: the newest of each conversation';
    is scalar($talk->backlog_of('ben', 0, backlog => 0)), 0, '0: none';
    is scalar($talk->backlog_of('ben', 1, backlog => 10000)), 6, 'more than there are: all';
    my ($none) = $talk->arrive('ben', 1, backlog => 0);
    $talk->say($ann, 7);
    is $none->expect_event('message')->{seq}, 7, 'live ones come whatever was left out';

    $_->close for $none;
    $talk->speak($ann, 8 .. 500);
    is_deeply seqs($talk->backlog_of('ben', 0)), [ 1 .. 500 ], 'many';
});

done_testing;
