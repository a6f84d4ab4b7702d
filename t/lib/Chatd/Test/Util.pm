# Small things every part of the test library uses: waiting by polling, files, the test's own folder,
# and what /proc says about processes. Holds no state but the folder's path; starts no server.
package Chatd::Test::Util;
use strict;
use warnings;
use Carp qw(croak);
use Cwd qw(abs_path);
use Exporter qw(import);
use File::Basename qw(dirname);
use File::Temp ();
use POSIX ();
use Time::HiRes qw(sleep time);

our @EXPORT_OK = qw(root build_dir folder limit scale wait_until slurp spew log_lines run_ok
  alive children processes_of_test processes_with process_state stop_process);

my $root = abs_path(dirname(abs_path(__FILE__)) . '/../../../..');
my $folder;

# The source tree.
sub root { $root }

# Where the programs under test lie.
sub build_dir {
    my $build = $ENV{CHATD_BUILD} || 'build';
    return $build =~ m{^/} ? $build : "$root/$build";
}

# This test's folder. Its path is short, for a unix socket's has at most 107 bytes.
sub folder {
    $folder //= File::Temp::tempdir('chatd-XXXXXX', DIR => '/tmp', CLEANUP => 0);
    return $folder;
}

# Sanitizers and slow machines: every limit is longer, nothing else changes.
sub scale { $ENV{CHATD_TEST_SCALE} || (build_dir() =~ /asan|tsan|valgrind/ ? 4 : 1) }

# Seconds until a wait is given up. Never how long something is allowed to take.
sub limit { ($_[0] // 30) * scale() }

# wait_until { condition } "what is waited for": returns what the condition returned; dies at the limit.
sub wait_until(&$;$) {
    my ($condition, $name, $seconds) = @_;
    my $end = time + limit($seconds);
    while (1) {
        my $value = $condition->();
        return $value if $value;
        croak "waited in vain until $name" if time > $end;
        sleep 0.02;
    }
}

sub slurp {
    my ($path) = @_;
    open my $file, '<:raw', $path or return '';
    local $/;
    return scalar(<$file>) // '';
}

sub spew {
    my ($path, $text) = @_;
    open my $file, '>:raw', $path or croak "$path: $!";
    print $file $text;
    close $file or croak "$path: $!";
    return $path;
}

sub log_lines { split /\n/, slurp($_[0]) }

# Runs a command to its end, with its output in a string; dies if it fails.
sub run_ok {
    my @command = @_;
    my $output = folder() . "/command.$$";
    my $pid = fork // croak "fork: $!";
    if (!$pid) {
        open STDIN, '<', '/dev/null';
        open STDOUT, '>>', $output;
        open STDERR, '>&', \*STDOUT;
        exec { $command[0] } @command or POSIX::_exit(127);
    }
    waitpid $pid, 0;
    my ($status, $text) = ($?, slurp($output));
    unlink $output;
    croak "@command: status $status\n$text" if $status;
    return $text;
}

# The fields of /proc/PID/stat after the name: state, parent, group, session, …
sub process_state {
    my ($pid) = @_;
    my ($rest) = slurp("/proc/$pid/stat") =~ /^\d+ \(.*\) (.*)$/s or return;
    my @field = split ' ', $rest;
    return { state => $field[0], parent => $field[1], group => $field[2], threads => $field[17] };
}

# A process whose first thread has ended keeps its sockets until the others have, too.
sub alive {
    my ($pid) = @_;
    my $state = $pid && process_state($pid) or return 0;
    return $state->{state} !~ /[ZX]/ || $state->{threads} > 1 ? 1 : 0;
}

sub all_pids {
    opendir my $proc, '/proc' or croak "/proc: $!";
    return grep { /^\d+$/ } readdir $proc;
}

sub children {
    my ($parent) = @_;
    my @pid = sort { $a <=> $b } grep {
        my $state = process_state($_);
        $state && $state->{parent} == $parent && $state->{state} !~ /[ZX]/
    } all_pids();
    return @pid;
}

# Every process that this test started, whoever its parent is by now: they carry the folder in their
# environment (spawn in Process.pm puts it there).
sub processes_of_test { processes_with('CHATD_TEST=' . folder()) }

# Every other process with this in its environment.
sub processes_with {
    my ($setting) = @_;
    return grep { $_ != $$ && alive($_) && index(slurp("/proc/$_/environ"), "$setting\0") >= 0 } all_pids();
}

# Sends signals, the last of them KILL, until the process is gone.
sub stop_process {
    my ($pid, $signal, $seconds) = @_;
    return if !alive($pid);
    kill $signal, $pid;
    kill 'CONT', $pid;
    my $end = time + limit($seconds // 20);
    while (alive($pid)) {
        if (time > $end) { kill 'KILL', $pid; $end = time + limit(5) }
        sleep 0.01;
    }
}

1;
