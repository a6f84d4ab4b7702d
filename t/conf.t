#!/usr/bin/perl
# The configuration file, by `chatd -t` and `-T`: what is refused names file, line and directive, and
# nothing is started.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Util qw(build_dir folder spew);

my $chatd = build_dir() . '/chatd';
my $path = folder() . '/chatd.conf';
my @least = ('postgres = "host=127.0.0.1 dbname=chatd"', 'redis "127.0.0.1:6379" {}', 'listen "127.0.0.1:6001" {}');

# The exit status and what was said.
sub chatd {
    my (@argument) = @_;
    my $said = `$chatd @argument 2>&1`;
    return ($? >> 8, $said);
}

sub test_file {
    my (@line) = @_;
    spew($path, join '', map { "$_\n" } @line);
    return chatd('-c', $path, '-t');
}

sub accepted {
    my ($name, @line) = @_;
    my ($status, $said) = test_file(@line);
    is $status, 0, "accepted: $name" or diag($said);
}

# The last line is the wrong one.
sub refused {
    my ($directive, @line) = @_;
    my ($status, $said) = test_file(@line);
    is $status, 1, "refused: $line[-1]" or diag($said);
    my $number = @line;
    like $said, qr/\Q$path\E:$number\b.*\b\Q$directive\E\b/, '… file, line and directive are named';
}

subtest 'accepted' => sub {
    accepted('the least', @least);
    accepted('comments', '# one', '// two', '/* three */', @least);
    accepted('sizes and times', @least, 'max_frame = 128k', 'output_limit = 1m', 'login_timeout = 2s', 'gap_hold = 30ms',
        'token_lifetime = 24h', 'reconnect_spread = 0');
    accepted('two listeners', @least, 'listen "127.0.0.1:6101" {', '  proxy = true', '  backlog = 100', '}');
    accepted('IPv6 and a socket', @least, 'listen "[::1]:6001" {}', 'listen "unix:/run/chatd.sock" {}');
    accepted('auto', @least, 'worker_processes = auto');
};

subtest 'refused' => sub {
    refused('nonsense', @least, 'nonsense = 1');
    refused('max_frame', @least, "max_frame = $_") for '0', '2m', '-1', '"64 k"', '64x', 'many';
    refused('login_timeout', @least, "login_timeout = $_") for '0s', '10', '1d', '2h';
    refused('worker_processes', @least, "worker_processes = $_") for '0', '257', 'some';
    refused('daemon', @least, 'daemon = 3');
    refused('node', @least, 'node = "No Good"');
    refused('log_level', @least, 'log_level = loud');
    refused('proxy_trusted', @least, 'proxy_trusted = {"10.0.0.0/33"}');
    refused('agent_listen', @least, 'agent_listen = "somewhere"');
    refused('node', @least, 'node = a', 'node = b');
    refused('listen', @least, 'listen "127.0.0.1" {}');
    refused('listen', @least, 'listen "127.0.0.1:6001" {}');
    refused('postgres', @least[ 1, 2 ], 'postgres = "host=db.example.org"');
    my ($status, $said) = test_file(@least, 'listen "127.0.0.1:6002" {', '  proxy = true');
    is $status, 1, 'refused: an unclosed section' or diag($said);
    for my $missing (0 .. 2) {
        my @line = @least;
        my ($name) = split ' ', splice(@line, $missing, 1);
        ($status, $said) = test_file(@line);
        ok $status == 1 && $said =~ /\b$name\b/, "refused: no $name" or diag($said);
    }
};

subtest 'options' => sub {
    like((chatd('-v'))[1], qr{^chatd/?\s?\d+\.\d+}, '-v: the version');
    is((chatd($_))[0], 0, "$_: exit 0") for '-v', '-V', '-h';
    isnt((chatd('-x'))[0], 0, 'an unknown option');
    isnt((chatd('-c', folder() . '/missing', '-t'))[0], 0, 'a file that is not there');
    spew($path, join "\n", @least, 'node = "tested"', '');
    is((chatd('-c', $path, '-T'))[0], 0, '-T');
    my $dump = `$chatd -c $path -T 2>/dev/null`;
    like $dump, qr/^\s*node\s*=\s*"?tested"?$/m, '… shows what was set';
    like $dump, qr/^\s*ping_interval\s*=\s*"?(60s|1m)"?$/m, '… and what was not';
    spew("$path.dump", $dump);
    is((chatd('-c', "$path.dump", '-t'))[0], 0, '… and is a configuration itself');
};

done_testing;
