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

# new(disk => '100m'): on a file system of its own of this size, which can be filled; its log of changes stays
# outside, for without that it would not run.
sub new {
    my ($class, %option) = @_;
    my $self = bless { name => 'postgres', data => folder() . '/pg', socket => folder() . '/s', port => port(), %option }, $class;
    mkdir $self->{socket}, 0700 or croak "$self->{socket}: $!";
    run_ok('cp', '-a', template(), $self->{data});
    $self->configure;
    $self->insert_disk if $self->{disk};
    return $self;
}

# Where another one can be.
sub other_place { return (name => 'standby', data => folder() . '/pg2', port => port()) }

# A standby of this one, which is up to date with whatever is acknowledged. Both run from here on.
sub standby {
    my ($self, %place) = @_;
    %place = other_place() if !%place;
    my $other = bless { %$self, %place, pid => undef, disk_pid => undef }, ref $self;
    run_ok(bindir() . '/pg_basebackup', '-D', $other->{data}, '-R', '-X', 'stream', '-c', 'fast', '-d', $self->conninfo('postgres'));
    $other->configure;
    $other->insert_disk if $other->{disk};
    $other->start;
    $self->query($_, 'postgres') for "ALTER SYSTEM SET synchronous_standby_names = '*'", 'SELECT pg_reload_conf()';
    wait_until { $self->query("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'", 'postgres') }
      'every commit waits for the standby';
    return $other;
}

# Its machine is gone for good. Returns where it was: another one can be there now.
sub scrap {
    my ($self) = @_;
    $self->stop('immediate');
    $self->remove_disk;
    run_ok('rm', '-rf', map { "$self->{data}$_" } '', qw(.new .wal .mounted));
    return map { $_ => $self->{$_} } qw(name data port);
}

sub promote { $_[0]->query($_, 'postgres') for "ALTER SYSTEM RESET synchronous_standby_names", 'SELECT pg_promote()' }

sub configure {
    my ($self) = @_;
    my $inherited = slurp("$self->{data}/postgresql.auto.conf") =~ s/^(?!primary_conninfo).*\n//mgr;
    spew("$self->{data}/postgresql.auto.conf", <<"EOC");
${inherited}port = $self->{port}
listen_addresses = '127.0.0.1'
unix_socket_directories = '$self->{socket}'
unix_socket_permissions = 0700
max_connections = 200
max_prepared_transactions = 1
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
    my $root = $self->{disk_pid} ? "/proc/$self->{disk_pid}/root" : '';
    unlink "$root$self->{data}/postmaster.pid";
    my @program = (as_postgres(@$self{qw(data socket)}, $self->{disk} ? "$self->{data}.wal" : ()), bindir() . '/postgres', '-D', $self->{data});
    $self->{pid} = spawn(name => $self->{name}, command => [ $self->at_disk, @program ]);
    return $self;
}

# A process in whose mount namespace the data folder is a tmpfs, which nobody else sees: as long as it lives,
# so does the disk. By what our user may do: root's own, or a user namespace.
sub insert_disk {
    my ($self) = @_;
    my $mount = <<'SH';
set -e
mv "$1" "$1.new"
mkdir -m 700 "$1"
mv "$1.new/pg_wal" "$1.wal"
ln -s "$1.wal" "$1.new/pg_wal"
mount -t tmpfs -o "size=$2,mode=700" tmpfs "$1"
cp -a "$1.new/." "$1"
touch "$1.mounted"
exec sleep infinity
SH
    my @unshare = $> ? qw(unshare --user --map-root-user --mount) : qw(unshare --mount);
    # In a chroot the root is no mount point, whose propagation could be changed.
    push @unshare, qw(--propagation unchanged) if !$> && system('unshare --mount true 2>/dev/null');
    $self->{disk_pid} = spawn(name => 'disk', command => [ @unshare, '/bin/sh', '-c', $mount, 'sh', @$self{qw(data disk)} ]);
    wait_until { -e "$self->{data}.mounted" || (alive($self->{disk_pid}) ? 0 : croak slurp(folder() . '/disk.stderr')) }
      'the disk is mounted';
}

# The words that run a command where that disk is seen. Its root and folder are told, too: entered alone, a mount
# namespace has those of the machine, also for who is in a chroot.
sub at_disk {
    my ($self) = @_;
    return () if !$self->{disk_pid};
    return ('nsenter', '--target', $self->{disk_pid}, '--mount', $> ? qw(--user --preserve-credentials) : qw(--root --wd), '--');
}

sub remove_disk {
    my ($self) = @_;
    my $pid = $self->{disk_pid} or return;
    system $self->at_disk, 'umount', '--lazy', $self->{data};
    delete $self->{disk_pid};
    stop_process($pid, 'KILL');
    waitpid $pid, 0;
}

# Nothing more can be written on that disk, until there is room again.
sub fill_disk {
    my ($self) = @_;
    my $filler = $self->filler;
    open my $file, '>', $filler or croak "$filler: $!";
    my $zeros = "\0" x 1048576;
    while (syswrite $file, $zeros) { }
    close $file;
}

sub make_room { my ($self) = @_; unlink $self->filler or croak $self->filler . ": $!" }
sub filler { "/proc/$_[0]{disk_pid}/root$_[0]{data}/filler" }

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

# What this locks stays locked until let_go: by a prepared transaction, for psql does not stay.
sub hold { $_[0]->query("BEGIN; $_[1]; PREPARE TRANSACTION 'held'") }
sub let_go { $_[0]->query("ROLLBACK PREPARED 'held'") }
# How many statements with this in their text wait for a lock.
sub waiting { $_[0]->query("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%$_[1]%'") }

# Which statements it logs, by their names if they have one: all or none; and how often something stands in its log.
sub log_statements {
    my ($self, $which) = @_;
    $self->query($_, 'postgres') for "ALTER SYSTEM SET log_statement = '$which'", 'SELECT pg_reload_conf()';
}
sub log_path { folder() . "/$_[0]{name}.stderr" }
sub times_logged { my ($self, $text) = @_; return scalar(() = slurp($self->log_path) =~ /\Q$text\E/g) }

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
    kill 'STOP', $self->{pid}, children($self->{pid}) if $self->{pid};
}

sub thaw {
    my ($self) = @_;
    kill 'CONT', $self->{pid}, children($self->{pid}) if $self->{pid};
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
