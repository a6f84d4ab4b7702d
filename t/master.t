#!/usr/bin/perl
# The master: signals, replacement of workers, and its end.
use strict;
use warnings;
use IO::Socket::INET;
use Chatd::Test;
use Chatd::Test::Util qw(build_dir run_ok slurp spew);

my $site = site();
my $node = $site->node('a', worker_processes => 2, worker_timeout => '1s', pid_file => Chatd::Test::Util::folder() . '/a.pid');
$node->allow(qr/signal 9/);

# The workers, when none of the former ones is left among them.
sub new_workers {
    my (@former) = @_;
    my %former = map { $_ => 1 } @former;
    my @now;
    wait_until { @now = $node->workers; @now == 2 && !grep { $former{$_} } @now } 'there are two new workers';
    return @now;
}

sub told_to_go {
    my ($client, $reason) = @_;
    my $event = $client->expect_closing($reason);
    cmp_ok $event->{reconnect_ms} // -1, '>=', 0, "closing $reason, with reconnect_ms";
}

subtest 'TERM, INT, QUIT' => sub {
    for my $signal (qw(TERM INT QUIT)) {
        $node->start;
        my $client = person($node, 'alice');
        my $sent = $client->begin('send', to => '@alice', text => 'x');
        $client->reply($sent)->{ok} or die;
        is $node->end($signal), 0, "$signal: exit 0, no worker left";
        told_to_go($client, 'shutdown') if $signal eq 'QUIT';
        ok $client->wait_eof, "$signal: its clients are closed";
        ok !Chatd::Test::Client->try_connect($node->{plain}), "$signal: nobody listens";
    }
};

subtest 'HUP' => sub {
    $node->start;
    my ($pid, @worker) = ($node->pid, $node->workers);
    my $client = person($node, 'bob');
    $node->set(max_text => 10)->renew;
    my @new = new_workers(@worker);
    told_to_go($client, 'reload');
    is $node->pid, $pid, 'the master is the same';
    is_error person($node, 'bob')->say('@bob', 'more than ten'), 'text_too_long', 'the new file is in force';

    my $stays = person($node, 'carol');
    for my $broken ("nonsense = 1\n", "listen \"127.0.0.1:1\" {\n", "max_text = many\n", '') {
        spew($node->conf_path, $node->conf_text . $broken) if $broken;
        spew($node->conf_path, '') if !$broken;
        my $before = length $node->log_text;
        $node->reload;
        wait_until { substr($node->log_text, $before) =~ /\[(error|crit|emerg)\]/ } 'a broken file is reported';
        is_deeply [ $node->workers ], \@new, '… and nothing changes: ' . ($broken =~ s/\n//r || 'an empty file');
    }
    $node->allow(qr/a\.conf/);
    is_ok $stays->request('ping'), 'clients stay';
    $node->set(max_text => undef)->renew;
    new_workers(@new);
    told_to_go($stays, 'reload');
    is_ok person($node, 'bob')->say('@bob', 'more than ten'), 'a good one works after a broken one';
};

subtest 'USR1' => sub {
    my $log = $node->log_path;
    rename $log, "$log.1" or die "$log: $!";
    $node->reopen;
    wait_until { -e $log } 'a new log file';
    my ($victim) = $node->workers;
    kill 'KILL', $victim;
    wait_until { slurp($log) =~ /$victim/ } 'the master writes to it';
    wait_until { slurp($log) =~ m{ a/\d+ } } 'the workers too';
    wait_until { $node->workers == 2 } 'two workers';
    is_deeply [ grep { /\[(alert|emerg)\]/ && !/signal 9|a\.conf/ } split /\n/, slurp("$log.1") ], [], 'no alert in the old one';
};

subtest 'a worker dies' => sub {
    for my $signal (qw(KILL STOP)) {
        my @worker = $node->workers;
        kill $signal, $worker[0];
        wait_until { !alive($worker[0]) } "$signal: it is gone";
        wait_until { $node->workers == 2 } "$signal: it is replaced";
        ok scalar(grep { $_ == $worker[1] } $node->workers), "$signal: the other one is not";
        is_ok connect_to($node)->request('ping'), "$signal: served";
    }
};

subtest 'the agent' => sub {
    my $agent = IO::Socket::INET->new(PeerAddr => $node->{agent}, Timeout => 10) or die "agent: $!";
    like scalar(<$agent>), qr/\bready\b/, 'it says ready';
    is scalar(<$agent>), undef, 'and closes';
};

subtest 'by command' => sub {
    my $chatd = build_dir() . '/chatd';
    my @worker = $node->workers;
    is slurp($node->{directive}{pid_file}) + 0, $node->pid, 'pid_file';
    run_ok($chatd, '-c', $node->conf_path, '-s', 'reload');
    new_workers(@worker);
    pass '-s reload';
    rename $node->log_path, $node->log_path . '.2';
    run_ok($chatd, '-c', $node->conf_path, '-s', 'reopen');
    wait_until { -e $node->log_path } '-s reopen';
    my @last = $node->workers;
    run_ok($chatd, '-c', $node->conf_path, '-s', 'quit');
    is $node->wait_end(@last), 0, '-s quit';
    ok !-e $node->{directive}{pid_file}, 'the pid_file is gone';
};

subtest 'the wrong schema' => sub {
    my $postgres = $site->postgres;
    my $other = $site->node('b', worker_processes => 2)->allow(qr/schema/);
    $postgres->query('INSERT INTO schema_version (version) VALUES (9999)');
    is $other->begin->wait_end >> 8, 1, 'the master ends with status 1';
    my @said = split /\n/, slurp($other->stderr_path);
    is scalar(@said), 1, 'and one message' or diag(join "\n", @said);
    like $said[0], qr/schema.*9999/, 'which says why';
    is scalar(grep { /\[emerg\]/ } split /\n/, $other->log_text), 1, 'the same in the log, once';
    $postgres->query('DELETE FROM schema_version WHERE version = 9999');
    is_ok connect_to($other->start)->request('ping'), 'with the right one it starts';
};

subtest 'the master is killed' => sub {
    $node->start;
    my $client = person($node, 'dora');
    my @worker = $node->workers;
    $node->kill9;
    is scalar(grep { alive($_) } @worker), 0, 'its workers end';
    ok $client->wait_eof, 'their clients are closed';
    is_ok person($node->start, 'dora')->request('ping'), 'the next one starts on the same addresses';
    $node->stop;
};

done_testing;
