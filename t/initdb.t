#!/usr/bin/perl
# chatd-initdb: in order, once, all or nothing, several at once; and what it refuses.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Ports qw(port);
use Chatd::Test::Postgres;
use Chatd::Test::Util qw(folder root slurp spew);

my $site = site();
my $postgres = $site->postgres;
$postgres->query('CREATE DATABASE other');
my $conninfo = $postgres->conninfo =~ s/dbname=\S+/dbname=other/r;
my $psql = Chatd::Test::Postgres::bindir() . '/psql';

# A copy of the script with a schema of its own beside it.
my $tree = folder() . '/tree with a space';
mkdir $_ for $tree, "$tree/bin", "$tree/sql";
spew("$tree/bin/chatd-initdb", slurp(root() . '/scripts/chatd-initdb'));
chmod 0755, "$tree/bin/chatd-initdb";

sub run {
    my @command = @_;
    my $pid = open(my $out, '-|') // die;
    if (!$pid) { open STDERR, '>&', \*STDOUT; exec @command or die }
    my $text = do { local $/; <$out> } // '';
    close $out;
    return ($? >> 8, $text);
}

sub initdb { run("$tree/bin/chatd-initdb", @_) }

sub asks {
    my ($sql) = @_;
    my (undef, $text) = run($psql, '-X', '-At', '-d', $conninfo, '-c', $sql);
    chomp $text;
    return $text;
}

my ($code, $text) = initdb($conninfo);
isnt $code, 0, 'no schema files: refused';
like $text, qr/no schema/, '… and says so';

spew("$tree/sql/0001_first.sql", "CREATE TABLE first (id int);\nINSERT INTO first VALUES (1);\n");
spew("$tree/sql/0002_second.sql", "ALTER TABLE first ADD COLUMN b int DEFAULT 2;\n");
is((initdb('--version'))[1], "2\n", '--version is the newest');

# Several at once, on a database that has nothing.
my @child;
for (1 .. 4) {
    my $pid = fork // die;
    if (!$pid) { exec '/bin/sh', '-c', 'exec "$@" >/dev/null 2>&1', 'sh', "$tree/bin/chatd-initdb", $conninfo }
    push @child, $pid;
}
my $failed = grep { waitpid $_, 0; $? } @child;
is $failed, 0, 'four at once succeed';
is asks('SELECT id, b FROM first'), '1|2', 'both files are applied, once';
is asks('SELECT string_agg(version::text, $$ $$ ORDER BY version) FROM schema_version'), '1 2', 'and noted';

($code, $text) = initdb($conninfo);
is "$code $text", '0 ', 'again: nothing to do, nothing to say';

spew("$tree/sql/0003_bad.sql", "CREATE TABLE half (id int);\nSELECT 1/0;\nCREATE TABLE whole (id int);\n");
($code, $text) = initdb($conninfo);
isnt $code, 0, 'a file that fails';
like $text, qr/0003_bad\.sql.*division by zero/s, '… is named with its fault';
is asks(q{SELECT to_regclass('half') IS NULL AND to_regclass('whole') IS NULL}), 't', '… and nothing of it stays';
is asks('SELECT max(version) FROM schema_version'), '2', '… the version neither';

spew("$tree/sql/0003_bad.sql", "CREATE TABLE whole (id int);\n");
($code, $text) = initdb($conninfo);
is "$code $text", "0 applied 0003_bad.sql\n", 'mended: applied';

unlink "$tree/sql/0003_bad.sql";
($code, $text) = initdb($conninfo);
isnt $code, 0, 'a database newer than the files';
like $text, qr/schema 3.*knows 2/, '… is said so';

($code, $text) = initdb('host=127.0.0.1 dbname=nobody port=' . port());
isnt $code, 0, 'no server there: fails';
is((initdb())[0], 2, 'no argument: how it is called');

# The real ones.
($code, $text) = run(root() . '/scripts/chatd-initdb', '--version');
like $text, qr/^[1-9]\d*$/, "the repository's own";

done_testing;
