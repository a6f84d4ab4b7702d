# A client that comes by WebSocket, its bytes made by hand: what a Client can, and what only a test would
# send. Frames of the protocol arrive as those of a Client do.
package Chatd::Test::Websocket;
use strict;
use warnings;
use Carp qw(confess croak);
use Exporter qw(import);
use JSON::PP ();
use Chatd::Test::Client;
use Chatd::Test::Util qw(limit);
use Time::HiRes qw(time);

our @ISA = ('Chatd::Test::Client');
our @EXPORT_OK = qw(frame close_frame upgrade);
my %opcode = (more => 0, text => 1, binary => 2, close => 8, ping => 9, pong => 10);
my $key = 'dGhlIHNhbXBsZSBub25jZQ==';    # RFC 6455's own example

# The request for a WebSocket; fields as they are given, undef for none.
sub upgrade {
    my (%field) = @_;
    my $method = delete $field{method} // 'GET';
    my $path = delete $field{path} // '/ws';
    my $version = delete $field{version} // '1.1';
    my %all = (
        Host => 'chat.example.org', Upgrade => 'websocket', Connection => 'Upgrade',
        'Sec-WebSocket-Key' => $key, 'Sec-WebSocket-Version' => 13, 'Sec-WebSocket-Protocol' => 'chatd.v1', %field,
    );
    return join "\r\n", "$method $path HTTP/$version", (map { "$_: $all{$_}" } grep { defined $all{$_} } sort keys %all), '', '';
}

# frame('text', 'payload', fin => 0, mask => 0, rsv => 4, length => what the header says, wide => 2 or 8)
sub frame {
    my ($kind, $payload, %option) = @_;
    my $first = (($option{fin} // 1) << 7) | (($option{rsv} // 0) << 4) | ($opcode{$kind} // $kind);
    my $length = $option{length} // length $payload;
    my $mark = ($option{mask} // 1) << 7;
    my $wide = $option{wide} // ($length < 126 ? 0 : $length < 65536 ? 2 : 8);
    my $head = pack 'C', $first;
    $head .= $wide == 0 ? pack 'C', $mark | $length : $wide == 2 ? pack 'C n', $mark | 126, $length : pack 'C Q>', $mark | 127, $length;
    return $head . $payload if !$mark;
    my $mask = pack 'N', 0x37fa213d;
    return $head . $mask . ($payload ^ substr $mask x (length($payload) / 4 + 1), 0, length $payload);
}

sub close_frame {
    my ($code, $reason) = @_;
    return frame('close', defined $code ? pack('n', $code) . ($reason // '') : '');
}

# connect(ADDRESS, hello => 0, proxy => bytes, upgrade => { fields })
sub open_socket {
    my ($class, $address, %option) = @_;
    my $self = $class->SUPER::open_socket($address, %option) or return;
    @$self{qw(frames raw)} = ([], '');
    $self->send_raw(upgrade(%{ $option{upgrade} // {} }));
    $self->{answer} = $self->read_head;
    $self->{answer} =~ m{^HTTP/1\.1 101 } or confess "no WebSocket: $self->{answer}";
    $self->cut_lines;
    return $self;
}

# A connection to the same listener that only asks for files: read_answer() instead of frames.
sub plain {
    my ($address, %option) = @_;
    my $self = __PACKAGE__->SUPER::open_socket($address, %option) or croak "connect to $address: $!";
    $self->{plain} = 1;
    return $self;
}

# One HTTP response: (head, body).
sub read_answer {
    my ($self, $method) = @_;
    my $head = $self->read_head;
    my ($length) = ($method // '') eq 'HEAD' ? 0 : $head =~ /^Content-Length: (\d+)\r$/mi;
    my $end = time + limit();
    while (length $self->{in} < ($length // 0)) {
        $self->missing("a body of $length bytes") if $self->{eof} || time > $end;
        $self->read_some($end - time);
    }
    return ($head, substr $self->{in}, 0, $length // 0, '');
}

# The head of an HTTP response.
sub read_head {
    my ($self) = @_;
    my $end = time + limit();
    local $self->{plain} = 1;
    while ($self->{in} !~ /\r\n\r\n/) {
        $self->missing('the head of a response') if $self->{eof} || time > $end;
        $self->read_some($end - time);
    }
    $self->{in} =~ s/^(.*?\r\n\r\n)//s;
    return $1;
}

# What came so far, cut into frames: texts go to the queue as those of a Client, others to {frames}.
sub cut_lines {
    my ($self) = @_;
    return if $self->{plain};
    while (my ($kind, $payload) = $self->cut_frame) {
        if ($kind == $opcode{text}) {
            my $frame = eval { Chatd::Test::Client::decode($payload) } // confess "the server sent no JSON: $payload";
            $frame->{_line} = $payload;
            push @{ $self->{queue} }, $frame;
        } else {
            push @{ $self->{frames} }, [ $kind, $payload ];
        }
    }
}

# A server's frame is whole (FIN) and not masked.
sub cut_frame {
    my ($self) = @_;
    return if length $self->{in} < 2;
    my ($first, $second) = unpack 'C C', $self->{in};
    croak sprintf 'a frame of the server begins with %02x %02x', $first, $second if ($first & 0xf0) != 0x80 || $second & 0x80;
    my ($head, $length) = (2, $second);
    if ($second == 126) { return if length $self->{in} < 4; ($head, $length) = (4, unpack 'x2 n', $self->{in}) }
    if ($second == 127) { return if length $self->{in} < 10; ($head, $length) = (10, unpack 'x2 Q>', $self->{in}) }
    return if length $self->{in} < $head + $length;
    my $payload = substr $self->{in}, $head, $length;
    substr $self->{in}, 0, $head + $length, '';
    return ($first & 0x0f, $payload);
}

sub send_json {
    my ($self, $frame) = @_;
    return $self->send_raw(frame('text', JSON::PP->new->utf8->canonical->encode($frame)));
}

# The next frame that is no text, of this kind; its payload.
sub control {
    my ($self, $kind) = @_;
    my $end = time + limit();
    while (!@{ $self->{frames} }) {
        $self->missing("a $kind frame") if $self->{eof} || time > $end;
        $self->read_some($end - time);
    }
    my $next = shift @{ $self->{frames} };
    $next->[0] == $opcode{$kind} or confess "a frame of kind $next->[0] instead of $kind";
    return $next->[1];
}

# The server's Close, then the end: its code, 1005 for none.
sub close_code {
    my ($self) = @_;
    my $payload = $self->control('close');
    $self->wait_eof;
    @{ $self->{frames} } and confess 'a frame after the Close';
    return length $payload ? unpack 'n', $payload : 1005;
}

1;
