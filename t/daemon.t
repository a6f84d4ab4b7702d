#!/usr/bin/perl
# A daemon's life: it is up when the command ends, its pid file keeps others out and lets -s find it, its
# argument vector is as it was given, and the service manager is told. PostgreSQL and Redis are away all
# the while, which hinders none of that.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use File::Path qw(remove_tree);
use IO::Select;
use Socket qw(AF_UNIX SOCK_DGRAM pack_sockaddr_un);
use Chatd::Test::Ports qw(address);
use Chatd::Test::Util qw(alive build_dir folder limit slurp spew wait_until);

my $chatd = build_dir() . '/chatd';
my ($conf, $pid_file, $log) = map { folder() . "/$_" } qw(d.conf d.pid d.log);
my $pid;
END { kill KILL => $pid if $pid && alive($pid) }

socket my $manager, AF_UNIX, SOCK_DGRAM, 0 or die "socket: $!";
bind $manager, pack_sockaddr_un(folder() . '/notify') or die "bind: $!";
$ENV{NOTIFY_SOCKET} = folder() . '/notify';

# What the service manager has been told since, up to the message that has `last`.
sub told {
    my ($last) = @_;
    my $all = '';
    while ($all !~ /^$last/m) {
        IO::Select->new($manager)->can_read(limit()) or return "$all(no $last)";
        recv $manager, my $message, 4096, 0;
        $all .= "$message\n";
    }
    return $all;
}

sub configure {
    my ($more) = @_;
    spew($conf, <<"END");
node = d
worker_processes = 2
daemon = true
error_log = "$log"
pid_file = "$pid_file"
hash_memory = 1m
reconnect_spread = 0
postgres = "host=127.0.0.1 port=1"
redis "127.0.0.1:1" { }
$more
END
    return;
}

# Status and standard error of a command that ends.
sub run {
    my (@arguments) = @_;
    my $err = folder() . '/err';
    my $child = fork // die "fork: $!";
    if (!$child) {
        open STDERR, '>', $err or die;
        exec $chatd, @arguments or die "$chatd: $!";
    }
    waitpid $child, 0;
    return ($? >> 8) . ' ' . slurp($err);
}

my $listen = 'listen "' . address() . '" { }';
configure($listen);
is(run('-c', $conf), '0 ', 'the command ends well');
$pid = slurp($pid_file) =~ /^(\d+)\n\z/ ? $1 : 0;
ok(alive($pid), 'and leaves a master, whose number stands in the pid file');
like(told('READY'), qr/^READY=1\nMAINPID=$pid\n/, 'the service manager knows it');
is(slurp("/proc/$pid/cmdline"), join("\0", $chatd, '-c', $conf, ''), 'the argument vector is as it was');
is(readlink "/proc/$pid/cwd", '/', 'its folder is /');
is(readlink "/proc/$pid/fd/$_", '/dev/null', "descriptor $_ is /dev/null") for 0 .. 2;
isnt(getpgrp $pid, getpgrp 0, 'it has a process group of its own');

like(run('-c', $conf), qr/^1 chatd: .*another chatd is running, process $pid$/, 'a second one is refused');
ok(alive($pid) && slurp($pid_file) eq "$pid\n", 'which harms nothing');

is(run('-c', $conf, '-s', 'reload'), '0 ', '-s reload');
like(told('READY'), qr/^RELOADING=1/, 'is told as well');

rename $log, "$log.1" or die "rename: $!";
is(run('-c', $conf, '-s', 'reopen'), '0 ', '-s reopen');
wait_until { -s $log } 'the log is a new file';

configure("$listen\nbogus = 1");
like(run('-c', $conf, '-s', 'stop'), qr/^1 chatd: \Q$conf\E:\d+: bogus: /, '-s reads the configuration first');
kill HUP => $pid;
wait_until { slurp($log) =~ /not reloaded: \Q$conf\E:\d+: bogus: / } 'a mistake at a reload is logged';
ok(alive($pid), 'and changes nothing');

configure($listen);
is(run('-c', $conf, '-s', 'quit'), '0 ', '-s quit');
wait_until { !alive($pid) } 'it has ended';
like(told('STOPPING'), qr/^STOPPING=1/m, 'and said so');
ok(!-e $pid_file, 'the pid file is gone');
is(run('-c', $conf), '0 ', 'it can be started again');
$pid = slurp($pid_file) + 0;
wait_until { slurp($pid_file) =~ /^\d+\n/ } 'the pid file is there';

kill KILL => $pid;
wait_until { !alive($pid) } 'it is killed';
ok(-e $pid_file, 'which leaves its pid file');
like(run('-c', $conf, '-s', 'stop'), qr/^1 .*left behind/, 'but nobody is fooled');
wait_until { run('-c', $conf) eq '0 ' } 'and it can be started again, once the old workers have gone';
$pid = slurp($pid_file) + 0;
is(run('-c', $conf, '-s', 'stop'), '0 ', '-s stop');
wait_until { !alive($pid) } 'it has ended';

is(system('sh', '-c', 'exec "$0" -c "$1" <&- >&- 2>&-', $chatd, $conf), 0, 'started with no standard descriptors');
$pid = slurp($pid_file) + 0;
is(readlink "/proc/$pid/fd/$_", '/dev/null', "descriptor $_ is none of its sockets") for 0 .. 2;
is(run('-c', $conf, '-s', 'stop'), '0 ', 'stopped');
wait_until { !alive($pid) } 'it has ended';

unlike(slurp($log) . slurp("$log.1"), qr/\[alert\]/, 'no alert in the log');
done_testing();
remove_tree(folder()) if Test::More->builder->is_passing;
