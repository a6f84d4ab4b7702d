# What one test runs: a PostgreSQL, a Redis and nodes, started here and stopped in the reverse order.
package Chatd::Test::Site;
use strict;
use warnings;
use Chatd::Test::Link;
use Chatd::Test::Node;
use Chatd::Test::Postgres;
use Chatd::Test::Redis;

our @all;

# new(disk => …): as of Postgres.pm.
sub new {
    my ($class, %postgres) = @_;
    my $self = bless { nodes => [], parts => [] }, $class;
    push @all, $self;
    $self->{postgres} = Chatd::Test::Postgres->new(%postgres);
    $self->{postgres}->begin;
    $self->{redis} = Chatd::Test::Redis->new;
    $self->{redis}->begin;
    $self->{postgres}->wait_ready->create_schema;
    $self->{redis}->wait_ready;
    return $self;
}

sub postgres { $_[0]{postgres} }
sub redis { $_[0]{redis} }

# A node, not started.
sub node {
    my ($self, $name, %directive) = @_;
    my $node = Chatd::Test::Node->new(
        name => $name, postgres => $self->{postgres}->conninfo, redis => $self->{redis}->address, %directive);
    push @{ $self->{nodes} }, $node;
    return $node;
}

# Nodes with the same directives, all started, then all waited for: start_nodes([qw(a b)], DIRECTIVE => value …).
sub start_nodes {
    my ($self, $names, %directive) = @_;
    my @node = map { $self->node($_, %directive) } @$names;
    $_->begin for @node;
    return map { $_->wait_ready } @node;
}

# A way to Redis of a node's own, which can be stopped without Redis noticing:
# node('c', redis => $link->address).
sub redis_link { $_[0]->add(Chatd::Test::Link->new($_[0]{redis}->address)->start) }

# The same to PostgreSQL, or to where it may be one day: node('c', postgres => $site->postgres->conninfo_by($link)).
sub postgres_link {
    my ($self, $port) = @_;
    return $self->add(Chatd::Test::Link->new('127.0.0.1:' . ($port // $self->{postgres}{port}))->start);
}

# Something else with stop() that goes before the nodes do.
sub add {
    my ($self, $part) = @_;
    push @{ $self->{parts} }, $part;
    return $part;
}

sub nodes { @{ $_[0]{nodes} } }

sub stop {
    my ($self) = @_;
    my @trouble;
    for my $part (@{ $self->{parts} }) { eval { $part->stop; 1 } or push @trouble, $@ }
    for my $node ($self->nodes) { eval { $node->stop if $node->running; 1 } or push @trouble, $@ }
    for my $part (grep { $_ } @$self{qw(redis postgres)}) {
        eval { $part->isa('Chatd::Test::Postgres') ? $part->stop('immediate') : $part->stop; 1 } or push @trouble, $@;
    }
    eval { $self->{postgres}->remove_disk if $self->{postgres}; 1 } or push @trouble, $@;
    return @trouble;
}

1;
