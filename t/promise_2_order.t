#!/usr/bin/perl
# Promise 2: everybody sees a conversation in the order of seq: 1, 2, 3, … without gaps, the same for all,
# however many write at once and wherever they are.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Talk;

my $cluster = cluster();

sub ascending { [ sort { $a <=> $b } @{ $_[0] } ] }

# One says something, another answers: what is in the replies and in the events.
sub one_by_one {
    my ($talk, @client) = @_;
    my ($ann, $ben) = @client;
    my $sent = $talk->say($ann, 'hello', cid => 'c-1');
    is_ok $sent, 'sent';
    is $sent->{seq}, 1, 'the first seq';
    ok !exists $sent->{duplicate}, 'no duplicate';
    my @event = map { $_->expect_event('message') } @client[ 1 .. $#client ];
    is_deeply { map { $_ => $event[0]{$_} } qw(from to seq ts text cid) },
      { from => $talk->name('ann'), to => $talk->conv($ann), seq => 1, ts => $sent->{ts}, text => 'hello', cid => 'c-1' },
      'what ben sees';
    is $_->{_line}, $event[0]{_line}, 'the same bytes for the others' for @event;
    is $talk->say($ben, 'hello yourself')->{seq}, 2, 'the answer has the next seq';
    my $event = $ann->expect_event('message');
    is_deeply { map { $_ => $event->{$_} } qw(from to seq text) },
      { from => $talk->name('ben'), to => $talk->conv($ben), seq => 2, text => 'hello yourself' }, 'what ann sees';
    ok !exists $event->{cid}, 'no cid was given, none is there';
    $_->expect_event('message', seq => 2) for @client[ 2 .. $#client ];
}

# All of them send as fast as they can, many in flight; what each has seen is put together from replies and events.
sub all_at_once {
    my ($talk, $count, @client) = @_;
    my @id = map { [] } @client;
    for my $i (1 .. $count) {
        push @{ $id[$_] }, $talk->begin_say($client[$_], "$_ says $i") for 0 .. $#client;
    }
    my @story;
    for my $me (0 .. $#client) {
        my @reply = map { $client[$me]->reply($_) } @{ $id[$me] };
        is scalar(grep { $_->{ok} } @reply), $count, "$me: all committed";
        is_deeply seqs(@reply), ascending(seqs(@reply)), "$me: one's own in the order they were sent";
        my @event = $client[$me]->messages($count * $#client);
        is_deeply seqs(@event), ascending(seqs(@event)), "$me: events in the order of seq";
        my %seen = map { $_->{seq} => $_->{text} } @event;
        $seen{ $reply[ $_ - 1 ]{seq} } = "$me says $_" for 1 .. $count;
        push @story, \%seen;
    }
    is_deeply ascending([ keys %{ $story[0] } ]), [ 3 .. 2 + $count * @client ], 'no gaps, each once';
    is_deeply $story[$_], $story[0], "the same for $_" for 1 .. $#story;
    is_deeply [ map { $_->events('message') } @client ], [], 'and nothing else came';
}

each_talk($cluster, sub {
    my ($talk) = @_;
    my @client = $talk->people($talk->is_group ? qw(ann ben cat) : qw(ann ben));
    one_by_one($talk, @client);
    all_at_once($talk, 50, @client);
    my ($reader) = $talk->arrive('ben', 0, backlog => 0);
    my $page = $reader->request('history', conv => $talk->conv($reader), after => 0, limit => 200);
    is_deeply seqs(@{ $page->{messages} }), [ 1 .. 2 + 50 * @client ], 'history has the same order';
});

# Messages by way of a node whose hints are late are overtaken by others: what lies between is read from the store,
# and what comes late is not shown again.
my $link = $cluster->{site}->redis_link;
my $late = $cluster->{site}->node('c', worker_processes => 1, redis => $link->address, redis_timeout => '30s')->start;
each_talk($cluster, sub {
    my ($talk) = @_;
    my ($ann, $ben) = $talk->people(qw(ann ben));
    my $far = person($late, $talk->name('ann'));
    my $next = 1;
    for my $round (1 .. 3) {
        $link->freeze;
        is_deeply seqs($talk->speak($far, 'late 1', 'late 2')), [ $next, $next + 1 ], 'committed; nobody has been told';
        is $talk->say($ann, 'overtakes')->{seq}, $next + 2, 'the next one overtakes them';
        is_deeply seqs($ben->messages(3)), [ $next .. $next + 2 ], 'ben sees all three in order';
        is_deeply seqs($ann->messages(2)), [ $next, $next + 1 ], 'ann what she did not send here';
        $link->thaw;
        is $talk->say($far, 'after')->{seq}, $next + 3, 'and on';
        is $_->expect_event('message')->{seq}, $next + 3, 'what came late is not shown again' for $ann, $ben;
        is $far->expect_event('message')->{seq}, $next + 2, 'the far one has what it did not send';
        $next += 4;
    }
    is_deeply [ map { $_->events('message') } $ann, $ben, $far ], [], 'nothing else came';
}, ways => [ 'one worker', 'two nodes' ]);

# Two who never wrote to each other do so at the same moment: one conversation comes of it.
for my $way (@Chatd::Test::Talk::ways) {
    subtest "the first message, from both sides at once, $way" => sub {
        for my $i (1 .. 5) {
            my $talk = Chatd::Test::Talk->new($cluster, 'direct', $way);
            my ($one, $two) = $talk->people('one', 'two');
            my @id = ($talk->begin_say($one, 'a'), $talk->begin_say($two, 'b'));
            my @seq = ($one->reply($id[0])->{seq}, $two->reply($id[1])->{seq});
            is_deeply [ sort @seq ], [ 1, 2 ], 'one conversation';
            is $one->expect_event('message')->{seq}, $seq[1], 'one has what two sent';
            is $two->expect_event('message')->{seq}, $seq[0], 'two has what one sent';
        }
    };
}

done_testing;
