# A real HAProxy for one test, from the repository's etc/haproxy.cfg: what stands there between "# begin: X"
# and "# end: X" is replaced by this test's addresses, everything else is under test as it is.
package Chatd::Test::Haproxy;
use strict;
use warnings;
use Carp qw(croak);
use IO::Socket::INET;
use Chatd::Test::Client;
use Chatd::Test::Ports qw(address);
use Chatd::Test::Process qw(spawn);
use Chatd::Test::Util qw(alive children folder root slurp spew stop_process wait_until);

# new(NODE…)
sub new {
    my ($class, @node) = @_;
    my $self = bless { nodes => \@node, chat => address(), web => address(), stats => address() }, $class;
    my %block = (
        process => "    log stderr format timed local0 notice\n"
          . '    stats socket ' . folder() . "/haproxy.sock mode 600 level admin expose-fd listeners\n    maxconn 2000\n",
        chat    => "    bind $self->{chat}\n",
        web     => "    bind $self->{web}\n",
        stats   => "    bind $self->{stats}\n",
        servers => join('', map { server($_, 'proxy') } @node),
        web_servers => join('', map { server($_, 'web_proxy') } @node),
    );
    my $text = slurp(root() . '/etc/haproxy.cfg');
    for my $name (sort keys %block) {
        $text =~ s/^[ ]*#[ ]begin:[ ]$name\n.*?^[ ]*#[ ]end:[^\n]*\n/$block{$name}/ms
          or croak "etc/haproxy.cfg has no block $name";
    }
    spew($self->conf_path, $text);
    return $self;
}

sub server {
    my ($node, $listener) = @_;
    my ($port) = $node->{agent} =~ /:(\d+)$/;
    return "    server $node->{name} $node->{$listener} agent-port $port\n";
}

sub conf_path { folder() . '/haproxy.cfg' }

# Without a core: a worker of 2.6.12 that a reload has replaced crashes now and then when all its clients have gone, at
# its very end (_fd_delete_orphan, below deinit), and cores are taken for ours.
sub begin {
    my ($self) = @_;
    $self->{pid} = spawn(name => 'haproxy', command => [ qw(prlimit --core=0 haproxy -W -f), $self->conf_path ]);
    return $self;
}

sub start {
    my ($self) = @_;
    $self->begin;
    wait_until { $self->view || (alive($self->{pid}) ? 0 : croak "HAProxy has ended:\n" . slurp(folder() . '/haproxy.stderr')) }
      'HAProxy answers';
    return $self;
}

# { node => { column => value } } of its statistics, of one backend; undef if it doesn't answer.
sub view {
    my ($self, $backend) = @_;
    $backend //= 'nodes';
    my $socket = IO::Socket::INET->new(PeerAddr => $self->{stats}, Timeout => 5) or return;
    print $socket "GET /stats;csv HTTP/1.0\r\n\r\n";
    my $answer = do { local $/; <$socket> } // return;
    my ($head, @line) = grep { /,/ } split /\r?\n/, $answer =~ s/.*?\r?\n\r?\n//sr;
    my @column = split /,/, ($head // return) =~ s/^# //r;
    my %view;
    for (@line) {
        my %value;
        @value{@column} = split /,/, $_, -1;
        $view{ $value{svname} } = \%value if $value{pxname} eq $backend && grep { $_->{name} eq $value{svname} } @{ $self->{nodes} };
    }
    return \%view;
}

# UP by a check that was made: before the first one a server counts as up.
sub is_up {
    my ($self, $name, $backend) = @_;
    my $server = ($self->view($backend) // {})->{$name} or return 0;
    return $server->{status} =~ /^UP/ && $server->{check_status} =~ /L7OK/ ? 1 : 0;
}

sub is_down {
    my ($self, $name, $backend) = @_;
    my $server = ($self->view($backend) // {})->{$name} or return 0;
    return $server->{status} =~ /^DOWN/ ? 1 : 0;
}

sub wait_healthy {
    my ($self, @name) = @_;
    @name = map { $_->{name} } @{ $self->{nodes} } if !@name;
    for my $name (@name) { wait_until { $self->is_up($name) && $self->is_up($name, 'web') } "HAProxy sees $name up" }
    return $self;
}

# A connection through it that the given node serves: it spreads them evenly.
sub connect_through {
    my ($self, $node, %option) = @_;
    my @other;
    for (1 .. 50) {
        my $client = Chatd::Test::Client->connect($self->{chat}, %option);
        if ($client->{hello}{node} eq $node) { $_->close for @other; return $client }
        push @other, $client;
    }
    croak "HAProxy leads nowhere but to $other[0]{hello}{node}";
}

# Its configuration is read again: a new process listens, the old one keeps its connections.
sub reload { kill 'USR2', $_[0]{pid} }

# All of it gone at once.
sub kill9 {
    my ($self) = @_;
    my @pid = ($self->{pid}, children($self->{pid}));
    kill 'KILL', @pid;
    waitpid delete $self->{pid}, 0;
    wait_until { !grep { alive($_) } @pid } 'HAProxy has ended';
}

sub stop {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;
    stop_process($pid, 'TERM');
    waitpid $pid, 0;
}

1;
