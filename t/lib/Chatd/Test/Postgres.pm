# A real PostgreSQL for one test: data folder, port and unix socket of its own, fsync and
# synchronous_commit on. initdb runs once a machine and version; its folder is kept under build/ and
# copied. As root it runs as scripts/lib/as-postgres arranges, for PostgreSQL refuses root.
package Chatd::Test::Postgres;
use strict;
use warnings;
use Carp qw(croak);
use Fcntl qw(:flock);
use POSIX ();
use Chatd::Test::Ports qw(port);
use Chatd::Test::Process qw(spawn);
use Chatd::Test::Util qw(alive children folder limit root run_ok slurp spew stop_process wait_until);

sub new {
    my ($class) = @_;
    my $self = bless { data => folder() . '/pg', socket => folder() . '/s', port => port() }, $class;
    mkdir $self->{socket}, 0700 or croak "$self->{socket}: $!";
    run_ok('cp', '-a', template(), $self->{data});
    spew("$self->{data}/postgresql.auto.conf", <<"EOC");
port = $self->{port}
listen_addresses = '127.0.0.1'
unix_socket_directories = '$self->{socket}'
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = 32MB
fsync = on
synchronous_commit = on
timezone = 'UTC'
log_line_prefix = '%m [%p] %a '
EOC
    return $self;
}

# For libpq, by the unix socket. The database belongs to its only user.
sub conninfo {
    my ($self, $database) = @_;
    return "host=$self->{socket} port=$self->{port} user=chatd dbname=" . ($database // 'chatd');
}

# The same by TCP: through a link, or through several in turn.
sub conninfo_by {
    my ($self, @link) = @_;
    return 'host=' . join(',', map { '127.0.0.1' } @link) . ' port=' . join(',', map { $_->port } @link)
      . ' user=chatd dbname=chatd';
}

sub begin {
    my ($self) = @_;
    croak 'PostgreSQL is running' if $self->{pid};
    unlink "$self->{data}/postmaster.pid";
    my @program = (as_postgres(@$self{qw(data socket)}), bindir() . '/postgres', '-D', $self->{data});
    $self->{pid} = spawn(name => 'postgres', command => \@program);
    return $self;
}

sub wait_ready {
    my ($self) = @_;
    wait_until { $self->ready || (alive($self->{pid}) ? 0 : croak 'PostgreSQL has ended, see ' . folder()) }
      'PostgreSQL is ready', 60;
    return $self;
}

sub start { $_[0]->begin->wait_ready }

# A database named chatd with the schema in it. Safe to ask for again.
sub create_schema {
    my ($self) = @_;
    $self->query('CREATE DATABASE chatd', 'postgres') if !$self->query(
        "SELECT 1 FROM pg_database WHERE datname = 'chatd'", 'postgres');
    local $ENV{PATH} = bindir() . ":$ENV{PATH}";
    run_ok(root() . '/scripts/chatd-initdb', $self->conninfo);
    return $self;
}

sub ready {
    my ($self) = @_;
    return system(bindir() . '/pg_isready', '-q', '-t', '1', '-d', $self->conninfo('postgres')) == 0;
}

# The answer's columns are separated by |, its rows by LF.
sub query {
    my ($self, $sql, $database) = @_;
    my $answer = run_ok(bindir() . '/psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $self->conninfo($database),
        '-c', $sql);
    chomp $answer;
    return $answer;
}

# immediate (as a crash), fast, smart.
sub stop {
    my ($self, $mode) = @_;
    my $pid = delete $self->{pid} or return;
    my %signal = (immediate => 'QUIT', fast => 'INT', smart => 'TERM');
    my @backends = children($pid);
    kill 'CONT', $_ for @backends;
    stop_process($pid, $signal{ $mode || 'fast' });
    waitpid $pid, 0;
    wait_until { !grep { alive($_) } @backends } 'the backends have ended';
}

# Every process of it stands still; connections stay open and nothing answers.
sub freeze {
    my ($self) = @_;
    kill 'STOP', $self->{pid}, children($self->{pid});
}

sub thaw {
    my ($self) = @_;
    kill 'CONT', $self->{pid}, children($self->{pid});
}

sub bindir {
    my $bindir = `pg_config --bindir`;
    chomp $bindir;
    return $bindir;
}

# The words that run a program of PostgreSQL's, which writes below these paths.
sub as_postgres { (root() . '/scripts/lib/as-postgres', @_, '--') }

# The folder that initdb made, made now if it is not there. Several tests may ask at once.
sub template {
    my ($version) = `pg_config --version` =~ /([\d.]+)/ or croak 'pg_config --version says nothing';
    my $place = root() . '/build';
    mkdir $place;
    my $template = "$place/pg-template-$version-$>";
    open my $lock, '>>', "$template.lock" or croak "$template.lock: $!";
    flock $lock, LOCK_EX or croak "$template.lock: $!";
    return $template if -e "$template/PG_VERSION";
    run_ok('rm', '-rf', "$template.new");
    mkdir "$template.new", 0700 or croak "$template.new: $!";
    local $ENV{TZ} = 'UTC';
    run_ok(as_postgres("$template.new"), bindir() . '/initdb', '-N', '-A', 'trust', '-U', 'chatd', '-E', 'UTF8',
        '--locale=C', '-D', "$template.new");
    rename "$template.new", $template or croak "$template: $!";
    return $template;
}

1;
