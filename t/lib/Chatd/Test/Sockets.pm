# Which process holds which TCP connection, read from /proc: nothing is asked of the process itself.
package Chatd::Test::Sockets;
use strict;
use warnings;
use Exporter qw(import);
use Chatd::Test::Util qw(slurp);

our @EXPORT_OK = qw(established_inodes listening_inodes socket_fds watched_fds);

my ($established, $listen) = ('01', '0A');

# { inode => 1 } of the accepted ends of connections to an address "IP:PORT", from a peer's port or all.
sub established_inodes {
    my ($address, $peer_port) = @_;
    return inodes($established, $address, $peer_port);
}

sub listening_inodes { inodes($listen, $_[0]) }

sub inodes {
    my ($state, $address, $peer_port) = @_;
    my ($ip, $port) = split /:/, $address;
    my $local = sprintf '%08X:%04X', unpack('V', pack 'C4', split /\./, $ip), $port;
    my $peer = defined $peer_port ? sprintf(':%04X$', $peer_port) : '';
    my %inode;
    for my $line (split /\n/, slurp('/proc/net/tcp')) {
        my @field = split ' ', $line;
        next if $field[1] ne $local || $field[3] ne $state;
        $inode{ $field[9] } = 1 if $field[2] =~ /$peer/;
    }
    delete $inode{0};
    return \%inode;
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
