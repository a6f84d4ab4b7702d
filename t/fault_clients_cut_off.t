#!/usr/bin/perl
# The network between clients and a node fails in every way it can, in the middle of traffic: what was under
# way is sent again by cid, what was not seen comes again, and nothing is there twice.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Link;
use Chatd::Test::Traffic;

my $site = site();
my ($near, $far) = $site->start_nodes([qw(near far)], worker_processes => 2);
my $link = $site->add(Chatd::Test::Link->new($far->{plain})->start);
my $traffic = Chatd::Test::Traffic->new($site, $near, $link->address);

my @fault = (
    [ 'reset',        sub { $link->reset } ],
    [ 'half-closed',  sub { $link->half_close } ],
    [ 'slow',         sub { $link->delay(0.05) } ],
    [ 'closed',       sub { $link->cut } ],
    [ 'stands still', sub { $link->freeze } ],
);
for my $fault (@fault, @fault) {
    my ($name, $strike) = @$fault;
    $traffic->flow(200);
    $strike->();
    $traffic->flow(200);
    $link->thaw;
    $link->heal;
    $traffic->all_back;
    pass "$name: everybody is served again";
}
cmp_ok $traffic->count('lost'), '>=', 6, 'connections were lost: ' . $traffic->count('lost');
$traffic->proves('clients cut off');

done_testing;
