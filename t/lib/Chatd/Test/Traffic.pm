# Load with a check: people who write to each other, in pairs and in a group, and come back by token whenever
# they lose their connection, while a test does something terrible. What was acknowledged, shown and stored is
# compared in the end (Record.pm).
#
#   my $traffic = Chatd::Test::Traffic->new($site, $node_a, $node_b);    # or addresses: people are dealt out
#   $traffic->flow(500);                                   # until 500 more are acknowledged
#   $traffic->flow_until(sub { ... }, 'a condition');
#   $traffic->proves('a worker killed');                   # settles, and is a test
package Chatd::Test::Traffic;
use strict;
use warnings;
use Carp qw(confess);
use List::Util qw(sum0);
use Test::More ();
use Time::HiRes qw(time);
use Chatd::Test::Record qw(conversation);
use Chatd::Test::Talker;
use Chatd::Test::Util qw(limit);

my $crowds = 0;

# new(SITE, PLACE…): at each place as many people as there are at the others.
sub new {
    my ($class, $site, @place) = @_;
    my $crowd = 'crowd-' . ++$crowds;
    my $self = bless { site => $site, group => "#$crowd", acked => 0, going => 1, record => Chatd::Test::Record->new }, $class;
    my @talker = map { Chatd::Test::Talker->new($self, "$crowd-$_", $place[ $_ % @place ]) } 0 .. 2 * @place - 1;
    $self->{talkers} = \@talker;
    $talker[0]->ask('group_create', group => $self->{group});
    $_->ask('group_join', group => $self->{group}) for @talker[ 1 .. $#talker ];
    # Each writes to the one on the next place, and every other one to the group.
    for my $i (0 .. $#talker) {
        my $next = $talker[ ($i + 1) % @talker ];
        $talker[$i]{to} = [ "\@$next->{name}", $i % 2 ? () : $self->{group} ];
        push @{ $self->{member}{ conversation($talker[$i]{name}, "\@$next->{name}") } }, $talker[$i], $next;
    }
    $self->{member}{ $self->{group} } = \@talker;
    return $self;
}

# A moment of everybody's life.
sub turn {
    my ($self) = @_;
    my $read = '';
    for my $talker (@{ $self->{talkers} }) {
        $talker->live;
        vec($read, fileno $talker->{client}{socket}, 1) = 1 if $talker->{client};
    }
    select $read, undef, undef, 0.05;
    $_->hear for @{ $self->{talkers} };
}

sub flow_until {
    my ($self, $condition, $name) = @_;
    my $end = time + limit(90);
    until ($condition->()) {
        confess "in vain until $name; acknowledged $self->{acked}, " . $self->where if time > $end;
        $self->turn;
    }
}

sub flow {
    my ($self, $count) = @_;
    my $goal = $self->{acked} + $count;
    $self->flow_until(sub { $self->{acked} >= $goal }, "$count more are acknowledged");
}

# Everybody has had an acknowledgement after this moment: whoever had lost the connection is back.
sub all_back {
    my ($self) = @_;
    my %before = map { $_ => $_->{acked} } @{ $self->{talkers} };
    $self->flow_until(sub { !grep { $_->{acked} <= $before{$_} } @{ $self->{talkers} } }, 'everybody is served');
}

# No new messages: those under way are acknowledged, and all have seen all that was stored for them.
sub settle {
    my ($self) = @_;
    $self->{going} = 0;
    $self->flow_until(sub { !grep { @{ $_->{flight} } } @{ $self->{talkers} } }, 'nothing is under way');
    my $stored = $self->{stored} = $self->{record}->read_store($self->{site}->postgres, $self->{member});
    $self->flow_until(sub { !$self->{record}->unseen($stored, $self->{member}) }, 'everybody has seen everything');
    $self->{going} = 1;
    return $stored;
}

# How often what was counted by all: lost (connections), refused, maybe.
sub count { my ($self, $what) = @_; return sum0(map { $_->{count}{$what} // 0 } @{ $self->{talkers} }) }

sub where {
    my ($self) = @_;
    my $missing = $self->{stored} ? $self->{record}->unseen($self->{stored}, $self->{member}) : '';
    return join '; ', (map { $_->where } @{ $self->{talkers} }), $missing || ();
}

# What was acknowledged is stored, once, in order, and was shown to everybody, once, in order.
sub proves {
    my ($self, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $stored = eval { $self->settle };
    return Test::More::fail("$name: everything is acknowledged and seen") || Test::More::diag($@) if !$stored;
    my @wrong = $self->{record}->faults($stored);
    Test::More::ok(!@wrong, "$name: nothing lost, doubled or disordered of $self->{acked} acknowledged")
      or Test::More::diag(join "\n", @wrong);
    return !@wrong;
}

1;
