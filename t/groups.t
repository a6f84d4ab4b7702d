#!/usr/bin/perl
# Groups: made, joined, left, looked at; who may see what of an open and of a closed one; names and limits.
use strict;
use warnings;
use Chatd::Test;

my $site = site();
my @limits = (max_groups => 5, max_group_members => 4);
my $node_a = $site->node('a', worker_processes => 1, @limits);
my $node_b = $site->node('b', worker_processes => 1, @limits);
$_->begin for $node_a, $node_b;
$_->wait_ready for $node_a, $node_b;

my ($ann, $ben, $cat) = (person($node_a, 'ann'), person($node_b, 'ben'), person($node_b, 'cat'));
my @bad_names = ('tea', '@tea', '#', '#Tea', '#-tea', '#te a', '#' . 'a' x 33, '#té', '', 7, undef, ['#tea'], JSON::PP::true());

sub info { $_[0]->request('group_info', group => $_[1]) }

# "name role" of each, over as many pages as there are.
sub members_of {
    my ($client, $group, %page) = @_;
    my @all;
    while (1) {
        my $reply = $client->request('group_members', group => $group, %page);
        $reply->{ok} or die $reply->{_line};
        push @all, @{ $reply->{members} };
        return @all if !exists $reply->{next};
        $page{after} = $reply->{next};
    }
}
sub roles_of { join ' ', sort map { "$_->{name}:$_->{role}" } members_of(@_) }
sub mine { join ' ', sort map { $_->{group} } @{ $_[0]->request('groups')->{groups} } }

subtest 'group_create' => sub {
    is_error connect_to($node_a)->request($_, group => '#tea'), 'not_logged_in', "$_ before login"
      for qw(group_create group_join group_leave group_info group_members groups);
    my $made = $ann->request('group_create', group => '#tea', topic => "Tee & \"Kuchen\" \x{1F375}");
    is_ok $made, 'made';
    is $made->{group}, '#tea', 'group';
    is_error $_->request('group_create', group => '#tea'), 'name_taken', 'the name is taken' for $ann, $ben;
    is_error $ben->request('group_create', group => $_), 'bad_field', 'a bad name', field => 'group' for @bad_names;
    is_error $ben->request('group_create'), 'bad_field', 'no name', field => 'group';
    is_error $ben->request('group_create', group => '#t', topic => $_), 'bad_field', 'a bad topic', field => 'topic'
      for 'x' x 257, "\x{e9}" x 129, undef, 7;
    is_error $ben->request('group_create', group => '#t', open => $_), 'bad_field', 'a bad open', field => 'open'
      for 'true', 1, undef;
    is_error $ben->request('group_create', group => '#tea', topic => 7), 'bad_field', 'fields come before what exists';
    is_error info($ben, '#t'), 'no_such_group', 'nothing of that was made';
    is_ok $ben->request('group_create', group => '#' . 'a' x 32, topic => 'x' x 256), 'the longest name and topic';
    is_ok $ben->request('group_create', group => '#0_.-'), 'every kind of character';
    my $count = 0;
    for my $topic ("\e]0;title\a", "'; DROP TABLE groups; --", '%s%n%d', "two\r\nlines") {
        my $odd = person($node_b, 'odd-' . ++$count);
        is_ok $odd->request('group_create', group => "#odd-$count", topic => $topic), 'an odd topic';
        is info($odd, "#odd-$count")->{topic}, $topic, '… is kept as it is';
    }
    is_ok $ann->request('group_create', group => '#den', open => JSON::PP::false()), 'a closed one';
};

subtest 'group_info' => sub {
    my $info = info($ann, '#tea');
    is_deeply { map { $_ => $info->{$_} } qw(group topic owner members role) },
      { group => '#tea', topic => "Tee & \"Kuchen\" \x{1F375}", owner => 'ann', members => 1, role => 'owner' }, 'by the owner';
    like $info->{_line}, qr/"open":true\b/, 'open by default, a boolean';
    like $info->{_line}, qr/"members":1\b/, 'members is a count';
    $info = info($ben, '#tea');
    is_ok $info, 'an open group, by a non-member of another node';
    ok exists $info->{role} && !defined $info->{role}, 'who has no role';
    is "$info->{owner} $info->{members}", 'ann 1', 'and sees the rest';
    is info($ben, '#0_.-')->{topic}, '', 'no topic was given: an empty one';
    like info($ann, '#den')->{_line}, qr/"open":false\b/, 'the closed one, by its owner';
    is_error info($ben, '#den'), 'no_such_group', 'a closed group does not exist for a non-member';
    is_error info($ben, '#nothing'), 'no_such_group', 'nor does one that was never made';
    is_error info($ben, $_), 'bad_field', 'a bad name', field => 'group' for @bad_names;
};

subtest 'a closed group, by a non-member: as if it did not exist' => sub {
    for my $op (qw(group_join group_leave group_info group_members)) {
        my ($closed, $none) = map { $ben->request($op, group => $_) } '#den', '#nothing';
        is_error $closed, 'no_such_group', "$op: closed";
        is_error $none, 'no_such_group', "$op: never made";
        s/den|nothing|"id":\d+//g for my ($one, $other) = ($closed->{_line}, $none->{_line});
        is $one, $other, "$op: the same answer";
    }
    is_error $ben->request('history', conv => '#den'), 'no_such_group', 'history';
    is_error $ben->say('#den', 'x'), 'no_such_group', 'send';
    is_error $ben->request('ack', conv => '#den', seq => 0), 'no_such_group', 'ack';
    is_error $ben->request('group_create', group => '#den'), 'name_taken', 'but its name is taken';
};

subtest 'an open group, by a non-member' => sub {
    is_error $ben->request('group_members', group => '#tea'), 'not_member', 'group_members';
    is_error $ben->request('group_leave', group => '#tea'), 'not_member', 'group_leave';
    is_error $ben->request('history', conv => '#tea'), 'not_member', 'history';
    is_error $ben->say('#tea', 'x'), 'not_member', 'send';
};

subtest 'group_join' => sub {
    is_error $ben->request('group_join', group => $_), 'bad_field', 'a bad name', field => 'group' for @bad_names;
    my $joined = $ben->request('group_join', group => '#tea');
    is_ok $joined, 'joined';
    like $joined->{_line}, qr/"last_seq":0\b/, 'nobody has written yet: last_seq 0';
    is info($ben, '#tea')->{role}, 'member', 'role';
    is info($ann, '#tea')->{members}, 2, 'members, as another node sees it';
    $ann->say('#tea', "cup $_") for 1 .. 3;
    is $cat->request('group_join', group => '#tea')->{last_seq}, 3, 'after three messages: last_seq 3';
    $ann->say('#tea', "cup $_") for 4, 5;
    is $cat->request('group_join', group => '#tea')->{last_seq}, 3, 'joining twice: the same answer';
    is $ben->request('group_join', group => '#tea')->{last_seq}, 0, 'for each their own';
    is $ann->request('group_join', group => '#tea')->{last_seq}, 0, 'the owner has been there from the beginning';
    is info($ann, '#tea')->{members}, 3, 'and no change';
    is info($ann, '#tea')->{role}, 'owner', 'no change of role either';
    is roles_of($ben, '#tea'), 'ann:owner ben:member cat:member', 'members';
    is $ann->request('group_join', group => '#den')->{last_seq}, 0, 'a closed one, by who is in it';
};

subtest 'group_leave, and joining again' => sub {
    is_error $ann->request('group_leave', group => '#tea'), 'forbidden', 'the owner can\'t leave';
    is info($ann, '#tea')->{role}, 'owner', 'and has not';
    is_error $ben->request('group_leave', group => $_), 'bad_field', 'a bad name', field => 'group' for @bad_names;
    is_ok $cat->request('group_leave', group => '#tea'), 'a member can';
    is_error $cat->request('group_leave', group => '#tea'), 'not_member', 'not twice';
    is info($cat, '#tea')->{role}, undef, 'no role any more';
    is roles_of($ann, '#tea'), 'ann:owner ben:member', 'the others see it';
    is mine($cat), '', 'and it is not in her list';
    is $cat->request('group_join', group => '#tea')->{last_seq}, 5, 'joining again starts anew';
    is $cat->request('group_join', group => '#tea')->{last_seq}, 5, 'and stays so';
    my ($line) = grep { $_->{conv} eq '#tea' } @{ $cat->request('conversations')->{conversations} };
    is "$line->{recv_seq} $line->{read_seq}", '5 5', 'recv_seq and read_seq begin there';
};

subtest 'groups' => sub {
    my ($tea) = grep { $_->{group} eq '#tea' } @{ $ben->request('groups')->{groups} };
    is_deeply { map { $_ => $tea->{$_} } qw(group topic role members) },
      { group => '#tea', topic => "Tee & \"Kuchen\" \x{1F375}", role => 'member', members => 3 }, 'a group of mine';
    is mine($ben), '#0_.- #' . 'a' x 32 . ' #tea', 'all of mine';
    is mine($ann), '#den #tea', 'the closed one is in its owner\'s list';
    my $dan = person($node_a, 'dan');
    like $dan->request('groups')->{_line}, qr/"groups":\[\]/, 'none: an empty list';
};

subtest 'group_members' => sub {
    my $reply = $ben->request('group_members', group => '#tea');
    my %online = map { $_->{name} => $_->{online} ? 1 : 0 } @{ $reply->{members} };
    is_deeply \%online, { ann => 1, ben => 1, cat => 1 }, 'all are on-line';
    like $reply->{_line}, qr/"online":true/, 'a boolean';
    ok !exists $reply->{next}, 'all on one page: no next';
    $cat->close;
    wait_until { 1 == grep { !$_->{online} } members_of($ben, '#tea') } 'one is not on-line any more';
    is join(' ', map { $_->{name} } grep { !$_->{online} } members_of($ann, '#tea')), 'cat', 'it is cat';
    for my $limit (1 .. 3) {
        my $page = $ben->request('group_members', group => '#tea', limit => $limit);
        is scalar(@{ $page->{members} }), $limit, "limit $limit";
        is roles_of($ben, '#tea', limit => $limit), 'ann:owner ben:member cat:member', '… all, each once, by next';
    }
    is_error $ben->request('group_members', group => '#tea', limit => $_), 'bad_field', 'a bad limit', field => 'limit'
      for 0, 201, -1, 1.5, '1', undef;
    is_ok $ben->request('group_members', group => '#tea', limit => 200), 'the highest';
    is_error $ben->request('group_members', group => '#tea', after => $_), 'bad_field', 'a bad after', field => 'after'
      for 7, undef;
    is_error $ben->request('group_members', group => $_), 'bad_field', 'a bad name', field => 'group' for @bad_names;
};

subtest 'limits' => sub {
    my %person = map { $_ => person(/[13]/ ? $node_a : $node_b, $_) } map { "p$_" } 1 .. 6;
    is_ok $person{p1}->request('group_create', group => '#small'), 'a group for four';
    my @id = map { [ $person{$_}, $person{$_}->begin('group_join', group => '#small') ] } map { "p$_" } 2 .. 6;
    my @reply = map { $_->[0]->reply($_->[1]) } @id;
    is scalar(grep { $_->{ok} } @reply), 3, 'five join at once from two nodes: three are in';
    is_error $_, 'group_full', 'the others are told which limit', limit => 'max_group_members' for grep { !$_->{ok} } @reply;
    is info($person{p1}, '#small')->{members}, 4, 'it is full';
    my ($in, $out) = map { my $ok = $_; grep { !$reply[$_]{ok} == !$ok } 0 .. 4 } 1, 0;
    is_ok $id[$in][0]->request('group_join', group => '#small'), 'who is in may join again';
    is_ok $id[$in][0]->request('group_leave', group => '#small'), 'who leaves';
    ($out) = grep { !$reply[$_]{ok} } 0 .. 4;
    is_ok $id[$out][0]->request('group_join', group => '#small'), 'makes room';

    my $erin = person($node_a, 'erin');
    is_ok $erin->request('group_create', group => "#erin-$_"), "group $_" for 1 .. 4;
    is_ok $erin->request('group_join', group => '#tea'), 'the fifth';
    is_error $erin->request('group_create', group => '#erin-6'), 'too_many', 'one more to make', limit => 'max_groups';
    is_error $erin->request('group_join', group => '#0_.-'), 'too_many', 'one more to join', limit => 'max_groups';
    is_error $erin->request('group_create', group => '#tea'), 'name_taken', 'what exists comes before limits';
    is_ok $erin->request('group_join', group => '#tea'), 'and so does twice';
    is_error info($ann, '#erin-6'), 'no_such_group', 'nothing was made';
    is_ok $erin->request('group_leave', group => '#tea'), 'leaving';
    is_ok $erin->request('group_create', group => '#erin-6'), 'makes room, and the name was not used up';
};

subtest 'the same name from two nodes at once' => sub {
    my ($one, $two) = (person($node_a, 'one'), person($node_b, 'two'));
    for my $i (1 .. 5) {
        my @id = map { $_->begin('group_create', group => "#same-$i") } $one, $two;
        my @reply = ($one->reply($id[0]), $two->reply($id[1]));
        is join(' ', sort map { $_->{ok} ? 'ok' : $_->{error} } @reply), 'name_taken ok', 'one of them has it';
        is info($ann, "#same-$i")->{owner}, $reply[0]{ok} ? 'one' : 'two', 'the one that was told so';
    }
};

subtest 'pipelined' => sub {
    my $fay = person($node_a, 'fay');
    my @id = (
        $fay->begin('group_create', group => '#fay'), $fay->begin('send', to => '#fay', text => 'to myself'),
        $fay->begin('history', conv => '#fay'), $fay->begin('groups'),
        $fay->begin('group_join', group => '#same-1'), $fay->begin('send', to => '#same-1', text => 'hello'),
        $fay->begin('group_leave', group => '#same-1'), $fay->begin('send', to => '#same-1', text => 'gone'),
    );
    my @reply = map { $fay->next_reply } @id;
    is_deeply values_of('id', @reply), \@id, 'replies in order';
    is $reply[1]{seq}, 1, 'create, then send';
    is_deeply texts(@{ $reply[2]{messages} }), ['to myself'], 'then history';
    is $reply[3]{groups}[0]{group}, '#fay', 'then groups';
    is_ok $reply[5], 'join, then send';
    is_error $reply[7], 'not_member', 'leave, then send';
};

done_testing;
