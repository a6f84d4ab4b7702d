# The process behind a Link: passes bytes on between two TCP sockets, and does to them what it is told on its
# control socket. It never looks at the bytes, and loses none of a connection that goes on.
package Chatd::Test::Relay;
use strict;
use warnings;
use Errno qw(EAGAIN EINTR);
use IO::Socket::INET;
use IO::Socket::UNIX;
use Socket qw(SOL_SOCKET SO_LINGER);
use Time::HiRes qw(time);

# Read ahead of a side that does not take it.
my $bound = 256 * 1024;

my %order = (
    delay => sub { $_[0]{delay} = $_[1] },
    cut => sub { my ($self) = @_; close delete $self->{listener} if $self->{listener}; $self->drop($_) for $self->links },
    reset => sub {
        my ($self) = @_;
        for my $link ($self->links) {
            setsockopt $_, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0) for @$link{qw(near far)};
            $self->drop($link);
        }
    },
    half_close => sub { $_->{out}{ended} = 1 for $_[0]->links },
    heal => sub { my ($self) = @_; $self->{delay} = 0; $self->listen },
);

sub serve {
    my ($address, $target, $control) = @_;
    $SIG{PIPE} = 'IGNORE';
    my $self = bless { address => $address, target => $target, delay => 0, link => {} }, __PACKAGE__;
    $self->listen;
    $self->{control} = IO::Socket::UNIX->new(Local => $control, Listen => 5) or die "$control: $!";
    $self->turn while 1;
}

sub listen {
    my ($self) = @_;
    $self->{listener} //= IO::Socket::INET->new(LocalAddr => $self->{address}, Listen => 512, ReuseAddr => 1, Blocking => 0)
      or die "$self->{address}: $!";
}

sub links { values %{ $_[0]{link} } }
sub ways { map { @$_{qw(out back)} } $_[0]->links }

sub turn {
    my ($self) = @_;
    my ($now, $wait, $read, $write) = (time, 1, '', '');
    vec($read, fileno $_, 1) = 1 for grep { $_ } @$self{qw(control listener)};
    for my $way ($self->ways) {
        vec($read, fileno $way->{from}, 1) = 1 if !$way->{ended} && $way->{size} < $bound;
        my $first = $way->{queue}[0] or next;
        if ($first->[0] <= $now) { vec($write, fileno $way->{to}, 1) = 1 }
        elsif ($first->[0] - $now < $wait) { $wait = $first->[0] - $now }
    }
    select $read, $write, undef, $wait;
    $self->obey if vec $read, fileno $self->{control}, 1;
    $self->join_up if $self->{listener} && vec $read, fileno $self->{listener}, 1;
    for my $link ($self->links) { $self->pass($link, $read, $write) }
}

# One order, a line; the answer is a line, too.
sub obey {
    my ($self) = @_;
    my $peer = $self->{control}->accept or return;
    my ($name, @argument) = split ' ', scalar(<$peer>) // return;
    $order{$name}->($self, @argument);
    print $peer "done\n";
}

sub join_up {
    my ($self) = @_;
    my $near = $self->{listener}->accept or return;
    my $far = IO::Socket::INET->new(PeerAddr => $self->{target}, Timeout => 2) or return;
    $_->blocking(0) for $near, $far;
    $self->{link}{ fileno $near } = { near => $near, far => $far, out => way($near, $far), back => way($far, $near) };
}

sub way { return { from => $_[0], to => $_[1], queue => [], size => 0, ended => 0 } }

sub pass {
    my ($self, $link, $read, $write) = @_;
    for my $way (@$link{qw(out back)}) {
        my $well = !vec($read, fileno $way->{from}, 1) || $self->take($way);
        $well &&= !vec($write, fileno $way->{to}, 1) || give($way);
        return $self->drop($link) if !$well;
        if ($way->{ended} == 1 && !@{ $way->{queue} }) { shutdown $way->{to}, 1; $way->{ended} = 2 }
    }
    $self->drop($link) if $link->{out}{ended} == 2 && $link->{back}{ended} == 2;
}

sub take {
    my ($self, $way) = @_;
    my $got = sysread $way->{from}, my $bytes, 65536;
    return $! == EAGAIN || $! == EINTR if !defined $got;
    if (!$got) { $way->{ended} ||= 1 }
    else { push @{ $way->{queue} }, [ time + $self->{delay}, $bytes ]; $way->{size} += $got }
    return 1;
}

sub give {
    my ($way) = @_;
    my $first = $way->{queue}[0];
    my $written = syswrite $way->{to}, $first->[1];
    return $! == EAGAIN || $! == EINTR if !defined $written;
    $way->{size} -= $written;
    substr $first->[1], 0, $written, '';
    shift @{ $way->{queue} } if !length $first->[1];
    return 1;
}

sub drop {
    my ($self, $link) = @_;
    delete $self->{link}{ fileno $link->{near} };
    close $_ for @$link{qw(near far)};
}

1;
