# How a program that runs servers ends: by itself, by die or by a signal, at any moment, even while it starts them.
# All of them are stopped, and its folder goes unless there is something in it to look at. It never judges.
package Chatd::Test::Ending;
use strict;
use warnings;
use Exporter qw(import);
use Chatd::Test::Process qw(kill_the_rest);
use Chatd::Test::Site;
use Chatd::Test::Util qw(folder);

our @EXPORT_OK = qw(at_end);

my ($owner, $signalled) = ($$, 0);
my $keep = sub { $_[0] };
my @signal = qw(INT TERM HUP);

# at_end(sub { my ($status, $signalled) = @_; … }): asked when all has been stopped, whether the folder is kept.
sub at_end { ($keep) = @_ }

# timeout sends its signal twice: a second exit would break off the END that the first has begun.
sub ignore_signals { $SIG{$_} = 'IGNORE' for @signal }

$SIG{PIPE} = 'IGNORE';
$SIG{$_} = sub { ignore_signals(); $signalled = 1; exit 1 } for @signal;

END {
    if ($$ == $owner) {
        my $status = $?;
        ignore_signals();
        $_->stop for @Chatd::Test::Site::all;
        kill_the_rest();
        system 'rm', '-rf', folder() if !$keep->($status, $signalled);
        $? = $status;
    }
}

1;
