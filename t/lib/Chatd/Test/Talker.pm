# One of a Traffic's people: keeps some sends under way, repeats by cid what was refused or lost with the
# connection, acknowledges what it sees, and comes back by token. Never waits for anything.
package Chatd::Test::Talker;
use strict;
use warnings;
use Carp qw(confess);
use Time::HiRes qw(time);
use Chatd::Test::Client;
use Chatd::Test::Record qw(conversation);
use Chatd::Test::Util qw(limit);

my $window = 24;

sub new {
    my ($class, $traffic, $name, $place) = @_;
    my $self = bless {
        traffic => $traffic, record => $traffic->{record}, name => $name, place => ref $place ? $place->{plain} : $place,
        flight => [], number => 0, acked => 0, count => {}, again => 0,
    }, $class;
    $self->{client} = Chatd::Test::Client->connect($self->{place});
    $self->{token} = $self->{client}->register_and_login($name)->{token};
    $self->{in} = 1;
    return $self;
}

# A request before the traffic begins.
sub ask {
    my ($self, $op, %field) = @_;
    my $reply = $self->{client}->request($op, %field);
    $reply->{ok} or confess "$op of $self->{name}: $reply->{_line}";
}

sub where {
    my ($self) = @_;
    my $state = !$self->{client} ? 'away' : $self->{in} ? 'in' : 'coming';
    return "$self->{name} $state, " . @{ $self->{flight} } . " under way";
}

sub live {
    my ($self) = @_;
    return if $self->{again} > time;
    return $self->come_back if !$self->{client};
    return $self->lose if !$self->{in} && $self->{since} + limit(10) < time;
    $self->{in} and $self->speak;
}

# Asks to be let in without waiting for the greeting.
sub come_back {
    my ($self) = @_;
    $self->{again} = time + 0.2;
    my $client = Chatd::Test::Client->open_socket($self->{place}) or return;
    @$self{qw(client in since)} = ($client, 0, time);
    $client->send_json({ op => 'login', id => 'login', token => $self->{token} });
}

sub lose {
    my ($self) = @_;
    ++$self->{count}{lost};
    $_->{id} = undef for @{ $self->{flight} };
    (delete $self->{client})->close;
    @$self{qw(in again)} = (0, time + 0.1);
}

sub speak {
    my ($self) = @_;
    my $flight = $self->{flight};
    while ($self->{traffic}{going} && @$flight < $window) {
        my $to = $self->{to}[ ++$self->{number} % @{ $self->{to} } ];
        push @$flight, { to => $to, text => "$self->{name} $self->{number}" };
    }
    for my $message (grep { !defined $_->{id} } @$flight) {
        $message->{id} = $self->{client}->begin('send', to => $message->{to}, text => $message->{text}, cid => $message->{text});
    }
}

sub hear {
    my ($self) = @_;
    my $client = $self->{client} or return;
    1 while $client->read_some(0);
    for my $frame (splice @{ $client->{queue} }) {
        if (($frame->{event} // '') eq 'message') { $self->see($frame) }
        elsif (($frame->{id} // '') eq 'login') { $self->answer_login($frame) or return }
        elsif (defined $frame->{id}) { $self->answer($frame) }
    }
    $self->acknowledge;
    $self->lose if $client->{eof};
}

sub answer_login {
    my ($self, $reply) = @_;
    return $self->{in} = 1 if $reply->{ok};
    $reply->{error} eq 'unavailable' or confess "$self->{name} comes back: $reply->{_line}";
    $self->lose;
    --$self->{count}{lost};    # it was never in
    return 0;
}

sub answer {
    my ($self, $reply) = @_;
    my $flight = $self->{flight};
    my ($index) = grep { ($flight->[$_]{id} // '') eq $reply->{id} } 0 .. $#$flight;
    my $message = $flight->[ $index // return ];
    if ($reply->{ok}) {
        splice @$flight, $index, 1;
        $self->{record}->acknowledged($self, $message, $reply->{seq});
        ++$self->{acked};
        ++$self->{traffic}{acked};
    } elsif ($reply->{error} eq 'unavailable') {
        ++$self->{count}{refused};
        ++$self->{count}{maybe} if $reply->{maybe};
        $message->{id} = undef;
        $self->{again} = time + 0.1;
    } else { confess "$self->{name} sends: $reply->{_line}" }
}

sub see {
    my ($self, $event) = @_;
    my $to = $event->{to} =~ /^#/ || $event->{from} eq $self->{name} ? $event->{to} : "\@$event->{from}";
    $self->{told}{$to} //= 0;
    $self->{record}->shown($self, conversation($self->{name}, $to), $event);
}

# Now and then, up to where nothing is missing.
sub acknowledge {
    my ($self) = @_;
    for my $to (keys %{ $self->{told} }) {
        my $upto = $self->{record}->complete($self->{name}, conversation($self->{name}, $to));
        next if $upto < $self->{told}{$to} + 50;
        $self->{client}->send_json({ op => 'ack', conv => $to, seq => $upto });
        $self->{told}{$to} = $upto;
    }
}

1;
