#!/usr/bin/perl
# What README.md shows is true: its client in ten lines talks to a real node.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Process qw(spawn reap);
use Chatd::Test::Util qw(folder root slurp spew stop_process);

my ($program) = slurp(root() . '/README.md') =~ /^```python\n(.*?)^```/ms;
die 'README.md has no client' if !$program;
my ($python) = grep { -x } map { "$_/python3" } split /:/, $ENV{PATH};
plan(skip_all => 'no python3') if !$python;

my $site = site();
my $node = $site->node('a', worker_processes => 1)->start;
my ($port) = $node->{plain} =~ /:(\d+)$/;
is $program =~ s/\b8000\b/$port/, 1, 'its address is HAProxy\'s';
my $path = spew(folder() . '/client.py', $program);

my $bob = person($node, 'bob');
my $pid = spawn(name => 'ann', command => [ $python, $path, 'ann', '@bob' ]);
is $bob->expect_event('message')->{text}, 'hello from ann', 'it sends';
is_ok $bob->say('@ann', 'hello back'), 'an answer';
wait_until { slurp(folder() . '/ann.stderr') =~ /^bob to \@ann: hello back$/m } 'it shows what comes';
unlike slurp(folder() . '/ann.stderr'), qr/refused/, 'nothing was refused';

my $again = spawn(name => 'ann2', command => [ $python, $path, 'ann', '@nobody' ]);
wait_until { slurp(folder() . '/ann2.stderr') =~ /refused: name_taken\n(?s:.*)refused: no_such_user/ } 'it shows what is refused';
pass 'a second run';
for ($pid, $again) { stop_process($_, 'TERM'); reap($_) }

done_testing;
