#!/usr/bin/perl
# Promise 1: ok to a send means committed. Whatever crashes after it, the message is there; and where the commit fails
# there is no ok.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Talk;

my $cluster = cluster();
my ($site, $haproxy) = @$cluster{qw(site haproxy)};

# The server's own setting would answer before the disk has it: chatd asks for more.
$site->postgres->query('ALTER SYSTEM SET synchronous_commit = off');
$site->postgres->query('SELECT pg_reload_conf()');

# Every part of it gone at once, PostgreSQL first, and started again.
sub crash {
    $site->postgres->stop('immediate');
    $_->kill_all for @$cluster{qw(a b)};
    $site->redis->kill9;
    $haproxy->kill9;
    $site->postgres->start;
    $site->redis->start;
    $_->begin for @$cluster{qw(a b)};
    $_->wait_ready for @$cluster{qw(a b)};
    $haproxy->start->wait_healthy;
}

my @ok;    # [ talk, who has said it, reply, text ]

each_talk($cluster, sub {
    my ($talk) = @_;
    my ($ann, $ben) = $talk->people(qw(ann ben));
    my $i = 0;
    push @ok, map { [ $talk, 'ann', $_, ++$i ] } $talk->speak($ann, 1 .. 20);
    is scalar($talk->speak($ben, 'one more')), 1, 'acknowledged';
});

# One in each talk, and with the last ok the end.
for my $round (1 .. 3) {
    my @talk = map { my $kind = $_; map { Chatd::Test::Talk->new($cluster, $kind, $_) } @Chatd::Test::Talk::ways } @Chatd::Test::Talk::kinds;
    my @pair = map { [ $_->people(qw(ann ben)) ] } @talk;
    my @id = map { $talk[$_]->begin_say($pair[$_][0], "last words $round") } 0 .. $#talk;
    push @ok, map { [ $talk[$_], 'ann', $pair[$_][0]->reply($id[$_]), "last words $round" ] } 0 .. $#talk;
    crash();
}

my %page;
for (@ok) {
    my ($talk, $who, $reply, $text) = @$_;
    my $messages = $page{$talk} //= do {
        my $client = $talk->person($who, 1);
        $client->request('history', conv => $talk->conv($client), after => 0)->{messages};
    };
    my ($found) = grep { $_->{seq} == $reply->{seq} } @$messages;
    my $is = $found ? "$found->{seq} $found->{ts} $found->{text}" : 'not there';
    is $is, "$reply->{seq} $reply->{ts} $text", "$talk->{kind}, $talk->{way}: '$text' is there, as it was acknowledged";
}

# The server takes every statement and refuses the commit, and says what it refused: in the log that is harmless.
$site->postgres->query(<<'SQL');
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused: %', NEW.body; END $$;
CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON message DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.body LIKE 'refuse me%') EXECUTE FUNCTION refuse();
SQL
each_talk($cluster, sub {
    my ($talk) = @_;
    my ($ann, $ben) = $talk->people(qw(ann ben));
    my @text = (1 .. 5, "refuse me\e[2J", 6 .. 10);
    my @id = map { $talk->begin_say($ann, $_) } @text;
    my @reply = map { $ann->reply($_) } @id;
    is_error $reply[5], 'internal', 'what can\'t be committed is not acknowledged';
    is_deeply seqs(@reply[ 0 .. 4, 6 .. 10 ]), [ 1 .. 10 ], 'the others are, without a gap';
    is_deeply texts($ben->messages(10)), [ 1 .. 10 ], 'nobody was told of it';
    my ($later, @waited) = $talk->arrive('ben', 1);
    is_deeply texts(@waited), [ 1 .. 10 ], 'and it is not there';
});

done_testing;
