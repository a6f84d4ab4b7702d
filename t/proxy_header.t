#!/usr/bin/perl
# The PROXY header on a listener that says so: it must be there, version 2, whole, in time, from a trusted
# address. What comes without is closed, and gets no byte.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::ProxyHeader qw(proxy_local proxy_v2 proxy_v6);

my $site = site();
my $node = $site->node('a', worker_processes => 1, proxy_timeout => '1m');    # longer than this test waits
my $hasty = $site->node('hasty', worker_processes => 1, proxy_timeout => '500ms');
$_->begin for $node, $hasty;
$_->wait_ready for $node, $hasty;
my $ping = qq({"op":"ping","id":1}\n);

sub served {
    my ($name, $bytes) = @_;
    my $client = connect_to($node->{proxy}, hello => 0);
    $client->send_raw($bytes);
    is $client->next_event->{event}, 'hello', "$name: greeted";
    is_ok $client->next_reply, "$name: served";
    return $client;
}

sub refused {
    my ($name, $bytes, $address) = @_;
    my $client = connect_to($address // $node->{proxy}, hello => 0);
    $client->send_raw($bytes);
    $client->wait_eof;
    is scalar(@{ $client->{queue} }), 0, "$name: closed without a byte";
}

subtest 'accepted' => sub {
    served('IPv4', proxy_v2() . $ping);
    served('IPv6', proxy_v6() . $ping);
    served('with TLVs', proxy_v2(extra => pack('C n a*', 0x05, 100, 'x' x 100)) . $ping);
    served('UNSPEC', proxy_v2(family => 0x00) . $ping);
    served('LOCAL', proxy_local() . $ping);
    served('LOCAL with addresses', proxy_local(pack 'x12') . $ping);
};

subtest 'in pieces' => sub {
    my $client = connect_to($node->{proxy}, hello => 0);
    $client->send_raw($_) for split //, proxy_v2() . $ping;
    is_ok $client->next_reply, 'a byte at a time';
};

subtest 'people come that way' => sub {
    my $alice = connect_to($node->{proxy}, proxy => proxy_v2());
    $alice->register_and_login('alice');
    my $bob = person($node, 'bob');
    is_ok $bob->say('@alice', 'hi'), 'from the plain listener';
    is $alice->expect_event('message')->{text}, 'hi', 'to the other';
};

subtest 'refused' => sub {
    refused('missing', $ping);
    refused('missing, an empty line', "\n");
    refused('version 1', "PROXY TCP4 192.0.2.7 127.0.0.1 4711 8000\r\n$ping");
    refused('version 1, cut short', 'PROXY TCP4 192');
    refused('another signature', "\r\n\r\n\0\r\nQUIX\n" . substr(proxy_v2(), 12) . $ping);
    refused('another version', proxy_v2(first => 0x31) . $ping);
    refused('another command', proxy_v2(first => 0x22) . $ping);
    refused('too short for its family', proxy_v2(length => 4) . $ping);
    refused('over 536 bytes', proxy_v2(extra => pack('C n a*', 0x05, 600, 'x' x 600)) . $ping);
    refused('a length of 65535', proxy_v2(length => 65535) . $ping);
};

subtest 'cut short, late' => sub {
    for my $length (1, 12, 15, 16, 27) {
        my $cut = connect_to($node->{proxy}, hello => 0);
        $cut->send_raw(substr proxy_v2(), 0, $length);
        $cut->half_close;
        $cut->wait_eof;
        is scalar(@{ $cut->{queue} }), 0, "cut short after $length: closed without a byte";
    }
    refused('the rest never comes', substr(proxy_v2(), 0, 20), $hasty->{proxy});
    refused('nothing ever comes', '', $hasty->{proxy});
};

# Each reason is told in the log, once for each connection that was refused.
subtest 'counted' => sub {
    my $other = person($hasty, 'carol');
    my $dripping = connect_to($hasty->{proxy}, hello => 0);
    my @byte = split //, proxy_v2(extra => pack 'C n a*', 0x05, 500, 'x' x 500);
    wait_until { $other->request('ping'); $dripping->send_raw(shift @byte); $dripping->at_end } 'a byte at a time does not help';
    is scalar(@{ $dripping->{queue} }), 0, 'closed without a byte';
    my $log = $node->log_text . $hasty->log_text;
    my %count;
    ++$count{$1} while $log =~ /no PROXY header: ([^\n]+)/g;
    is $count{'the connection ended'}, 5, 'cut short';
    is $count{'it did not come in time'}, 3, 'late';
    cmp_ok scalar(keys %count), '>=', 5, 'and what else may be wrong with it' or diag(join "\n", sort keys %count);
    unlike $log, qr/[\x00-\x08\x0b-\x1f\x7f]/, 'nothing of it stands raw in the log';
    is_ok $other->request('ping'), 'others stay';
};

subtest 'strangers' => sub {
    my $strict = $site->node('b', worker_processes => 1, proxy_trusted => [ '10.0.0.0/8', '2001:db8::/32' ])->start;
    refused('a whole header', proxy_v2() . $ping, $strict->{proxy});
    refused('LOCAL', proxy_local() . $ping, $strict->{proxy});
    is_ok connect_to($strict)->request('ping'), 'the plain listener has nothing to do with it';
};

done_testing;
