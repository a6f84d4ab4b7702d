# Which process holds which TCP connection, read from /proc: nothing is asked of the process itself.
package Chatd::Test::Sockets;
use strict;
use warnings;
use Exporter qw(import);
use Chatd::Test::Util qw(slurp);

our @EXPORT_OK = qw(established listening socket_fds unsent watched_fds);

my ($established, $listen) = ('01', '0A');

# { inode => the peer's port } of the accepted ends of connections to an address "IP:PORT".
sub established { sockets($established, $_[0]) }

# { inode => 0 } of the sockets that listen there.
sub listening { sockets($listen, $_[0]) }

sub sockets {
    my ($state, $address) = @_;
    my %socket = map { $_->[9] => peer_port($_) } entries($state, $address);
    delete $socket{0};
    return \%socket;
}

# The bytes that the accepted end of the connection from a client's port has in the kernel, not yet taken by the client.
sub unsent {
    my ($address, $port) = @_;
    my ($entry) = grep { peer_port($_) == $port } entries($established, $address) or return 0;
    return hex((split /:/, $entry->[4])[0]);
}

# The fields of the lines of /proc/net/tcp that have this state and local address.
sub entries {
    my ($state, $address) = @_;
    my ($ip, $port) = split /:/, $address;
    my $local = sprintf '%08X:%04X', unpack('V', pack 'C4', split /\./, $ip), $port;
    return grep { $_->[1] eq $local && $_->[3] eq $state } map { [ split ' ' ] } split /\n/, slurp('/proc/net/tcp');
}

sub peer_port { hex((split /:/, $_[0][2])[1]) }

# { descriptor => inode } of a process's sockets.
sub socket_fds {
    my ($pid) = @_;
    opendir my $folder, "/proc/$pid/fd" or return {};
    my %inode;
    for my $fd (grep { /^\d+$/ } readdir $folder) {
        my $target = readlink "/proc/$pid/fd/$fd" // next;
        $inode{$fd} = $1 if $target =~ /^socket:\[(\d+)\]$/;
    }
    return \%inode;
}

# The descriptors that a process has in its epoll sets.
sub watched_fds {
    my ($pid) = @_;
    opendir my $folder, "/proc/$pid/fd" or return;
    my @epoll = grep { /^\d+$/ && (readlink("/proc/$pid/fd/$_") // '') eq 'anon_inode:[eventpoll]' } readdir $folder;
    return map { slurp("/proc/$pid/fdinfo/$_") =~ /^tfd:\s*(\d+)/mg } @epoll;
}

1;
