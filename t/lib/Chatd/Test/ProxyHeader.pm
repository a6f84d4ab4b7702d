# PROXY protocol headers, version 2, right ones and wrong ones, as bytes. Opens no socket.
package Chatd::Test::ProxyHeader;
use strict;
use warnings;
use Exporter qw(import);
use Socket qw(AF_INET6 inet_aton inet_pton);

our @EXPORT_OK = qw(proxy_v2 proxy_local proxy_v6);

my $signature = "\r\n\r\n\0\r\nQUIT\n";

# proxy_v2(from => '192.0.2.1', port => 1234, extra => bytes of TLVs, and for wrong ones: first (version and
# command), family, length)
sub proxy_v2 {
    my (%option) = @_;
    my $body = inet_aton($option{from} // '192.0.2.7') . inet_aton('127.0.0.1') . pack('n n', $option{port} // 4711, 8000);
    return header($option{first} // 0x21, $option{family} // 0x11, $body . ($option{extra} // ''), $option{length});
}

sub proxy_v6 {
    my (%option) = @_;
    my $body = inet_pton(AF_INET6, $option{from} // '2001:db8::7') . inet_pton(AF_INET6, '::1') . pack('n n', 4711, 8000);
    return header(0x21, 0x21, $body);
}

# The proxy itself speaks, as in a health check: no client.
sub proxy_local { header(0x20, 0x00, $_[0] // '') }

sub header {
    my ($first, $family, $body, $length) = @_;
    return $signature . pack('C C n', $first, $family, $length // length $body) . $body;
}

1;
