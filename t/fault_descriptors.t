#!/usr/bin/perl
# A worker has no descriptor left for who comes: those who are there are served, it doesn't spin, and it accepts
# again when there are some.
use strict;
use warnings;
use POSIX ();
use Chatd::Test;
use Chatd::Test::Process qw(limit_descriptors);
use Chatd::Test::Traffic;
use Chatd::Test::Util qw(slurp);

my $site = site();
my ($node) = $site->start_nodes(['a'], worker_processes => 1);
my ($worker) = $node->workers;
my $traffic = Chatd::Test::Traffic->new($site, $node, $node);

sub descriptors { scalar(() = glob "/proc/$worker/fd/*") }

# Seconds of CPU that it has used.
sub used {
    my @field = split ' ', slurp("/proc/$worker/stat") =~ s/^.*\) //sr;
    return ($field[11] + $field[12]) / POSIX::sysconf(POSIX::_SC_CLK_TCK());
}

for my $round (1 .. 2) {
    $traffic->flow(200);
    limit_descriptors($worker, descriptors() + 5);
    my @waiting = map { connect_to($node, hello => 0) } 1 .. 20;
    wait_until { $node->log_text =~ /can't accept/ } 'it says that it can accept no more';
    is_ok $waiting[0]->request('ping'), 'who was accepted is served';

    my ($cpu, $time) = (used(), time);
    select undef, undef, undef, 0.1 until time >= $time + 3;
    cmp_ok used() - $cpu, '<', 0.05 * (time - $time), 'it uses less than 5 % of a CPU';
    $traffic->all_back;
    $traffic->flow(100);

    limit_descriptors($worker);
    is scalar(grep { $_->expect_event('hello') } @waiting), 20, 'all who waited are accepted when there are descriptors';
    $_->close for @waiting;
}
is $traffic->count('lost'), 0, 'nobody lost the connection';
$traffic->proves('out of descriptors');

done_testing;
