#!/usr/bin/perl
# A group of ten thousand: joining it, listing it by pages, a message as one row and one publish, deleting it.
# Most members are put into the store by hand; they are never on-line.
use strict;
use warnings;
use Chatd::Test;
use IO::Select;
use IO::Socket::INET;

my $size = 10_000;
my $site = site();
my $node_a = $site->node('a', worker_processes => 1);
my $node_b = $site->node('b', worker_processes => 2);
$_->begin for $node_a, $node_b;
$_->wait_ready for $node_a, $node_b;

my ($ann, $ben, $cat, $dan) = map { person(@$_) } [ $node_a, 'ann' ], [ $node_b, 'ben' ], [ $node_b, 'cat' ], [ $node_a, 'dan' ];
is_ok $ann->request('group_create', group => '#all'), 'made';
my $absent = $size - 3;
my $conv = $site->postgres->query(q(SELECT conv_id FROM groups WHERE name = 'all'));
$site->postgres->query(qq(
    INSERT INTO users (name, password) SELECT 'm' || lpad(i::text, 5, '0'), 'x' FROM generate_series(1, $absent) i;
    INSERT INTO member (user_id, conv_id) SELECT id, $conv FROM users WHERE name ~ '^m[0-9]';
    UPDATE groups SET members = members + $absent WHERE conv_id = $conv));

sub info { $_[0]->request('group_info', group => '#all') }

subtest 'joining' => sub {
    is info($ann)->{members}, $size - 2, 'nearly full';
    is_ok $_->request('group_join', group => '#all'), "$_->{me}{name} joins" for $ben, $cat;
    is_error $dan->request('group_join', group => '#all'), 'group_full', 'one too many', limit => 'max_group_members';
    is_error $ann->request('group_invite', group => '#all', name => 'dan'), 'group_full', 'by invitation, too', limit => 'max_group_members';
    is info($dan)->{members}, $size, 'it is full';
    $ann->barrier;
    is_deeply [ $ann->events('group') ], [], 'nobody is told who comes into so large a group';
};

subtest 'listing by pages' => sub {
    my (@name, $after, $pages);
    do {
        my $page = $ben->request('group_members', group => '#all', limit => 200, $after ? (after => $after) : ());
        $page->{ok} or die $page->{_line};
        push @name, map { $_->{name} } @{ $page->{members} };
        ++$pages;
        $after = $page->{next};
    } while ($after);
    is $pages, $size / 200, 'full pages';
    is_deeply \@name, [ 'ann', 'ben', 'cat', map { sprintf 'm%05d', $_ } 1 .. $absent ], 'everybody once, in order';
};

# What Redis carries on the channels of users and groups meanwhile.
sub published_during {
    my ($what) = @_;
    my $watch = IO::Socket::INET->new(PeerAddr => $site->redis->address) or die 'Redis';
    print $watch "PSUBSCRIBE [ug]:*\r\n";
    my $text = '';
    my $read = sub { sysread $watch, $text, 65536, length $text };
    $read->() until $text =~ /psubscribe/;
    $what->();
    $site->redis->command('PUBLISH', 'u:0', 'the end');
    $read->() until $text =~ /the end/;
    return [ $text =~ /pmessage\r\n\$\d+\r\n\S+\r\n\$\d+\r\n([ug]:[1-9]\d*)\r\n/g ];
}

subtest 'a message' => sub {
    my $channels = published_during(
        sub {
            is $ann->say('#all', 'hello, all')->{seq}, 1, 'sent';
            $_->expect_event('message', to => '#all', seq => 1) for $ben, $cat;
        }
    );
    is_deeply $channels, ["g:$conv"], 'one publish';
    is $site->postgres->query("SELECT count(*) FROM message WHERE conv_id = $conv"), 1, 'one row';
    is_ok $ben->say('#all', "more $_"), 'and more' for 1 .. 20;
    is_deeply seqs($cat->messages(20, to => '#all')), [ 2 .. 21 ], 'in order';
};

subtest 'leaving, being kicked' => sub {
    is_ok $cat->request('group_leave', group => '#all'), 'left';
    is_ok $ann->request('group_kick', group => '#all', name => 'm00001'), 'kicked';
    is info($dan)->{members}, $size - 2, 'two less';
    is_ok $dan->request('group_join', group => '#all'), 'room for dan';
};

subtest 'deleting' => sub {
    is_ok $ann->request('group_delete', group => '#all'), 'deleted';
    is $_->expect_event('group', change => 'deleted')->{group}, '#all', "$_->{me}{name} is told" for $ben, $dan;
    is_error info($_), 'no_such_group', 'it is gone' for $ann, $ben, $dan;
    is $site->postgres->query("SELECT count(*) FROM member WHERE conv_id = $conv"), 0, 'nobody is a member';
};

done_testing;
