#!/usr/bin/perl
# read and typing: who is told, on which node and device, and who is not; and their errors.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Sockets qw(unsent);

my $site = site();
my $node_a = $site->node('a', worker_processes => 1, group_events_max => 3);
my $node_b = $site->node('b', worker_processes => 2, group_events_max => 3);
$_->begin for $node_a, $node_b;
$_->wait_ready for $node_a, $node_b;

my ($ann, $ann_too) = (person($node_a, 'ann'), person($node_b, 'ann'));
my ($ben, $ben_here) = (person($node_b, 'ben'), person($node_a, 'ben'));
my $eve = person($node_a, 'eve');

sub line { my ($client, $conv) = @_; (grep { $_->{conv} eq $conv } @{ $client->request('conversations')->{conversations} })[0] }

# What has come of these events by the time a later message from ann has come as well.
sub told_until_now {
    my ($client, @event) = @_;
    my $mark = $ann->say("\@$client->{me}{name}", 'mark')->{seq};
    $client->expect_event('message', from => 'ann', text => 'mark', seq => $mark);
    return map { $_->{event} } map { $client->events($_) } @event;
}

subtest 'read: the other one and one\'s own devices are told' => sub {
    $ann->say('@ben', "m$_") for 1 .. 3;
    $_->expect_event('message', seq => 3) for $ben, $ben_here;
    is_ok $ben->request('read', conv => '@ann', seq => 2), 'read';
    for my $client ($ann, $ann_too) {
        my $event = $client->expect_event('read');
        is_deeply [ @$event{qw(conv by seq)} ], [ '@ben', 'ben', 2 ], 'ann is told, as she names it';
        like $event->{_line}, qr/"seq":2\b/, 'a number';
    }
    is_deeply [ @{ $ben_here->expect_event('read') }{qw(conv by seq)} ], [ '@ann', 'ben', 2 ], 'so is ben\'s other device';
    is_deeply [ told_until_now($_, 'read') ], [], 'nobody twice, ben himself and others not at all' for $ben, $ben_here, $eve;
    my $line = line($ben, '@ann');
    is "$line->{recv_seq} $line->{read_seq}", '2 2', 'it acknowledges too';
    is line($ann, '@ben')->{read_seq}, 0, 'for who has read alone';
};

subtest 'only if it moved' => sub {
    is_ok $ben->request('read', conv => '@ann', seq => $_), "seq $_ again" for 2, 1, 0;
    is_ok $ben_here->request('ack', conv => '@ann', seq => 3), 'an ack is no read';
    is line($ben, '@ann')->{read_seq}, 2, 'the mark has not moved';
    is_ok $ben->request('read', conv => '@ann', seq => 3), 'below what was acknowledged, and above what was read';
    is $ann->expect_event('read')->{seq}, 3, 'that is the next that ann is told';
    my $line = line($ben, '@ann');
    is "$line->{recv_seq} $line->{read_seq}", '3 3', 'both stand';
};

subtest 'the highest of several' => sub {
    my @id = map { $ann->begin('send', to => '@ben', text => "h$_") } 1 .. 50;
    my $last = (map { $ann->reply($_)->{seq} } @id)[-1];
    $_->expect_event('message', seq => $last) for $ben, $ben_here;
    is_ok $_, 'read' for map { $_->[0]->reply($_->[1]) } map { [ $ben, $ben->begin('read', conv => '@ann', seq => $_) ],
          [ $ben_here, $ben_here->begin('read', conv => '@ann', seq => $_ - 1) ] } $last - 48 .. $last;
    my @seq;
    push @seq, $ann->expect_event('read')->{seq} while !@seq || $seq[-1] < $last;
    is_deeply \@seq, [ sort { $a <=> $b } @seq ], 'the marks only rise: ' . @seq . ' events for 98 requests';
    told_until_now($_, 'read') for $ben, $ben_here;
};

subtest 'notes to oneself' => sub {
    is $ann->say('@ann', 'milk')->{seq}, 1, 'a note';
    $ann_too->expect_event('message', to => '@ann');
    is_ok $ann_too->request('read', conv => '@ann', seq => 1), 'read on the other device';
    is_deeply [ @{ $ann->expect_event('read') }{qw(conv by seq)} ], [ '@ann', 'ann', 1 ], 'the first is told';
    is_ok $ann->request('typing', to => '@ann'), 'typing';
    is_deeply [ @{ $ann_too->expect_event('typing') }{qw(conv by)} ], [ '@ann', 'ann' ], 'the other is told';
};

subtest 'typing' => sub {
    is_ok $ann->request('typing', to => '@ben'), 'typing';
    is_deeply [ @{ $_->expect_event('typing') }{qw(conv by)} ], [ '@ann', 'ann' ], 'ben is told, as he names it' for $ben, $ben_here;
    is_deeply [ @{ $ann_too->expect_event('typing') }{qw(conv by)} ], [ '@ben', 'ann' ], 'so is ann\'s other device';
    is_deeply [ told_until_now($eve, 'typing') ], [], 'nobody else';
    $ann->barrier;
    is_deeply [ $ann->events('typing') ], [], 'nor who types';
    my $new = person($node_b, 'new');
    is_ok $ann->request('typing', to => '@new'), 'before anybody has written';
    is $new->expect_event('typing')->{by}, 'ann', 'told';
    is $ann_too->expect_event('typing')->{conv}, '@new', 'one\'s own device, too';
    is_deeply [ map { $_->{conv} } @{ $new->request('conversations')->{conversations} } ], [], 'it makes no conversation';
};

subtest 'a small group' => sub {
    is_ok $ann->request('group_create', group => '#trio'), 'made';
    is_ok $ben->request('group_join', group => '#trio'), 'joined';
    is_ok $ann->request('typing', to => '#trio'), 'typing';
    is_deeply [ @{ $_->expect_event('typing', conv => '#trio') }{qw(conv by)} ], [ '#trio', 'ann' ], 'told' for $ann_too, $ben, $ben_here;
    my $seq = $ann->say('#trio', 'hello')->{seq};
    is_ok $ben->request('read', conv => '#trio', seq => $seq), 'read';
    is_deeply [ @{ $_->expect_event('read', conv => '#trio') }{qw(conv by seq)} ], [ '#trio', 'ben', 1 ], 'told' for $ann, $ann_too, $ben_here;
    is_deeply [ told_until_now($_, 'read', 'typing') ], [], 'nobody twice, not the acting one, nobody else' for $ben, $ben_here, $eve;
    is_error $eve->request('typing', to => '#trio'), 'not_member', 'typing by a non-member';
    is_error $eve->request('read', conv => '#trio', seq => 1), 'not_member', 'read by a non-member';
};

subtest 'a group above group_events_max' => sub {
    is_ok person($node_b, $_)->request('group_join', group => '#trio'), "$_ joins" for qw(dan fay);
    my $seq = $ann->say('#trio', 'four of us')->{seq};
    is_ok $ann->request('typing', to => '#trio'), 'typing';
    is_ok $ann->request('read', conv => '#trio', seq => $seq), 'read';
    is $ann_too->expect_event('typing')->{conv}, '#trio', 'one\'s own devices are told that one types';
    is $ann_too->expect_event('read', conv => '#trio')->{seq}, $seq, 'and has read';
    is_deeply [ told_until_now($_, 'read', 'typing') ], [], 'the others are not' for $ben, $ben_here;
};

subtest 'errors' => sub {
    is_error connect_to($node_a)->request('read', conv => '@ann', seq => 1), 'not_logged_in', 'read before login';
    is_error connect_to($node_a)->request('typing', to => '@ann'), 'not_logged_in', 'typing before login';
    is_error $ann->request('read', conv => '@nobody', seq => 1), 'no_such_user', 'read: no such user';
    is_error $ann->request('typing', to => '@nobody'), 'no_such_user', 'typing: no such user';
    is_error $ann->request('read', conv => '#nothing', seq => 1), 'no_such_group', 'read: no such group';
    is_error $ann->request('typing', to => '#nothing'), 'no_such_group', 'typing: no such group';
    is_error $ann->request('read', conv => $_, seq => 1), 'bad_field', 'read: a bad conv', field => 'conv' for 'ben', '@Ben', '', 7, undef;
    is_error $ann->request('typing', to => $_), 'bad_field', 'typing: a bad to', field => 'to' for 'ben', '@Ben', '', 7, undef;
    is_error $ann->request('typing'), 'bad_field', 'typing: no to', field => 'to';
    is_error $ann->request('read', conv => '@ben', seq => $_), 'bad_field', 'read: a bad seq', field => 'seq' for -1, 1.5, '1', undef;
    is_error $ann->request('read', conv => '@ben'), 'bad_field', 'read: no seq', field => 'seq';
    is_error $ann->request('read', conv => '@ben', seq => 1000), 'bad_field', 'read: above the newest', field => 'seq';
    is_error $ann->request('read', conv => '@eve', seq => 1000), 'bad_field', 'read: nobody has written', field => 'seq';
    is_error $ann->request('read', conv => '@nobody', seq => -1), 'bad_field', 'fields come before what exists', field => 'seq';
};

subtest 'without an id: answered only if refused' => sub {
    $ann->send_json({ op => 'typing', to => '@ben' });
    $ann->send_json({ op => 'read', conv => '@ben', seq => 1 });
    $ann->send_json({ op => 'typing', to => '@nobody' });
    $ann->send_json({ op => 'read', conv => '@nobody', seq => 1 });
    is_deeply [ map { my $r = $ann->next_reply; "$r->{error} $r->{op} $r->{conv}" } 1, 2 ],
      [ 'no_such_user typing @nobody', 'no_such_user read @nobody' ], 'the two that were refused, with op and conv';
    is $ben->expect_event('typing', by => 'ann')->{conv}, '@ann', 'the others were done';
};

# More than the kernel's buffers take in between.
subtest 'a reader who does not read' => sub {
    my $node_c = $site->node('c', worker_processes => 1, output_limit => '64k')->start;
    my $slow = connect_to($node_c, receive_buffer => 65536);
    $slow->register_and_login('slow');
    my $eager = person($node_c, 'eager');
    is_ok $ann->request('typing', to => '@slow'), 'ann types';
    is $slow->expect_event('typing')->{by}, 'ann', 'told while it reads';
    my ($count, $text) = (1000, 'x' x 8000);
    for my $block (1 .. $count / 50) {
        my @id = map { $ann->begin('send', to => '@slow', text => $text) } 1 .. 50;
        $ann->reply($_)->{ok} or die for @id;
    }
    my ($before, $same) = (0, 0);
    wait_until {
        my $now = unsent($node_c->{plain}, $slow->port);
        $same = $now == $before ? $same + 1 : 0;
        ($before = $now) && $same == 50
    } 'the kernel takes no more for it';
    for (1 .. 10) {
        $ann->request('typing', to => "\@$_")->{ok} or die for 'slow', 'eager';
        $eager->expect_event('typing', by => 'ann');
    }
    is_deeply seqs($slow->messages($count)), [ 1 .. $count ], 'messages are made up';
    $slow->barrier;
    is_deeply [ $slow->events('typing') ], [], 'what is none is lost';
    is_ok $ann->request('typing', to => '@slow'), 'ann types';
    is $slow->expect_event('typing')->{by}, 'ann', 'told again';
};

subtest 'Redis away' => sub {
    $site->redis->stop;
    is_ok $ann->request('typing', to => '@ben'), 'typing';
    is $ben_here->expect_event('typing')->{by}, 'ann', 'told within the worker';
    my $seq = $ann->say('@ben', 'still here')->{seq};
    $ben->expect_event('message', seq => $seq);
    is_ok $ben->request('read', conv => '@ann', seq => $seq), 'read';
    is line($ben, '@ann')->{read_seq}, $seq, 'kept all the same';
};

done_testing;
