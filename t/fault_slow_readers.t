#!/usr/bin/perl
# Members of a group that talks read nothing at all, or a byte now and then: the worker's memory stays flat,
# the others are served, and who reads again is caught up. (One slow reader, and its end: slow_reader.t.)
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Traffic;
use Chatd::Test::Util qw(slurp);

# AddressSanitizer keeps freed memory for a while, 256 MB of it: here only what is held counts.
$ENV{ASAN_OPTIONS} = join ':', grep { defined } $ENV{ASAN_OPTIONS}, 'quarantine_size_mb=4';

my $site = site();
my ($node) = $site->start_nodes(['a'], worker_processes => 1, output_limit => '64k');
my ($worker) = $node->workers;
my $traffic = Chatd::Test::Traffic->new($site, $node, $node);
my $speaker = person($node, 'speaker');
$speaker->request('group_create', group => '#talk')->{ok} or die;

my ($readers, $text) = (60, 'x' x 8000);
my @silent = map {
    my $reader = connect_to($node, receive_buffer => $_ == 1 ? 65536 : 4096);
    $reader->register_and_login("reader-$_");
    $reader->request('group_join', group => '#talk')->{ok} or die;
    $reader;
} 1 .. $readers;
my $trickle = pop @silent;

sub memory { slurp("/proc/$worker/status") =~ /^VmRSS:\s+(\d+)/m; return $1 / 1024 }

# So many messages to the group, while the others talk and one reader reads a byte at a time.
sub speak {
    my ($count) = @_;
    for my $ten (1 .. $count / 10) {
        $_->{ok} or die $_->{_line} for map { $speaker->reply($_) } map { $speaker->begin('send', to => '#talk', text => $text) } 1 .. 10;
        sysread $trickle->{socket}, my $byte, 1;
        $traffic->turn;
    }
}

# Up to the limit and the kernel's buffers first; after that nothing more is kept for them.
speak(250);
my $before = memory();
speak(250);
my $grown = memory() - $before;
my $unbounded = $readers * 250 * length($text) / 1024 / 1024;
cmp_ok $grown, '<', $unbounded / 4, sprintf 'the worker grew by %.1f MB, where %.0f MB were written for who reads nothing',
  $grown, $unbounded;
$traffic->all_back;
is_deeply seqs($silent[0]->messages(500, to => '#talk')), [ 1 .. 500 ], 'who reads again has everything, in order, once';
$_->close for @silent, $trickle;
$traffic->proves('slow readers');

done_testing;
