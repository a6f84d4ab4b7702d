# A real browser for one test: headless Chromium, driven by t/web/driver.mjs, with a window for each person. A window
# does what a person does, by what a person sees: labels, roles, texts; every step waits until it can be done.
#
#   my $browser = Chatd::Test::Browser->new;
#   my $ann = $browser->window($node);
#   $ann->sign_up('ann');
#   $ann->write('hello');
#
# Where Node.js, Chromium or the modules of t/web/package.json are missing, the test is skipped: scripts/test
# installs them. Pictures are kept in build/web/pictures.
package Chatd::Test::Browser;
use strict;
use warnings;
use Carp qw(croak);
use File::Path qw(make_path);
use IPC::Open2 qw(open2);
use JSON::PP ();
use Chatd::Test ();
use Chatd::Test::Util qw(folder limit root);
use Chatd::Test::Window;

my $json = JSON::PP->new->canonical->allow_nonref;
my $modules = root() . '/build/web';

sub new {
    my ($class) = @_;
    my ($node, $chromium) = map { found($_) } qw(node chromium);
    for ([ $node, 'Node.js' ], [ $chromium, 'chromium' ], [ -d "$modules/node_modules" || undef, 'build/web/node_modules' ]) {
        Chatd::Test::plan(skip_all => "no $_->[1]: scripts/test installs it") if !defined $_->[0];
    }
    # Marked as the test's, so that nothing of it is left behind unseen.
    local $ENV{CHATD_TEST} = folder();
    my $pid = open2(my $out, my $in, $node, root() . '/t/web/driver.mjs', $modules, $chromium);
    binmode $_, ':encoding(UTF-8)' for $in, $out;
    return bless { pid => $pid, in => $in, out => $out, windows => 0 }, $class;
}

# What most tests of the page begin with: a browser, a site, and a node of it that serves the page. The browser comes
# first: where there is none, nothing is started.
sub beginning {
    my ($class) = @_;
    my $self = $class->new;
    my $site = Chatd::Test::site();
    my $node = $site->node('a', worker_processes => 1, web_root => root() . '/web')->start;
    $site->add($self);
    return ($self, $site, $node);
}

sub found {
    my ($program) = @_;
    my ($path) = grep { -x } map { "$_/$program" } split /:/, $ENV{PATH};
    return $path;
}

# A window of its own at this node, or at any address of a page: like another person's computer.
sub window {
    my ($self, $place, %option) = @_;
    my $window = $self->named($place);
    $window->step('open', url => $window->{home}, %option);
    return $window;
}

# Another tab beside an open window.
sub tab {
    my ($self, $beside, $path) = @_;
    my $window = $self->named($beside->{home} =~ s{^http://|/$}{}gr);
    $window->step('tab', beside => $beside->{name}, url => $window->{home} . ($path // ''));
    return $window;
}

sub named {
    my ($self, $place) = @_;
    my $address = ref $place ? $place->{web} : $place;
    return Chatd::Test::Window->new($self, 'window-' . ++$self->{windows}, "http://$address/");
}

# One step, in one window: what the driver answers; dies with what it says.
sub step {
    my ($self, $step, %what) = @_;
    my ($in, $out) = @$self{qw(in out)};
    print $in $json->encode({ step => $step, limit => limit(15), %what }), "\n" or croak "the browser is gone: $!";
    $in->flush;
    my $line = <$out> // croak "the browser has ended at $step";
    my $answer = $json->decode($line);
    croak "$step " . $json->encode(\%what) . ": $answer->{error}" if !$answer->{ok};
    return $answer->{value};
}

# A file for a picture, kept after the test.
sub picture_path {
    my ($self, $name) = @_;
    make_path("$modules/pictures");
    return "$modules/pictures/$name.png";
}

sub stop {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;
    close $self->{in};
    waitpid $pid, 0;
}

1;
