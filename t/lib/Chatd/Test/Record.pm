# What a Traffic's people were told and shown, and what that says when it is held against the store, which is
# read by SQL. Never asks chatd.
package Chatd::Test::Record;
use strict;
use warnings;
use Exporter qw(import);

our @EXPORT_OK = qw(conversation);

sub new { return bless { acked => {}, shown => {}, complete => {}, highest => {}, fault => [] }, $_[0] }

# One name for a conversation, whoever speaks of it: #group, or the two in the order of their names.
sub conversation {
    my ($me, $to) = @_;
    return $to if $to =~ /^#/;
    return join ' ', sort $me, substr $to, 1;
}

sub fault {
    my ($self, $text) = @_;
    push @{ $self->{fault} }, $text;
}

# ok to a send: this text is this seq. The sender's session gets nothing else of it.
sub acknowledged {
    my ($self, $talker, $message, $seq) = @_;
    my $conv = conversation($talker->{name}, $message->{to});
    my $before = $self->{acked}{$conv}{$seq};
    $self->fault("doubled: $conv $seq is '$before' and '$message->{text}'") if defined $before;
    $self->{acked}{$conv}{$seq} = $message->{text};
    $self->{shown}{ $talker->{name} }{$conv}{$seq} //= $message->{text};
}

# A message event. A later connection may begin at an earlier seq, but shows nothing new that is older than what
# was shown: but one's own, which an earlier connection was not shown.
sub shown {
    my ($self, $talker, $conv, $event) = @_;
    my ($seq, $place) = ($event->{seq}, $self->{shown}{ $talker->{name} }{$conv} //= {});
    my $last = \$talker->{client}{last}{$conv};
    $self->fault("disordered: $talker->{name} is shown $conv $seq after $$last") if defined $$last && $seq <= $$last;
    $$last = $seq;
    my $highest = \$self->{highest}{ $talker->{name} }{$conv};
    $$highest //= 0;
    if (!exists $place->{$seq}) {
        my $late = $seq < $$highest && $event->{from} ne $talker->{name};
        $self->fault("disordered: $talker->{name} first sees $conv $seq after $$highest") if $late;
    } elsif ($place->{$seq} ne $event->{text}) {
        $self->fault("changed: $talker->{name} is shown $conv $seq as '$place->{$seq}', then as '$event->{text}'");
    }
    $$highest = $seq if $seq > $$highest;
    $place->{$seq} = $event->{text};
}

# Up to which seq somebody has everything.
sub complete {
    my ($self, $name, $conv) = @_;
    my $place = $self->{shown}{$name}{$conv} // return 0;
    my $upto = \$self->{complete}{$name}{$conv};
    $$upto //= 0;
    ++$$upto while exists $place->{ $$upto + 1 };
    return $$upto;
}

# { conversation => [text of seq 1, of seq 2, …] }, of these conversations; what is wrong with that by itself
# is noted.
sub read_store {
    my ($self, $postgres, $member) = @_;
    my $rows = $postgres->query(<<'SQL');
SELECT coalesce('#' || g.name, least(a.name, b.name) || ' ' || greatest(a.name, b.name)), m.seq, m.body
FROM message m JOIN conversation c ON c.id = m.conv_id LEFT JOIN groups g ON g.conv_id = c.id
LEFT JOIN users a ON a.id = c.low LEFT JOIN users b ON b.id = c.high ORDER BY m.conv_id, m.seq
SQL
    my %stored;
    for my $row (split /\n/, $rows) {
        my ($conv, $seq, $text) = split /\|/, $row, 3;
        my $list = $member->{$conv} ? $stored{$conv} //= [] : next;
        push @$list, $text;
        $self->fault("a gap: $conv has $seq as number " . @$list) if $seq != @$list;
    }
    for my $conv (keys %stored) {
        my %count;
        ++$count{$_} for @{ $stored{$conv} };
        $self->fault("doubled: '$_' is stored $count{$_} times in $conv") for grep { $count{$_} > 1 } sort keys %count;
    }
    return \%stored;
}

# Who has not seen all that is stored for them: a line about the first one found; nothing if there is nobody.
sub unseen {
    my ($self, $stored, $member) = @_;
    for my $conv (sort keys %$stored) {
        my $all = @{ $stored->{$conv} };
        for my $talker (@{ $member->{$conv} }) {
            my $upto = $self->complete($talker->{name}, $conv);
            return "$talker->{name} has $upto of $all in $conv" if $upto < $all;
        }
    }
    return;
}

# Everything that is wrong, a line each, at most 20.
sub faults {
    my ($self, $stored) = @_;
    my @wrong = (@{ $self->{fault} }, differing('lost', $self->{acked}, $stored));
    push @wrong, differing("$_ was shown what is not stored", $self->{shown}{$_}, $stored) for sort keys %{ $self->{shown} };
    return @wrong > 20 ? @wrong[ 0 .. 19 ] : @wrong;
}

# What stands in one place and not, or not so, in the store.
sub differing {
    my ($what, $place, $stored) = @_;
    my @wrong;
    for my $conv (sort keys %$place) {
        for my $seq (sort { $a <=> $b } keys %{ $place->{$conv} }) {
            my ($is, $was) = ($stored->{$conv}[ $seq - 1 ] // 'nothing', $place->{$conv}{$seq});
            push @wrong, "$what: $conv $seq '$was'; the store has $is" if $is ne $was;
        }
    }
    return @wrong;
}

1;
