#!/usr/bin/perl
# The configuration file and the command line, from outside: what chatd -t refuses, with which line and
# directive; that -T comes back as it went in; -h, -v, -V, and what is no option. Starts no server but
# one that can't start.
use strict;
use warnings;
use Test::More;
use File::Temp qw(tempdir);
use Cwd qw(abs_path);
use FindBin;

my $chatd  = abs_path($ENV{CHATD_BUILD} || "$FindBin::Bin/../build") . '/chatd';
my $folder = tempdir(CLEANUP => 1);
my $file   = "$folder/chatd.conf";

my $listen   = qq(listen "127.0.0.1:6001" { }\n);
# As installed: the page's files lie elsewhere.
my $example = slurp("$FindBin::Bin/../etc/chatd.conf") =~ s{^web_root = \K.*}{"$FindBin::Bin/../web"}mr;
my $postgres = qq(postgres = "host=/tmp dbname=chatd"\n);
my $redis    = qq(redis "127.0.0.1:6379" { }\n);
my $least    = $listen . $postgres . $redis;    # three lines: what is added begins in the fourth

sub slurp { open my $in, '<', $_[0] or die "$_[0]: $!"; local $/; my $text = <$in>; return $text // '' }

sub spew {
    my ($path, $text) = @_;
    open my $out, '>:raw', $path or die "$path: $!";
    print $out $text;
    close $out or die "$path: $!";
    return $path;
}

# Status, standard output, standard error.
sub run {
    my (@arguments) = @_;
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        open STDOUT, '>', "$folder/out" or die;
        open STDERR, '>', "$folder/err" or die;
        exec $chatd, @arguments or die "$chatd: $!";
    }
    waitpid $pid, 0;
    return ($?, slurp("$folder/out"), slurp("$folder/err"));
}

# ---- files that are fine

my @fine = (
    ['the least',           $least],
    ['comments',            "# a\n// b\n/* c\n d */ $least # e"],
    ['CR LF',               $least =~ s/\n/\r\n/gr],
    ['no line end',         $least . 'max_text = 1k'],
    ['bare words',          "listen 127.0.0.1:1{}redis [::1]:2{}postgres='host=127.0.0.1'\npid_file = /run/x/y.pid"],
    ['several in a line',   $least . 'gates = 100 backlog_page = 1'],
    ['a value in the next', $least . "gates =\n100"],
    ['unix sockets',        $postgres . 'listen "unix:/tmp/s" { } redis "unix:/tmp/r" { password = "x" }'],
    ['many listeners',      $least . 'listen "127.0.0.1:6002" { proxy = on backlog = 65535 } listen "[::1]:6001" { }'],
    ['one trusted, bare',   $least . 'proxy_trusted = unix'],
    ['a trailing comma',    $least . 'proxy_trusted = { "::1", }'],
    ['limits that meet',    $least . 'max_frame = 64k max_text = 64k output_limit = 64k'],
    ['zero spread',         $least . 'reconnect_spread = 0'],
    ['flags',               $least . 'daemon = no accept_mutex = yes'],
    ['no variable',         $least . q(node = a) . qq(\n) . 'pid_file = "/tmp/\${HOME}"'],
    ['an example',          $example],
);

for (@fine) {
    my ($name, $text) = @$_;
    my ($status, $out, $err) = run('-t', '-c', spew($file, $text));
    is($err, "chatd: the configuration $file is fine\n", "fine: $name");
    is("$status $out", '0 ', 'and nothing else');
}

# ---- files that are not: name, text, line, directive, and a part of what was expected

my @wrong = (
    # missing
    ['an empty file',      '',                       1, 'postgres', 'no default'],
    ['only a comment',     "# nothing\n\n",          2, 'postgres', 'no default'],
    ['no listen',          $postgres . $redis,       2, 'listen',   'at least one'],
    ['no postgres',        $listen . $redis,         2, 'postgres', 'no default'],
    ['no redis',           $listen . $postgres,      2, 'redis',    'one redis'],

    # not closed
    ['an open block',      $least . "listen \"127.0.0.1:2\" {\n",         4, 'listen',        'closing }'],
    ['a swallowed file',   "listen \"127.0.0.1:2\" {\n$least",            1, 'listen',        'closing }'],
    ['an open list',       $least . "\nproxy_trusted = { \"::1\"\n",      5, 'proxy_trusted', 'closing }'],
    ['an open string',     $least . "node = \"a\nlog_level = \"info\"\n", 4, 'node',          'closing quote'],
    ['an open string, \'', $least . "node = 'a\n",                        4, 'node',          'closing quote'],
    ['an open title',      $least . "\n\nlisten \"127.0.0.1:2 {\n}\n",    6, 'listen',        'closing quote'],
    ['an open comment',    $least . "/* node = a\n\n",                    4, '/*',            'closing */'],
    ['a brace too many',   $least . "}\n",                                4, '}',             'no block'],

    # twice
    ['a setting twice',    $least . "gates = 100\n# x\ngates = 100\n",    6, 'gates',         'line 4'],
    ['required, twice',    $least . $postgres,                            4, 'postgres',      'line 2'],
    ['a list twice',       $least . "proxy_trusted = unix\nproxy_trusted = { unix }\n", 5, 'proxy_trusted', 'line 4'],
    ['a key twice',        $least . "listen \"1.1.1.1:1\" {\n proxy = on\n proxy = on\n}", 6, 'proxy', 'line 5'],
    ['a listener twice',   $least . $listen,                              4, 'listen',        'twice'],
    ['spelt otherwise',    $least . "listen \"[::1]:5\" { }\nlisten \"[0::1]:5\" { }\n", 5, 'listen', 'twice'],
    ['agent on a listener', $least . "agent_listen = 127.0.0.1:6001",     4, 'agent_listen',  'twice'],
    ['two Redis',          $least . "redis \"127.0.0.1:2\" { }",          4, 'redis',         'one redis block'],
    ['the same Redis',     $least . $redis,                               4, 'redis',         'twice'],

    # unknown
    ['a directive',        $least . "max_frames = 64k\n",                 4, 'max_frames',    'a directive'],
    ['upper case',         $least . "Gates = 100\n",                      4, 'Gates',         'a directive'],
    ['a block',            $least . "server \"x\" { }\n",                 4, 'server',        'a directive'],
    ['a key',              $least . "listen \"1.1.1.1:1\" {\n tls = on\n}", 5, 'tls',         'backlog, proxy, websocket'],
    ['of another block',   $least . "listen \"1.1.1.1:1\" { password = x }", 4, 'password',   'backlog, proxy, websocket'],
    ['a directive, inside', $least . "listen \"1.1.1.1:1\" {\n gates = 100 }", 5, 'gates',    'backlog, proxy, websocket'],
    ['a block in a block', $least . "listen \"1.1.1.1:1\" {\nlisten \"1.1.1.1:2\" { } }", 5, 'listen', 'backlog, proxy, websocket'],
    ['a dotted name',      $least . "listen.proxy = on\n",                4, 'listen.proxy',  'a directive'],
    ['after a long comment', "/* 1\n2\n3 */\n$least\nbogus = 1\n",        8, 'bogus',         'a directive'],
    ['an include',         $least . "include(\"/etc/passwd\")\n",         4, 'include',       'quotes around'],

    # junk
    ['a semicolon',        $least . "gates = 100;\n",                     4, 'gates',         'semicolon'],
    ['a lone semicolon',   $least . ";\n",                                4, ';',             'semicolon'],
    ['in a block',         $least . "listen \"1.1.1.1:1\" {\n proxy = on; }", 5, 'proxy',     'semicolon'],
    ['no equal sign',      $least . "gates 100\n",                        4, 'gates',         '= and a value'],
    ['and more behind',    $least . "gates 100\nbacklog_page = 3\n",      4, 'gates',         '= and a value'],
    ['no equal sign, in a block', $least . "listen \"1.1.1.1:1\" {\n proxy\n\n}\n", 5, 'proxy', '= and a value'],
    ['lines behind',       $least . "gates\n\nbacklog_page = 3\n",       4, 'gates',         '= and a value'],
    ['two addresses',      $least . "listen\n\"1.1.1.1:1\" \"1.1.1.1:2\"\n{ }\n", 4, 'listen', '= and a value, or'],
    ['two slashes',        $least . "pid_file = /run//x.pid\n",           4, 'pid_file',      'quotes around'],
    ['no value',           $least . "gates =\n",                          4, 'gates',         'a value after ='],
    ['no value, and more',  $least . "listen \"1.1.1.1:1\" { proxy = }\ngates = 100\n", 4, 'proxy', 'a value after ='],
    ['no value in a block', $least . "listen \"1.1.1.1:1\" { proxy = }",  4, 'proxy',         'a value after ='],
    ['two equal signs',    $least . "gates = = 1\n",                      4, 'gates',         "'='"],
    ['a colon',            $least . "gates: 100\n",                       4, 'gates:',        '= and a value'],
    ['an appending',       $least . "proxy_trusted += { unix }\n",        4, 'proxy_trusted', '+'],
    ['no comma',           $least . "proxy_trusted = { ::1 unix }\n",     4, 'proxy_trusted', "'unix'"],
    ['a list for a number', $least . "gates = { 100 }\n",                 4, 'gates',         "'{'"],
    ['two values',         $least . "gates = 100 200\n",                  4, '200',           '= and a value'],
    ['no address',         $least . "listen { }\n",                       4, 'listen',        'an address'],
    ['listen =',           $postgres . $redis . "listen = \"1.1.1.1:1\"\n", 3, 'listen',      ''],
    ['a byte order mark',  "\xef\xbb\xbf$least",                          1, '\xef',          'text'],
    ['a NUL',              $least . "node = a\0b\n",                      4, 'node',          'text'],
    ['a NUL in a string',  $least . "node = \"a\0b\"\n",                  4, 'node',          'without the byte'],
    ['a control character', $least . "node = \"a\eb\"\n",                 4, 'node',          'without the byte'],
    ['no UTF-8',           $least . "redis \"\xff\" { }\n",               4, 'redis',         'UTF-8'],
    ['a variable',         $least . "node = \"\${HOME}\"\n",              4, 'node',          'not replaced'],
    ['a bare one',         $least . "node = \${HOME}\n",                  4, 'node',          'not replaced'],
    ['with a default',     $least . "redis_queue = \"\${X:-1m}\"\n",      4, 'redis_queue',   'not replaced'],
    ['an escape',          $least . "node = \"a\\n\"\n",                  4, 'node',          'backslash'],
    ['words run together', $least . "node = a\"b\"\n",                    4, 'node',          'a blank or quotes'],

    # values
    ['a number with a unit', $least . "gates = 100k\n",                   4, 'gates',         'from 100 to 10000000, not "100k"'],
    ['too small',          $least . "gates = 99\n",                       4, 'gates',         'from 100'],
    ['too great',          $least . "gates = 10000001\n",                 4, 'gates',         'to 10000000'],
    ['far too great',      $least . "gates = 99999999999999999999\n",     4, 'gates',         'whole number'],
    ['negative',           $least . "gates = -100\n",                     4, 'gates',         'whole number'],
    ['octal is decimal',   $least . "hash_threads = 017\n",               4, 'hash_threads',  'from 1 to 16'],
    ['hexadecimal',        $least . "gates = 0x100\n",                    4, 'gates',         'whole number'],
    ['a fraction',         $least . "gates = 1e3\n",                      4, 'gates',         'whole number'],
    ['an empty value',     $least . "gates = \"\"\n",                     4, 'gates',         'whole number'],
    ['no unit',            $least . "gap_hold = 20\n",                    4, 'gap_hold',      'units ms, s, m, h'],
    ['a size for a time',  $least . "gap_hold = 20k\n",                   4, 'gap_hold',      'units ms, s, m, h'],
    ['a time for a size',  $least . "max_frame = 64s\n",                  4, 'max_frame',     'units k, m, g'],
    ['an upper case unit', $least . "max_frame = 64K\n",                  4, 'max_frame',     'units k, m, g'],
    ['a unit apart',       $least . "max_frame = 64 k\n",                 4, 'k',             '= and a value'],
    ['a time too short',   $least . "gap_hold = 0\n",                     4, 'gap_hold',      'from 1ms'],
    ['a time too long',    $least . "ping_interval = 61m\n",              4, 'ping_interval', 'to 1h'],
    ['no whole seconds',   $least . "ping_interval = 1500ms\n",           4, 'ping_interval', 'whole seconds'],
    ['a flag',             $least . "accept_mutex = 1\n",                 4, 'accept_mutex',  'true or false'],
    ['a flag in a block',  $least . "listen \"1.1.1.1:1\" {\n\n proxy = maybe }", 6, 'proxy', 'true or false'],
    ['a backlog of 0',     $least . "listen \"1.1.1.1:1\" { backlog = 0 }", 4, 'backlog',     'from 1 to 65535'],
    ['too many workers',   $least . "worker_processes = 257\n",           4, 'worker_processes', 'auto or a whole number'],
    ['no workers',         $least . "worker_processes = 0\n",             4, 'worker_processes', 'auto or a whole number'],
    ['a level',            $least . "log_level = verbose\n",              4, 'log_level',     'emerg'],
    ['a node\'s name',     $least . "node = \"Node A\"\n",                4, 'node',          '1 to 32'],
    ['a long one',         $least . 'node = ' . 'a' x 33,                 4, 'node',          '1 to 32'],
    ['a listener\'s name', $postgres . $redis . "\nlisten \"localhost:1\" { }", 4, 'listen',  'IP:PORT'],
    ['no port',            $least . "listen \"127.0.0.2\" { }",           4, 'listen',        'IP:PORT'],
    ['port 0',             $least . "agent_listen = 127.0.0.1:0",         4, 'agent_listen',  'IP:PORT'],
    ['a long socket',      $least . 'listen "unix:/' . 'a' x 107 . '" { }', 4, 'listen',      '107'],
    ['Redis by name',      $listen . $postgres . "redis \"redis:6379\" { }", 3, 'redis',      'IP:PORT'],
    ['a network',          $least . "proxy_trusted = { ::1, \"10.0.0.0/33\" }\n", 4, 'proxy_trusted', '10.0.0.0/33'],
    ['no network',         $least . "proxy_trusted = { }\n",              4, 'proxy_trusted', 'at least one'],
    ['a relative pid file', $least . "pid_file = chatd.pid\n",            4, 'pid_file',      'absolute'],
    ['PostgreSQL by name', $listen . $redis . "postgres = \"host=db\"\n", 3, 'postgres',      'IP address'],
    ['one by name',        $listen . $redis . "postgres = \"host=/tmp,db\"\n", 3, 'postgres', 'IP address'],
    ['no host',            $listen . $redis . "postgres = \"dbname=x\"\n", 3, 'postgres',     'host='],
    ['a key of none',      $listen . $redis . "postgres = \"host=/tmp dbnam=x\"\n", 3, 'postgres', 'dbnam'],
    ['a port of none',     $listen . $redis . "postgres = \"host=/tmp port=99999\"\n", 3, 'postgres', '1 to 65535'],
    ['too many ports',     $listen . $redis . "postgres = \"host=/tmp,/run port=1,2,3\"\n", 3, 'postgres', 'one port, or one for each host'],
    ['no folder to serve', $least . "web_root = \"/nowhere\"\n", 4, 'web_root', 'No such file'],
    ['a file to serve',    $least . "web_root = \"/etc/passwd\"\n", 4, 'web_root', 'Not a directory'],
    ['a URI',              $listen . $redis . "postgres = \"postgresql://1.1.1.1/x\"\n", 3, 'postgres', 'key=value'],

    # together
    ['text over frame',    $least . "max_text = 3k\nmax_frame = 2k\n",    5, 'max_text',      'at most max_frame, 2k'],
    ['output under frame', $least . "max_frame = 1m\n\nnode = a\n",       4, 'output_limit',  'at least max_frame, 1m'],
    ['a daemon to stderr', $least . "daemon = true\n",                    4, 'daemon',        'error_log'],
    ['a log nowhere',      $least . "error_log = \"$folder/no/log\"\n",   4, 'error_log',     'No such file'],
    ['a log in a folder',  $least . "error_log = \"$folder\"\n",          4, 'error_log',     'directory'],
    ['a log, relative',    $least . "error_log = log\n",                  4, 'error_log',     'absolute'],
    ['the first of two',   $least . "gates = 1\nack_interval = 1\n",      4, 'gates',         'from 100'],
);

for (@wrong) {
    my ($name, $text, $line, $directive, $expected) = @$_;
    my ($status, $out, $err) = run('-t', '-c', spew($file, $text));
    like($err, qr/^chatd: \Q$file:$line: $directive: expected \E[^\n]*\Q$expected\E[^\n]*\n\z/, "wrong: $name");
    is(($status >> 8) . " $out", '1 ', 'status 1, nothing else said');
}

# ---- files that are none

for (["$folder/none", 'No such file'], [$folder, 'not a folder'], ['/dev/zero', 'at most 256k']) {
    my ($status, $out, $err) = run('-c', $_->[0]);
    like($err, qr/^chatd: \Q$_->[0]: expected \E.*\Q$_->[1]\E.*\n\z/, "no configuration: $_->[0]");
    is($status >> 8, 1, 'status 1');
}

# ---- -T

sub dump_of {
    my ($status, $out, $err) = run('-T', '-c', @_);
    is("$status $err", "0 chatd: the configuration $_[0] is fine\n", "-T $_[0]");
    return $out;
}

my $changed = $least . "max_text = 1\nproxy_trusted = { 'unix', \"10.0.0.0/8\" }\nnode = n\nworker_processes = 3\n"
  . "listen \"[::1]:6001\" { proxy = on }\nping_interval = 90s\n";
my $once = dump_of(spew($file, $changed));
is(dump_of(spew("$folder/again.conf", $once)), $once, 'a dump is a configuration, and its dump the same');
like($once, qr/^$_$/m, "it says $_")
  for 'max_text = 1', 'ping_interval = 90s', 'worker_processes = 3', 'token_lifetime = 720h', 'max_frame = 64k',
  'proxy_trusted = \{ "unix", "10.0.0.0/8" \}', 'listen "\[::1\]:6001" \{ proxy = true websocket = false backlog = 4096 \}';

# What the example has commented out are the defaults.
my $all     = $example =~ s/^#(?=[a-z_]+ = )//gmr;
isnt($all, $example, 'the example has defaults');
is(dump_of(spew($file, $all)), dump_of(spew("$folder/again.conf", $example)), 'they are the defaults');

# ---- the command line

{
    my ($status, $out, $err) = run('-h');
    like($out, qr/^usage: chatd /, '-h prints the usage');
    is("$status $err", '0 ', 'and that is all');
    ($status, $out, $err) = run('-v');
    like($out, qr/^chatd \d+\.\d+\.\d+\n\z/, '-v prints the version');
    ($status, $out, $err) = run('-V');
    like($out, qr/^$_ \S/m, "-V knows $_") for 'chatd', 'built by', 'libevent', 'cJSON', 'libpq', 'libconfuse', 'libsodium';
    is("$status $err", '0 ', 'and that is all');
}

for (['-x'], ['-c'], ['-s'], ['-s', 'halt'], ['-s', ''], ['stop'], ['-t', 'file'], ['--help'], ["-\x1b"]) {
    my ($status, $out, $err) = run(@$_);
    is($status >> 8, 1, "@$_: status 1");
    like($err, qr/^chatd: [^\n\e]+\nusage: chatd /, 'what is wrong, and the usage');
    is($out, '', 'on stderr alone');
}

# ---- -s without a server

for (
    [$least,                                    'names no pid_file'],
    ["${least}pid_file = $folder/none.pid",     'no chatd is running'],
    ["${least}pid_file = " . spew("$folder/old.pid", "$$\n"), 'left behind'],
  ) {
    my ($status, $out, $err) = run('-s', 'stop', '-c', spew($file, $_->[0]));
    like($err, qr/^chatd: .*$_->[1]/, "-s: $_->[1]");
    is($status >> 8, 1, 'status 1');
}

# ---- a start that fails: foreground and daemon, nothing is left

for my $daemon ('', "daemon = true\nerror_log = $folder/log\n") {
    my $bad = "listen \"192.0.2.1:6001\" { }\n$postgres$redis${daemon}pid_file = $folder/bad.pid\n";
    my ($status, $out, $err) = run('-c', spew($file, $bad));
    is($status >> 8, 1, $daemon ? 'a daemon that can\'t bind: status 1' : 'an address that can\'t be bound: status 1');
    like($err, qr/\Q$file:1: listen "192.0.2.1:6001"\E/, 'it is named');
    ok(!-e "$folder/bad.pid", 'no pid file is left');
}

done_testing();
