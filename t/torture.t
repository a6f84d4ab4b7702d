#!/usr/bin/perl
# scripts/torture itself: a round of each of some faults, its table, going on where it was; and however it ends,
# nothing that it started lives on.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use JSON::PP;
use lib dirname(abs_path(__FILE__)) . '/lib';
use Test::More;
use Chatd::Test::Util qw(process_state processes_with slurp wait_until);

my $torture = abs_path(dirname(__FILE__) . '/../scripts/torture');
# Whatever descends from us carries it.
my $mark = $ENV{CHATD_TORTURED} = "by $$";
my $state = tempdir(CLEANUP => 1) . '/state';

sub run { my $said = `'$torture' @_ 2>&1`; return ($? >> 8, $said) }

sub rounds {
    open my $file, '<', $state or return;
    return map { decode_json($_) } <$file>;
}

my @fault = qw(postgres_moves reconnect_storm redis_killed worker_killed);
my ($status, $said) = run('--seed', 3, '--seconds', 4, '--rate', 200, '--crowd', 100, '--state', $state, @fault);
is $status, 0, 'all is there' or diag $said;
my @round = rounds();
is_deeply [ sort map { @{ $_->{faults} } } @round ], \@fault, 'each fault once';
is scalar(grep { $_->{acknowledged} >= 800 } @round), scalar(@round), 'under load';
like $said, qr/^worker_killed +1 +\d+ +0 +0 +0 +0 .*^all +\d +\d+ +0 +0 +0 +0 /ms, 'a table';

($status, $said) = run('--seed', 3, '--state', $state, @fault);
is $status, 0, 'again' or diag $said;
is scalar(rounds()), scalar(@round), 'nothing is done twice';

# So many as an exit status can't tell, made up: one lost in each.
open my $file, '>>', $state or die "$state: $!";
print $file encode_json({ %{ $round[0] }, round => 8 + $_, lost => 1, wrong => 'lost 1' }), "\n" for 1 .. 256;
close $file;
($status, $said) = run('--table', '--state', $state);
is $status, 1, 'something was lost: the exit status says so';
like $said, qr/^all +\d+ +\d+ +256 /m, 'and the table';

($status, $said) = run('earthquake');
isnt $status, 0, 'an unknown fault';
like $said, qr/no fault 'earthquake'/, 'is refused';

# Those that run a program of this name.
sub running { my ($name) = @_; return grep { slurp("/proc/$_/cmdline") =~ m{^(?:[^\0]*/)?\Q$name\E\0} } ours() }
sub ours { processes_with("CHATD_TORTURED=$mark") }

my $log = "$state.log";

# Begins it: its pid, and its folder, as soon as there is a certain process.
sub begin {
    my ($program, @option) = @_;
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        open STDOUT, '>', $log;
        open STDERR, '>&', \*STDOUT;
        exec $torture, @option, '--rate', 100, 'worker_killed' or die "$torture: $!";
    }
    wait_until { running($program) } "$program runs";
    my ($folder) = join('', map { slurp("/proc/$_/environ") } ours()) =~ m{\bCHATD_TEST=([^\0]+)};
    return ($pid, $folder);
}

# Sends it a signal then: twice, as timeout does.
sub interrupt {
    my ($signal, $program) = @_;
    my ($pid, $folder) = begin($program, '--seconds', 60);
    for (1, 2) { kill $signal, $pid }
    waitpid $pid, 0;
    nothing_lives("$signal when there is $program");
    unlike slurp($log), qr/kept/, 'and nothing is kept';
    system 'rm', '-rf', $folder if $folder && $signal eq 'KILL';
}

sub nothing_lives {
    my ($when) = @_;
    my $gone = eval { wait_until { !ours() } 'all has ended', 10 };
    ok $gone, "$when: nothing lives on" or diag map { slurp("/proc/$_/cmdline") =~ tr/\0/ /r . "\n" } ours();
}

# A worker crashes and the load is gone, and neither is a fault of the round.
{
    my ($pid, $folder) = begin('chatbench', '--state', "$state.crash");
    wait_until { slurp("$folder/load-1.stderr") =~ m{[1-9]\d* ok/s} } 'messages are acknowledged';
    my %chatd = map { $_ => 1 } running('chatd');
    kill 'ABRT', (grep { $chatd{ process_state($_)->{parent} } } keys %chatd)[0];
    kill 'KILL', running('chatbench');
    waitpid $pid, 0;
    is $? >> 8, 1, 'a crash nobody asked for' or diag slurp($log);
    my $round = decode_json(slurp("$state.crash"));
    like $round->{wrong}, qr/no verdict: .*exited on signal 6/, 'is told, and that there is no verdict';
    like slurp($log), qr/^all +1 +0 +0 +0 +0 +[2-9] /m, 'and counted';
    nothing_lives('it ends');
    system 'rm', '-rf', $folder;
}

interrupt(TERM => 'sleep');
interrupt(HUP => 'postgres');
interrupt(INT => 'haproxy');
interrupt(TERM => 'chatbench');
interrupt(KILL => 'chatbench');

{
    # HAProxy is nowhere on this path.
    local $ENV{PATH} = '/usr/bin:/bin';
    ($status, $said) = run('worker_killed');
    isnt $status, 0, 'a site without HAProxy';
    nothing_lives('it ends');
    my ($kept) = $said =~ m{kept: (/tmp/chatd-\w+)$}m;
    ok $kept, 'what it leaves to see is named' or diag $said;
    system 'rm', '-rf', $kept if $kept;
}

done_testing;
