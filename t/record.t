#!/usr/bin/perl
# The tests' own checker is fed made-up histories, each with one kind of fault, and finds it; and nothing in one
# that is right.
use strict;
use warnings;
use Test::More;
use Chatd::Test::Record;

my ($ann, $bob) = ({ name => 'ann' }, { name => 'bob' });
my %member = ('ann bob' => [ $ann, $bob ]);

# A store whose answer to the one question is made up.
sub Store::query { join "\n", map { join '|', @$_ } @{ $_[0]{rows} } }

# history(stored => [[seq, text], …], acked => [[seq, text], …] by ann, shown => [[seq, text], …] to bob in this
# order; a third element begins a new connection): what is found.
sub history {
    my (%is) = @_;
    my $record = Chatd::Test::Record->new;
    $record->acknowledged($ann, { to => '@bob', text => $_->[1] }, $_->[0]) for @{ $is{acked} };
    $bob->{client} = {};
    for (@{ $is{shown} }) {
        $bob->{client} = {} if $_->[2];
        $record->shown($bob, 'ann bob', { seq => $_->[0], text => $_->[1], from => 'ann' });
    }
    my $stored = $record->read_store(bless({ rows => [ map { [ 'ann bob', @$_ ] } @{ $is{stored} } ] }, 'Store'), \%member);
    return join '; ', grep { defined } $record->faults($stored), $record->unseen($stored, { 'ann bob' => [$bob] });
}

my @all = ([ 1, 'a' ], [ 2, 'b' ], [ 3, 'c' ]);
my %right = (stored => \@all, acked => \@all, shown => \@all);
my @cases = (
    [ 'all is right',            qr/^$/ ],
    [ 'a reply that never came', qr/^$/, acked => [ @all[ 0, 2 ] ] ],
    [ 'shown again after coming back', qr/^$/, shown => [ @all[ 0, 1 ], [ 1, 'a', 1 ], @all[ 1, 2 ] ] ],
    [ 'acknowledged and not stored', qr/^lost: ann bob 3/, stored => [ @all[ 0, 1 ] ], shown => [ @all[ 0, 1 ] ] ],
    [ 'stored as something else', qr/^lost: ann bob 2 'b'/, stored => [ $all[0], [ 2, 'x' ], $all[2] ] ],
    [ 'stored twice',            qr/^doubled: 'a' is stored 2/, stored => [ @all, [ 4, 'a' ] ], shown => [ @all, [ 4, 'a' ] ] ],
    [ 'one number for two',      qr/^doubled: ann bob 2 is 'b' and 'c'/, acked => [ @all[ 0, 1 ], [ 2, 'c' ] ] ],
    [ 'a gap in the store',      qr/^a gap: ann bob has 5 as number 4/, stored => [ @all, [ 5, 'd' ] ] ],
    [ 'shown out of order',      qr/^disordered: bob is shown ann bob 2 after 3/, shown => [ @all[ 0, 2, 1 ] ] ],
    [ 'shown twice on one connection', qr/^disordered: bob is shown ann bob 3 after 3/, shown => [ @all, $all[2] ] ],
    [ 'a gap closed by coming back', qr/^disordered: bob first sees ann bob 2 after 3/, shown => [ @all[ 0, 2 ], [ 2, 'b', 1 ] ] ],
    [ 'another text the second time', qr/^changed: bob/, shown => [ @all, [ 3, 'x', 1 ] ] ],
    [ 'shown and not stored',    qr/^bob was shown what is not stored: ann bob 4/, shown => [ @all, [ 4, 'd' ] ] ],
    [ 'never shown',             qr/^bob has 2 of 3/, shown => [ @all[ 0, 1 ] ] ],
);
for my $case (@cases) {
    my ($name, $expected, %differs) = @$case;
    like history(%right, %differs), $expected, $name;
}

done_testing;
