# One chatd node: its configuration, its master's life, and what can be seen of its workers from outside.
# It never looks into chatd but through its sockets, its log and /proc.
package Chatd::Test::Node;
use strict;
use warnings;
use Carp qw(croak);
use Chatd::Test::Client;
use Chatd::Test::Ports qw(address);
use Chatd::Test::Process qw(reap spawn);
use Chatd::Test::Sockets qw(established listening socket_fds watched_fds);
use Chatd::Test::Util qw(alive build_dir children folder slurp spew stop_process wait_until);

# new(name => 'a', postgres => CONNINFO, redis => ADDRESS, and directives by their names; `text` is
# appended as it is; with `clock` its clock can be set). Low cost of passwords: a test is no attacker. A disk that many
# tests share stalls for seconds: only where it is the store's absence that is tested, less is waited for.
sub new {
    my ($class, %directive) = @_;
    my $name = delete $directive{name};
    my $clock = delete $directive{clock} ? folder() . "/$name.clock" : undef;
    my $self = bless {
        name => $name, clock => $clock, folder => folder(), plain => address(), proxy => address(), web => address(),
        web_proxy => address(), agent => address(),
        redis => delete $directive{redis}, allowed => [],
        directive => {
            node => $name, worker_processes => 2, agent_listen => undef, log_level => 'info',
            error_log => folder() . "/$name.log", reconnect_spread => '100ms',
            hash_memory => '1m', hash_iterations => 1, postgres_timeout => '20s', %directive,
        },
    }, $class;
    $self->{directive}{agent_listen} //= $self->{agent};
    return $self;
}

sub conf_path { "$_[0]{folder}/$_[0]{name}.conf" }
sub log_path { "$_[0]{folder}/$_[0]{name}.log" }
sub stderr_path { "$_[0]{folder}/$_[0]{name}.stderr" }
sub log_text { slurp($_[0]->log_path) }
sub pid { $_[0]{pid} }

# Changes directives; they are in force after begin or renew.
sub set {
    my ($self, %directive) = @_;
    $self->{directive}{$_} = $directive{$_} for keys %directive;
    return $self;
}

sub conf_text {
    my ($self) = @_;
    my %directive = %{ $self->{directive} };
    my $text = delete $directive{text} // '';
    my $conf = join '', map { "$_ = " . value($directive{$_}) . "\n" } grep { defined $directive{$_} } sort keys %directive;
    $conf .= "redis \"$self->{redis}\" {\n}\n";
    $conf .= "listen \"$self->{plain}\" {\n}\nlisten \"$self->{proxy}\" {\n  proxy = true\n}\n";
    $conf .= "listen \"$self->{web}\" {\n  websocket = true\n}\nlisten \"$self->{web_proxy}\" {\n  websocket = true\n  proxy = true\n}\n";
    return "$conf$text";
}

sub value {
    my ($value) = @_;
    return '{' . join(', ', map { value($_) } @$value) . '}' if ref $value;
    return $value if $value =~ /^(?:\d+[a-z]*|true|false)$/;
    $value =~ s/(["\\\$])/\\$1/g;
    return "\"$value\"";
}

sub write_conf {
    my ($self) = @_;
    return spew($self->conf_path, $self->conf_text);
}

# Starts the master and does not wait.
sub begin {
    my ($self, @option) = @_;
    croak "node $self->{name} is running" if $self->{pid} && alive($self->{pid});
    $self->write_conf;
    $self->{pid} = spawn(
        name    => $self->{name},
        folder  => $self->{folder},
        environment => $self->{clock} ? $self->environment_of_clock : {},
        command => [ build_dir() . '/chatd', '-c', $self->conf_path, @option ],
    );
    return $self;
}

sub start { $_[0]->begin->wait_ready }

# What makes libfaketime show its processes another time of day. The monotonic clock never jumps.
sub environment_of_clock {
    my ($self) = @_;
    my ($library) = glob '/usr/lib/*/faketime/libfaketime.so.1' or croak 'libfaketime is not there';
    $self->set_clock(0) if !-e $self->{clock};
    return {
        LD_PRELOAD => $library, FAKETIME_TIMESTAMP_FILE => $self->{clock}, FAKETIME_NO_CACHE => 1, DONT_FAKE_MONOTONIC => 1,
        ASAN_OPTIONS => join(':', $ENV{ASAN_OPTIONS} // (), 'verify_asan_link_order=0'),
    };
}

# So many seconds before or after the right time, from now on.
sub set_clock {
    my ($self, $seconds) = @_;
    spew("$self->{clock}.new", sprintf "%+d\n", $seconds);
    rename "$self->{clock}.new", $self->{clock} or croak "$self->{clock}: $!";
}

sub wait_ready {
    my ($self) = @_;
    wait_until { $self->ready || (alive($self->{pid}) ? 0 : croak "node $self->{name} has ended:\n" . $self->last_words) }
      "node $self->{name} is ready";
    return $self;
}

sub ready {
    my ($self) = @_;
    my $client = Chatd::Test::Client->try_connect($self->{plain}) or return 0;
    my $reply = eval { $client->request('ping') } or return 0;
    $client->close;
    return ($reply->{state} // '') eq 'ready';
}

sub last_words {
    my ($self) = @_;
    return substr(slurp($self->stderr_path) . $self->log_text, -4000);
}

sub running { $_[0]{pid} && alive($_[0]{pid}) }

# stop: TERM, at once; quit: QUIT, gracefully. Both wait, and return the wait status.
sub stop { $_[0]->end('TERM') }
sub quit { $_[0]->end('QUIT') }

sub end {
    my ($self, $signal) = @_;
    return $self->{status} if !$self->{pid};
    my @workers = $self->workers;
    kill 'CONT', @workers;
    stop_process($self->{pid}, $signal, 40);
    return $self->wait_end(@workers);
}

sub signal {
    my ($self, $signal) = @_;
    kill $signal, $self->{pid} or croak "kill $signal: $!";
}

sub reload { $_[0]->signal('HUP') }

# Puts in force what was set, and returns when only the new workers accept: who connects now is not sent away again.
sub renew {
    my ($self) = @_;
    $self->write_conf;
    my %old = map { $_ => 1 } $self->workers;
    $self->reload;
    wait_until { !grep { $old{$_} } $self->listeners } "the old workers of $self->{name} accept no more";
    return $self->wait_ready;
}

sub reopen { $_[0]->signal('USR1') }

# The master ends by itself, or was told to: its wait status.
sub wait_end {
    my ($self, @workers) = @_;
    my $pid = $self->{pid};
    wait_until { !alive($pid) } "the master of $self->{name} has ended";
    $self->{status} = reap($pid);
    wait_until { !grep { alive($_) } @workers } "the workers of $self->{name} have ended";
    delete $self->{pid};
    return $self->{status};
}

sub kill9 {
    my ($self) = @_;
    my @workers = $self->workers;
    $self->signal('KILL');
    return $self->wait_end(@workers);
}

sub workers {
    my ($self) = @_;
    return $self->{pid} ? children($self->{pid}) : ();
}

# Whether another worker has taken this one's place.
sub replaced {
    my ($self, $worker) = @_;
    my @now = $self->workers;
    return @now == $self->{directive}{worker_processes} && !grep { $_ == $worker } @now;
}

# A whole node gone at once, as when its machine loses power.
sub kill_all {
    my ($self) = @_;
    my @workers = $self->workers;
    kill 'KILL', $self->{pid}, @workers;
    return $self->wait_end(@workers);
}

# ---- who serves whom, by /proc

# Which worker serves which connection to the plain listener: { the client's port => worker's pid }. Those
# that wait to be accepted are missing.
sub serving {
    my ($self) = @_;
    my $established = established($self->{plain});
    my %worker;
    for my $pid ($self->workers) {
        $worker{ $established->{$_} } = $pid for grep { exists $established->{$_} } values %{ socket_fds($pid) };
    }
    return \%worker;
}

# How many of them each worker has: { pid => count }.
sub connections {
    my ($self) = @_;
    my %count = map { $_ => 0 } $self->workers;
    ++$count{$_} for values %{ $self->serving };
    return \%count;
}

sub worker_of {
    my ($self, $client) = @_;
    return $self->serving->{ $client->port };
}

# A connection that the given worker serves. It may take some, for they are spread evenly; those of other workers are
# kept for a while, for who asks next.
sub connect_on {
    my ($self, $worker, %option) = @_;
    my $spare = $self->{spare} //= {};
    while (!%option and my $kept = shift @{ $spare->{$worker} }) {
        return $kept->{client} if $kept->{since} > time - 20 && !$kept->{client}->at_end;
        $kept->{client}->close;
    }
    my @other;
    for (1 .. 400) {
        my $client = Chatd::Test::Client->connect($self->{plain}, %option);
        my $pid = $self->worker_of($client) // 0;
        if ($pid == $worker) { $_->close for @other; return $client }
        if (%option) { push @other, $client }
        else { push @{ $spare->{$pid} }, { client => $client, since => time } }
    }
    croak "worker $worker of $self->{name} gets no connection";
}

# The workers that watch the plain listener now: one, by the accept mutex; none while it changes hands.
sub acceptors {
    my ($self) = @_;
    return $self->workers_listening(sub { watched_fds($_[0]) });
}

# The workers that have the plain listener open: a worker that retires closes it.
sub listeners {
    my ($self) = @_;
    return $self->workers_listening(sub { keys %{ socket_fds($_[0]) } });
}

sub workers_listening {
    my ($self, $fds_of) = @_;
    my $listening = listening($self->{plain});
    return grep {
        my $sockets = socket_fds($_);
        grep { $sockets->{$_} && exists $listening->{ $sockets->{$_} } } $fds_of->($_)
    } $self->workers;
}

# A pattern that an [alert] or [emerg] line of this node may have in this test.
sub allow {
    my ($self, @pattern) = @_;
    push @{ $self->{allowed} }, @pattern;
    return $self;
}

1;
