# What may befall a Cluster: a name for each fault, what has to be there before, how it strikes, and how its cause
# goes away again, where it does not do so by itself. A strike may take a moment, and never waits for what comes of it.
package Chatd::Test::Faults;
use strict;
use warnings;
use Exporter qw(import);
use Time::HiRes qw(sleep);
use Chatd::Test::Client;
use Chatd::Test::Process qw(limit_descriptors);
use Chatd::Test::Util qw(alive children);

our @EXPORT_OK = qw(clear faults heal lasts over prepare strike);

# One of several; undef of none. Another fault of the round may have ended what this one is meant for.
sub any { return $_[ rand @_ ] }
sub any_node { any(grep { $_->running } @{ $_[0]{nodes} }) }
sub any_worker { any(map { $_->workers } grep { $_->running } @{ $_[0]{nodes} }) }

sub to_one {
    my ($signal, $pid) = @_;
    kill $signal, $pid if $pid;
    return $pid;
}

# A network fault on one of the links: one that passes at once, or one that stays until it heals.
sub cut_off {
    my ($link) = @_;
    my ($name, @argument) = @{ any([ 'reset' ], [ 'half_close' ], [ 'delay', 0.2 ], [ 'cut' ], [ 'freeze' ]) };
    $link->$name(@argument);
    return $link;
}

sub on_link {
    my ($name) = @_;
    return {
        strike => sub { cut_off($_[0]{$name}) },
        heal => sub { my ($cluster, $link) = @_; $link->thaw; $link->heal },
    };
}

# A node and how it is ended; it is started again as a service manager would.
sub ended {
    my ($end) = @_;
    return {
        strike => sub { my $node = any_node($_[0]) or return; $end->($node); return $node },
        heal => sub { $_[1]->begin if $_[1] && !$_[1]->running },
    };
}

my $node_dies = ended(sub { $_[0]->kill_all });

my %fault = (
    worker_killed => { strike => sub { to_one('KILL', any_worker($_[0])) } },
    worker_stopped => { strike => sub { to_one('STOP', any_worker($_[0])) }, over => sub { !alive($_[1]) } },
    worker_crashes => { strike => \&crash_for_a_while },
    master_killed => ended(sub { $_[0]->kill9 }),
    node_killed => $node_dies,
    node_reloaded => { strike => sub { my $node = any_node($_[0]) or return; $node->reload } },
    postgres_backend_killed => { strike => sub { to_one('TERM', any(children($_[0]{postgres}{pid}))) } },
    postgres_restarted => { strike => sub { $_[0]{postgres}->stop('immediate'); $_[0]{postgres}->begin } },
    postgres_stopped => { strike => sub { $_[0]{postgres}->freeze }, heal => sub { $_[0]{postgres}->thaw } },
    postgres_disk_full => {
        strike => sub { my $postgres = $_[0]{postgres}; $postgres->fill_disk; return $postgres },
        heal => sub { $_[1]->make_room if $_[1]{disk_pid} },
    },
    postgres_cut_off => on_link('to_postgres'),
    postgres_moves => { prepare => sub { $_[0]->add_standby }, strike => sub { $_[0]->move_postgres } },
    redis_killed => { strike => sub { $_[0]{redis}->kill9 }, heal => sub { $_[0]{redis}->begin if !$_[0]{redis}{pid} } },
    redis_stopped => { strike => sub { $_[0]{redis}->freeze }, heal => sub { $_[0]{redis}->thaw } },
    redis_cuts_us => { strike => sub { $_[0]{redis}->command(qw(CLIENT KILL TYPE), any(qw(pubsub normal))) } },
    redis_cut_off => on_link('to_redis'),
    haproxy_reloaded => { strike => sub { $_[0]{haproxy}->reload if $_[0]{haproxy}{pid} } },
    haproxy_killed => { strike => sub { $_[0]{haproxy}->kill9 }, heal => sub { $_[0]{haproxy}->start if !$_[0]{haproxy}{pid} } },
    haproxy_cut_off => on_link('to_node'),
    clients_cut_off => on_link('to_haproxy'),
    descriptors => { strike => \&exhaust, heal => sub { limit_descriptors($_) for $_[1] ? $_[1]->workers : () } },
    reconnect_storm => {
        prepare => sub { $_[0]->gather_crowd },
        strike => $node_dies->{strike},
        heal => sub { $node_dies->{heal}->(@_); $_[0]{crowd}->forget },
        over => sub { $_[0]->crowd_is_there },
        clear => sub { $_[0]->dismiss_crowd },
    },
    clock_jumps => {
        strike => sub { $_[0]{nodes}[1]->set_clock(any(3600, -3600)) },
        heal => sub { $_[0]{nodes}[1]->set_clock(0) },
    },
    slow_readers => {
        prepare => \&gather_silent,
        strike => \&talk_to_silent,
        heal => sub { $_->close for @{ $_[0]{silence}{readers} } },
    },
);

# Whoever takes a worker's place dies as well.
sub crash_for_a_while {
    my ($cluster) = @_;
    my $node = any_node($cluster) or return;
    my ($stays) = $node->workers;
    for (1 .. 60) {
        kill 'KILL', grep { $_ != ($stays // 0) } $node->workers;
        sleep 0.05;
    }
}

sub exhaust {
    my ($cluster) = @_;
    my $node = any_node($cluster) or return;
    limit_descriptors($_, scalar(() = glob "/proc/$_/fd/*")) for $node->workers;
    return $node;
}

# Members of a group who never read, and much talk.
sub gather_silent {
    my ($cluster) = @_;
    my @reader = map { Chatd::Test::Client->connect($cluster->address, receive_buffer => 4096) } 1 .. 50;
    my $group = '#silence' . int rand 1e9;
    for my $number (0 .. $#reader) {
        $reader[$number]->register_and_login("silent-$number", backlog => 0);
        $reader[$number]->request($number ? 'group_join' : 'group_create', group => $group);
    }
    $cluster->{silence} = { group => $group, readers => \@reader };
}

sub talk_to_silent {
    my $silence = $_[0]{silence};
    local $ENV{CHATD_TEST_SCALE} = 0.1;
    my $owner = $silence->{readers}[0];
    $owner->reply($_) for map { $owner->begin('send', to => $silence->{group}, text => 'x' x 8000) } 1 .. 200;
}

sub faults { return sort keys %fault }

# Before the round, when all is well, and after it: what the fault needs comes, and goes.
sub prepare { my ($name, $cluster) = @_; return $fault{$name}{prepare} && $fault{$name}{prepare}->($cluster) }
sub clear { my ($name, $cluster) = @_; return $fault{$name}{clear} && $fault{$name}{clear}->($cluster) }
# strike(NAME, CLUSTER): what heal(NAME, CLUSTER, …) and over are to be given.
sub strike { my ($name, $cluster) = @_; return try($name, strike => $cluster) }
sub heal { my ($name, $cluster, $struck) = @_; return try($name, heal => $cluster, $struck) }
# Whether it lasts until it is healed.
sub lasts { return exists $fault{ $_[0] }{heal} }
# Whether it is over by itself, as far as that can be seen from what was struck.
sub over { my ($name, $cluster, $struck) = @_; return !$struck || !$fault{$name}{over} || $fault{$name}{over}->($cluster, $struck) }

# In a combination one fault may find that another has been there before it.
sub try {
    my ($name, $what, @argument) = @_;
    my $do = $fault{$name}{$what} or return;
    my $done = eval { $do->(@argument) };
    warn "$what $name: " . ($@ =~ /^(.*)/)[0] . "\n" if $@;
    return $done;
}

1;
