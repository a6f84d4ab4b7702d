#!/usr/bin/perl
# The network between a node and PostgreSQL fails in every way it can, in the middle of traffic. The connections
# of clients stay, the other node goes on, and it heals by itself.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Traffic;

my $site = site();
my $link = $site->postgres_link;
my ($near) = $site->start_nodes(['near'], worker_processes => 2);
my ($far) = $site->start_nodes(['far'], worker_processes => 2, postgres_timeout => '1s',
    postgres => $site->postgres->conninfo_by($link));
my $traffic = Chatd::Test::Traffic->new($site, $near, $far);
$traffic->flow(300);

sub refused { my $before = $traffic->count('refused'); return sub { $traffic->count('refused') > $before + 10 } }

# name, what is done, what is waited for before it is undone
my @fault = (
    [ 'reset',        sub { $link->reset } ],
    [ 'half-closed',  sub { $link->half_close } ],
    [ 'slow',         sub { $link->delay(0.1) } ],
    [ 'closed',       sub { $link->cut },    'refused' ],
    [ 'stands still', sub { $link->freeze }, 'refused' ],
);
for my $fault (@fault) {
    my ($name, $strike, $refused) = @$fault;
    my $told = refused();
    $strike->();
    $traffic->flow_until($told, 'senders of that node are told') if $refused;
    $traffic->flow(200);
    $link->thaw;
    $link->heal;
    $traffic->all_back;
    pass "$name: healed";
}
is $traffic->count('lost'), 0, 'nobody lost the connection';
$traffic->proves('cut off from PostgreSQL');

done_testing;
