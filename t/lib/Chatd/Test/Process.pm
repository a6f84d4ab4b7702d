# Starts a program as the leader of a process group of its own, with its output in files of the test's
# folder and the folder's path in its environment. Who starts it here stops it, by pid.
package Chatd::Test::Process;
use strict;
use warnings;
use Carp qw(croak);
use Exporter qw(import);
use POSIX ();
use Chatd::Test::Util qw(alive folder run_ok);

our @EXPORT_OK = qw(spawn reap limit_descriptors);

my %status;

# spawn(name => …, command => […], folder => …, environment => {…}): the pid. What it writes goes to
# FOLDER/NAME.stderr, appended.
sub spawn {
    my (%option) = @_;
    my $folder = $option{folder} || folder();
    my @command = @{ $option{command} };
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

1;
