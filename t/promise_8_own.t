#!/usr/bin/perl
# Promise 8: the sender's own other sessions get the message event too, the sending session only its reply; and a send
# never moves recv_seq: one's own messages are in the backlog as well, so that it has no gaps.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Talk;

my $cluster = cluster();

sub recv_seq {
    my ($client, $conv) = @_;
    my ($line) = grep { $_->{conv} eq $conv } @{ $client->request('conversations')->{conversations} };
    return $line->{recv_seq};
}

each_talk($cluster, sub {
    my ($talk) = @_;
    my ($ann, $ben) = $talk->people(qw(ann ben));
    my @other = map { $talk->person('ann', $_) } 0, 1;
    $talk->speak($ann, 1 .. 50);
    is_deeply seqs($_->messages(50)), [ 1 .. 50 ], 'an own other session has the events' for @other;
    is_deeply seqs($ben->messages(50)), [ 1 .. 50 ], 'ben too';

    # From all of one's sessions at once, and from the other side: each has what it did not send itself.
    my @session = ($ann, @other, $ben);
    my @id = map { my $s = $_; [ map { $talk->begin_say($s, $_) } 1 .. 30 ] } @session;
    my @own = map { my $i = $_; [ map { $session[$i]->reply($_)->{seq} } @{ $id[$i] } ] } 0 .. 3;
    for my $i (0 .. 3) {
        my @expected = sort { $a <=> $b } map { @{ $own[$_] } } grep { $_ != $i } 0 .. 3;
        is_deeply seqs($session[$i]->messages(90)), \@expected, "session $i: the events of the others' messages, in order";
    }
    is_deeply [ map { $_->events('message') } @session ], [], 'and none of its own';

    is recv_seq($ann, $talk->conv($ann)), 0, 'a send acknowledges nothing';
    is_deeply seqs($talk->backlog_of('ann', $_)), [ 1 .. 170 ], 'one\'s own are in the backlog, without gaps' for 0, 1;
    is_ok $ann->request('ack', conv => $talk->conv($ann), seq => 170), 'ack of the seq of a reply';
    wait_until { !$talk->backlog_of('ann', 1) } 'it counts';
    is scalar($talk->backlog_of('ben', 0)), 170, 'for herself alone';
});

# auto waits likewise: one's own reply may precede an earlier event.
each_talk($cluster, sub {
    my ($talk) = @_;
    my ($ann, $ben) = $talk->people(qw(ann ben));
    my ($auto) = $talk->arrive('ann', 0, ack => 'auto');
    for my $i (1 .. 20) {
        my @id = ($talk->begin_say($ben, "b $i"), $talk->begin_say($auto, "a $i"));
        is_ok $_, "round $i" for $ben->reply($id[0]), $auto->reply($id[1]);
    }
    is_deeply texts($auto->messages(20)), [ map { "b $_" } 1 .. 20 ], 'every one of ben\'s';
    wait_until { !$talk->backlog_of('ann', 1) } 'all are acknowledged in the end';
    is recv_seq($auto, $talk->conv($auto)), 40, 'up to the last';
});

# A device that is alone on its worker, where neither the sender's session nor anybody else of the talk is.
subtest 'an own other session, by itself' => sub {
    my @worker = $cluster->{b}->workers;
    my $ann = person($cluster->{a}, 'ann');
    my ($ben, $other) = (person([ $cluster->{b}, $worker[0] ], 'ben'), person([ $cluster->{b}, $worker[1] ], 'ann'));
    my @id = map { $ann->begin('send', to => '@ben', text => "m $_") } 1 .. 5;
    is_deeply seqs(map { $ann->reply($_) } @id), [ 1 .. 5 ], 'sent';
    is_deeply seqs($_->messages(5)), [ 1 .. 5 ], 'they come there too' for $ben, $other;
};

for my $way (@Chatd::Test::Talk::ways) {
    subtest "notes to oneself, $way" => sub {
        my $talk = Chatd::Test::Talk->new($cluster, 'direct', $way);
        my ($phone, $tablet) = map { $talk->person('carol', $_) } 0, 1;
        my $me = '@' . $talk->name('carol');
        is $phone->say($me, 'milk')->{seq}, 1, 'sent';
        my $event = $tablet->expect_event('message');
        is "$event->{from} $event->{to} $event->{text}", $talk->name('carol') . " $me milk", 'the other device has it';
        is $tablet->say($me, 'bread')->{seq}, 2, 'sent back';
        is $phone->expect_event('message')->{seq}, 2, 'the sending session gets only its reply';
        is_deeply [ map { $_->events('message') } $phone, $tablet ], [], 'each';
        my ($later, @waited) = arrive($talk->place(1), $talk->name('carol'));
        is_deeply texts(@waited), [qw(milk bread)], 'they wait like any other';
    };
}

done_testing;
