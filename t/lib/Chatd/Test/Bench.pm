# A run of chatbench, in the background or waited for: its exit status, its JSON, what it said.
#
#   my $bench = Chatd::Test::Bench->begin('pairs', '--target', $node->{plain}, '--seconds', 2);
#   …                                      # wait_said(qr/ok\/s/): its load is on
#   my ($status, $result, $said) = $bench->wait_end;
package Chatd::Test::Bench;
use strict;
use warnings;
use JSON::PP;
use Chatd::Test::Process qw(reap spawn);
use Chatd::Test::Util qw(alive build_dir folder limit slurp stop_process wait_until);

my $count = 0;

sub begin {
    my ($class, $scenario, @option) = @_;
    my $name = 'bench-' . ++$count . "-$scenario";
    my $self = bless { json => folder() . "/$name.json", out => folder() . "/$name.stderr" }, $class;
    $self->{pid} = spawn(name => $name, command => [ build_dir() . '/chatbench', $scenario, '--json', $self->{json}, @option ]);
    return $self;
}

# Everything that it has said so far.
sub said { -e $_[0]{out} ? slurp($_[0]{out}) : '' }

sub wait_said {
    my ($self, $pattern) = @_;
    wait_until { $self->said =~ $pattern || !alive($self->{pid}) } "chatbench says $pattern";
    return $self;
}

# How many connections it has, as it said last; once that is forgotten, only what it says from now on counts.
sub connections { $_[0]->said =~ /.* (\d+) connections/s ? $1 : 0 }
sub forget { truncate $_[0]{out}, 0 }

sub stop { stop_process($_[0]{pid}, 'KILL'); waitpid $_[0]{pid}, 0 }

sub wait_end {
    my ($self) = @_;
    wait_until { defined reap($self->{pid}) } 'chatbench ends', 120;
    my $status = reap($self->{pid});
    my $exit = $status & 127 ? 'signal ' . ($status & 127) : $status >> 8;
    return ($exit, -e $self->{json} ? decode_json(slurp($self->{json})) : {}, $self->said);
}

1;
