#!/usr/bin/perl
# The program chat: as a filter, on a terminal, and while its connection breaks.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Chat;
use IO::Socket::INET;

my $site = site();
my $node = $site->node('a', worker_processes => 1)->start;
$node->allow(qr/signal 9/);
my $server = $node->{plain};

sub chat { Chatd::Test::Chat->start($server, @_) }
sub run_chat { Chatd::Test::Chat->run($server, @_) }
sub without_times { $_[0] =~ s/^\d{4}-\d\d-\d\dT[\d:.]+Z //mgr }

# A worker dies: connections break, a new one takes over.
sub break_connections {
    my ($worker) = $node->workers;
    kill 'KILL', $worker;
    wait_until { my @now = $node->workers; @now && $now[0] != $worker } 'another worker';
}

subtest 'as a filter' => sub {
    my ($status, $out, $err) = run_chat("password of bob\n", args => [ '-r', '-u', 'bob' ], home => 'bob');
    is $status, 0, 'bob registers, and has nothing waiting' or diag($err);
    is $out, '', 'nothing to show';

    my $input = join "\n", 'password of ann', '@bob one', 'two', '@ghost boo', '//slash', "esc \e[2J", '/who-am-i', '';
    ($status, $out, $err) = run_chat($input, args => [ '-r', '-u', 'ann' ], home => 'ann');
    is $status, 1, 'ann sends at once; one was refused';
    $out =~ s/^\@ann; .*\n//m;
    is without_times($out), <<'END', 'each answered, in order';
stored @bob ann: one
stored @bob ann: two
refused:no_such_user @ghost ann: boo
stored @bob ann: /slash
stored @bob ann: esc \x1b[2J
END
    my $token = Chatd::Test::Chat::state_folder('ann') . "/chat/ann\@$server";
    is sprintf('%o', (stat $token)[2] & 07777), '600', 'the token is kept, for its owner alone';

    ($status, $out) = run_chat('', args => [ '-u', 'bob' ], home => 'bob');
    is without_times($out), <<'END', 'bob needs no password, and gets what waited, once, in order';
received @ann ann: one
received @ann ann: two
received @ann ann: /slash
received @ann ann: esc \x1b[2J
END
    is $status, 0, 'and ends';
    for my $line ('to nobody', '/no-such-command', '/to', '@Ghost boo', 'x' x (2 << 20)) {
        ($status, $out, $err) = run_chat("$line\n", args => [ '-u', 'bob' ], home => 'bob');
        is $status, $line eq '/to' ? 0 : 1, substr($line, 0, 20) . ': ' . substr($err, 0, 80) =~ s/\n.*//sr;
    }
    ($status, $out) = run_chat("\@ghost boo\n\@bob three\n", args => [ '-u', 'ann' ], home => 'ann');
    is $status, 1, 'refused, though a later one is stored';
    like $out, qr/^\S+ stored \@bob ann: three$/m, 'which it is';
    is((run_chat("\@bob four\n", args => [ '-u', 'ann' ], home => 'ann'))[0], 0, 'all is stored');
    run_chat('', args => [ '-u', 'bob' ], home => 'bob');
};

subtest 'exit status' => sub {
    my ($status, $out, $err) = run_chat("wrong password\n", args => [ '-u', 'bob' ], home => 'nobody');
    is $status, 1, 'a wrong password';
    like $err, qr/bad_credentials/, 'is told by its code';
    ($status, $out, $err) = run_chat("password of bob\n", args => [ '-r', '-u', 'bob' ], home => 'nobody');
    is $status, 1, 'a taken name';
    like $err, qr/name_taken/, 'too';
    ($status) = run_chat('', args => ['--nonsense']);
    is $status, 2, 'a wrong option';
    ($status) = run_chat('', args => [ '-u', 'Bob' ]);
    is $status, 2, 'a wrong name';
    ($status) = Chatd::Test::Chat->run('127.0.0.1:1', '', args => [ '-u', 'bob' ]);
    is $status, 3, 'nobody there';
    ($status, $out) = run_chat('', args => ['-h']);
    is $status, 0, 'help';
    like $out, qr/^usage: chat/, 'says how';
    ($status, $out, $err) = run_chat('', args => [ '-u', 'bob' ], home => 'env', environment => { CHAT_PASSWORD => 'password of bob' });
    is $status, 0, 'the password may come by the environment' or diag($err);
};

subtest 'two programs talk' => sub {
    my $ann = chat(args => [ '-u', 'ann' ], home => 'ann');
    my $bob = chat(args => [ '-u', 'bob' ], home => 'bob');
    $ann->line('@bob live');
    $bob->expect(qr/received \@ann ann: live\n/);
    $bob->line('@ann back');
    $ann->expect(qr/received \@bob bob: back\n/);
    $bob->expect(qr/stored \@ann bob: back\n/);
    ok 1, 'both ways';

    break_connections();
    $ann->line($_) for 'typed one', 'typed two';
    $ann->expect(qr/stored \@bob ann: typed one\n.*stored \@bob ann: typed two\n/s);
    my $got = $bob->expect(qr/typed two\n/);
    is without_times($got), "received \@ann ann: typed one\nreceived \@ann ann: typed two\n",
      'what was typed across a lost connection comes once, in order';
    like $bob->{err}, qr/connection lost.*\n.*back, on node a\n\z/, 'and the loss was a line, its end another';
    $_->end_input for $ann, $bob;
    is $_->wait_end, 0, 'ended well' for $ann, $bob;
    unlike $bob->{out}, qr/typed/, 'nothing twice';
};

subtest 'groups, contacts, blocks' => sub {
    my ($status, $out, $err);
    my $says = sub {
        my ($typed, $shown, @said) = @_;
        ($status, $out, $err) = run_chat(join('', map { "$_\n" } @$typed), args => [ '-u', 'ann' ], home => 'ann');
        is without_times($out), $shown, "typed: @$typed";
        like $err, qr/\Q$_\E/, "said: $_" for @said;
    };
    $says->([ '/create #tea', '/invite bob #tea' ], '', 'you have made #tea', '@bob is in #tea');
    $says->(['#tea who is in?'], "stored #tea ann: who is in?\n");
    $says->([ '/to #tea', '/kick bob', '/invite nobody', '/leave' ], '', '@bob is out of #tea', 'no_such_user', 'forbidden');
    $says->([ '/kick', '/kick bob', '/join #Tea' ], '', '/kick NAME', 'which group?');
    $says->([ '/add bob', '/block bob' ], '', '@bob is among your contacts', '@bob is blocked');
    $says->(['@bob hello'], "refused:blocked \@bob ann: hello\n");
    $says->([ '/unblock bob', '/remove bob' ], '', '@bob is not blocked', '@bob is none of your contacts');
    ($status, $out) = run_chat('', args => [ '-u', 'bob' ], home => 'bob');
    is $out, '', 'who was kicked gets nothing of it';
};

# What is shown of what somebody gave a name, or typed, moves no cursor.
subtest 'escapes' => sub {
    my $ann = connect_to($node);
    $ann->login('ann');
    is_ok $ann->request('profile', display => "A\e[2J"), 'a name to be shown';
    my ($status, $out, $err) = run_chat("/who-am-i\n/x\e[2J\n", args => [ '-u', 'ann' ], home => 'ann');
    like $out, qr/^\@ann \(A\\x1b\[2J\); /, 'is shown without its escapes';
    like $err, qr{/x\\x1b\[2J is not known}, 'and so is what is no command';
    unlike "$out$err", qr/\e/, 'nothing of it is raw';
};

subtest 'logout' => sub {
    my ($status, $out, $err) = run_chat("\@bob bye\n/logout\n\@bob never\n", args => [ '-u', 'ann' ], home => 'ann');
    is $status, 0, 'ends it';
    like $out, qr/\A\S+ stored \@bob ann: bye\n\z/, 'after what was to be sent' or diag($err);
    ok !-e Chatd::Test::Chat::state_folder('ann') . "/chat/ann\@$server", 'the token is gone';
    ($status, $out, $err) = run_chat('', args => [ '-u', 'ann' ], home => 'ann');
    is $status, 1, 'so there is none to come back by';
};

subtest 'on a terminal' => sub {
    plan skip_all => 'script(1) is missing' if system('script --version >/dev/null 2>&1') != 0;
    my $bob = chat(args => [ '-u', 'bob' ], home => 'bob');
    my $ann = chat(args => [ '-u', 'ann' ], home => 'ann', terminal => 1);
    $ann->expect(qr/password for ann: /);
    $ann->line('password of ann');
    my $shown = $ann->expect(qr/\@ann on node a.*> /s);
    unlike $shown, qr/password of ann/, 'the password is not shown';
    $ann->line('@bob first');
    $ann->expect(qr/→ \S*bob\S*: first .*✓.*\@bob> /s);
    ok 1, 'an own message, stored; the prompt says to whom the next one goes';
    $ann->type('half a li');
    $ann->expect(qr/half a li/);
    $bob->line("\@ann mean\e[2Jwhile");
    $shown = $ann->expect(qr/mean.*while.*half a li/s);
    like $shown, qr/mean\\x1b\[2Jwhile/, 'a message comes above the half line, which is drawn again, whole';
    break_connections();
    $ann->expect(qr/connection lost.*back, on node a.*half a li/s);
    $ann->line('ne');
    $bob->expect(qr/received \@ann ann: half a line\n/);
    ok 1, 'and is sent as it was typed, over a new connection';
    $bob->line($_) for '/create #den', '/invite ann #den';
    $ann->expect(qr/#den: \@bob has invited \@ann/);
    ok 1, 'what others do with her is told';
    my $other = connect_to($node);
    $other->login('bob');
    is_ok $other->request('group_set', group => '#den', topic => "soft\e[2J"), 'a topic';
    $ann->expect(qr/#den: \@bob has set it: soft\\x1b\[2J/);
    ok 1, 'is shown without its escapes';
    $ann->line('/quit');
    is $ann->wait_end, 0, 'left';
    $bob->end_input;
    is $bob->wait_end, 0, 'bob too';
};

# Whatever answers there: its words are shown, and are no more than words.
subtest 'a server that means no good' => sub {
    plan skip_all => 'script(1) is missing' if system('script --version >/dev/null 2>&1') != 0;
    my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1) or die "listen: $!";
    my $chat = Chatd::Test::Chat->start('127.0.0.1:' . $listener->sockport, args => [ '-u', 'ann' ], home => 'lured', terminal => 1,
        environment => { CHAT_PASSWORD => 'x' });
    my $peer = $listener->accept;
    my $id = sub { my ($op) = @_; while (<$peer>) { return $1 if /"op":"$op"/ && /"id":(\d+)/ } };
    my $say = sub { print $peer map { s/ESC/\\u001b[2J/gr . "\n" } @_ };
    $peer->autoflush(1);
    $say->('{"event":"hello","protocol":1,"server":"serverESC","node":"nodeESC"}');
    $say->('{"id":' . $id->('login') . ',"ok":true,"name":"../annESC","token":"t"}', '{"event":"synced"}',
        (map { '{"event":"message","from":"m' . $_ . 'ESC","to":"@ann","seq":1,"ts":1,"text":"text"}' } 1, 2), '{"event":"presence","name":"whoESC"}');
    my $seen = $chat->expect(qr/who\\x1b\[2J/);
    $chat->type("\@m\t");
    $chat->line('');
    $chat->line('/ping');
    $say->('{"id":' . $id->('ping') . ',"ok":true,"state":"stateESC"}');
    $seen .= $chat->expect(qr/state\\x1b\[2J/);
    $chat->line('/add bob');
    $say->('{"id":' . $id->('contact_add') . ',"ok":false,"error":"codeESC"}', '{"event":"closing","reason":"whyESC"}');
    $seen .= $chat->expect(qr/connection lost \(why\\x1b\[2J/);
    unlike $seen, qr/\e\[2J/, 'nothing of it is raw';
    like $seen, qr/$_\\x1b\[2J/, "shown without its escapes: $_" for qw(server node m1 who state code);
    like $seen, qr/\@ann on node/, 'a name that is none is not taken';
    close $_ for $peer, $listener;
    $chat->line('/quit');
    is $chat->wait_end, 0, 'left';
};

done_testing;
