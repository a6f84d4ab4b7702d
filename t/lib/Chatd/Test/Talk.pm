# A conversation under test, direct or in a group, of people who are spread over a cluster in one of four ways:
# on one worker, on two workers, on two nodes, on two nodes behind HAProxy. So that a test's body is written
# once, and each_talk runs it for all eight.
#
#   my $cluster = cluster();
#   each_talk($cluster, sub {
#       my ($talk) = @_;
#       my ($ann, $ben) = $talk->people(qw(ann ben));       # at different places, where there are two
#       is_ok $ann->say($talk->conv($ann), 'hello'), 'sent';
#       is $ben->expect_event('message')->{text}, 'hello', 'and received';
#   });
#
# Starts a site, nodes a (one worker) and b (two), and HAProxy; the library stops them.
package Chatd::Test::Talk;
use strict;
use warnings;
use Carp qw(croak);
use Exporter qw(import);
use Test::More ();
use Chatd::Test ();
use Chatd::Test::Haproxy;

our @EXPORT = qw(cluster each_talk);
our @kinds = qw(direct group);
our @ways = ('one worker', 'two workers', 'two nodes', 'haproxy');

# Directives are those of both nodes. { site, a, b, haproxy }.
sub cluster {
    my (%directive) = @_;
    my $site = Chatd::Test::site();
    my %cluster = (
        site => $site,
        a => $site->node('a', worker_processes => 1, %directive),
        b => $site->node('b', worker_processes => 2, %directive),
    );
    $_->begin for @cluster{qw(a b)};
    $_->wait_ready for @cluster{qw(a b)};
    $cluster{haproxy} = $site->add(Chatd::Test::Haproxy->new(@cluster{qw(a b)})->start->wait_healthy);
    return \%cluster;
}

# The two places of a way: each a sub that connects, with the options of
# connect_to. Asked for anew each time, for workers are replaced.
sub places {
    my ($cluster, $way) = @_;
    my ($a, $b, $haproxy) = @$cluster{qw(a b haproxy)};
    my %place = (
        'one worker'  => [ sub { Chatd::Test::connect_to($a, @_) }, sub { Chatd::Test::connect_to($a, @_) } ],
        'two workers' => [ map { my $i = $_; sub { $b->connect_on(($b->workers)[$i], @_) } } 0, 1 ],
        'two nodes'   => [ sub { Chatd::Test::connect_to($a, @_) }, sub { Chatd::Test::connect_to($b, @_) } ],
        'haproxy'     => [ sub { $haproxy->connect_through('a', @_) }, sub { $haproxy->connect_through('b', @_) } ],
    );
    return $place{$way} // croak "no way '$way'";
}

# each_talk($cluster, sub { my ($talk) = @_; … }, kinds => [...], ways => [...])
sub each_talk {
    my ($cluster, $body, %only) = @_;
    for my $kind (@{ $only{kinds} // \@kinds }) {
        for my $way (@{ $only{ways} // \@ways }) {
            Test::More::subtest("$kind, $way" => sub { $body->(__PACKAGE__->new($cluster, $kind, $way)) });
        }
    }
}

my $count = 0;

sub new {
    my ($class, $cluster, $kind, $way) = @_;
    return bless {
        cluster => $cluster, kind => $kind, way => $way, places => places($cluster, $way), mark => ++$count, members => [],
    }, $class;
}

sub is_group { $_[0]{kind} eq 'group' }
sub group { "#talk-$_[0]{mark}" }
# No two talks have the same people.
sub name { "$_[1]-$_[0]{mark}" }
# The first is everybody's of even number, the second of odd number.
sub place { $_[0]{places}[ $_[1] % 2 ] }

# The members, each logged in at the next place. In a direct talk there are two, who write to each other.
sub people {
    my ($self, @who) = @_;
    croak 'a direct talk has two people' if !$self->is_group && @who != 2;
    my @client = map { $self->person($who[$_], $_) } 0 .. $#who;
    $self->{members} = [ map { $self->name($_) } @who ];
    return @client if !$self->is_group;
    $self->make_group(@client);
    return @client;
}

sub make_group {
    my ($self, $owner, @member) = @_;
    for ([ $owner, 'group_create' ], map { [ $_, 'group_join' ] } @member) {
        my $reply = $_->[0]->request($_->[1], group => $self->group);
        $reply->{ok} or croak "$_->[1]: $reply->{_line}";
    }
}

# Somebody, or another device of somebody, at the first place (0) or the second (1).
sub person {
    my ($self, $who, $place, %login) = @_;
    return Chatd::Test::person($self->place($place // 0), $self->name($who), %login);
}

# The same for who has been here: the connection, and what waited.
sub arrive {
    my ($self, $who, $place, %login) = @_;
    my ($client, @message) = Chatd::Test::arrive($self->place($place // 0), $self->name($who), %login);
    return ($client, grep { $self->has($_) } @message);
}

sub backlog_of {
    my ($self, @argument) = @_;
    my ($client, @message) = $self->arrive(@argument);
    $client->close;
    return @message;
}

# The talk's name from where this client stands.
sub conv {
    my ($self, $client) = @_;
    return $self->group if $self->is_group;
    my ($peer) = grep { $_ ne $client->{me}{name} } @{ $self->{members} };
    return "\@$peer";
}

# Is this message one of the talk?
sub has {
    my ($self, $message) = @_;
    return $message->{to} eq $self->group if $self->is_group;
    return 2 == grep { $message->{from} eq $_ || $message->{to} eq "\@$_" } @{ $self->{members} };
}

sub say {
    my ($self, $client, $text, %field) = @_;
    return $client->say($self->conv($client), $text, %field);
}

sub begin_say {
    my ($self, $client, $text, %field) = @_;
    return $client->begin('send', to => $self->conv($client), text => "$text", %field);
}

# So many at once, all of them committed: the replies.
sub speak {
    my ($self, $client, @text) = @_;
    my @id = map { $self->begin_say($client, $_) } @text;
    return map { my $reply = $client->reply($_); $reply->{ok} or croak "send: $reply->{_line}"; $reply } @id;
}

# What a client has got of the talk when a later message from this sender, by another conversation, has come.
sub until_now {
    my ($self, $client, $sender) = @_;
    my $mark = $sender->say('@' . $client->{me}{name}, 'mark ' . ++$self->{marks});
    $client->expect_event('message', from => $sender->{me}{name}, text => "mark $self->{marks}", seq => $mark->{seq});
    return grep { $self->has($_) } $client->events('message');
}

1;
