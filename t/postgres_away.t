#!/usr/bin/perl
# PostgreSQL hangs, crashes, or is not there at the start: "unavailable", connections and nodes stay, and it
# heals by itself. No ok without a commit.
use strict;
use warnings;
use Chatd::Test;

my $site = site();
my $node = $site->node('a', worker_processes => 1, postgres_timeout => '1s')->start;
my ($alice, $bob) = (person($node, 'alice'), person($node, 'bob'));
my $number = 0;

# Sends under one cid until it is committed, as a client would.
sub send_until_ok {
    my ($text, $cid) = @_;
    return wait_until { my $reply = $alice->say('@bob', $text, cid => $cid); $reply->{ok} && $reply } 'a send is committed';
}

sub away_and_back {
    my ($how, $leave, $return) = @_;
    is_ok $alice->say('@bob', 'before ' . ++$number), "$how: sent before";
    is $bob->expect_event('message')->{text}, "before $number", '… and received';
    $leave->();
    my $refused = $alice->say('@bob', "while $number", cid => "while $number");
    is_error $refused, 'unavailable', '… unavailable';
    cmp_ok $refused->{retry_ms} // -1, '>=', 0, '… with retry_ms';
    is_ok $_->request('ping'), '… the connections stay' for $alice, $bob;
    my $stranger = connect_to($node);
    is_error $stranger->login('alice'), 'unavailable', '… login';
    is_error $stranger->register("new-$number"), 'unavailable', '… register';
    $return->();
    my $sent = send_until_ok("while $number", "while $number");
    is $bob->expect_event('message')->{text}, "while $number", '… back: it arrives';
    my $again = $alice->say('@bob', 'x', cid => "while $number");
    is "$again->{seq} $again->{duplicate}", "$sent->{seq} 1", '… and is there once';
    is $alice->say('@bob', 'after')->{seq}, $sent->{seq} + 1, '… nothing between';
    $bob->expect_event('message', text => 'after');
    wait_until { $stranger->login('alice')->{ok} } 'the stranger logs in on the same connection';
}

my $postgres = $site->postgres;
subtest 'it hangs' => sub { away_and_back('hangs', sub { $postgres->freeze }, sub { $postgres->thaw }) };
subtest 'it crashes' => sub { away_and_back('crashes', sub { $postgres->stop('immediate') }, sub { $postgres->start }) };

subtest 'a backend is killed' => sub {
    for my $round (1 .. 3) {
        my @id = map { $alice->begin('send', to => '@bob', text => "b $round $_", cid => "b $round $_") } 1 .. 100;
        $postgres->query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()
            AND backend_type = 'client backend'");
        my %reply = map { my $r = $alice->reply($id[ $_ - 1 ]); $_ => $r->{ok} ? $r : send_until_ok("b $round $_", "b $round $_") } 1 .. 100;
        my @event = $bob->messages(100, from => 'alice');
        is_deeply { map { $_->{text} => $_->{seq} } @event }, { map { ("b $round $_" => $reply{$_}{seq}) } keys %reply },
          'each once, by the seq that was acknowledged';
    }
};

subtest 'it crashes in the middle of traffic' => sub {
    $bob->events('message');
    my @open = map { [ $_, $alice->begin('send', to => '@bob', text => "t $_", cid => "t $_") ] } 1 .. 600;
    my (%seq, $crashed);
    while (my $next = shift @open) {
        my ($number, $id) = @$next;
        my $reply = $alice->reply($id);
        $seq{$number} = $reply->{seq} if $reply->{ok};
        $reply->{ok} || $reply->{error} eq 'unavailable' or die $reply->{_line};
        push @open, [ $number, $alice->begin('send', to => '@bob', text => "t $number", cid => "t $number") ] if !$reply->{ok};
        if ($number == 20 && !$crashed++) { $postgres->stop('immediate'); $postgres->begin }
    }
    my %seen = map { $_->{text} => $_->{seq} } $bob->messages(600, from => 'alice');
    is_deeply \%seen, { map { ("t $_" => $seq{$_}) } keys %seq }, 'each once, by the seq that was acknowledged';
};

subtest 'it is not there at the start' => sub {
    $node->stop;
    $postgres->stop;
    $node->begin;
    my $early = wait_until { Chatd::Test::Client->try_connect($node->{plain}) } 'the node listens';
    is_ok $early->request('ping'), 'it answers';
    is_error $early->login('alice'), 'unavailable', 'login';
    $postgres->start;
    wait_until { $early->login('alice')->{ok} } 'it heals';
    is_ok $early->say('@bob', 'at last'), 'and sends';
};

done_testing;
