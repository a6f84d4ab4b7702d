#!/usr/bin/perl
# Messages to a group: to all of its members and to nobody else; what waits for who is away, who joined late,
# who left; what is refused. (What all conversations have in common: promise_*.t.)
use strict;
use warnings;
use Chatd::Test;

my $site = site();
my $node_a = $site->node('a', worker_processes => 1);
my $node_b = $site->node('b', worker_processes => 2);
$_->begin for $node_a, $node_b;
$_->wait_ready for $node_a, $node_b;

sub join_group { is_ok $_[0]->request('group_join', group => $_[1]), 'joined' }
sub leave_group { is_ok $_[0]->request('group_leave', group => $_[1]), 'left' }

# A group with these members; the first one makes it.
sub make_group {
    my ($group, $owner, @member) = @_;
    is_ok $owner->request('group_create', group => $group), "$group is made";
    join_group($_, $group) for @member;
}

# What has come of a group by now, after a direct message that was sent later has come as well.
sub group_messages_until_now {
    my ($client, $group, $sender) = @_;
    my $mark = $sender->say("\@$client->{me}{name}", 'mark')->{seq};
    $client->expect_event('message', from => $sender->{me}{name}, text => 'mark', seq => $mark);
    return $client->events('message', to => $group);
}

subtest 'who is no member sees nothing' => sub {
    my ($ann, $ben) = (person($node_a, 'ann0'), person($node_b, 'ben0'));
    my @stranger = map { person($_, 'stranger') } $node_a, $node_b;
    make_group('#inside', $ann, $ben);
    $ann->say('#inside', 'hello');
    $ben->expect_event('message', text => 'hello');
    is_deeply [ map { group_messages_until_now($_, '#inside', $ann) } @stranger ], [], 'nothing came';
    is scalar(grep { $_->{to} eq '#inside' } backlog_of($node_b, 'stranger')), 0, 'nor at a login';
};

subtest 'a new member' => sub {
    my ($ann, $ben) = (person($node_a, 'ann'), person($node_b, 'ben'));
    my @dora = map { person($_, 'dora') } $node_b, $node_a;
    make_group('#new', $ann, $ben);
    $ann->say('#new', $_) for 1 .. 5;
    is $dora[0]->request('group_join', group => '#new')->{last_seq}, 5, 'joined after five';
    $ben->say('#new', $_) for 6, 7;
    is_deeply texts($_->messages(2)), [ 6, 7 ], 'receives what comes after, on each device' for @dora;
    is_deeply [ map { $_->events('message') } @dora ], [], 'and nothing else';
    is_deeply seqs(backlog_of($node_b, 'dora')), [ 6, 7 ], 'nor at the next login';
    is $dora[1]->say('#new', 8)->{seq}, 8, 'writes from the other device';
    is $_->expect_event('message', seq => 8)->{from}, 'dora', 'all have it' for $ann, $ben, $dora[0];
};

subtest 'who is away' => sub {
    my ($ann, $ben, $cat) = map { person($node_a, $_) } qw(ann2 ben2 cat2);
    make_group('#away', $ann, $ben, $cat);
    $_->close for $ben, $cat;
    $ann->say('#away', $_) for 1 .. 5;
    is_deeply texts(backlog_of($node_b, 'ben2')), [ 1 .. 5 ], 'it waits, and comes at the next login';
    is_deeply texts(backlog_of($node_b, 'ben2', backlog => 2)), [ 4, 5 ], 'the newest two';
    my ($again) = arrive($node_b, 'ben2');
    is_error $again->request('ack', conv => '#away', seq => 6), 'bad_field', 'ack above the head', field => 'seq';
    is_ok $again->request('ack', conv => '#away', seq => 3), 'ack';
    wait_until { "@{ texts(backlog_of($node_a, 'ben2')) }" eq '4 5' } 'the rest comes again';
    is_deeply texts(backlog_of($node_a, 'cat2')), [ 1 .. 5 ], 'each member has acknowledged for himself alone';
    my ($auto, @waited) = arrive($node_b, 'cat2', ack => 'auto');
    is_deeply texts(@waited), [ 1 .. 5 ], 'auto: they come';
    wait_until { !backlog_of($node_a, 'cat2') } 'and are acknowledged';
    $ann->say('#away', 6);
    $auto->expect_event('message', text => 6);
    $auto->say('#away', 7);
    wait_until { !backlog_of($node_a, 'cat2') } 'live ones and one\'s own too';
    is_deeply texts(backlog_of($node_b, 'ann2')), [ 1 .. 7 ], 'a send acknowledges nothing';
    is_deeply texts(backlog_of($node_a, 'ben2')), [ 4 .. 7 ], 'ben';
};

subtest 'who leaves is sent nothing more' => sub {
    my ($ann, $cat) = (person($node_a, 'ann3'), person($node_b, 'cat3'));
    my @ben = map { person($_, 'ben3') } $node_a, $node_b, $node_b;
    make_group('#left', $ann, $ben[0], $cat);
    $ann->say('#left', 'one');
    $_->expect_event('message', text => 'one') for @ben, $cat;
    leave_group($ben[0], '#left');
    $ann->say('#left', 'two');
    $cat->say('#left', 'three');
    is $cat->expect_event('message', to => '#left')->{text}, 'two', 'the others go on';
    for my $session (@ben) {
        is_deeply [ group_messages_until_now($session, '#left', $_) ], [], 'nothing comes any more' for $ann, $cat;
    }
    is_deeply [ grep { $_->{to} eq '#left' } backlog_of($node_b, 'ben3') ], [], 'what he has not acknowledged does not come again';
    is_error $ben[1]->say('#left', 'x'), 'not_member', 'he can\'t send';
    is_error $ben[1]->request('ack', conv => '#left', seq => 1), 'not_member', 'nor acknowledge';
    is_error $ben[1]->request('history', conv => '#left'), 'not_member', 'nor read back';

    my $dave = person($node_a, 'dave3');
    join_group($dave, '#left');
    $_->close for $dave;
    $ann->say('#left', "waits $_") for 1 .. 3;
    is scalar(backlog_of($node_b, 'dave3')), 3, 'what waits for who is away';
    my ($gone, @waited) = arrive($node_b, 'dave3', backlog => 0);
    leave_group($gone, '#left');
    is scalar(backlog_of($node_a, 'dave3')), 0, 'waits no longer when he has left';
    is $gone->request('group_join', group => '#left')->{last_seq}, 6, 'joining again';
    is scalar(backlog_of($node_a, 'dave3')), 0, 'starts anew: what waited before does not come';
    $ann->say('#left', 'seven');
    is_deeply texts(group_messages_until_now($gone, '#left', $ann)), ['seven'], 'what is sent now does';
    is_deeply texts(grep { $_->{to} eq '#left' } backlog_of($node_a, 'dave3')), ['seven'], 'at a login too';
};

# A backlog of more than the buffers between hold, and a reader who does not read.
subtest 'who leaves is sent nothing more of a long backlog either' => sub {
    my ($ann, $ben) = (person($node_a, 'ann6'), person($node_b, 'ben6'));
    make_group('#long', $ann, $ben);
    my $count = 1200;
    my @id = map { $ann->begin('send', to => '#long', text => 'x' x 8192) } 1 .. $count;
    $ann->reply($_)->{ok} or die for @id;
    $ben->close;
    my $slow = connect_to($node_b, receive_buffer => 4096);
    $slow->{me} = $slow->login('ben6');
    my $other = person($node_b, 'ben6', backlog => 0);
    leave_group($other, '#long');
    is_ok $ann->say('#long', 'after'), 'the group goes on';
    $slow->expect_event('synced');
    my @seq = @{ seqs(group_messages_until_now($slow, '#long', $ann)) };
    cmp_ok scalar(@seq), '<', $count, 'what had not been sent is not sent (' . @seq . " of $count were)";
    is_deeply \@seq, [ 1 .. @seq ], 'what had been is in order, once';
};

subtest 'sends that are refused' => sub {
    my ($ann, $ben) = (person($node_a, 'ann4'), person($node_b, 'ben4'));
    make_group('#refused', $ann);
    is_error $ben->say('#refused', 'x'), 'not_member', 'by a non-member';
    is_error $ben->say('#refused', 'x', cid => 'c'), 'not_member', 'with a cid too';
    is_error $ben->say('#nothing', 'x'), 'no_such_group', 'to nothing';
    is_error $ben->say('#Refused', 'x'), 'bad_field', 'a bad name', field => 'to';
    is_error $ben->say('#refused', ''), 'bad_field', 'fields come before rights', field => 'text';
    is $ann->say('#refused', 'x')->{seq}, 1, 'none took a seq';
    my @id = map { $ben->begin('send', to => $_ % 2 ? '#refused' : '@ann4', text => "$_") } 1 .. 20;
    my @reply = map { $ben->reply($_) } @id;
    is join(' ', map { $_->{ok} ? 'ok' : $_->{error} } @reply), join(' ', ('not_member ok') x 10), 'among others in one batch';
    is_deeply texts($ann->messages(10)), [ map { 2 * $_ } 1 .. 10 ], 'which are not held up';
};

done_testing;
