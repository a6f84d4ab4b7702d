# A real Redis for one test: own port, nothing on disk.
package Chatd::Test::Redis;
use strict;
use warnings;
use Carp qw(croak);
use IO::Select;
use IO::Socket::INET;
use Chatd::Test::Ports qw(port);
use Chatd::Test::Process qw(spawn);
use Chatd::Test::Util qw(folder stop_process wait_until);

sub new {
    my ($class) = @_;
    return bless { port => port() }, $class;
}

sub address { "127.0.0.1:$_[0]{port}" }

sub begin {
    my ($self) = @_;
    croak 'Redis is running' if $self->{pid};
    # A title of its own would overwrite the environment by which it is found when nobody else stops it.
    $self->{pid} = spawn(
        name    => 'redis',
        command => [
            'redis-server', '--bind', '127.0.0.1', '--port', $self->{port}, '--save', '', '--appendonly', 'no',
            '--dir', folder(), '--tcp-keepalive', '10', '--daemonize', 'no', '--set-proc-title', 'no',
        ],
    );
    return $self;
}

sub wait_ready {
    my ($self) = @_;
    wait_until { ($self->command('PING') // '') eq '+PONG' } 'Redis is ready';
    return $self;
}

sub start { $_[0]->begin->wait_ready }

# One command on a connection of its own; the first line of the answer, undef if there was none.
sub command {
    my ($self, @words) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => $self->address, Timeout => 2) or return;
    print $socket '*' . @words . "\r\n", map { '$' . length($_) . "\r\n$_\r\n" } @words;
    IO::Select->new($socket)->can_read(2) or return;    # it may stand still
    my $line = <$socket> // return;
    $line =~ s/\r\n$//;
    return $line;
}

sub stop { $_[0]->end('TERM') }
sub kill9 { $_[0]->end('KILL') }

sub end {
    my ($self, $signal) = @_;
    my $pid = delete $self->{pid} or return;
    stop_process($pid, $signal);
    waitpid $pid, 0;
}

sub freeze { kill 'STOP', $_[0]{pid} if $_[0]{pid} }
sub thaw { kill 'CONT', $_[0]{pid} if $_[0]{pid} }

1;
