#!/usr/bin/perl
# scripts/quickstart as a newcomer types it: a whole cluster below a long path, twice up, harmed and healed,
# stopped with its data kept, removed. Whatever it starts bears this test's mark, so that nothing may be left.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Ports;
use Chatd::Test::Postgres;
use Chatd::Test::Websocket;
use Chatd::Test::Util qw(folder root slurp spew);
use IO::Socket::INET;
use POSIX ();
use Time::HiRes qw(time);

$ENV{CHATD_TEST} = folder();
my $dir = folder() . '/' . join('/', ('a long path with spaces') x 6);
my $psql = Chatd::Test::Postgres::bindir() . '/psql';
my $port = free_range();

# The first of a hundred ports, of which those that quickstart takes for two nodes are ours, for as long as we live.
sub free_range {
    our @held;
    for (1 .. 200) {
        my $first = 20000 + 100 * int rand 120;
        my @needed = map { $first + $_ } 0 .. 4, 11, 12, 41, 42, 71, 72;
        my @lock = grep { $_ } map { Chatd::Test::Ports::locked($_) } @needed;
        next if @lock < @needed || grep { !Chatd::Test::Ports::bindable($_) } @needed;
        push @held, @lock;
        return $first;
    }
    die 'no free range of ports';
}

# quickstart with these arguments: (exit code, what it said). Into a file, for its servers live on.
sub quickstart {
    my @arguments = @_;
    my $said = folder() . '/said';
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        open STDIN, '<', '/dev/null';
        open STDOUT, '>', $said;
        open STDERR, '>&', \*STDOUT;
        exec root() . '/scripts/quickstart', @arguments or POSIX::_exit(127);
    }
    waitpid $pid, 0;
    return ($? >> 8, slurp($said));
}

sub succeeds {
    my ($name, @arguments) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my ($code, $text) = quickstart(@arguments);
    is($code, 0, $name) or diag($text);
    return $text;
}

sub refuses {
    my ($name, $pattern, @arguments) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my ($code, $text) = quickstart(@arguments);
    isnt($code, 0, $name);
    like($text, $pattern, '… and says why');
}

sub pairs_in { map { /^(\S+) (.+)$/ ? ($1, $2) : die "no 'name value': $_" } split /\n/, slurp("$dir/$_[0]") }
sub mode { sprintf '%o', (stat $_[0])[2] & 07777 }

my $farewell = succeeds('up', '--dir', $dir, '--port', $port, '--workers', 2);
die 'no cluster, no test' if !-e "$dir/pids";
my %address = pairs_in('addresses');
my %pid = pairs_in('pids');

subtest 'where everything is' => sub {
    my $conninfo = delete $address{postgres};
    is_deeply \%address, {
        chat => "127.0.0.1:$port",
        web => 'http://127.0.0.1:' . ($port + 4) . '/',
        stats => 'http://127.0.0.1:' . ($port + 1) . '/stats',
        redis => '127.0.0.1:' . ($port + 3),
        'node-a' => '127.0.0.1:' . ($port + 11),
        'node-b' => '127.0.0.1:' . ($port + 12),
    }, 'addresses';
    is_deeply [ sort keys %pid ], [qw(haproxy node-a node-b postgres redis)], 'pids';
    ok alive($pid{$_}), "$_ lives" for sort keys %pid;
    for my $node ('node-a', 'node-b') {
        my @argument = split /\0/, slurp("/proc/$pid{$node}/cmdline");
        like shift @argument, qr{(^|/)chatd$}, "$node is chatd";
        is_deeply \@argument, [ '-c', "$dir/$node.conf" ], '… -c FILE';
    }
    is mode($dir), '700', 'the folder is for its owner alone';
    is mode("$dir/$_"), '600', "$_ too" for 'addresses', 'node-a.conf';
    is `'$psql' -XAt -d '$conninfo' -c 'SHOW fsync' -c 'SHOW synchronous_commit'`, "on\non\n", 'PostgreSQL is safe, and reached by CONNINFO';
};

subtest 'two people on two nodes, and through HAProxy' => sub {
    my ($alice, $david) = (person($address{'node-a'}, 'alice'), person($address{'node-b'}, 'david'));
    my $clara = person($address{chat}, 'clara');
    is $alice->{hello}{node} . $david->{hello}{node}, 'node-anode-b', 'each on its node';
    is_ok $alice->say('@david', 'one'), 'alice writes';
    is $david->expect_event('message')->{text}, 'one', 'david reads';
    is_ok $david->say('@clara', 'two'), 'david writes';
    is $clara->expect_event('message')->{text}, 'two', 'clara reads, through HAProxy';
    $_->close for $alice, $david, $clara;
};

subtest 'the page' => sub {
    like $farewell, qr{^Open this page: \Q$address{web}\E\n\z}m, 'is what the farewell ends with';
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1:' . ($port + 4)) or die;
    print $socket "GET / HTTP/1.0\r\n\r\n";
    my $answer = do { local $/; <$socket> };
    like $answer, qr{^HTTP/1\.1 200 OK\r\n.*<!doctype html>}s, 'is there';
    my $web = Chatd::Test::Websocket->connect('127.0.0.1:' . ($port + 4));
    is_ok $web->request('ping'), 'and so is its WebSocket';
    $web->close;
};

subtest 'the lines to try' => sub {
    my @line = grep { /nc 127|^\{/ } split /\n/, $farewell;
    is scalar @line, 4, 'there are four';
    my (@in, @pid);
    for my $i (0, 1) {
        my $out = folder() . "/terminal-$i";
        pipe my $read, $in[$i] or die;
        my $child = fork // die;
        if (!$child) {
            close $_ for @in;
            open STDIN, '<&', $read;
            open STDOUT, '>', $out;
            open STDERR, '>&', \*STDOUT;
            exec '/bin/sh', '-c', $line[$i];
        }
        push @pid, $child;
        $in[$i]->autoflush;
    }
    wait_until { 2 == grep { slurp(folder() . "/terminal-$_") =~ /synced/ } 0, 1 } 'both are logged in';
    print { $in[$_] } "$line[$_ + 2]\n" for 0, 1;
    wait_until { slurp(folder() . '/terminal-1') =~ /"hello bob"/ } 'bob has it';
    wait_until { slurp(folder() . '/terminal-0') =~ /"hello ann"/ } 'ann has it';
    pass 'they work';
    close $_ for @in;
    kill 'TERM', map { Chatd::Test::Util::children($_) } @pid;
    kill 'TERM', @pid;
    waitpid $_, 0 for @pid;
};

succeeds('status', 'status', '--dir', $dir);
my $before = time;
succeeds('up again', '--dir', $dir, '--port', $port);
note sprintf 'up again: %.1f s', time - $before;
is_deeply { pairs_in('pids') }, \%pid, '… starts nothing';
refuses('up with other options', qr/another --nodes runs/, '--dir', $dir, '--nodes', 3);

subtest 'some talk to look at' => sub {
    my $said = succeeds('up --demo', '--dir', $dir, '--demo');
    my ($password) = $said =~ /with the password "(.*)"/;
    my ($ann, @message) = arrive($address{chat}, 'ann', password => $password);
    my $lengths = sub { +{ map { @$_{qw(conv last_seq)} } @{ $ann->request('conversations')->{conversations} } } };
    my $before = $lengths->();
    is_deeply [ sort keys %$before ], [ '#allotment', '#release', '@bob', '@carol', '@eve' ], 'ann has conversations';
    is_deeply [ sort map { $_->{name} } @{ $ann->request('contacts')->{contacts} } ], [qw(bob carol dave eve)], 'and contacts';
    unlink "$dir/demo";
    succeeds('up --demo once more', '--dir', $dir, '--demo');
    is_deeply $lengths->(), $before, 'says nothing twice';
    $ann->close;
};

subtest 'a part that is gone' => sub {
    kill 'KILL', $pid{'node-b'};
    wait_until { !alive($pid{'node-b'}) } 'a master is killed';
    refuses('status', qr/node-b .*does not run/, 'status', '--dir', $dir);
    succeeds('up', 'up', '--dir', $dir);
    my %now = pairs_in('pids');
    isnt $now{'node-b'}, $pid{'node-b'}, 'it is started anew';
    is $now{$_}, $pid{$_}, "$_ stays as it was" for qw(postgres redis haproxy node-a);
    %pid = %now;
};

subtest 'a port that is taken' => sub {
    my $other = folder() . '/other';
    refuses('the first cluster is in the way', qr/port \d+ is taken: \S+ wants it/, '--dir', $other, '--port', $port);
    ok !-e "$other/pids" || !slurp("$other/pids"), 'nothing was started';
    succeeds('the first one is not touched', 'status', '--dir', $dir);
    my $first = free_range();
    my $taken = $first + 41;
    my $stranger = IO::Socket::INET->new(LocalAddr => "127.0.0.1:$taken", Listen => 1, ReuseAddr => 1) or die;
    refuses('a stranger is in the way', qr/port $taken is taken: node-a wants it .*held by process $$ /,
        '--dir', $other, '--port', $first);
    succeeds('purge what is not there', 'down', '--purge', '--dir', $other);
    ok !-e $other, '… is no fault';
};

subtest 'a folder that is not ours' => sub {
    my $foreign = folder() . '/foreign';
    mkdir $foreign;
    spew("$foreign/precious", 'x');
    refuses('up', qr/not made by quickstart/, '--dir', $foreign, '--port', $port);
    succeeds('down --purge', 'down', '--purge', '--dir', $foreign);
    ok -e "$foreign/precious", 'is left alone';
};

subtest 'down' => sub {
    my $sockets = slurp("$dir/run/sockets") =~ s/\n//r;
    ok length $sockets && -d $sockets && length $sockets < 80, 'a short folder for sockets';
    # A pid that has become somebody else's.
    kill 'KILL', $pid{redis};
    my $sleeper = fork // die;
    if (!$sleeper) { exec 'sleep', 1000 }
    spew("$dir/run/redis.process", slurp("$dir/run/redis.process") =~ s/^\d+/$sleeper/r);
    succeeds('down', 'down', '--dir', $dir);
    ok alive($sleeper), 'stops nothing but its own';
    kill 'TERM', $sleeper;
    waitpid $sleeper, 0;
    ok !alive($pid{$_}), "$_ has ended" for sort keys %pid;
    ok !-e $sockets, 'the sockets are gone';
    refuses('status', qr/does not run/, 'status', '--dir', $dir);
    succeeds('down again', 'down', '--dir', $dir);
    is_deeply [ map { glob "'$dir/$_.log'" } qw(node-a node-b) ], [ map { "$dir/$_.log" } qw(node-a node-b) ], 'logs are kept';
    my @alert = grep { /\[(alert|emerg)\]|Sanitizer|runtime error/ } map { split /\n/, slurp("$dir/$_.log") } qw(node-a node-b);
    is "@alert", '', 'and hold no alert';
};

subtest 'up with what was kept' => sub {
    succeeds('up', 'up', '--dir', $dir);
    is_error connect_to($address{'node-a'})->register('alice'), 'name_taken', 'alice is still there';
    succeeds('down --purge', 'down', '--purge', '--dir', $dir);
    ok !-e $dir, 'everything is removed';
};

is((quickstart(@$_))[0], 2, "@$_: how it is called") for ['--nonsense'], ['sideways'];
refuses("@$_", qr/wants/, @$_) for [ '--nodes', 0 ], [ '--nodes', 27 ], [ '--port', 'x' ], [ '--port', 65500 ], ['--dir'];

done_testing;
