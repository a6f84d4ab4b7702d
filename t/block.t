#!/usr/bin/perl
# A block: both ways, at once, on either node, for direct messages, typing, contact_add and group_invite; not for
# groups, nor for what was committed before.
use strict;
use warnings;
use Chatd::Test;

my $site = site();
my $node_a = $site->node('a', worker_processes => 1, max_blocks => 3);
my $node_b = $site->node('b', worker_processes => 2, max_blocks => 3);
$_->begin for $node_a, $node_b;
$_->wait_ready for $node_a, $node_b;

my ($ann, $ben, $cat) = map { person(@$_) } [ $node_a, 'ann' ], [ $node_b, 'ben' ], [ $node_b, 'cat' ];
sub block { $_[0]->request('block', name => $_[1]) }
sub unblock { $_[0]->request('unblock', name => $_[1]) }
sub contacts { join ' ', map { $_->{name} } @{ $_[0]->request('contacts')->{contacts} } }

subtest 'errors' => sub {
    for my $op (qw(block unblock)) {
        is_error connect_to($node_a)->request($op, name => 'ben'), 'not_logged_in', "$op before login";
        is_error $ann->request($op, name => $_), 'bad_field', "$op: a bad name", field => 'name' for '@ben', 'Ben', '', 7, undef, ['ben'];
        is_error $ann->request($op), 'bad_field', "$op: no name", field => 'name';
        is_error $ann->request($op, name => 'ann'), 'bad_field', "$op: oneself", field => 'name';
        is_error $ann->request($op, name => 'nobody'), 'no_such_user', "$op: nobody";
    }
    is_ok unblock($ann, 'ben'), 'unblock without a block, before a word was said';
};

subtest 'who has never written' => sub {
    is_ok block($ann, 'ben'), 'blocked';
    is_ok block($ann, 'ben'), 'repeated: ok';
    for ([ $ann, 'ben' ], [ $ben, 'ann' ]) {
        my ($client, $other) = @$_;
        my $name = $client->{me}{name};
        is_error $client->say("\@$other", 'x'), 'blocked', "$name writes";
        is_error $client->request('typing', to => "\@$other"), 'blocked', "$name types";
        is_error $client->request('contact_add', name => $other), 'blocked', "$name adds a contact";
        is contacts($client), '', 'and has none';
        is_deeply $client->request('history', conv => "\@$other")->{messages}, [], 'nothing was said';
        is_deeply $client->request('conversations')->{conversations}, [], 'and there is no conversation';
    }
    is_deeply [ $_->events('message'), $_->events('typing') ], [], 'nobody is told anything' for $ann, $ben;
    is $ben->say('@cat', 'hello')->{seq}, 1, 'others may';
    is_ok unblock($ann, 'ben'), 'unblocked';
    is_ok unblock($ann, 'ben'), 'repeated: ok';
    is $ben->say('@ann', 'hello')->{seq}, 1, 'the numbers begin with 1: nothing of that was stored';
    is_ok $ben->request('contact_add', name => 'ann'), 'a contact';
};

subtest 'what was there before' => sub {
    my $first = $ben->say('@ann', 'before', cid => 'b1');
    $ann->expect_event('message', seq => $first->{seq});
    is_ok $ann->request('group_create', group => '#both'), 'a group';
    is_ok $ben->request('group_join', group => '#both'), 'with both';
    is_ok block($ann, 'ben'), 'blocked';
    is_deeply texts(@{ $ben->request('history', conv => '@ann')->{messages} }), [ 'hello', 'before' ], 'history is there';
    is_ok $ben->request('ack', conv => '@ann', seq => 2), 'marks can be moved';
    my $again = $ben->say('@ann', 'before', cid => 'b1');
    is "$again->{seq} $again->{duplicate}", "$first->{seq} 1", 'a message sent again is known';
    is_error $ben->say('@ann', 'after', cid => 'b2'), 'blocked', 'a new one is not taken';
    is_ok $ben->request('contact_add', name => 'ann'), 'a contact that was one: repeated, ok';
    is contacts($ben), 'ann', 'and stays';
    is $ben->say('#both', 'in the group')->{seq}, 1, 'group messages pass';
    is $ann->expect_event('message', to => '#both')->{from}, 'ben', 'to her';
    is $ann->say('#both', 'and back')->{seq}, 2, 'and from her';
    $ben->expect_event('message', to => '#both', seq => 2);
    is_ok $ben->request('typing', to => '#both'), 'so does typing there';
    $ann->expect_event('typing', conv => '#both');
    is_ok $ann->request('group_kick', group => '#both', name => 'ben'), 'ben is out';
    is_error $ann->request('group_invite', group => '#both', name => 'ben'), 'blocked', 'she can\'t invite him';
    is_ok $ben->request('group_create', group => '#his'), 'his own group';
    is_error $ben->request('group_invite', group => '#his', name => 'ann'), 'blocked', 'nor he her';
    is_ok $ben->request('group_join', group => '#both'), 'but may join where anybody may';
};

subtest 'of two blocks each stands for itself' => sub {
    is_ok block($ben, 'ann'), 'he blocks her, too';
    is_ok unblock($ann, 'ben'), 'she lifts hers';
    is_error $ann->say('@ben', 'x'), 'blocked', 'his still stands';
    is_error $ben->say('@ann', 'x'), 'blocked', 'both ways';
    is_ok unblock($ben, 'ann'), 'he lifts his';
    is $ann->say('@ben', 'at last')->{seq}, 3, 'now they talk again';
};

subtest 'what waited is delivered' => sub {
    my $dan = person($node_b, 'dan');
    $dan->close;
    $ann->say('@dan', "for you $_") for 1 .. 3;
    my ($back, @message);
    is_ok block($ann, 'dan'), 'blocked while he is away';
    is_deeply texts(backlog_of($node_b, 'dan')), [ map { "for you $_" } 1 .. 3 ], 'he gets what was committed before';
};

subtest 'at once, while messages flow' => sub {
    is_ok unblock($ann, $_), "unblock $_" for 'ben', 'dan';
    for my $round (1 .. 5) {
        my @id = map { $ben->begin('send', to => '@ann', text => "r$round $_") } 1 .. 20;
        is_ok block($ann, 'ben'), 'blocked';
        my $after = $ben->begin('send', to => '@ann', text => "r$round after");
        my @seq = map { $ben->reply($_)->{seq} // () } @id;
        is_error $ben->reply($after), 'blocked', 'what is sent after the answer is not taken';
        is $ann->request('history', conv => '@ben', limit => 1)->{messages}[0]{seq}, $seq[-1], 'the last that was is the newest' if @seq;
        is_ok unblock($ann, 'ben'), 'unblocked';
        push @id, $ben->begin('send', to => '@ann', text => "r$round open");
        is_ok $ben->reply($id[-1]), 'and taken again';
    }
};

subtest 'limit' => sub {
    my @more = map { person($node_a, "more$_") } 1 .. 4;
    is_ok block($ann, "more$_"), "more$_" for 1 .. 3;
    is_error block($ann, 'more4'), 'too_many', 'one more', limit => 'max_blocks';
    is_ok block($ann, 'more1'), 'a repetition is none';
    is_error block($ann, 'nobody'), 'no_such_user', 'existence comes before limits';
    is $more[3]->say('@ann', 'hello')->{seq}, 1, 'the one that was too many is not blocked';
    is_ok unblock($ann, 'more1'), 'one less';
    is_ok block($ann, 'more4'), 'makes room';
};

done_testing;
