#!/usr/bin/perl
# The questions that end every test do find what they ask for: an alert, raw bytes, a sanitizer's report, a process left
# behind, a core.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Process qw(spawn);
use Chatd::Test::Util qw(build_dir folder slurp spew);
use Chatd::Test::Verdict qw(complaints);

my $site = site();
my $node = $site->node('a', worker_processes => 1)->start;
is_deeply [ Chatd::Test::Verdict::alerts($node), Chatd::Test::Verdict::cores() ], [], 'nothing yet';

subtest 'a worker that crashes' => sub {
    my ($worker) = $node->workers;
    kill 'SEGV', $worker;
    wait_until { !alive($worker) && $node->workers == 1 } 'it is replaced';
    $site->stop;
    my @found = complaints($node);
    # Under a sanitizer the signal is caught, reported, and becomes an exit status.
    ok scalar(grep { /\[alert\].*$worker/ } @found), 'an alert' or diag(join "\n", @found);
    ok scalar(grep { /Sanitizer/ } @found), 'a report' if build_dir() =~ /asan/;
    ok scalar(grep { /^core: / } @found), 'a core' if build_dir() !~ /asan/ && slurp('/proc/sys/kernel/core_pattern') =~ /^core/;
    unlink $_ for map { /^core: (.*)/ } @found;
    spew($node->stderr_path, '');
    $node->allow(qr/process $worker/);
    is_deeply [ complaints($node) ], [], 'what a test allows is no complaint';
};

subtest 'a process left behind' => sub {
    my $pid = spawn(name => 'lost', command => [ 'sleep', '1000' ]);
    wait_until { slurp("/proc/$pid/cmdline") =~ /^sleep/ } 'it is what it will be';
    my @found = complaints($node);
    like "@found", qr/process $pid was left behind: sleep 1000/, 'it is named';
    kill 'KILL', $pid;
    waitpid $pid, 0;
    is_deeply [ complaints($node) ], [], 'gone';
};

subtest 'raw bytes' => sub {
    my $log = $node->log_text;
    spew($node->log_path, "$log\e[2Jgone\n");
    like join("\n", complaints($node)), qr/in the log of a: \e\[2Jgone/, 'they stand in the log';
    spew($node->log_path, $log);
};

subtest 'a report of any sanitizer' => sub {
    for my $line ('==1==ERROR: AddressSanitizer: heap-use-after-free', '==1==ERROR: LeakSanitizer: detected memory leaks',
        'a.cc:1:2: runtime error: signed integer overflow', 'WARNING: ThreadSanitizer: data race (pid=1)') {
        spew($node->stderr_path, "before\n$line\nafter\n");
        like join("\n", complaints($node)), qr/\Q$line/, $line;
    }
    spew($node->stderr_path, '');
};

done_testing;
