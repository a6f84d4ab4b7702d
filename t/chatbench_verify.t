#!/usr/bin/perl
# chatbench --verify: through killed workers and nodes, without Redis, without PostgreSQL and without HAProxy
# its clients come back and its checker finds nothing; and where something is taken away from what is stored,
# it says so.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Bench;
use Chatd::Test::Haproxy;
use Chatd::Test::Util qw(folder slurp spew);

my $site = site();
my %options = (worker_processes => 2, postgres_timeout => '1s');
my ($one, $two) = map { $site->node($_, %options) } qw(a b);
$_->allow(qr/signal 9/)->begin for $one, $two;
$_->wait_ready for $one, $two;
my ($postgres, $redis) = ($site->postgres, $site->redis);
my $users = folder() . '/users';

sub begin {
    my ($scenario, @option) = @_;
    return Chatd::Test::Bench->begin($scenario, '--verify', '--warmup', 0, '--seconds', 3, '--drain', 30,
        '--patience', 3, '--users-file', $users, @option);
}

# As scripts/quickstart writes them.
spew(folder() . '/addresses', join '', 'postgres ', $postgres->conninfo, "\n",
    map { "node-$_->{name} $_->{plain}\n" } $one, $two);
spew(folder() . '/pids', map { "node-$_->{name} $_->{pid}\n" } $one, $two);
sub both { ('--addresses', folder() . '/addresses') }
sub nodes { map { ('--target', $_->{plain}) } $one, $two }

sub is_verified {
    my ($bench, $what) = @_;
    my ($status, $result, $said) = $bench->wait_end;
    my $verify = $result->{verify} || {};
    is $status, 0, $what or diag($said);
    cmp_ok $verify->{acknowledged} // 0, '>', 100, 'it had something to verify';
    is $verify->{stored}, $verify->{acknowledged}, 'everything is stored';
    is join(' ', grep { $verify->{faults}{$_} } sort keys %{ $verify->{faults} }), '', 'no fault of any kind';
    cmp_ok $verify->{$_}, '>', 0, $_ for qw(longest_silence_ms longest_delivery_ms);
    return $result;
}

# The fault happens while messages flow.
sub through {
    my ($what, $fault, $scenario, @option) = @_;
    subtest "$scenario: $what" => sub {
        my $bench = begin($scenario, @option)->wait_said(qr/[1-9]\d* ok\/s/);
        $fault->();
        my $result = is_verified($bench, $what);
        cmp_ok $result->{counts}{lost}, '>', 0, 'connections were lost' if $what =~ /^(?:a node|workers|HAProxy)/;
    };
}

my @pairs = ('pairs', '--pairs', 20, '--rate', 400);
my @group = ('groups', '--members', 20, '--rate', 100, '--processes', 2);
my @mixed = ('mixed', '--users', 60, '--rate', 200, '--stay', 1, '--away', 0.5, '--members', 10, '--processes', 2);

subtest 'nothing happens' => sub {
    my $verify = is_verified(begin(@pairs, both()), 'pairs')->{verify};
    is $verify->{acknowledged}, 1200, 'all';
    is $verify->{delivered}, 1200, 'each delivered once';
    $verify = is_verified(begin(@group, both()), 'a group')->{verify};
    is $verify->{delivered}, 19 * $verify->{acknowledged}, 'each to each other member';
};

# In each node the one that serves most: a few connections may all be with one.
sub kill_workers {
    for my $node (@_) {
        my $count = $node->connections;
        kill 'KILL', (sort { $count->{$b} <=> $count->{$a} } keys %$count)[0];
    }
}

through('workers are killed', sub { kill_workers($one, $two) }, @$_, both()) for \@pairs, \@group, \@mixed;
through('a node is killed, and comes back', sub { $one->kill_all; $one->start }, @$_, both()) for \@pairs, \@group;
through('PostgreSQL crashes', sub { $postgres->stop('immediate'); $postgres->start }, @$_, both()) for \@pairs, \@group, \@mixed;
through('Redis is killed', sub { $redis->kill9; $redis->start }, @$_, both()) for \@pairs, \@group;

my $haproxy = Chatd::Test::Haproxy->new($one, $two)->start->wait_healthy;
through('HAProxy is killed', sub {
    kill 'KILL', Chatd::Test::Util::children($haproxy->{pid});
    $haproxy->stop;
    $haproxy->start;
}, @$_, '--postgres', $postgres->conninfo, '--target', $haproxy->{chat}) for \@pairs, \@group;
$haproxy->stop;

# What PostgreSQL is made to forget, or to hold twice, while a run goes on; and what must be found.
my $some = q{SELECT conv_id, seq FROM message WHERE cid LIKE 'b%' ORDER BY created DESC, seq DESC OFFSET 5 LIMIT 1};
my $somebody = 'SELECT user_id, conv_id FROM member WHERE role = 0 ORDER BY conv_id DESC LIMIT 1';
my %sabotage = (
    lost => "DELETE FROM message WHERE (conv_id, seq) IN ($some)",
    altered => "UPDATE message SET body = 'x' WHERE (conv_id, seq) IN ($some)",
    doubled => "WITH c AS (UPDATE conversation SET last_seq = last_seq + 1 WHERE id = (SELECT conv_id FROM ($some) x)
        RETURNING id, last_seq) INSERT INTO message (conv_id, seq, sender_id, key, cid, body, created)
        SELECT id, last_seq, sender_id, gen_random_uuid(), cid, body, now() FROM c JOIN message m ON m.conv_id = id
        WHERE cid LIKE 'b%' ORDER BY seq DESC LIMIT 1",
);
$sabotage{misdelivered} = "DELETE FROM member WHERE (user_id, conv_id) IN ($somebody)";
for my $fault (sort keys %sabotage) {
    subtest "PostgreSQL is tampered with: $fault" => sub {
        my $bench = begin($fault eq 'misdelivered' ? @group : @pairs, both())->wait_said(qr/[1-9]\d* ok\/s/);
        $postgres->query($sabotage{$fault});
        my ($status, $result, $said) = $bench->wait_end;
        is $status, 1, 'it exits 1';
        cmp_ok $result->{verify}{faults}{$fault}, '>=', 1, 'and has found it' or diag($said);
        like join("\n", @{ $result->{verify}{first} }), qr/^$fault: message \d+/m, 'and tells which';
    };
}

# The load misses what those who are gone did not get; the checker knows from when to when they were members.
subtest 'members leave, and one comes back' => sub {
    my $bench = begin(@group, '--drain', 1, both())->wait_said(qr/[1-9]\d* ok\/s/);
    my %token = map { split } split /\n/, slurp($users);
    my ($group, @name) = split /\n/, $postgres->query("SELECT '#' || name FROM groups WHERE conv_id = (SELECT max(conv_id) FROM groups)
        UNION ALL (SELECT u.name FROM member m JOIN users u ON u.id = m.user_id
        WHERE conv_id = (SELECT max(conv_id) FROM groups) AND m.role = 0 ORDER BY u.id LIMIT 2)");
    for my $name (@name) {
        my $user = Chatd::Test::Client->connect($one->{plain});
        is_ok $user->login_token($token{$name}), "$name comes";
        is_ok $user->request('group_leave', group => $group), 'and leaves the group';
        is_ok $user->request('group_join', group => $group), 'and joins it again' if $name eq $name[0];
        $user->close;
    }
    my ($status, $result, $said) = $bench->wait_end;
    is $status, 1, 'the load is not content';
    cmp_ok $result->{counts}{failed}, '>', 0, 'who has left can not send';
    ok $result->{verify}{good}, 'the checker is' or diag($said);
};

subtest 'what can not be verified' => sub {
    for my $case ([ [ 'idle', '--verify' ], qr/sends no messages/ ],
        [ [ 'pairs', '--verify' ], qr/--postgres/ ],
        [ [ 'pairs', '--verify', '--postgres', 'x', '--ack', 'server' ], qr/clients must acknowledge/ ]) {
        my ($option, $why) = @$case;
        my ($status, undef, $said) = Chatd::Test::Bench->begin(@$option, nodes())->wait_end;
        is $status, 2, "@$option";
        like $said, $why, 'says why';
    }
    my ($status, undef, $said) = Chatd::Test::Bench->begin('pairs', '--verify', '--postgres', 'host=/nowhere', nodes())->wait_end;
    is $status, 1, 'no PostgreSQL there';
    like $said, qr/PostgreSQL: /, 'says so';
};

done_testing;
