#!/usr/bin/perl
# One node's time of day jumps by an hour, forward and back, in the middle of traffic with a node whose clock is
# right. Order is by seq, timers are monotonic: nobody notices.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Traffic;

my $site = site();
my ($right) = $site->start_nodes(['right'], worker_processes => 2);
my ($wrong) = $site->start_nodes(['wrong'], worker_processes => 2, clock => 1);
my $traffic = Chatd::Test::Traffic->new($site, $right, $wrong);
my ($ann, $bob) = (person($wrong, 'ann'), person($right, 'bob'));
# Whose time would be over, if it were the time of day that counts.
my ($silent, $stranger) = (person($wrong, 'silent'), connect_to($wrong));
my @worker = $wrong->workers;

sub hours_off { my ($client) = @_; return sprintf '%.0f', ($client->request('ping')->{ts} / 1000 - time) / 3600 }

for my $hours (1, 0, -1, 1, 0) {
    $wrong->set_clock(3600 * $hours);
    wait_until { hours_off($ann) == $hours } 'its clock has jumped';
    $traffic->flow(200);
    is_ok $ann->say('@bob', "at $hours"), "$hours h: sent";
    is $bob->expect_event('message')->{text}, "at $hours", '… and received';
    my $token = person($wrong, "new$hours" =~ s/-/minus/r)->{me}{token};
    is_ok connect_to($right)->login_token($token), '… a token that it gave is good on the other node';
}
is_deeply seqs(backlog_of($right, 'bob')), [ 1 .. 5 ], 'in the order of seq';
is_ok $_->request('ping'), 'who said nothing meanwhile is still there' for $silent, $stranger;
is_deeply [ $wrong->workers ], \@worker, 'no worker was taken for silent';
is $traffic->count('lost'), 0, 'nobody was taken for idle';
is $traffic->count('refused'), 0, 'nothing was refused';
$traffic->proves('the clock jumps');

done_testing;
