#!/usr/bin/perl
# Group events: every session concerned is told, on either node and each once, but the acting one; nobody else.
use strict;
use warnings;
use Chatd::Test;

my $site = site();
my @few = (group_events_max => 6);
my $node_a = $site->node('a', worker_processes => 1, @few);
my $node_b = $site->node('b', worker_processes => 2, @few);
$_->begin for $node_a, $node_b;
$_->wait_ready for $node_a, $node_b;

# Everybody has a device on each node; the first acts.
my %device = map { my $name = $_; $name => [ map { person($_, $name) } $node_a, $node_b ] } qw(ann ben cat dan out);
sub acting { $device{ $_[0] }[0] }
sub name_of { $_[0]{me}{name} . ($_[0] == $device{ $_[0]{me}{name} }[0] ? '' : "'s other device") }

# What each device has been told by the time that a later direct message from out has come.
my $marks = 0;
sub told {
    my %told;
    my $mark = 'mark ' . ++$marks;
    for my $name (sort keys %device) {
        is_ok acting('out')->say("\@$name", $mark), "a mark for $name" if $name ne 'out';
        for my $client (@{ $device{$name} }) {
            $client->expect_event('message', text => $mark) if $name ne 'out';
            $client->barrier;
            $told{ name_of($client) } = [ map { describe($_) } $client->events('group') ];
        }
    }
    return \%told;
}

sub describe {
    my ($event) = @_;
    my @field = map { exists $event->{$_} ? "$_=$event->{$_}" : () } qw(name role topic open);
    return join ' ', @$event{qw(group by change)}, @field;
}

# These devices are told exactly this, all others nothing.
sub is_told {
    my ($event, @device) = @_;
    my @event = ref $event ? @$event : $event;
    my $told = told();
    my %expected = map { $_ => [] } keys %$told;
    $expected{$_} = \@event for @device;
    is_deeply $told, \%expected, "@event";
}

sub all_but {
    my ($acting, @name) = @_;
    return grep { $_ ne $acting } map { ($_, "$_\'s other device") } @name;
}

sub ask { my ($name, $op, %field) = @_; is_ok acting($name)->request($op, %field), "$name: $op" }

subtest 'created' => sub {
    ask('ann', 'group_create', group => '#g', topic => 'Tee');
    is_told('#g ann created', "ann's other device");
};

subtest 'joined and left' => sub {
    ask('ben', 'group_join', group => '#g');
    is_told('#g ben joined', all_but('ben', qw(ann ben)));
    ask('ben', 'group_join', group => '#g');
    is_told([], 'ann');
    ask('ben', 'group_leave', group => '#g');
    is_told('#g ben left', all_but('ben', qw(ann ben)));
    ask('ben', 'group_join', group => '#g');
    told();
};

subtest 'invited and kicked' => sub {
    ask('ben', 'group_invite', group => '#g', name => 'cat');
    is_told('#g ben invited name=cat', all_but('ben', qw(ann ben cat)));
    ask('ann', 'group_invite', group => '#g', name => 'cat');
    is_told([], 'ann');
    ask('ann', 'group_kick', group => '#g', name => 'cat');
    is_told('#g ann kicked name=cat', all_but('ann', qw(ann ben cat)));
    ask('ann', 'group_invite', group => '#g', name => $_) for 'cat', 'dan';
    told();
};

subtest 'role' => sub {
    ask('ann', 'group_role', group => '#g', name => 'ben', role => 'admin');
    is_told('#g ann role name=ben role=admin', all_but('ann', qw(ann ben cat dan)));
    ask('ann', 'group_role', group => '#g', name => 'ben', role => 'admin');
    is_told([], 'ann');
    ask('ann', 'group_role', group => '#g', name => 'ben', role => 'owner');
    is_told([ '#g ann role name=ben role=owner', '#g ann role name=ann role=admin' ], all_but('ann', qw(ann ben cat dan)));
};

subtest 'set' => sub {
    ask('ann', 'group_set', group => '#g', topic => 'Kaffee');
    is_told('#g ann set topic=Kaffee', all_but('ann', qw(ann ben cat dan)));
    ask('ann', 'group_set', group => '#g', topic => 'Kaffee', open => JSON::PP::true());
    is_told([], 'ann');
    ask('ann', 'group_set', group => '#g', open => JSON::PP::false());
    is_told('#g ann set open=0', all_but('ann', qw(ann ben cat dan)));
    ask('ann', 'group_set', group => '#g', open => JSON::PP::true());
    told();
};

subtest 'refused: nobody is told' => sub {
    is_error acting('cat')->request('group_kick', group => '#g', name => 'dan'), 'forbidden', 'a member kicks';
    is_error acting('out')->request('group_set', group => '#g', topic => 'x'), 'not_member', 'a stranger sets';
    is_told([], 'ann');
};

subtest 'above group_events_max' => sub {
    my @more = map { person($node_b, "more$_") } 1 .. 3;
    is_ok $_->request('group_join', group => '#g'), 'joined' for @more;
    told();
    ask('dan', 'group_leave', group => '#g');
    is_told('#g dan left', "dan's other device", all_but('dan', qw(ann ben cat)));
    is_ok person($node_a, 'more4')->request('group_join', group => '#g'), 'the seventh';
    is_told([], 'ann');
    ask('dan', 'group_join', group => '#g');
    is_told('#g dan joined', "dan's other device");
    ask('ann', 'group_kick', group => '#g', name => 'dan');
    is_told('#g ann kicked name=dan', all_but('ann', qw(ann ben cat dan)));
    ask('ann', 'group_set', group => '#g', topic => 'many');
    is_told('#g ann set topic=many', all_but('ann', qw(ann ben cat)));
};

subtest 'deleted' => sub {
    ask('ben', 'group_delete', group => '#g');
    is_told('#g ben deleted', all_but('ben', qw(ann ben cat)));
};

subtest 'who was away is not told later' => sub {
    ask('ann', 'group_create', group => '#h');
    ask('ann', 'group_invite', group => '#h', name => 'cat');
    my $cat = person($node_b, 'cat');
    $cat->barrier;
    is_deeply [ $cat->events('group') ], [], 'events are not durable';
    is $cat->request('groups')->{groups}[0]{group}, '#h', 'the list is';
};

done_testing;
