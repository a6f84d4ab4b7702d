#!/usr/bin/perl
# The list of conversations: which are in it, in what order, how far one has come in each; in pages.
use strict;
use warnings;
use Chatd::Test;

my $site = site();
my $node_a = $site->node('a', worker_processes => 1);
my $node_b = $site->node('b', worker_processes => 1);
$_->begin for $node_a, $node_b;
$_->wait_ready for $node_a, $node_b;

my ($alice, $bob, $carol) = (person($node_a, 'alice'), person($node_b, 'bob'), person($node_a, 'carol'));

sub page { my ($client, %field) = @_; return $client->request('conversations', %field) }

# The whole list, over as many pages as there are.
sub list {
    my ($client, %field) = @_;
    my @all;
    while (1) {
        my $reply = page($client, %field);
        $reply->{ok} or die $reply->{_line};
        push @all, @{ $reply->{conversations} };
        return @all if !exists $reply->{next};
        $field{after} = $reply->{next};
    }
}
sub names { join ' ', map { $_->{conv} } list(@_) }
sub of { my ($client, $conv) = @_; return (grep { $_->{conv} eq $conv } list($client))[0] }
sub counters { my $line = of(@_); return join ' ', @$line{qw(last_seq recv_seq read_seq)} }

# What happens after it has another time.
sub tick {
    my ($client) = @_;
    my $now = $client->request('ping')->{ts};
    wait_until { $client->request('ping')->{ts} > $now + 1 } 'the clock goes on';
}

subtest 'nothing yet' => sub {
    is_error page(connect_to($node_a)), 'not_logged_in', 'before login';
    my $reply = page($alice);
    like $reply->{_line}, qr/"conversations":\[\]/, 'an empty list';
    ok !exists $reply->{next}, 'without next';
    is_ok $alice->request('history', conv => '@bob'), 'a look at what nobody has written';
    is_error $alice->say('@bob', ''), 'bad_field', 'a send that is refused';
    is names($_), '', 'a conversation without a message is not in it' for $alice, $bob;
};

subtest 'a line of it' => sub {
    my $first = $alice->say('@bob', 'one');
    my $second = $bob->say('@alice', "two \"\x{1F600}\"\n");
    my $last = { from => 'bob', ts => $second->{ts}, text => "two \"\x{1F600}\"\n" };
    for my $reader ([ $alice, '@bob' ], [ $bob, '@alice' ]) {
        my ($line, @more) = list($reader->[0]);
        is scalar(@more), 0, 'one conversation';
        is_deeply { map { $_ => $line->{$_} } qw(conv last_seq recv_seq read_seq last) },
          { conv => $reader->[1], last_seq => 2, recv_seq => 0, read_seq => 0, last => $last }, "as $reader->[1]";
    }
    like page($alice)->{_line}, qr/"last_seq":2,.*"recv_seq":0\b.*"ts":\d+/, 'numbers';
    is names($carol), '', 'nobody else has it';
};

subtest 'recv_seq' => sub {
    is_ok $bob->request('ack', conv => '@alice', seq => 1), 'ack';
    is counters($bob, '@alice'), '2 1 0', 'then conversations: recv_seq has moved';
    $bob->send_json({ op => 'ack', conv => '@alice', seq => 2 });
    is counters($bob, '@alice'), '2 2 0', 'an ack without id, too';
    $bob->request('ack', conv => '@alice', seq => 1);
    is counters($bob, '@alice'), '2 2 0', 'never back';
    is counters($alice, '@bob'), '2 0 0', 'for oneself alone';
    is counters(person($node_a, 'bob'), '@alice'), '2 2 0', 'the same for another device';
    my ($auto) = arrive($node_b, 'alice', ack => 'auto');
    is counters($auto, '@bob'), '2 2 0', 'auto: what has been written is acknowledged';
};

subtest 'groups' => sub {
    tick($alice);
    is_ok $alice->request('group_create', group => '#empty'), 'an empty group';
    tick($alice);
    $alice->say('@alice', 'note');
    tick($alice);
    is_ok $alice->request('group_create', group => '#talk'), 'another';
    is names($alice), '#talk @alice #empty @bob', 'newest first, the empty by their creation';
    my $line = of($alice, '#empty');
    ok exists $line->{last} && !defined $line->{last}, 'last is null';
    is counters($alice, '#empty'), '0 0 0', 'and all at 0';
    tick($alice);
    $alice->say('#talk', $_) for 1 .. 3;
    $bob->request('group_join', group => '#talk');
    is counters($bob, '#talk'), '3 3 3', 'a new member begins at last_seq';
    is of($bob, '#talk')->{last}{text}, 3, 'and sees the last one';
    is names($bob), '#talk @alice', 'two for bob';
    tick($alice);
    $bob->say('@alice', 'three');
    is names($_->[0]), $_->[1], 'a message brings it up'
      for [ $bob, '@alice #talk' ], [ $alice, '@bob #talk @alice #empty' ];
    is_ok $bob->request('group_leave', group => '#talk'), 'who leaves';
    is names($bob), '@alice', 'has it no more';
    is_error page($bob, limit => $_), 'bad_field', 'a bad limit', field => 'limit' for 0, 201, -1, 1.5, '5', undef;
    is_error page($bob, after => $_), 'bad_field', 'a bad after', field => 'after' for 7, undef;
};

# Sent in one go, many of them have the same time.
subtest 'ties, and pages' => sub {
    my $erin = person($node_b, 'erin');
    my @peer = map { sprintf 'p%02d', $_ } 1 .. 40;
    person($node_a, $_)->close for @peer[ 0, 10, 20 ];
    is_ok $erin->request('group_create', group => "#g$_"), "#g$_" for 1 .. 9;
    $_ % 10 and connect_to($node_a)->register($peer[$_]) for 0 .. $#peer;
    connect_to($node_a)->register($peer[30]);
    my @to = ((map { "\@$_" } reverse @peer), map { "#g$_" } 1 .. 8);
    my %id = map { $_ => $erin->begin('send', to => $_, text => "to $_") } @to;
    my %ts = map { $_ => $erin->reply($id{$_})->{ts} } @to;
    my %times = map { $_ => 1 } values %ts;
    note scalar(keys %times) . ' times for ' . @to;
    my @expected = ((sort { $ts{$b} <=> $ts{$a} || $a cmp $b } @to), '#g9');
    my @line = list($erin, limit => 200);
    is_deeply values_of('conv', @line), \@expected, 'newest first, ties by conv';
    is_deeply [ map { $_->{last} ? $_->{last}{ts} : undef } @line ], [ map { $ts{$_} } @expected ], 'as their ts say';
    is names($erin, limit => $_), "@expected", "by pages of $_" for 1, 2, 7, 48, 49;
    is scalar(@{ page($erin, limit => 7)->{conversations} }), 7, 'a page has as many as asked';
    my $whole = page($erin, limit => 49);
    ok !exists $whole->{next} || !@{ page($erin, after => $whole->{next})->{conversations} }, 'the end is the end';

    is_ok $erin->request('group_create', group => "#h$_"), "#h$_" for 1 .. 3;
    my $page = page($erin);
    is scalar(@{ $page->{conversations} }), 50, 'fifty if nothing is asked';
    is scalar(@{ page($erin, after => $page->{next})->{conversations} }), 2, 'and the rest by next';
};

subtest 'what happens between two pages' => sub {
    my $frank = person($node_a, 'frank');
    for my $i (1 .. 6) { $frank->request('group_create', group => "#f$i"); tick($frank) }
    my $page = page($frank, limit => 3);
    is_deeply values_of('conv', @{ $page->{conversations} }), [ '#f6', '#f5', '#f4' ], 'the first page';
    $frank->say('#f1', 'up');
    is_deeply values_of('conv', @{ page($frank, after => $page->{next})->{conversations} }), [ '#f3', '#f2' ],
      'what has moved up is not repeated, what has not is not lost';
};

done_testing;
