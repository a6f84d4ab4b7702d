# Starts a program as the leader of a process group of its own, with its output in files of the test's
# folder and the folder's path in its environment. Who starts it here stops it, by pid; a guard does so
# where we are killed.
package Chatd::Test::Process;
use strict;
use warnings;
use Carp qw(croak);
use Exporter qw(import);
use POSIX ();
use Time::HiRes qw(sleep time);
use Chatd::Test::Util qw(children folder processes_of_test run_ok);

our @EXPORT_OK = qw(spawn reap limit_descriptors kill_the_rest);

my (%status, $guard, $life);

# spawn(name => …, command => […], folder => …, environment => {…}): the pid. What it writes goes to
# FOLDER/NAME.stderr, appended.
sub spawn {
    my (%option) = @_;
    my $folder = $option{folder} || folder();
    my @command = @{ $option{command} };
    set_guard() if !$guard;
    my $pid = fork // croak "fork: $!";
    return $pid if $pid;
    POSIX::setpgid(0, 0);
    chdir $folder or POSIX::_exit(126);
    $ENV{CHATD_TEST} = folder();
    $ENV{$_} = $option{environment}{$_} for keys %{ $option{environment} || {} };
    open STDIN, '<', '/dev/null';
    open STDOUT, '>>', "$folder/$option{name}.stderr";
    open STDERR, '>&', \*STDOUT;
    # Room for many connections, and a core that the end of the test would find.
    exec '/bin/sh', '-c', 'ulimit -c unlimited; ulimit -n $(ulimit -Hn); exec "$@"', 'sh', @command
      or POSIX::_exit(127);
}

# A running process may have so many descriptors from now on; without a number, as many as anybody.
sub limit_descriptors {
    my ($pid, $count) = @_;
    run_ok('prlimit', '--pid', $pid, '--nofile=' . ($count // POSIX::sysconf(POSIX::_SC_OPEN_MAX())) . ':');
}

# The wait status of a child that has ended, undef while it lives. May be asked again.
sub reap {
    my ($pid) = @_;
    return $status{$pid} if exists $status{$pid};
    return if waitpid($pid, POSIX::WNOHANG()) != $pid;
    return $status{$pid} = $?;
}

# Nothing that was started here may live on. A child of ours that is only about to be another program does not
# carry the folder yet.
sub kill_the_rest {
    my $end = time + 10;
    while (my @left = (processes_of_test(), grep { $_ != ($guard // 0) } children($$))) {
        kill 'KILL', @left;
        return if time > $end;
        sleep 0.01;
    }
}

# When we are gone, and could do nothing about it, our end of a pipe closes.
sub set_guard {
    folder();
    pipe my $end, $life or croak "pipe: $!";
    $guard = fork // croak "fork: $!";
    return if $guard;
    POSIX::setsid();
    $SIG{$_} = 'IGNORE' for qw(INT TERM HUP);
    close $life;
    open $_, '+<', '/dev/null' for *STDIN, *STDOUT, *STDERR;
    # Who waits for the end of another pipe of ours must not wait for the guard, too.
    POSIX::close($_) for grep { $_ > 2 && $_ != fileno $end } map { m{(\d+)$} } glob '/proc/self/fd/*';
    sysread $end, my $nothing, 1;
    kill_the_rest();
    POSIX::_exit(0);
}

1;
