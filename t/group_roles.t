#!/usr/bin/perl
# What members do with a group and with each other: invite, kick, give roles, set, delete; who may, and each error,
# in the order of the checks. Over two nodes.
use strict;
use warnings;
use Chatd::Test;

my $site = site();
my @limits = (max_groups => 4, max_group_members => 5);
my $node_a = $site->node('a', worker_processes => 1, @limits);
my $node_b = $site->node('b', worker_processes => 1, @limits);
$_->begin for $node_a, $node_b;
$_->wait_ready for $node_a, $node_b;

my ($ann, $ben, $cat, $dan) = map { person(@$_) } [ $node_a, 'ann' ], [ $node_b, 'ben' ], [ $node_b, 'cat' ], [ $node_a, 'dan' ];
my @bad_groups = ('tea', '@tea', '#', '#Tea', '', 7, undef, ['#tea']);
my @bad_names = ('@ben', 'Ben', '', '-ben', 'b' x 33, 7, undef, ['ben']);
my ($true, $false) = (JSON::PP::true(), JSON::PP::false());

sub info { $_[0]->request('group_info', group => $_[1]) }
sub roles {
    my ($client, $group) = @_;
    return join ' ', sort map { "$_->{name}:$_->{role}" } @{ $client->request('group_members', group => $group)->{members} };
}
sub made { my ($owner, $group, %field) = @_; is_ok $owner->request('group_create', group => $group, %field), "$group is made" }

# What has come of a group when a later direct message has come as well.
sub seen_until_now {
    my ($client, $group) = @_;
    my $mark = $ann->say("\@$client->{me}{name}", 'mark')->{seq};
    $client->expect_event('message', from => 'ann', text => 'mark', seq => $mark);
    return seqs($client->events('message', to => $group));
}

subtest 'fields, and before login' => sub {
    for my $op (qw(group_invite group_kick group_role group_set group_delete)) {
        is_error connect_to($node_a)->request($op, group => '#tea', name => 'ben', role => 'admin'), 'not_logged_in', "$op before login";
        is_error $ann->request($op, group => $_, name => 'ben', role => 'admin'), 'bad_field', "$op: a bad group", field => 'group' for @bad_groups;
        is_error $ann->request($op, group => '#nothing', name => 'ben', role => 'admin'), 'no_such_group', "$op: no such group";
    }
    for my $op (qw(group_invite group_kick group_role)) {
        is_error $ann->request($op, group => '#nothing', name => $_, role => 'admin'), 'bad_field', "$op: a bad name", field => 'name' for @bad_names;
        is_error $ann->request($op, group => '#nothing', role => 'admin'), 'bad_field', "$op: no name", field => 'name';
    }
    is_error $ann->request('group_role', group => '#nothing', name => 'ben', role => $_), 'bad_field', 'group_role: a bad role', field => 'role'
      for 'king', 'Admin', '', 1, undef;
    is_error $ann->request('group_set', group => '#nothing', topic => $_), 'bad_field', 'group_set: a bad topic', field => 'topic' for 'x' x 257, 7, undef;
    is_error $ann->request('group_set', group => '#nothing', open => $_), 'bad_field', 'group_set: a bad open', field => 'open' for 'true', 1, undef;
};

subtest 'group_invite' => sub {
    made($ann, '#tea');
    $ann->say('#tea', "before $_") for 1 .. 3;
    is_error $ann->request('group_invite', group => '#tea', name => 'nobody'), 'no_such_user', 'no such user';
    is_error $cat->request('group_invite', group => '#tea', name => 'ben'), 'not_member', 'by a non-member of an open group';
    is_ok $ann->request('group_invite', group => '#tea', name => 'ben'), 'by the owner';
    is roles($ben, '#tea'), 'ann:owner ben:member', 'ben is a member at once';
    is $ben->say('#tea', 'thanks')->{seq}, 4, 'and may write';
    my ($line) = grep { $_->{conv} eq '#tea' } @{ $ben->request('conversations')->{conversations} };
    is "$line->{recv_seq} $line->{read_seq}", '3 3', 'begins to receive where a join would';
    is scalar(@{ $ben->request('history', conv => '#tea')->{messages} }), 4, 'and may read all history';
    is_ok $ben->request('group_invite', group => '#tea', name => 'cat'), 'open: any member invites';
    is_ok $ben->request('group_invite', group => '#tea', name => $_), "inviting $_, a member, changes nothing" for 'cat', 'ann', 'ben';
    is roles($cat, '#tea'), 'ann:owner ben:member cat:member', 'as it was';
    is info($dan, '#tea')->{members}, 3, 'counted';
    $ann->say('#tea', 'for three');
    $_->expect_event('message', to => '#tea', seq => 5) for $ben, $cat;
    pass 'and they are sent what is said';
};

subtest 'group_invite into a closed group' => sub {
    made($ann, '#den', open => $false);
    is_error $ben->request('group_invite', group => '#den', name => 'cat'), 'no_such_group', 'by a non-member: it does not exist';
    is_ok $ann->request('group_invite', group => '#den', name => 'ben'), 'by the owner';
    is_error $ben->request('group_invite', group => '#den', name => 'cat'), 'forbidden', 'by a member';
    is_ok $ben->request('group_invite', group => '#den', name => 'ann'), 'what changes nothing is asked first';
    is_ok $ann->request('group_role', group => '#den', name => 'ben', role => 'admin'), 'made an admin';
    is_ok $ben->request('group_invite', group => '#den', name => 'cat'), 'by an admin';
    is roles($cat, '#den'), 'ann:owner ben:admin cat:member', 'they are in';
};

subtest 'limits' => sub {
    my @more = map { person($node_b, "more$_") } 1 .. 4;
    is_ok $ann->request('group_invite', group => '#tea', name => "more$_"), 'room for more' for 1, 2;
    is_error $ann->request('group_invite', group => '#tea', name => 'more3'), 'group_full', 'not for all', limit => 'max_group_members';
    is_error $dan->request('group_invite', group => '#tea', name => 'more3'), 'not_member', 'rights come before limits';
    is_ok $ann->request('group_invite', group => '#tea', name => 'more2'), 'and so does who is in already';
    is_ok $ann->request('group_kick', group => '#tea', name => 'more2'), 'room again';
    made($more[3], "#more-$_") for 1 .. 4;
    is_error $ann->request('group_invite', group => '#tea', name => 'more4'), 'too_many', 'who is in too many groups', limit => 'max_groups';
    is info($ann, '#tea')->{members}, 4, 'nothing of that changed the group';
    is_ok $ann->request('group_kick', group => '#tea', name => 'more1'), 'and one less';
};

subtest 'group_kick' => sub {
    is_error $ann->request('group_kick', group => '#tea', name => 'nobody'), 'no_such_user', 'no such user';
    is_error $ann->request('group_kick', group => '#tea', name => 'dan'), 'not_member', 'a non-member';
    is_error $dan->request('group_kick', group => '#tea', name => 'cat'), 'not_member', 'by a non-member';
    is_error $dan->request('group_kick', group => '#den', name => 'cat'), 'no_such_group', 'by a non-member of a closed group';
    is_error $ben->request('group_kick', group => '#tea', name => 'cat'), 'forbidden', 'by a member';
    is_error $ben->request('group_kick', group => '#den', name => 'ann'), 'forbidden', 'the owner, by an admin';
    is_error $ann->request('group_kick', group => '#den', name => 'ann'), 'forbidden', 'the owner, by herself';
    is roles($ann, '#den'), 'ann:owner ben:admin cat:member', 'nobody was';
    is_ok $ben->request('group_kick', group => '#den', name => 'cat'), 'a member, by an admin';
    is_error info($cat, '#den'), 'no_such_group', 'who does not see it any more';
    is_error $cat->say('#den', 'x'), 'no_such_group', 'nor write';
    is_ok $ann->request('group_kick', group => '#tea', name => 'cat'), 'a member of an open one';
    is_error $cat->say('#tea', 'x'), 'not_member', 'who is none any more';
    is info($ann, '#tea')->{members}, 2, 'counted';
    $ann->say('#tea', 'without cat');
    is_deeply seen_until_now($cat, '#tea'), [], 'and is sent nothing';
    is_ok $cat->request('group_join', group => '#tea'), 'an open one may be joined again';
    is_ok $ann->request('group_invite', group => '#den', name => 'cat'), 'into a closed one one is invited';
};

subtest 'group_role' => sub {
    is_error $ann->request('group_role', group => '#tea', name => 'nobody', role => 'admin'), 'no_such_user', 'no such user';
    is_error $ann->request('group_role', group => '#tea', name => 'dan', role => 'admin'), 'not_member', 'a non-member';
    is_error $dan->request('group_role', group => '#tea', name => 'ben', role => 'admin'), 'not_member', 'by a non-member';
    is_error $dan->request('group_role', group => '#den', name => 'ben', role => 'admin'), 'no_such_group', 'by a non-member of a closed group';
    is_error $ben->request('group_role', group => '#den', name => 'cat', role => 'admin'), 'forbidden', 'by an admin';
    is_error $cat->request('group_role', group => '#den', name => 'cat', role => 'admin'), 'forbidden', 'by a member';
    is_error $ann->request('group_role', group => '#den', name => 'ann', role => $_), 'forbidden', 'the owner can\'t make herself less' for 'admin', 'member';
    is_ok $ann->request('group_role', group => '#den', name => 'ann', role => 'owner'), 'what she is already';
    is_ok $ann->request('group_role', group => '#den', name => 'ben', role => 'member'), 'an admin no more';
    is_error $ben->request('group_kick', group => '#den', name => 'cat'), 'forbidden', 'who may no longer kick';
    is_ok $ann->request('group_role', group => '#den', name => 'cat', role => 'owner'), 'handed over';
    is roles($ann, '#den'), 'ann:admin ben:member cat:owner', 'the former owner is an admin';
    is info($ben, '#den')->{owner}, 'cat', 'group_info says so';
    is_error $ann->request('group_delete', group => '#den'), 'forbidden', 'and no owner any more';
    is_ok $ann->request('group_leave', group => '#den'), 'but may leave';
    is_ok $cat->request('group_invite', group => '#den', name => 'ann'), 'and be invited';
    is_ok $cat->request('group_role', group => '#den', name => 'ann', role => 'owner'), 'and own it again';
};

subtest 'group_set' => sub {
    is_error $dan->request('group_set', group => '#tea', topic => 'x'), 'not_member', 'by a non-member';
    is_error $dan->request('group_set', group => '#den', topic => 'x'), 'no_such_group', 'by a non-member of a closed group';
    is_error $ben->request('group_set', group => '#tea', topic => 'x'), 'forbidden', 'by a member';
    is_ok $ann->request('group_set', group => '#tea', topic => "T\x{e9} \"1\""), 'a topic';
    is_deeply [ @{ info($ben, '#tea') }{qw(topic)} ], ["T\x{e9} \"1\""], 'set';
    like info($ben, '#tea')->{_line}, qr/"open":true\b/, 'and nothing else';
    is_ok $ann->request('group_set', group => '#tea', open => $false), 'closed';
    is info($ben, '#tea')->{topic}, "T\x{e9} \"1\"", 'and nothing else';
    is_error info($dan, '#tea'), 'no_such_group', 'it does not exist for others now';
    is_ok $ann->request('group_set', group => '#tea', open => $true, topic => ''), 'both';
    is info($dan, '#tea')->{topic}, '', 'open again, without a topic';
    is_ok $ann->request('group_set', group => '#tea'), 'nothing at all';
    is_ok $ann->request('group_role', group => '#tea', name => 'ben', role => 'admin'), 'ben is an admin';
    is_ok $ben->request('group_set', group => '#tea', topic => 'x' x 256), 'who may, too, with the longest topic';
};

subtest 'group_delete' => sub {
    my $first = $cat->say('#tea', 'a last word', cid => 'last');
    $ann->expect_event('message', text => 'a last word');
    is_error $dan->request('group_delete', group => '#tea'), 'not_member', 'by a non-member';
    is_error $dan->request('group_delete', group => '#den'), 'no_such_group', 'by a non-member of a closed group';
    is_error $ben->request('group_delete', group => '#tea'), 'forbidden', 'by an admin';
    my $away = person($node_b, 'away');
    is_ok $away->request('group_join', group => '#tea'), 'one more joins';
    $away->close;
    $ann->say('#tea', 'for who is away');
    is_ok $ann->request('group_delete', group => '#tea'), 'by the owner';
    for my $client ($ann, $ben, $cat, $dan) {
        my $name = $client->{me}{name};
        is_error info($client, '#tea'), 'no_such_group', "gone for $name";
        is_error $client->request('history', conv => '#tea'), 'no_such_group', '… with its messages';
        is_error $client->request('ack', conv => '#tea', seq => 1), 'no_such_group', '… and marks';
        is_error $client->say('#tea', 'x'), 'no_such_group', '… no new ones';
        is_error $client->request('group_join', group => '#tea'), 'no_such_group', '… no way back';
        is_error $client->request('group_create', group => '#tea'), 'name_taken', '… and no new one of the name';
        is_deeply [ grep { $_->{group} eq '#tea' } @{ $client->request('groups')->{groups} } ], [], '… not among the groups';
        is_deeply [ grep { $_->{conv} eq '#tea' } @{ $client->request('conversations')->{conversations} } ], [], '… nor conversations';
    }
    is_error $ann->request('group_delete', group => '#tea'), 'no_such_group', 'not twice';
    is_deeply [ grep { $_->{to} eq '#tea' } backlog_of($node_b, 'away') ], [], 'what waited for who was away is not sent';
    my $again = $cat->say('#tea', 'a last word', cid => 'last');
    is "$again->{seq} $again->{duplicate}", "$first->{seq} 1", 'what was sent before is known again';
    my ($other) = map { $_->say('#tea', 'a last word', cid => 'last') } person($node_a, 'cat');
    is "$other->{seq} $other->{ts}", "$first->{seq} $first->{ts}", 'from the other node, too';
    made($ann, '#tea-2');
};

# What overtakes what: the kicked one's node hears of things late.
subtest 'a kick and the messages around it' => sub {
    my $link = $site->redis_link;
    my $node_c = $site->node('c', worker_processes => 1, redis => $link->address, redis_timeout => '30s', @limits)->start;
    my ($eve, $eve_too, $fay) = (person($node_c, 'eve'), person($node_b, 'eve'), person($node_c, 'fay'));
    made($ann, '#late');
    is_ok $ann->request('group_invite', group => '#late', name => $_), "$_ is invited" for 'eve', 'fay';
    is $ann->say('#late', 'one')->{seq}, 1, 'before';
    $_->expect_event('message', to => '#late', seq => 1) for $eve, $eve_too, $fay;
    $link->freeze;
    is_ok $ann->request('group_kick', group => '#late', name => 'eve'), 'kicked; node c has not heard of it';
    my $mine = $fay->say('#late', 'from the same node');
    is $mine->{seq}, 2, 'a message of that node';
    $ann->say('#late', 'three');
    is_deeply seen_until_now($eve_too, '#late'), [], 'the device on a node that knows is sent nothing';
    $link->thaw;
    $fay->expect_event('message', to => '#late', seq => 3);
    for my $device ($eve, $eve_too) {
        is $device->expect_event('group', group => '#late', change => 'kicked')->{name}, 'eve', 'the kicked one is told so';
        is_deeply seen_until_now($device, '#late'), [], 'and is sent no message any more';
    }
    $eve->close;
    is_deeply [ grep { $_->{to} eq '#late' } backlog_of($node_c, 'eve') ], [], 'nor at the next login';
    is_deeply [ map { $_->{seq} } grep { $_->{to} eq '#late' } backlog_of($node_c, 'fay') ], [ 1, 2, 3 ], 'who stayed has all';
};

done_testing;
