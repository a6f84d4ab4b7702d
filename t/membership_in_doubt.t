#!/usr/bin/perl
# A change of membership that was committed though nobody got to know of it, the store having answered too late: who
# is a member then, on whichever node and device, is sent what is said in the group, without logging in again.
use strict;
use warnings;
use Chatd::Test;

my $site = site();
my $link = $site->postgres_link;
my ($slow) = $site->start_nodes(['slow'], worker_processes => 1, postgres_timeout => '1s', postgres => $site->postgres->conninfo_by($link));
my ($other) = $site->start_nodes(['other'], worker_processes => 1);

my ($ann, $ann_too, $ben) = (person($slow, 'ann'), person($other, 'ann'), person($other, 'ben'));
my ($cat, $cat_there) = (person($slow, 'cat'), person($other, 'cat'));

# Asks the slow node, whose store gets to know of it when the node no longer waits for the answer.
sub in_doubt {
    my ($client, @request) = @_;
    $link->delay(0.7);
    is_error $client->request(@request), 'unavailable', "@request: no answer in time";
    $link->delay(0);
}

sub members { $site->postgres->query(qq(SELECT string_agg(u.name, ' ' ORDER BY u.name) FROM groups g JOIN member m USING (conv_id) JOIN users u ON u.id = m.user_id WHERE g.name = '$_[0]')) }

subtest 'made' => sub {
    in_doubt($ann, 'group_create', group => '#made');
    wait_until { members('made') eq 'ann' } 'it was made';
    is_ok $ben->request('group_join', group => '#made'), 'ben joins';
    is_ok $ben->say('#made', 'hello'), 'and says hello';
    is $_->expect_event('message', to => '#made')->{text}, 'hello', 'ann has it' for $ann, $ann_too;
};

is_ok $ben->request('group_create', group => '#talk'), 'ben makes a group';

subtest 'joined' => sub {
    in_doubt($ann, 'group_join', group => '#talk');
    wait_until { members('talk') eq 'ann ben' } 'ann is in';
    is_ok $ben->say('#talk', 'welcome'), 'ben greets';
    is $_->expect_event('message', to => '#talk')->{text}, 'welcome', 'ann has it' for $ann, $ann_too;
};

subtest 'invited' => sub {
    in_doubt($ann, 'group_invite', group => '#talk', name => 'cat');
    wait_until { members('talk') eq 'ann ben cat' } 'cat is in';
    is_ok $ben->say('#talk', 'welcome, cat'), 'ben greets';
    is $_->expect_event('message', to => '#talk')->{text}, 'welcome, cat', 'cat has it' for $cat, $cat_there;
};

subtest 'left' => sub {
    in_doubt($cat, 'group_leave', group => '#talk');
    wait_until { members('talk') eq 'ann ben' } 'cat has left';
    is_ok $ben->say('#talk', 'she has gone'), 'ben says so';
    is $ann->expect_event('message', text => 'she has gone')->{to}, '#talk', 'ann has it';
    is_ok $ben->say('@cat', 'after'), 'and writes to her';
    for ($cat, $cat_there) {
        $_->expect_event('message', text => 'after');
        is_deeply [ $_->events('message', text => 'she has gone') ], [], 'cat has not';
    }
};

done_testing;
