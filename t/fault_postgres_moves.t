#!/usr/bin/perl
# PostgreSQL's machine is gone for good in the middle of traffic, and its standby takes over. By several hosts in
# its conninfo chatd finds the one that may be written to, also where nobody answers at the first; nothing that was
# acknowledged is lost.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Link;
use Chatd::Test::Traffic;

my $site = site();
my $old = $site->postgres;
my $new = $site->add($old->standby);
my $written_to = ' target_session_attrs=read-write';
my ($near) = $site->start_nodes(['near'], worker_processes => 2,
    postgres => "host=$old->{socket},$new->{socket} port=$old->{port},$new->{port} user=chatd dbname=chatd$written_to");
my ($to_old, $to_new) = map { $site->postgres_link($_->{port}) } $old, $new;
my ($far) = $site->start_nodes(['far'], worker_processes => 2, postgres_timeout => '1s',
    postgres => $old->conninfo_by($to_old, $to_new) . $written_to);
my $traffic = Chatd::Test::Traffic->new($site, $near, $far);
$traffic->flow(500);

$to_old->freeze;
$old->stop('immediate');
$traffic->flow_until(sub { $traffic->count('refused') > 50 }, 'there is none to write to: senders are told');
$new->promote;
$site->{postgres} = $new;
$traffic->all_back;
$traffic->flow(300);
is $traffic->count('lost'), 0, 'nobody lost the connection';
$traffic->proves('PostgreSQL moved to its standby');

done_testing;
