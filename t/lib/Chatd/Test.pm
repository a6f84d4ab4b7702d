# The library of the system tests: real servers, one set a test, and clients.
#
#   use Chatd::Test;
#   my $site = site();                                   # a PostgreSQL and a Redis of this test's own
#   my $a = $site->node('a', worker_processes => 1)->start;
#   my $alice = person($a, 'alice');                     # connected, registered, logged in, synced
#   is_ok $alice->say('@bob', 'hi'), 'alice says hi';
#   done_testing;                                        # stops everything, asks the last questions
#
# A test that fails, or dies, keeps its folder and says where it is.
package Chatd::Test;
use strict;
use warnings;
use Exporter qw(import);
use POSIX ();
use Test::More ();
use Chatd::Test::Client;
use Chatd::Test::Ending qw(at_end);
use Chatd::Test::Site;
use Chatd::Test::Util qw(alive folder wait_until);
use Chatd::Test::Verdict qw(complaints);

my @more = qw(ok is isnt like unlike is_deeply cmp_ok subtest pass fail diag note plan BAIL_OUT skip);
our @EXPORT = (@more, qw(done_testing site person connect_to arrive backlog_of is_ok is_error texts seqs values_of wait_until alive
      need_descriptors));
BEGIN { no strict 'refs'; *{"Chatd::Test::$_"} = \&{"Test::More::$_"} for qw(ok is isnt like unlike is_deeply cmp_ok
      subtest pass fail diag note plan BAIL_OUT skip) }

my $ended = 0;
at_end(sub {
    my ($status) = @_;
    my $passed = $ended && $status == 0 && Test::More->builder->is_passing;
    return 0 if $passed && !$ENV{CHATD_TEST_KEEP};
    diag('the folder of this test is kept: ' . folder());
    return 1;
});

# For a test with many connections, before anything else: begins it anew with as many as the system allows.
sub need_descriptors {
    my ($count) = @_;
    return if POSIX::sysconf(POSIX::_SC_OPEN_MAX()) >= $count;
    plan(skip_all => "needs $count descriptors") if $ENV{CHATD_TEST_AGAIN}++;
    exec '/bin/sh', '-c', 'ulimit -n $(ulimit -Hn); exec "$@"', 'sh', $^X, (map { "-I$_" } @INC), $0;
}

sub site { Chatd::Test::Site->new(@_) }

# A connection to a node's plain listener, greeted. The place may be [node, worker's pid], an address, or a sub
# that connects, too.
sub connect_to {
    my ($node, %option) = @_;
    return $node->(%option) if ref $node eq 'CODE';
    return $node->[0]->connect_on($node->[1], %option) if ref $node eq 'ARRAY' && defined $node->[1];
    $node = $node->[0] if ref $node eq 'ARRAY';
    return Chatd::Test::Client->connect(ref $node ? $node->{plain} : $node, %option);
}

# Somebody at a node, ready to talk.
sub person {
    my ($node, $name, %login) = @_;
    my $client = connect_to($node);
    $client->register_and_login($name, %login);
    return $client;
}

# Logs in somebody who is registered: the connection, and the message events before synced, in order.
sub arrive {
    my ($node, $name, %login) = @_;
    my $client = connect_to($node);
    $client->{me} = $client->login($name, %login);
    $client->{me}{ok} or die "login $name: $client->{me}{_line}";
    my @message;
    while (my $event = $client->next_event) {
        return ($client, @message) if $event->{event} eq 'synced';
        push @message, $event if $event->{event} eq 'message';
    }
}

# What waits for somebody.
sub backlog_of {
    my ($client, @message) = arrive(@_);
    $client->close;
    return @message;
}

sub is_ok {
    my ($reply, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    ok($reply->{ok}, $name) or diag("got: $reply->{_line}");
    return $reply->{ok};
}

# is_error($reply, 'bad_field', 'a name', field => 'to'): this error, with these fields.
sub is_error {
    my ($reply, $code, $name, %field) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $fits = exists $reply->{ok} && !$reply->{ok} && ($reply->{error} // '') eq $code;
    for my $key (keys %field) { $fits &&= ($reply->{$key} // "\0") eq $field{$key} }
    my $wanted = join ' ', $code, map { "$_=$field{$_}" } sort keys %field;
    ok($fits, $name) or diag("expected: $wanted\ngot:      $reply->{_line}");
    return $fits;
}

sub texts { [ map { $_->{text} } @_ ] }
# One field of each, in order.
sub values_of {
    my ($field, @frames) = @_;
    return [ map { $_->{$field} } @frames ];
}
sub seqs { [ map { $_->{seq} } @_ ] }

sub done_testing {
    finish();
    Test::More::done_testing();
}

# Stops everything and asks the last questions, as a test like any other.
sub finish {
    $ended = 1;
    $_->close for @Chatd::Test::Client::all;
    my @nodes = map { $_->nodes } @Chatd::Test::Site::all;
    my @trouble = map { $_->stop } @Chatd::Test::Site::all;
    push @trouble, complaints(@nodes);
    ok(!@trouble, 'no alert, nothing raw in a log, no sanitizer report, no process left, no core') or diag(join "\n", @trouble);
}

1;
