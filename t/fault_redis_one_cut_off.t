#!/usr/bin/perl
# One node alone is cut off from Redis, while the others are well connected and could wait for its word for ever. What it
# commits reaches them all the same, through the store, for as long as that lasts. And the other half of it: who can
# speak, and can't listen.
use strict;
use warnings;
use Chatd::Test;

my $site = site();
my $link = $site->redis_link;
my ($near) = $site->start_nodes(['near'], worker_processes => 2);
my ($far) = $site->start_nodes(['far'], worker_processes => 1, redis => $link->address, redis_timeout => '1s');
$far->allow(qr/signal 9/);

my $alice = person($far, 'alice');
my ($bob, $carol) = map { person([ $near, $_ ], $_ == ($near->workers)[0] ? 'bob' : 'carol') } $near->workers;

# By a group that is made and joined meanwhile, so that the change of membership is heard of, too. Each waits for the one
# before: none is brought along by a later one, or by what is asked for once.
sub exchange {
    my ($when) = @_;
    my $group = '#' . $when =~ tr/ /-/r;
    is_ok $alice->request('group_create', group => $group), "$when: a group";
    is_ok $alice->request('group_invite', group => $group, name => $_), '… and its members' for qw(bob carol);
    for my $turn (1 .. 2) {
        is_ok $alice->say('@bob', "$when $turn"), "$when: said from afar";
        is $bob->expect_event('message', to => '@bob')->{text}, "$when $turn", '… and heard';
        is_ok $alice->say($group, "$when $turn"), '… in the group';
        is $_->expect_event('message', to => $group)->{text}, "$when $turn", '… too' for $bob, $carol;
        is_ok $bob->say('@alice', "$when $turn"), '… and back';
        ok $alice->expect_event('message', from => 'bob', text => "$when $turn"), '… as well';
    }
}

sub mute { $site->postgres->query('SELECT count(*) FROM mute') }

sub healed {
    my ($what, $heal) = @_;
    $heal->();
    wait_until { mute() == 0 } 'nobody has to be asked for what it commits';
    exchange("$what is over");
}

healed('the start', sub { });

subtest 'closed' => sub {
    $link->cut;
    exchange('closed');
    is mute(), 1, 'it has said so, and nobody else';
    healed('closed', sub { $link->heal });
};

subtest 'stands still' => sub {
    $link->freeze;
    exchange('stopped');
    healed('stopped', sub { $link->thaw });
};

subtest 'speaks, and hears nothing' => sub {
    $site->redis->command(qw(ACL SETUSER default -subscribe));
    $site->redis->command(qw(CLIENT KILL TYPE pubsub));
    exchange('deaf');
    is mute(), 0, 'nobody is mute';
    healed('deaf', sub { $site->redis->command(qw(ACL SETUSER default +subscribe)) });
};

# What is refused is no answer: nobody would hear of it.
subtest 'may not speak' => sub {
    $site->redis->command(qw(ACL SETUSER default -publish));
    wait_until { mute() == 3 } 'every worker has found out, and said so';
    exchange('refused');
    like $_->log_text, qr/\[warn\].*redis .*\(publishing\): away: .*NOPERM/, 'the log knows why' for $near, $far;
    healed('refused', sub { $site->redis->command(qw(ACL SETUSER default +publish)) });
};

subtest 'may not ask who is there' => sub {
    $site->redis->command(qw(ACL SETUSER default -pubsub));
    my $answer = $alice->request('presence', names => ['bob']);
    is_ok $answer, 'asked';
    wait_until { $far->log_text =~ /\[error\].*redis does not tell who is on-line: .*NOPERM/ } 'the log says why nobody is';
    $site->redis->command(qw(ACL SETUSER default +pubsub));
};

my $token = $alice->{me}{token};
sub alice_is_back {
    $alice = connect_to($far);
    $alice->login_token($token)->{ok} or die;
    $alice->expect_event('synced');
}

# The last words of somebody who leaves at once, and of a worker that is killed, or told to go.
sub last_words {
    my ($text, $end) = @_;
    is_ok $alice->say('@bob', $text), "said, and $text";
    $end->();
    is $bob->expect_event('message', from => 'alice')->{text}, $text, '… and heard';
}

subtest 'from the beginning, and with last words' => sub {
    $far->stop;
    $link->cut;
    $far->start;
    alice_is_back();
    last_words('killed', sub { kill 'KILL', $far->workers; $alice->wait_eof });
    $far->wait_ready;
    alice_is_back();
    exchange('never there');
    last_words('left', sub { $alice->close });
    alice_is_back();
    last_words('ended', sub { $alice->close; $far->stop });
    $link->heal;
    $far->start;
    alice_is_back();
    exchange('all over');
};

done_testing;
