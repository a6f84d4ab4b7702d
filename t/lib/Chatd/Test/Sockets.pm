# Which process holds which TCP connection, read from /proc: nothing is asked of the process itself.
package Chatd::Test::Sockets;
use strict;
use warnings;
use Exporter qw(import);
use Chatd::Test::Util qw(slurp);

our @EXPORT_OK = qw(established listening socket_fds watched_fds);

my ($established, $listen) = ('01', '0A');

# { inode => the peer's port } of the accepted ends of connections to an address "IP:PORT".
sub established { sockets($established, $_[0]) }

# { inode => 0 } of the sockets that listen there.
sub listening { sockets($listen, $_[0]) }

sub sockets {
    my ($state, $address) = @_;
    my ($ip, $port) = split /:/, $address;
    my $local = sprintf '%08X:%04X', unpack('V', pack 'C4', split /\./, $ip), $port;
    my %socket;
    for my $line (split /\n/, slurp('/proc/net/tcp')) {
        my @field = split ' ', $line;
        next if $field[1] ne $local || $field[3] ne $state;
        $socket{ $field[9] } = hex((split /:/, $field[2])[1]);
    }
    delete $socket{0};
    return \%socket;
}

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
