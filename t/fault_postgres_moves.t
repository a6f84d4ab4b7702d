#!/usr/bin/perl
# PostgreSQL's machine is gone for good in the middle of traffic, and its standby takes over. By several hosts in
# its conninfo chatd finds the one that may be written to; nothing that was acknowledged is lost.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Link;
use Chatd::Test::Traffic;

my $site = site();
my $old = $site->postgres;
my $new = $site->add($old->standby);
my $conninfo = "host=$old->{socket},$new->{socket} port=$old->{port},$new->{port} user=chatd dbname=chatd"
  . ' target_session_attrs=read-write';
my @node = $site->start_nodes([qw(a b)], worker_processes => 2, postgres => $conninfo);
my $traffic = Chatd::Test::Traffic->new($site, @node);
$traffic->flow(500);

$old->stop('immediate');
$traffic->flow_until(sub { $traffic->count('refused') > 50 }, 'there is none to write to: senders are told');
$new->promote;
$site->{postgres} = $new;
$traffic->all_back;
$traffic->flow(300);
is $traffic->count('lost'), 0, 'nobody lost the connection';
$traffic->proves('PostgreSQL moved to its standby');

done_testing;
