#!/usr/bin/perl
# The protocol over WebSocket: the same sessions as over TCP, one object a message; the handshake; how
# connections end, and with which code. The frames themselves are t/unit/websocket.cc's.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::ProxyHeader qw(proxy_v2);
use Chatd::Test::Websocket qw(close_frame frame upgrade);

my $site = site();
my $node = $site->node('a', worker_processes => 1, frame_timeout => '1s', max_frame => '8k', max_text => '4k')->start;

sub open_web { Chatd::Test::Websocket->connect($node->{web}, @_) }

sub web_person {
    my ($name, @option) = @_;
    my $client = open_web(@option);
    $client->register_and_login($name);
    return $client;
}

subtest 'a conversation' => sub {
    my $alice = web_person('alice');
    is $alice->{hello}{protocol}, 1, 'greeted';
    like $alice->{answer}, qr/^Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r$/m, "RFC 6455's own accept";
    like $alice->{answer}, qr/^Sec-WebSocket-Protocol: chatd\.v1\r$/m, 'the subprotocol';
    my $bob = person($node, 'bob');
    is $alice->say('@bob', "line one\nline two \x{263a}")->{seq}, 1, 'said';
    is $bob->expect_event('message')->{text}, "line one\nline two \x{263a}", 'heard over TCP';
    is_ok $bob->say('@alice', 'x' x 4000), 'back';
    is length $alice->expect_event('message')->{text}, 4000, 'a long one heard over WebSocket';
    my $carol = web_person('carol');
    is_ok $carol->say('@alice', 'hi'), 'from one to the other';
    is $alice->expect_event('message', from => 'carol')->{text}, 'hi', 'both over WebSocket';
};

subtest 'pipelined, in pieces, fragmented' => sub {
    my $client = web_person('dora');
    my @id = map { $client->begin('ping') } 1 .. 300;
    is_ok $client->reply($_), "ping $_" for @id;
    $client->send_raw($_) for split //, frame('text', '{"op":"ping","id":"bytes"}');
    is_ok $client->reply('bytes'), 'a byte at a time';
    $client->send_raw(frame('text', '{"op":"pi', fin => 0) . frame('ping', 'between') . frame('more', 'ng","id":"parts"}'));
    is_ok $client->reply('parts'), 'fragments';
    is $client->control('pong'), 'between', 'and a ping between them';
    $client->send_raw(frame('text', qq({"op":\n"ping",\r\n"id":"lines"}\n)));
    is_ok $client->reply('lines'), 'line ends are white space here';
};

subtest 'what is said within' => sub {
    my $client = open_web();
    $client->send_raw(frame('text', $_)) for '', 'x', '[]', '{}';
    is_error $client->next_reply, $_ , $_ for qw(bad_json bad_json bad_frame bad_frame);
    $client->send_raw(frame('text', 'x')) for 1 .. 6;
    is_error $client->next_reply, 'bad_json', 'six more' for 1 .. 6;
    is $client->expect_event('closing')->{reason}, 'bad_frames', 'the tenth in a row is the last';
    is $client->close_code, 1008, 'with 1008';
};

subtest 'too large' => sub {
    my $client = open_web();
    my $most = '{"op":"ping","id":1}' . ' ' x 8172;
    $client->send_raw(frame('text', $most));
    is_ok $client->reply(1), 'as large as may be';
    $client->send_raw(frame('text', "$most "));
    is_error $client->next_reply, 'too_large', 'a byte more';
    is $client->expect_event('closing')->{reason}, 'too_large', 'closing';
    is $client->close_code, 1009, 'with 1009';
    my $boast = open_web();
    $boast->send_raw(frame('text', 'x' x 100, length => 2**31));
    is_error $boast->next_reply, 'too_large', '2^31 declared';
    $boast->expect_event('closing');
    is $boast->close_code, 1009, 'with 1009';
};

subtest 'rules that are broken' => sub {
    my %broken = (
        'unmasked' => [ 1002, frame('text', '{"op":"ping"}', mask => 0) ],
        'RSV1' => [ 1002, frame('text', '{"op":"ping"}', rsv => 4) ],
        'a reserved opcode' => [ 1002, frame(3, 'x') ],
        'binary' => [ 1003, frame('binary', '{"op":"ping"}') ],
        'bad text' => [ 1007, frame('text', "{\"op\":\"\xff\"}") ],
        'a flood of pings' => [ 1008, frame('ping', 'x') x 101 ],
    );
    for my $name (sort keys %broken) {
        my ($code, $bytes) = @{ $broken{$name} };
        my $client = open_web();
        my $id = $client->begin('ping');
        $client->send_raw($bytes . frame('text', '{"op":"ping","id":"after"}'));
        is_ok $client->reply($id), "$name: what came before is answered";
        $client->control('pong') for 1 .. ($code == 1008 ? 101 : 0);
        is $client->close_code, $code, "… $code";
        is scalar(grep { $_->{id} } @{ $client->{queue} }), 0, '… what comes after is not';
    }
};

subtest 'closing' => sub {
    my $client = web_person('erin');
    my $id = $client->begin('send', to => '@alice', text => 'last words');
    $client->send_raw(close_frame(4001, 'bye') . frame('text', '{"op":"ping","id":"after"}'));
    is_ok $client->reply($id), 'what was asked is answered';
    is $client->close_code, 4001, 'the Close too, by the same code';
    my $cut = web_person('frank');
    $cut->close;
    my $half = open_web();
    my $ping = $half->begin('ping');
    $half->half_close;
    is_ok $half->reply($ping), 'half closed: answered';
    is $half->close_code, 1000, '… then closed';
    my $out = web_person('grace');
    is_ok $out->request('logout'), 'logout';
    is $out->expect_event('closing')->{reason}, 'logged_out', 'closing';
    is $out->close_code, 1000, 'with 1000';
};

subtest 'slow' => sub {
    my ($frame, $fragment, $other) = map { web_person($_) } qw(half fragment other);
    $frame->send_raw(substr frame('text', '{"op":"ping"}'), 0, 9);
    $fragment->send_raw(frame('text', '{"op":', fin => 0));
    for my $slow ($frame, $fragment) {
        wait_until { $other->request('ping'); $slow->at_end } 'what does not end';
        is scalar($slow->events('closing', reason => 'idle')), 1, 'is ended: idle';
        is $slow->close_code, 1008, 'with 1008';
    }
    is_ok $other->request('ping'), 'others stay';
};

subtest 'behind a proxy' => sub {
    my $client = Chatd::Test::Websocket->connect($node->{web_proxy}, proxy => proxy_v2());
    is_ok $client->request('ping'), 'served';
    my $bare = Chatd::Test::Client->connect($node->{web_proxy}, hello => 0);
    $bare->send_raw(upgrade());
    ok $bare->wait_eof, 'without a header: closed';
    is $bare->{in}, '', 'and nothing said';
};

subtest 'the node ends' => sub {
    my $client = web_person('heidi');
    my $page = Chatd::Test::Client->connect($node->{web}, hello => 0);
    $node->quit;
    is $client->expect_event('closing')->{reason}, 'shutdown', 'told';
    is $client->close_code, 1001, 'with 1001';
    ok $page->wait_eof, 'who has not asked yet is closed';
};

done_testing;
