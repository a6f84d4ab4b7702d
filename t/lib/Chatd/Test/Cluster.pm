# A whole site for scripts/torture: two nodes behind HAProxy, PostgreSQL on a disk of its own and with a place that
# it can move to, a link wherever two parts talk, and node-b with a clock of its own. It can be asked whether all
# is well.
package Chatd::Test::Cluster;
use strict;
use warnings;
use Time::HiRes ();
use Chatd::Test::Bench;
use Chatd::Test::Client;
use Chatd::Test::Haproxy;
use Chatd::Test::Link;
use Chatd::Test::Site;
use Chatd::Test::Util qw(alive folder wait_until);

# Of several places the one where PostgreSQL is.
my $written_to = ' target_session_attrs=read-write';

# new(crowd_size => 1000): of the crowd that may be gathered.
sub new {
    my ($class, %option) = @_;
    my $site = Chatd::Test::Site->new(disk => '1500m');
    my $self = bless { %option, site => $site, postgres => $site->postgres, redis => $site->redis }, $class;
    $self->{spare} = { $site->postgres->other_place };
    $self->{to_postgres} = $site->postgres_link;
    $self->{spare}{link} = $site->postgres_link($self->{spare}{port});
    $self->{to_redis} = $site->redis_link;
    my %same = (worker_processes => 2, postgres_timeout => '4s', respawn_delay_max => '2s', shutdown_timeout => '5s', log_level => 'notice');
    my ($node_a) = $site->start_nodes(['node-a'], %same, postgres => $self->conninfo);
    my ($node_b) = $site->start_nodes(['node-b'], %same, clock => 1, redis => $self->{to_redis}->address,
        postgres => $site->postgres->conninfo_by($self->{to_postgres}, $self->{spare}{link}) . $written_to);
    $self->{nodes} = [ $node_a, $node_b ];
    $self->{to_node} = $site->add(Chatd::Test::Link->new($node_b->{proxy})->start);
    $self->{haproxy} = $site->add(Chatd::Test::Haproxy->new($node_a, { %$node_b, proxy => $self->{to_node}->address })->start);
    $self->{haproxy}->wait_healthy;
    $self->{to_haproxy} = $site->add(Chatd::Test::Link->new($self->{haproxy}{chat})->start);
    $self->{token} = { map { $_ => Chatd::Test::Client->connect($node_a->{plain})->register_and_login($_)->{token} } qw(ann bob) };
    return $self;
}

# Where clients come to.
sub address { $_[0]{to_haproxy}->address }

sub conninfo {
    my ($self) = @_;
    my ($socket, $port) = @{ $self->{postgres} }{qw(socket port)};
    return "host=$socket,$socket port=$port,$self->{spare}{port} user=chatd dbname=chatd$written_to";
}

# PostgreSQL gets a standby in the spare place, and moves there: its machine is gone, and so another one is spare.
sub add_standby {
    my ($self) = @_;
    my %place = %{ $self->{spare} };
    delete $place{link};
    $self->{standby} //= $self->{postgres}->standby(%place);
}

sub move_postgres {
    my ($self) = @_;
    my ($old, $link) = @$self{qw(postgres to_postgres)};
    $old->stop('immediate');
    $self->{standby}->promote;
    $self->{postgres} = $self->{site}{postgres} = delete $self->{standby};
    $self->{to_postgres} = $self->{spare}{link};
    $self->{spare} = { $old->scrap, link => $link };
}

# So many who listen, and come back whenever they are cut off; and a pair, for it wants one.
sub gather_crowd {
    my ($self) = @_;
    $self->{crowd} //= Chatd::Test::Bench->begin('storm', '--outside', '--connections', $self->{crowd_size}, '--pairs', 1, '--rate', 1,
        '--seconds', 3600, '--patience', 5, '--target', $self->{haproxy}{chat}, '--users-file', folder() . '/crowd');
    wait_until { $self->crowd_is_there } 'the crowd is there', 60;
}

sub crowd_is_there { $_[0]{crowd}->connections >= $_[0]{crowd_size} + 2 }
sub dismiss_crowd { (delete $_[0]{crowd})->stop }

# What a service manager does: what has ended by itself is started again.
sub tend {
    my ($self) = @_;
    for my $part (@$self{qw(postgres redis haproxy)}, @{ $self->{nodes} }) {
        my $pid = $part->{pid};
        next if !$pid || alive($pid);
        waitpid $pid, 0;
        delete $part->{pid};
        $part->begin;
    }
}

# Whether everything does what it should: HAProxy has both nodes in, every worker is there, and what one says at
# one node is committed and reaches another at the other.
sub well {
    my ($self) = @_;
    $self->tend;
    for my $node (@{ $self->{nodes} }) {
        return 0 if (() = $node->workers) != 2 || !$self->{haproxy}->is_up($node->{name});
    }
    return eval { local $ENV{CHATD_TEST_SCALE} = 0.1; $self->said_and_heard };
}

sub said_and_heard {
    my ($self) = @_;
    my ($ann, $bob) = map { Chatd::Test::Client->connect($_) } $self->address, $self->{nodes}[1]{plain};
    my $heard = $ann->login_token($self->{token}{ann}, ack => 'auto')->{ok} && $bob->login_token($self->{token}{bob}, ack => 'auto')->{ok};
    $heard &&= $bob->expect_event('synced') && do {
        my $text = 'well at ' . Time::HiRes::time();
        $ann->say('@bob', $text)->{ok} && $bob->expect_event('message', text => $text);
    };
    $_->close for $ann, $bob;
    return $heard ? 1 : 0;
}

sub stop { $_[0]{site}->stop }

1;
