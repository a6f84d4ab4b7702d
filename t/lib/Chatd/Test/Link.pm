# A TCP link between two parts, and what may befall it: a test's own bad network. What has been sent on a
# connection that goes on arrives in the end, in order; nothing is changed.
package Chatd::Test::Link;
use strict;
use warnings;
use Carp qw(croak);
use IO::Socket::INET;
use IO::Socket::UNIX;
use Chatd::Test::Ports ();
use Chatd::Test::Process qw(spawn);
use Chatd::Test::Util qw(folder root stop_process wait_until);

my $count = 0;

sub new {
    my ($class, $target) = @_;
    return bless { port => Chatd::Test::Ports::port(), target => $target, name => 'link-' . ++$count }, $class;
}

sub port { $_[0]{port} }
sub address { "127.0.0.1:$_[0]{port}" }
sub control { folder() . "/$_[0]{name}" }

sub start {
    my ($self) = @_;
    my @program = ($^X, '-I' . root() . '/t/lib', '-MChatd::Test::Relay', '-e', 'Chatd::Test::Relay::serve(@ARGV)');
    $self->{pid} = spawn(name => $self->{name}, command => [ @program, $self->address, $self->{target}, $self->control ]);
    wait_until { IO::Socket::UNIX->new(Peer => $self->control) } 'the link is there';
    return $self;
}

# Stands still, as when a cable is pulled: nobody is told, and connections that come wait.
sub freeze { kill 'STOP', $_[0]{pid} }
sub thaw { kill 'CONT', $_[0]{pid} }

# Every byte takes this many seconds from now on, either way.
sub delay { $_[0]->tell("delay $_[1]") }
# Every connection is closed in good order, and none is taken until it heals.
sub cut { $_[0]->tell('cut') }
# Every connection is reset; new ones are taken.
sub reset { $_[0]->tell('reset') }
# Who connected is taken for somebody who has no more to say; what comes back still goes through.
sub half_close { $_[0]->tell('half_close') }
sub heal { $_[0]->tell('heal') }

sub tell {
    my ($self, $order) = @_;
    my $control = IO::Socket::UNIX->new(Peer => $self->control) or croak "$self->{name}: $!";
    print $control "$order\n";
    (<$control> // '') eq "done\n" or croak "$self->{name}: no answer to $order";
}

sub stop {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;
    stop_process($pid, 'TERM');
    waitpid $pid, 0;
    unlink $self->control;
}

1;
