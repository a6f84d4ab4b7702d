# Ports for one test. Each is locked by a file for as long as the test lives, so that tests running side
# by side, in several clones too, never meet; and is tried, so that foreign servers are stepped around.
package Chatd::Test::Ports;
use strict;
use warnings;
use Carp qw(croak);
use Exporter qw(import);
use Fcntl qw(:flock);
use IO::Socket::INET;

our @EXPORT_OK = qw(port address);

# Below the range from which the kernel takes the ports of outgoing connections.
my ($first, $last) = (20000, 31999);
my $locks = '/tmp/chatd-test-ports';
my @held;

sub port {
    if (!-d $locks) { mkdir $locks; chmod 01777, $locks }
    for (1 .. 2000) {
        my $port = $first + int rand($last - $first + 1);
        my $lock = locked($port) or next;
        next if !bindable($port);
        push @held, $lock;
        return $port;
    }
    croak "no free port between $first and $last";
}

sub address { '127.0.0.1:' . port() }

sub locked {
    my ($port) = @_;
    open my $file, '>>', "$locks/$port" or return;
    chmod 0666, "$locks/$port";
    return flock($file, LOCK_EX | LOCK_NB) ? $file : undef;
}

sub bindable {
    my ($port) = @_;
    return !!IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 1, ReuseAddr => 1);
}

1;
