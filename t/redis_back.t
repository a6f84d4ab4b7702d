#!/usr/bin/perl
# A Redis that comes back to many sessions makes no storm of queries: what was missed is asked for once for all of a
# worker's sessions, and not for each. So nothing is asked as often as there are sessions.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Util qw(slurp);

my $site = site();
my @node = $site->start_nodes([qw(a b)], worker_processes => 2);
my $many = 300;
my @person = map { person($node[ $_ % 2 ], "p$_") } 1 .. $many;
is_ok $person[0]->request('group_create', group => '#all'), 'a group';
my @join = map { [ $_, $_->begin('group_join', group => '#all') ] } @person[ 1 .. $#person ];
is scalar(grep { $_->[0]->reply($_->[1])->{ok} } @join), $many - 1, 'of all of them';

# Of two who are neighbours each is on the other node.
sub exchange {
    my ($when) = @_;
    for my $from (0 .. 3) {
        is_ok $person[$from]->say('@p' . ($from + 2), "$when $from"), "$when: said";
        is $person[ $from + 1 ]->expect_event('message', text => "$when $from")->{text}, "$when $from", '… and heard';
    }
    is_ok $person[0]->say('#all', $when), "$when: said to all";
    is scalar(grep { $_->expect_event('message', text => $when) } @person[ 1 .. $#person ]), $many - 1, '… and heard by all';
}

exchange('before');
$site->redis->kill9;
exchange('without');
my $logged = -s $site->postgres->log_path;
$site->postgres->log_statements('all');
$site->redis->start;
wait_until { !grep { $_->log_text !~ /redis .*\(listening\): up/ } @node } 'they are connected again';
exchange('after');
$site->postgres->log_statements('none');

my %asked;
$asked{$_}++ for substr(slurp($site->postgres->log_path), $logged) =~ /LOG:  execute (\w+)/g;
cmp_ok scalar(keys %asked), '>', 3, 'what was asked meanwhile is known';
is_deeply [ map { "$_: $asked{$_}" } grep { $asked{$_} >= $many / 2 } sort keys %asked ], [], 'nothing as often as there are sessions'
  or diag join(", ", map { "$_ $asked{$_}" } sort keys %asked);

done_testing;
