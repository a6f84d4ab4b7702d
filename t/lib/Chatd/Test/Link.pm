# A TCP link between two parts that can be stopped and goes on later: a process that passes bytes on, and
# stands still while it is frozen. It looks at nothing and changes nothing.
package Chatd::Test::Link;
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use Chatd::Test::Ports qw(port);
use Chatd::Test::Process qw(spawn);
use Chatd::Test::Util qw(root stop_process wait_until);

my $count = 0;

sub new {
    my ($class, $target) = @_;
    return bless { port => port(), target => $target }, $class;
}

sub address { "127.0.0.1:$_[0]{port}" }

sub start {
    my ($self) = @_;
    my @program = ($^X, '-I' . root() . '/t/lib', '-MChatd::Test::Link', '-e', 'Chatd::Test::Link::serve(@ARGV)');
    $self->{pid} = spawn(name => 'link-' . ++$count, command => [ @program, $self->address, $self->{target} ]);
    wait_until { IO::Socket::INET->new(PeerAddr => $self->address) } 'the link is there';
    return $self;
}

sub freeze { kill 'STOP', $_[0]{pid} }
sub thaw { kill 'CONT', $_[0]{pid} }

sub stop {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;
    stop_process($pid, 'TERM');
    waitpid $pid, 0;
}

# The process itself.
sub serve {
    my ($address, $target) = @_;
    $SIG{PIPE} = 'IGNORE';
    my $listener = IO::Socket::INET->new(LocalAddr => $address, Listen => 64, ReuseAddr => 1) or die "$address: $!";
    my $select = IO::Select->new($listener);
    my %peer;
    while (1) {
        for my $socket ($select->can_read) {
            if ($socket == $listener) { join_up($listener, $target, $select, \%peer) }
            elsif ($peer{$socket} && !pass_on($socket, $peer{$socket})) { part($socket, $select, \%peer) }
        }
    }
}

sub join_up {
    my ($listener, $target, $select, $peer) = @_;
    my $near = $listener->accept or return;
    my $far = IO::Socket::INET->new(PeerAddr => $target, Timeout => 2) or return;
    @$peer{ $near, $far } = ($far, $near);
    $select->add($near, $far);
}

sub pass_on {
    my ($from, $to) = @_;
    sysread $from, my $bytes, 65536 or return 0;
    while (length $bytes) {
        my $written = syswrite $to, $bytes or return 0;
        substr $bytes, 0, $written, '';
    }
    return 1;
}

sub part {
    my ($socket, $select, $peer) = @_;
    my $other = delete $peer->{$socket};
    delete $peer->{$other};
    $select->remove($socket, $other);
    close $_ for $socket, $other;
}

1;
