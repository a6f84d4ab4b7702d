#!/usr/bin/perl
# PostgreSQL's disk is full, in the middle of traffic: "unavailable", connections stay, and it goes on by itself
# when there is room. The disk is a small tmpfs that nobody but this test's PostgreSQL sees.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Traffic;

my $site = site(disk => '60m');
my @node = $site->start_nodes([qw(a b)], worker_processes => 2, postgres_timeout => '2s');
my $traffic = Chatd::Test::Traffic->new($site, @node);

for my $round (1 .. 2) {
    $traffic->flow(300);
    my $refused = $traffic->count('refused');
    $site->postgres->fill_disk;
    $traffic->flow_until(sub { $traffic->count('refused') > $refused + 100 }, 'senders are told');
    is_ok connect_to($_)->request('ping'), "$_->{name} answers" for @node;
    $site->postgres->make_room;
    $traffic->all_back;
    pass "round $round: there is room again, and it goes on";
}
is $traffic->count('lost'), 0, 'nobody lost the connection';
$traffic->proves('the disk is full');

done_testing;
