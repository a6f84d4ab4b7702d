#!/usr/bin/perl
# chatbench: each scenario runs on real nodes, exits 0, and its JSON holds the numbers. How fast it was is
# nobody's business here.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Bench;
use Chatd::Test::Process qw(reap);
use Chatd::Test::Util qw(build_dir folder spew);

my $site = site();
my @nodes = map { $site->node($_, worker_processes => 1) } qw(a b);
$_->begin for @nodes;
$_->wait_ready for @nodes;
my $users = folder() . '/users';
my $pids = spew(folder() . '/pids', join '', map { "node-$_->{name} $_->{pid}\n" } @nodes);

sub begin {
    my ($scenario, @option) = @_;
    my @target = map { ('--target', $_->{plain}) } @nodes;
    return Chatd::Test::Bench->begin($scenario, @target, '--seconds', 2, '--warmup', 0.5,
        '--users-file', $users, '--pids', $pids, @option);
}

# bench(SCENARIO, options…): exit status, what its JSON holds, what it said.
sub bench { begin(@_)->wait_end }

sub is_good {
    my ($status, $result, $said) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    is $status, 0, 'it exits 0' or diag($said);
    my $counts = $result->{counts} || {};
    is join(' ', map { $counts->{$_} // 'none' } qw(unanswered undelivered disordered nonsense lost refused)),
      '0 0 0 0 0 0', 'nothing is missing, nothing was refused';
}

# A latency has all its numbers, and they do not decrease.
sub is_latency {
    my ($result, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $latency = $result->{latency_ms}{$name} || {};
    my @number = map { $latency->{$_} // -1 } qw(p50 p90 p99 p999 max);
    cmp_ok $latency->{count} // 0, '>', 0, "latencies: $name";
    is_deeply \@number, [ sort { $a <=> $b } @number ], 'quantiles go up';
}

subtest 'pairs, closed loop' => sub {
    my @run = bench('pairs', '--pairs', 4, '--inflight', 2);
    is_good(@run);
    my $result = $run[1];
    is_latency($result, $_) for qw(ok delivery);
    is $result->{counts}{delivered}, $result->{counts}{ok}, 'all that was acknowledged was delivered';
    cmp_ok $result->{rate}{ok}, '>', 0, 'a rate';
    ok exists $result->{cpu_us_each}{chatd}, 'CPU time of chatd' or diag($run[2]);
    ok exists $result->{cpu_us_each}{chatbench}, 'and its own';
};

subtest 'pairs by two processes, the servers acknowledge' => sub {
    is_good(bench('pairs', '--pairs', 4, '--processes', 2, '--ack', 'server'));
};

subtest 'processes without a voice' => sub {
    for my $case ([ 'pairs', 2, '--pairs', 1 ], [ 'mixed', 3, '--users', 6, '--pairs', 1, '--members', 2, '--groups', 1 ]) {
        my ($scenario, $processes, @option) = @$case;
        my @run = bench($scenario, '--processes', $processes, '--rate', 100, @option);
        is_good(@run);
        is $run[1]{counts}{window_sent}, 200, "$scenario: the others have the whole rate";
    }
};

subtest 'latency, open loop, across nodes' => sub {
    my @run = bench('latency', '--pairs', 4, '--rate', 100);
    is_good(@run);
    is $run[1]{counts}{window_sent}, 200, 'as many as the rate says, however slow the machine';
    is_latency($run[1], $_) for qw(ok delivery lag);
};

subtest 'a group' => sub {
    my @run = bench('groups', '--members', 8, '--rate', 50, '--processes', 2);
    is_good(@run);
    is $run[1]{counts}{window_expected}, 7 * $run[1]{counts}{window_ok}, 'each message to each other member';
    is_latency($run[1], $_) for qw(ok delivery last_member);
    is $run[1]{latency_ms}{last_member}{count}, 100, 'each message reached the last member';
};

subtest 'idle' => sub {
    my @run = bench('idle', '--connections', 20, '--users', 8);
    is_good(@run);
    is $run[1]{counts}{connections}, 20, 'all are there';
    cmp_ok $run[1]{workers_pss_kib}{after}, '>', 0, 'memory is seen';
};

subtest 'logins' => sub {
    for my $by (qw(token password)) {
        my @run = bench('login', '--by', $by, '--connections', 2, '--users', 8);
        is_good(@run);
        is_latency($run[1], 'login');
    }
};

subtest 'more logins than a door lets in' => sub {
    my @run = bench('login', '--connections', 1, '--users', 8, '--rate', 2000, '--warmup', 0, '--seconds', 1);
    is_good(@run);
    is $run[1]{latency_ms}{login}{count}, 2000, 'who had to wait at the end is measured too';
};

subtest 'a storm' => sub {
    my @run = bench('storm', '--connections', 60, '--pairs', 4, '--rate', 100, '--after', 0.5, '--processes', 2);
    is_good(@run);
    my $result = $run[1];
    is "$result->{counts}{gone} $result->{counts}{back}", '60 60', 'all were cut off, and are back';
    is $result->{latency_ms}{back}{count}, 60, 'each was measured';
    is_latency($result, $_) for qw(back storm_ok ok delivery);
};

subtest 'a storm from outside' => sub {
    my $bench = begin('storm', '--connections', 60, '--users', 20, '--pairs', 4, '--rate', 100, '--outside');
    $bench->wait_said(qr/[1-9]\d* ok\/s/);
    $nodes[0]->allow(qr/signal 9/);
    my @worker = $nodes[0]->workers;
    kill 'KILL', @worker;
    my @run = $bench->wait_end;
    is $run[0], 0, 'it exits 0' or diag($run[2]);
    my $counts = $run[1]{counts};
    cmp_ok $counts->{gone}, '>', 0, 'some were cut off';
    is $counts->{back}, $counts->{gone}, 'and came back';
    $nodes[0]->wait_ready;
};

subtest 'a day in small' => sub {
    my @run = bench('mixed', '--users', 40, '--rate', 100, '--groups', 3, '--members', 10, '--group-share', 50,
        '--history', 20, '--stay', 1, '--away', 0.5, '--processes', 2);
    is_good(@run);
    my $result = $run[1];
    is_latency($result, $_) for qw(ok delivery history);
    is $result->{counts}{sent}, 250, 'as many messages as the rate says';
    cmp_ok $result->{counts}{logins}, '>', 40, 'people came and went';
    my $each = $result->{counts}{delivered} / $result->{counts}{sent};
    ok $each > 3 && $each < 7, "half of them to one, half to nine others: $each";
};

# Everybody is cut off: who wanted to read asks again.
subtest 'history, while nobody is there' => sub {
    my $bench = begin('mixed', '--users', 20, '--groups', 1, '--members', 5, '--history', 200, '--seconds', 3);
    $bench->wait_said(qr/[1-9]\d* ok\/s/);
    $_->allow(qr/signal 9/) for @nodes;
    kill 'KILL', map { $_->workers } @nodes;
    my ($status, $result, $said) = $bench->wait_end;
    is $status, 0, 'it exits 0' or diag($said);
    cmp_ok $result->{counts}{lost}, '>', 0, 'connections were lost';
    is $result->{latency_ms}{history}{count}, 600, 'each answer is there';
    is $result->{counts}{window_asked}, 600, 'of as many as the rate says';
    $_->wait_ready for @nodes;
};

# An interrupt with each line that it says, until it ends.
subtest 'nobody wants to wait' => sub {
    my $bench = begin('pairs', '--pairs', 4, '--seconds', 600, '--drain', 600, '--patience', 600);
    $bench->wait_said(qr/[1-9]\d* ok\/s/);
    my @worker = map { $_->workers } @nodes;
    kill 'STOP', @worker;
    my $seen = 0;
    my $end = eval { wait_until {
        my $lines = () = $bench->said =~ /connections/g;
        kill 'INT', $bench->{pid} if $lines > $seen;
        $seen = $lines;
        defined reap($bench->{pid});
    } 'it ends'; 1 };
    kill 'CONT', @worker;
    ok $end, 'it ends' or return $bench->stop;
    my ($status, $result) = $bench->wait_end;
    is $status, 1, 'not well';
    cmp_ok $result->{counts}{unanswered}, '>', 0, 'and tells what is missing';
    $_->wait_ready for @nodes;
};

subtest 'what can not be' => sub {
    my ($status, undef, $said) = bench('pairs', '--size', 5);
    is $status, 2, 'a text too small for its stamp';
    like $said, qr/--size: at least/, 'says so';
    is((bench('nonsense'))[0], 2, 'no such scenario');
    ($status, undef, $said) = bench('idle', '--seconds', 0);
    is $status, 2, 'no time at all';
    like $said, qr/--seconds: more than 0/, 'says so';
    for my $few (32, 64) {
        $said = `ulimit -n $few; exec @{[ build_dir() ]}/chatbench idle --target $nodes[0]{plain} --connections 1 2>&1`;
        is $? >> 8, 1, "$few descriptors";
        like $said, qr/not enough with $few file descriptors/, 'are too few';
    }
    spew($users, "nobody 0000\n");
    ($status, undef, $said) = bench('idle', '--connections', 1);
    is $status, 1, 'a token of another site';
    like $said, qr/the token of nobody is refused/, 'is named';
};

done_testing;
