# What the checks share: which files there are, C++ without its comments and strings, complaints.
#
# A check is a program of its own: `scripts/checks/NAME [ROOT]` prints a line per fault and exits 1 if
# there was one. It reads the tree below ROOT (default: this project) and never changes it.
package Check;
use strict;
use warnings;
use Exporter 'import';
use File::Find;
use Cwd 'abs_path';
use File::Basename;

our @EXPORT = qw(root files slurp code complain finish);

my ($root, $faults) = (undef, 0);

sub root {
    $root //= shift @ARGV // abs_path(dirname(__FILE__) . '/../..');
    return $root;
}

# Paths relative to the root, below `folders`, whose path matches `pattern`; build trees left out.
sub files {
    my ($pattern, @folders) = @_;
    my @found;
    my @there = grep { -d } map { root() . "/$_" } @folders;
    return () unless @there;
    find({ no_chdir => 1, wanted => sub {
        return unless -f && $File::Find::name =~ $pattern;
        push @found, substr($File::Find::name, length(root()) + 1);
    } }, @there);
    return sort @found;
}

sub slurp {
    my ($path) = @_;
    open my $in, '<', root() . "/$path" or return undef;
    local $/;
    return <$in>;
}

# Comments, strings and preprocessor lines become nothing, but every line stays where it was.
sub code {
    my ($text) = @_;
    my $newlines = sub { "\n" x ($_[0] =~ tr/\n//) };
    $text =~ s{
        (?<raw>R"(?<mark>[^(\s]*)\(.*?\)\g{mark}")
        | (?<line>//[^\n]*)
        | (?<block>/\*.*?\*/)
        | (?<string>"(?:[^"\\\n]|\\.)*")
        | (?<digits>\b[0-9][0-9a-fA-FxX]*(?:'[0-9a-fA-F]+)+)
        | (?<char>'(?:[^'\\\n]|\\.)+')
        | ^(?<directive>[ \t]*\#(?:[^\n\\]|\\.)*(?:\\\n(?:[^\n\\]|\\.)*)*)
    }{
        defined $+{digits} ? '0'
            : defined $+{raw} || defined $+{string} ? '""' . $newlines->($&)
            : defined $+{char} ? '0'
            : $newlines->($&)
    }gmsex;
    return $text;
}

sub complain {
    my ($where, $what) = @_;
    print "$where: $what\n";
    $faults++;
}

sub finish { exit($faults ? 1 : 0) }

1;
