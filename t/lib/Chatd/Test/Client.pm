# A client of the line protocol. What arrives is kept in order until a test asks for it: a reply by its id,
# an event by its name and fields. Every wait has a limit and dies with what did arrive.
package Chatd::Test::Client;
use strict;
use warnings;
use Carp qw(confess croak);
use Errno qw(EAGAIN EINTR EINPROGRESS);
use IO::Select;
use IO::Socket::INET;
use JSON::PP ();
use Test::More ();
use Time::HiRes qw(time);
use Chatd::Test::Util qw(limit wait_until);

my $json = JSON::PP->new->utf8->canonical;
our @all;

# connect(ADDRESS, proxy => bytes before anything else, hello => 0: don't wait for the greeting).
sub connect {
    my ($class, $address, %option) = @_;
    my $self = $class->open_socket($address, %option) or croak "connect to $address: $!";
    return $self if exists $option{hello} && !$option{hello};
    $self->{hello} = $self->expect_event('hello');
    return $self;
}

# As connect, but undef if nobody is there or there is no greeting.
sub try_connect {
    my ($class, @argument) = @_;
    my $self = eval { $class->connect(@argument) };
    return $self;
}

sub open_socket {
    my ($class, $address, %option) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => $address, Proto => 'tcp', Timeout => limit()) or return;
    setsockopt $socket, Socket::SOL_SOCKET(), Socket::SO_RCVBUF(), pack('i', $option{receive_buffer})
      if $option{receive_buffer};
    $socket->blocking(0);
    my $self = bless {
        socket => $socket, port => $socket->sockport, address => $address, in => '', queue => [], id => 0, eof => 0,
    }, $class;
    push @all, $self;
    $self->send_raw($option{proxy}) if defined $option{proxy};
    return $self;
}

sub port { $_[0]{port} }

sub close {
    my ($self) = @_;
    close $self->{socket} if $self->{socket};
    undef $self->{socket};
    @all = grep { $_ != $self } @all;
}

# Says that no more will be sent; replies still come.
sub half_close { shutdown $_[0]{socket}, 1 }

# ---- out

# Writes all of it, reading meanwhile, so that two full buffers never wait for each other.
sub send_raw {
    my ($self, $bytes) = @_;
    my $end = time + limit();
    while (length $bytes) {
        my $written = syswrite $self->{socket}, $bytes;
        if (defined $written) { substr $bytes, 0, $written, ''; next }
        return 0 if $! != EAGAIN && $! != EINTR;
        confess 'the peer takes no bytes' if time > $end;
        IO::Select->new($self->{socket})->can_write(0.1);
        $self->read_some(0);
    }
    return 1;
}

sub send_json {
    my ($self, $frame) = @_;
    return $self->send_raw($json->encode($frame) . "\n");
}

# Sends a request without waiting: its id, for reply().
sub begin {
    my ($self, $op, %field) = @_;
    my $id = ++$self->{id};
    $self->send_json({ op => $op, id => $id, %field });
    return $id;
}

sub request {
    my ($self, $op, %field) = @_;
    return $self->reply($self->begin($op, %field));
}

# ---- in

# Reads what is there, waiting up to the given seconds for the first byte.
sub read_some {
    my ($self, $seconds) = @_;
    return 0 if $self->{eof} || !$self->{socket};
    IO::Select->new($self->{socket})->can_read($seconds) or return 0;
    my $got = sysread $self->{socket}, $self->{in}, 65536, length $self->{in};
    if (!defined $got) {
        return 0 if $! == EAGAIN || $! == EINTR;
        @$self{qw(eof reset)} = (1, "$!");
        return 0;
    }
    $self->{eof} = 1 if $got == 0;
    $self->cut_lines;
    return $got;
}

sub cut_lines {
    my ($self) = @_;
    my $end = rindex $self->{in}, "\n";
    return if $end < 0;
    for my $line (split /\n/, substr $self->{in}, 0, $end + 1, '') {
        my $frame = eval { decode($line) } // confess "the server sent no JSON: $line";
        $frame->{_line} = $line;
        push @{ $self->{queue} }, $frame;
    }
}

# JSON::PP takes a long time for a long string: those of plain letters are put aside meanwhile.
sub decode {
    my ($line) = @_;
    return $json->decode($line) if length $line < 1000;
    my @long;
    (my $short = $line) =~ s/"([ !#-\[\]-~]{500,})"/push @long, $1; '"put aside ' . $#long . '"'/ge;
    return put_back($json->decode($short), \@long);
}

sub put_back {
    my ($frame, $long) = @_;
    for my $value (ref $frame eq 'ARRAY' ? @$frame : values %$frame) {
        if (ref $value eq 'HASH' || ref $value eq 'ARRAY') { put_back($value, $long) }
        elsif (($value // '') =~ /^put aside (\d+)$/) { $value = $long->[$1] }
    }
    return $frame;
}

# The first frame, now or within the limit, that fits; it is taken out, the others stay. undef at the end
# of the connection or the limit.
sub take {
    my ($self, $fits, $seconds) = @_;
    my ($end, $seen) = (time + limit($seconds), 0);
    while (1) {
        my $queue = $self->{queue};
        for (; $seen < @$queue; ++$seen) { return splice @$queue, $seen, 1 if $fits->($queue->[$seen]) }
        my $left = $end - time;
        return if $self->{eof} || $left <= 0;
        $self->read_some($left);
    }
}

sub reply {
    my ($self, $id) = @_;
    return $self->take(sub { !$_[0]{event} && defined $_[0]{id} && $_[0]{id} eq $id }) // $self->missing("a reply to $id");
}

# The first reply in order of arrival, whatever its id.
sub next_reply {
    my ($self) = @_;
    return $self->take(sub { !$_[0]{event} }) // $self->missing('a reply');
}

# expect_event('message', from => 'alice', seq => 3)
sub expect_event {
    my ($self, $name, %match) = @_;
    return $self->take(sub { event_fits($_[0], $name, %match) })
      // $self->missing("event $name " . $json->encode(\%match));
}

sub next_event {
    my ($self) = @_;
    return $self->take(sub { $_[0]{event} }) // $self->missing('an event');
}

sub event_fits {
    my ($frame, $name, %match) = @_;
    return 0 if ($frame->{event} // '') ne $name;
    for my $field (keys %match) { return 0 if ($frame->{$field} // '') ne ($match{$field} // '') }
    return 1;
}

# The events of this name that have arrived so far, taken out.
sub events {
    my ($self, $name, %match) = @_;
    1 while $self->read_some(0);
    my @found = grep { event_fits($_, $name, %match) } @{ $self->{queue} };
    @{ $self->{queue} } = grep { !event_fits($_, $name, %match) } @{ $self->{queue} };
    return @found;
}

# So many messages of one conversation ("to" or "from" as in %match), in order of arrival.
sub messages {
    my ($self, $count, %match) = @_;
    return map { $self->expect_event('message', %match) } 1 .. $count;
}

# Every request before it has been answered, for replies keep their order.
sub barrier {
    my ($self) = @_;
    return $self->request('ping');
}

sub at_end {
    my ($self) = @_;
    1 while $self->read_some(0);
    return $self->{eof};
}

sub wait_eof {
    my ($self, $seconds) = @_;
    my $end = time + limit($seconds);
    while (!$self->{eof}) {
        $self->missing('the end of the connection') if time > $end;
        $self->read_some($end - time);
    }
    return 1;
}

# "closing" for this reason, then the end, and nothing between.
sub expect_closing {
    my ($self, $reason) = @_;
    my $event = $self->expect_event('closing', reason => $reason);
    $self->wait_eof;
    return $event;
}

sub missing {
    my ($self, $what) = @_;
    my @lines = map { $_->{_line} } @{ $self->{queue} };
    @lines = (@lines[ 0 .. 9 ], '…', @lines[ -10 .. -1 ]) if @lines > 20;
    my $state = $self->{eof} ? 'the connection has ended ' . ($self->{reset} // '') : 'the connection is open';
    confess join "\n", "no $what from $self->{address}; $state; waiting to be read:", @lines, '';
}

# ---- people

sub register {
    my ($self, $name, %field) = @_;
    return $self->request('register', name => $name, password => password($name), %field);
}

# By password, or by what the fields say.
sub login {
    my ($self, $name, %field) = @_;
    return $self->request('login', name => $name, password => password($name), %field);
}

sub login_token {
    my ($self, $token, %field) = @_;
    return $self->request('login', token => $token, %field);
}

sub password { "password of $_[0]" }

# Registered if it is new, logged in and synced; dies otherwise. A disk that stalls for seconds is met as any client
# would: by asking again.
sub register_and_login {
    my ($self, $name, %field) = @_;
    my $made = patiently(sub { $self->register($name) });
    $made->{ok} || $made->{error} eq 'name_taken' or confess "register $name: $made->{_line}";
    $self->{me} = patiently(sub { $self->login($name, %field) });
    $self->{me}{ok} or confess "login $name: $self->{me}{_line}";
    $self->expect_event('synced');
    return $self->{me};
}

sub patiently {
    my ($ask) = @_;
    my $reply;
    wait_until {
        $reply = $ask->();
        my $away = !$reply->{ok} && $reply->{error} eq 'unavailable';
        Test::More::note("asked again: $reply->{_line}") if $away;
        !$away
    } 'the store answers';
    return $reply;
}

sub say {
    my ($self, $to, $text, %field) = @_;
    return $self->request('send', to => $to, text => "$text", %field);
}

1;
