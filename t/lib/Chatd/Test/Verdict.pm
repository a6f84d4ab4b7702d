# The questions that end every test, whatever it was about: no alert in a log, nothing raw in it that somebody sent, no
# sanitizer report, no process left behind, no core. They are asked after everything has been stopped.
package Chatd::Test::Verdict;
use strict;
use warnings;
use Exporter qw(import);
use File::Find ();
use Chatd::Test::Util qw(folder log_lines processes_of_test wait_until);

our @EXPORT_OK = qw(complaints surprises);

# What a worker comes to that nobody has killed.
my $surprise = qr/\[(?:alert|emerg)\].*(?: a bug: | exited with status | exited on signal (?!9\b))/;
my $raw = qr/[\x00-\x08\x0b-\x1f\x7f]/;
my $sanitizer = qr/(?:ERROR|WARNING|SUMMARY): \w*Sanitizer|: runtime error: /;

# What was found, a line each; nothing: all is well.
sub complaints {
    my (@nodes) = @_;
    return (alerts(@nodes), in_logs($raw, @nodes), sanitizer_reports(), orphans(@nodes), cores());
}

# While everything goes on, with servers killed at any moment: what none of that explains.
sub surprises {
    my (@nodes) = @_;
    return (in_logs($surprise, @nodes), sanitizer_reports(), cores());
}

sub alerts {
    my (@nodes) = @_;
    return in_logs(qr/\[(?:alert|emerg)\]/, @nodes);
}

sub in_logs {
    my ($pattern, @nodes) = @_;
    my @found;
    for my $node (@nodes) {
        for my $line (log_lines($node->log_path), log_lines($node->stderr_path)) {
            next if $line !~ $pattern || grep { $line =~ $_ } @{ $node->{allowed} };
            push @found, "in the log of $node->{name}: $line";
        }
    }
    return @found;
}

sub sanitizer_reports {
    my @found;
    for my $file (glob(folder() . '/*.stderr'), glob(folder() . '/*.log')) {
        push @found, map { "$file: $_" } grep { /$sanitizer/ } log_lines($file);
    }
    return @found;
}

# A worker may outlive its master for a moment: it notices, and ends.
sub orphans {
    my $gone = eval { wait_until { !processes_of_test() } 'every process has ended', 5; 1 };
    return if $gone;
    return map { "process $_ was left behind: " . command_line($_) } processes_of_test();
}

sub command_line {
    my ($pid) = @_;
    my $line = Chatd::Test::Util::slurp("/proc/$pid/cmdline");
    $line =~ tr/\0/ /;
    return $line;
}

sub cores {
    my @found;
    File::Find::find({ no_chdir => 1, wanted => sub { push @found, "core: $_" if m{/core(?:\.\d+)?$} && -f } }, folder());
    return @found;
}

1;
