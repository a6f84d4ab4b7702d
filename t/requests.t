#!/usr/bin/perl
# Requests: the forms of an id, the order in which a request is checked, fields given twice, and replies in
# the order of requests.
use strict;
use warnings;
use Chatd::Test;

my $site = site();
my $node = $site->node('a', worker_processes => 1)->start;
my $client = connect_to($node);
my $alice = person($node, 'alice');

sub raw {
    my ($who, $frame) = @_;
    $who->send_raw("$frame\n");
    return $who->next_reply;
}

subtest 'id' => sub {
    my %echoed = (
        '7' => 7, '0' => 0, '1.0' => 1, '1e3' => 1000, '9007199254740991' => 9007199254740991,
        '"seven"' => 'seven', '"7"' => 7, '"\u00e9\n\""' => "\xe9\n\"", '"' . 'x' x 64 . '"' => 'x' x 64,
        '"' . "\xc3\xa9" x 32 . '"' => "\xe9" x 32, '"😀"' => "\x{1f600}",
    );
    for my $id (sort keys %echoed) {
        my $reply = raw($client, qq({"op":"ping","id":$id}));
        ok $reply->{ok} && $reply->{id} eq $echoed{$id}, "id $id" or diag $reply->{_line};
    }
    like raw($client, '{"op":"ping","id":7}')->{_line}, qr/"id":7[,}]/, 'an integer stays one';
    like raw($client, '{"op":"ping","id":"7"}')->{_line}, qr/"id":"7"/, 'a string stays one';
    my @bad = ('null', 'true', '[]', '{}', '[7]', '1.5', '9007199254740992', '9007199254740993', '1e999',
        '"' . 'x' x 65 . '"', '"' . "\xc3\xa9" x 33 . '"');
    for my $id (@bad) {
        my $reply = raw($client, qq({"op":"ping","id":$id}));
        is_error $reply, 'bad_field', 'no id: ' . substr($id, 0, 20), field => 'id';
        ok !exists $reply->{id}, '… and nothing is echoed';
    }
};

subtest 'order of checks' => sub {
    my $reply = $client->request('nope', to => 7);
    is_error $reply, 'unknown_op', 'an unknown op', id => $client->{id};
    is_error raw($client, '{"op":"nope","id":true}'), 'unknown_op', 'the op before the id';
    is_error raw($client, '{"op":"PING"}'), 'unknown_op', 'ops are lower case';
    is_error raw($client, '{"op":""}'), 'unknown_op', 'an empty op';
    is_error raw($client, '{"op":"send","id":[]}'), 'bad_field', 'the id before the login', field => 'id';
    is_error $client->request('send'), 'not_logged_in', 'the login before the fields';
    is_error $client->request('send', to => 7), 'not_logged_in', 'the login before the fields, wrong ones too';
    is_error raw($client, '{"op":"send","to":"@a","to":"@b"}'), 'not_logged_in', 'the login before keys given twice';
    is_error $alice->request('login'), 'already_logged_in', 'the same where login is the fault';
    is_error $alice->request('register', name => 7), 'already_logged_in', 'the same for register';
    is_error $alice->say('@Nobody', 'x'), 'bad_field', 'fields before existence: a malformed name', field => 'to';
    is_error $alice->say('@nobody', ''), 'bad_field', 'fields before existence: an empty text', field => 'text';
    is_error $alice->say('@nobody', 'x'), 'no_such_user', 'existence';
    is_error $client->request('login', name => 'Alice', password => 'wrong'), 'bad_field', 'a malformed name at login',
      field => 'name';
};

subtest 'keys given twice' => sub {
    is_error raw($client, '{"op":"ping","x":1,"x":1}'), 'bad_field', 'an unknown one', field => 'x';
    is_error raw($client, '{"op":"ping","op":"ping"}'), 'bad_field', 'op', field => 'op';
    is_error raw($client, '{"op":"ping","id":1,"id":1}'), 'bad_field', 'id', field => 'id';
    is_error raw($client, '{"op":"ping","x":1,"\u0078":2}'), 'bad_field', 'one written by an escape', field => 'x';
    is_error raw($alice, '{"op":"send","to":"@alice","text":"a","text":"b"}'), 'bad_field', 'a known one', field => 'text';
    is_ok raw($client, '{"op":"ping","x":{"a":1,"a":2},"y":[{"b":1,"b":2}]}'), 'nested objects are not looked at';
    is_ok raw($client, '{"op":"ping","x":1,"X":2}'), 'case matters';
};

subtest 'null is a wrong type, not absence' => sub {
    my $null = undef;
    is_error $alice->request('send', to => '@alice', text => 'x', cid => $null), 'bad_field', 'cid', field => 'cid';
    is_error $alice->request('logout', all => $null), 'bad_field', 'all', field => 'all';
    is_ok $alice->request('ping'), 'still logged in';
};

subtest 'replies come in the order of requests' => sub {
    my $slow = connect_to($node);
    my ($bytes, @expected) = ('');
    for my $round (1 .. 5) {
        $bytes .= qq({"op":"ping","id":"p$round"}\n);
        $bytes .= qq({"op":"register","id":"r$round","name":"slow$round","password":"long enough"}\n);
        $bytes .= qq(junk\n{"op":"nope","id":"n$round"}\n[]\n{"op":"ping","id":"q$round"}\n);
        push @expected, "p$round ok", "r$round ok", '- bad_json', "n$round unknown_op", '- bad_frame', "q$round ok";
    }
    $slow->send_raw($bytes);
    my @got = map { my $r = $slow->next_reply; ($r->{id} // "-") . " " . ($r->{error} // "ok") } 1 .. @expected;
    is_deeply \@got, \@expected, 'slow ones, quick ones, errors and unreadable ones in their places';

    my $many = 1000;
    $slow->send_raw(join '', map { qq({"op":"ping","id":$_}\n) } 1 .. $many);
    is_deeply [ map { $slow->next_reply->{id} } 1 .. $many ], [ 1 .. $many ], "$many at once";
};

subtest 'a request sees the effect of all earlier ones' => sub {
    my $whole = connect_to($node);
    my $say = '{"op":"send","to":"@zoe","text":"note","id":';
    $whole->send_raw(join "\n", '{"op":"register","id":1,"name":"zoe","password":"long enough"}',
        '{"op":"login","id":2,"name":"zoe","password":"long enough"}', $say . '3}', $say . '4}',
        '{"op":"ack","id":5,"conv":"@zoe","seq":2}', '{"op":"ack","id":6,"conv":"@zoe","seq":3}',
        '{"op":"ack","conv":"@zoe","seq":2}', '{"op":"logout","id":7}', $say . '8}', '');
    my @reply = map { $whole->next_reply } 1 .. 7;
    is_deeply [ map { $_->{id} . ' ' . ($_->{error} // 'ok') } @reply ],
      [ '1 ok', '2 ok', '3 ok', '4 ok', '5 ok', '6 bad_field', '7 ok' ], 'a whole life in one write';
    is "$reply[2]{seq} $reply[3]{seq}", '1 2', 'in their order';
    $whole->expect_event('synced');
    $whole->expect_closing('logged_out');
    is scalar(grep { !$_->{event} } @{ $whole->{queue} }), 0, 'nothing follows';
};

done_testing;
