#!/usr/bin/perl
# scripts/torture itself: a round of each of two faults, its table, and going on where it was.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use JSON::PP;
use Test::More;

my $torture = abs_path(dirname(__FILE__) . '/../scripts/torture');
my $state = tempdir(CLEANUP => 1) . '/state';

sub run { my $said = `'$torture' @_ 2>&1`; return ($? >> 8, $said) }

sub rounds {
    open my $file, '<', $state or return;
    return map { decode_json($_) } <$file>;
}

my ($status, $said) = run('--seed', 3, '--seconds', 4, '--rate', 200, '--state', $state, 'worker_killed', 'redis_killed');
is $status, 0, 'all is there' or diag $said;
my @round = rounds();
is_deeply [ sort map { @{ $_->{faults} } } @round ], [qw(redis_killed worker_killed)], 'each fault once';
is scalar(grep { $_->{acknowledged} >= 800 } @round), scalar(@round), 'under load';
like $said, qr/^worker_killed +1 +\d+ +0 +0 +0 +0 .*^all +\d +\d+ +0 +0 +0 +0 /ms, 'a table';

($status, $said) = run('--seed', 3, '--state', $state, 'worker_killed', 'redis_killed');
is $status, 0, 'again' or diag $said;
is scalar(rounds()), scalar(@round), 'nothing is done twice';

# One that was lost, made up.
open my $file, '>>', $state or die "$state: $!";
print $file encode_json({ %{ $round[0] }, round => 9, lost => 1, wrong => 'lost 1' }), "\n";
close $file;
($status, $said) = run('--table', '--state', $state);
is $status, 1, 'something was lost: the exit status says so';
like $said, qr/^all +\d +\d+ +1 /m, 'and the table';

($status, $said) = run('earthquake');
isnt $status, 0, 'an unknown fault';
like $said, qr/no fault 'earthquake'/, 'is refused';

done_testing;
