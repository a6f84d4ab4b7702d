# The program `chat`, as a person or a program runs it: over pipes, or on a pseudo-terminal, for which
# script(1) serves. What it writes is gathered until a test asks for it; every wait has a limit.
package Chatd::Test::Chat;
use strict;
use warnings;
use Carp qw(confess);
use Errno qw(EAGAIN EINTR);
use IO::Select;
use POSIX ();
use Time::HiRes qw(time);
use Chatd::Test::Util qw(alive build_dir folder limit);

# start(SERVER, args => [...], home => NAME of its state folder, terminal => 1, environment => {...})
sub start {
    my ($class, $server, %option) = @_;
    my @command = (build_dir() . '/chat', '-s', $server, @{ $option{args} || [] });
    @command = ('script', '-qec', join(' ', map { quoted($_) } @command), '/dev/null') if $option{terminal};
    my $self = bless { out => '', err => '', eof => 0 }, $class;
    pipe my $in_read, my $in_write or confess "pipe: $!";
    pipe my $out_read, my $out_write or confess "pipe: $!";
    pipe my $err_read, my $err_write or confess "pipe: $!";
    $self->{pid} = fork // confess "fork: $!";
    if (!$self->{pid}) {
        open STDIN, '<&', $in_read;
        open STDOUT, '>&', $out_write;
        open STDERR, '>&', $err_write;
        delete @ENV{qw(CHAT_PASSWORD CHATD_SERVER NO_COLOR)};
        my %set = (
            CHATD_TEST => folder(), XDG_STATE_HOME => state_folder($option{home} // 'home'), TERM => 'xterm',
            LC_ALL => 'C.UTF-8', HOME => folder(), %{ $option{environment} || {} },
        );
        $ENV{$_} = $set{$_} for keys %set;
        exec { $command[0] } @command or POSIX::_exit(127);
    }
    $in_write->autoflush(1);
    @$self{qw(in out_pipe err_pipe)} = ($in_write, $out_read, $err_read);
    $_->blocking(0) for $out_read, $err_read;
    return $self;
}

sub state_folder { folder() . "/state-$_[0]" }

sub quoted {
    my ($word) = @_;
    $word =~ s/'/'\\''/g;
    return "'$word'";
}

sub type {
    my ($self, $text) = @_;
    my $written = syswrite $self->{in}, $text;
    confess "chat takes no input: $!" if ($written // -1) != length $text;
}

sub line { $_[0]->type("$_[1]\n") }

sub end_input { close delete $_[0]{in} if $_[0]{in} }

# Reads what is there, waiting up to the given seconds for the first byte.
sub read_some {
    my ($self, $seconds) = @_;
    my $select = IO::Select->new(grep { $_ } @$self{qw(out_pipe err_pipe)});
    return if !$select->count;
    for my $pipe ($select->can_read($seconds)) {
        my $kind = $self->{out_pipe} && $pipe == $self->{out_pipe} ? 'out' : 'err';
        my $got = sysread $pipe, $self->{$kind}, 65536, length $self->{$kind};
        next if !defined $got && ($! == EAGAIN || $! == EINTR);
        close delete $self->{"${kind}_pipe"} if !$got;
    }
}

# Waits until the output (or, as 'err', the errors) fits; what came up to there is taken out and returned.
sub expect {
    my ($self, $regex, $kind) = @_;
    $kind //= 'out';
    my $end = time + limit();
    while (1) {
        return substr $self->{$kind}, 0, $+[0], '' if $self->{$kind} =~ $regex;
        my $over = time > $end || !grep { $_ } @$self{qw(out_pipe err_pipe)};
        confess "chat did not say $regex\nout: $self->{out}\nerr: $self->{err}" if $over;
        $self->read_some(0.1);
    }
}

# Waits for its end: the exit status. What it wrote is in {out} and {err}.
sub wait_end {
    my ($self) = @_;
    my $end = time + limit();
    while (grep { $_ } @$self{qw(out_pipe err_pipe)}) {
        confess "chat does not end\nout: $self->{out}\nerr: $self->{err}" if time > $end;
        $self->read_some(0.1);
    }
    waitpid $self->{pid}, 0;
    return $? & 127 ? "signal $?" : $? >> 8;
}

# Runs it to its end with this input: (status, output, errors).
sub run {
    my ($class, $server, $input, %option) = @_;
    my $self = $class->start($server, %option);
    $self->type($input) if length $input;
    $self->end_input;
    my $status = $self->wait_end;
    return ($status, @$self{qw(out err)});
}

1;
