#!/usr/bin/perl
# The listener for browsers as an HTTP server: the files of web_root, kept connections and their deadlines,
# requests that are none, a reload. What each request gets in detail is t/unit/web.cc's.
use strict;
use warnings;
use IO::Select;
use Chatd::Test;
use Chatd::Test::Haproxy;
use Chatd::Test::ProxyHeader qw(proxy_v2);
use Chatd::Test::Util qw(folder spew);
use Chatd::Test::Websocket qw(upgrade);

my $root = folder() . '/web';
mkdir $root;
mkdir "$root/js";
my $script = join '', map { "let line_$_ = $_;\n" } 1 .. 40000;
spew("$root/index.html", "<p>one\n");
spew("$root/js/app.js", $script);
spew(folder() . '/secret', 'secret');

my $site = site();
my $node = $site->node('a', worker_processes => 2, web_root => $root)->start;

# A connection on which to ask; not greeted.
sub browser { Chatd::Test::Websocket::plain(shift // $node->{web}, @_) }

# One answer: (head, body).
sub ask {
    my ($browser, $path, %field) = @_;
    my $method = delete $field{method} // 'GET';
    $browser->send_raw(join "\r\n", "$method $path HTTP/1.1", 'Host: h', (map { "$_: $field{$_}" } sort keys %field), '', '');
    return $browser->read_answer($method);
}

subtest 'files' => sub {
    my $browser = browser();
    my ($head, $body) = ask($browser, '/');
    like $head, qr{^HTTP/1\.1 200 OK\r\n}, 'the page';
    is $body, "<p>one\n", 'whole';
    ($head, $body) = ask($browser, '/js/app.js');
    is $body, $script, 'a long file, on the same connection';
    ($head, $body) = ask($browser, '/js/app.js', 'Accept-Encoding' => 'gzip');
    like $head, qr/^Content-Encoding: gzip\r$/m, 'gzipped';
    cmp_ok length $body, '<', length($script) / 2, 'and shorter';
    my ($tag) = $head =~ /^ETag: (.*)\r$/m;
    ($head, $body) = ask($browser, '/js/app.js', 'Accept-Encoding' => 'gzip', 'If-None-Match' => $tag);
    like $head, qr{^HTTP/1\.1 304 }, 'known';
    ($head, $body) = ask($browser, '/', method => 'HEAD');
    like $head, qr/^Content-Length: 7\r$/m, 'HEAD';
    is $body, '', 'without the body';
    like +(ask($browser, $_))[0], qr{^HTTP/1\.1 404 }, "not $_" for '/none', '/../secret', '/js/../../secret', '/%2e%2e/secret';
    like +(ask($browser, '/', method => 'DELETE'))[0], qr{^HTTP/1\.1 405 }, 'only reading';
    like +(ask($browser, '/health'))[1], qr/^ready$/, 'healthy';
    like +(ask($browser, '/ws'))[0], qr{^HTTP/1\.1 426 }, '/ws without an upgrade';
};

subtest 'many at once' => sub {
    my $browser = browser();
    $browser->send_raw("GET / HTTP/1.1\r\nHost: h\r\n\r\n" x 20);
    is +($browser->read_answer)[1], "<p>one\n", 'pipelined' for 1 .. 20;
    my $slow = browser();
    $slow->send_raw("GET /js/app.js HTTP/1.1\r\nHost: h\r\n\r\n" x 5 . upgrade());
    is +($slow->read_answer)[1], $script, 'five long files' for 1 .. 5;
    like $slow->read_head, qr{^HTTP/1\.1 101 }, 'and a WebSocket on the same connection';
};

subtest 'who asks and does not read' => sub {
    my $browser = browser();
    my $request = "GET / HTTP/1.1\r\nHost: h\r\nX: " . 'x' x 100 . "\r\n\r\n";
    my $taken = 0;
    while ($taken < 64e6 && IO::Select->new($browser->{socket})->can_write(2)) {
        $taken += syswrite($browser->{socket}, $request x 1000) // 0;
    }
    cmp_ok $taken, '<', 64e6, 'is not listened to for ever';
    is +(ask(browser(), '/'))[1], "<p>one\n", 'others are served';
};

subtest 'no requests' => sub {
    my %wrong = (
        'no HTTP' => [ 400, qq({"op":"ping"}\r\n\r\n) ],
        'HTTP/2' => [ 400, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" ],
        'a line without end' => [ 431, 'GET /' . 'x' x 10000 ],
        'a head without end' => [ 431, "GET / HTTP/1.1\r\n" . "X: y\r\n" x 2000 ],
        'no host' => [ 400, "GET / HTTP/1.1\r\n\r\n" ],
        'a bad method for /ws' => [ 405, upgrade(method => 'PUT') ],
        'a bad version' => [ 426, upgrade('Sec-WebSocket-Version' => 8) ],
        'no key' => [ 400, upgrade('Sec-WebSocket-Key' => undef) ],
        'a foreign page' => [ 403, upgrade(Origin => 'https://evil.example') ],
        'a body' => [ 405, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello" ],
    );
    for my $name (sort keys %wrong) {
        my ($status, $bytes) = @{ $wrong{$name} };
        my $browser = browser();
        $browser->send_raw($bytes);
        my ($head) = $browser->read_answer;
        like $head, qr{^HTTP/1\.1 $status }, "$name: $status";
        next if $head =~ /^Connection: (?:Upgrade, )?keep-alive/m;
        ok $browser->wait_eof, '… and closed';
    }
    my $fine = browser();
    $fine->send_raw(upgrade(Origin => 'https://chat.example.org'));
    like $fine->read_head, qr{^HTTP/1\.1 101 }, 'the own page';
};

subtest 'deadlines' => sub {
    my $strict = $site->node('c', worker_processes => 1, web_root => $root, frame_timeout => '1s', login_timeout => '3s')->start;
    my ($half, $drip, $silent, $busy) = map { browser($strict->{web}) } 1 .. 4;
    $half->send_raw("GET / HTTP/1.1\r\n");
    wait_until { $drip->send_raw('x'); $drip->at_end } 'a byte at a time does not help';
    like +($half->read_answer)[0], qr{^HTTP/1\.1 408 }, 'half a head: 408';
    ok $half->wait_eof, '… and closed';
    ok $silent->wait_eof, 'who asks nothing is closed';
    is $silent->{in}, '', '… without a word';
    wait_until { eval { ask($busy, '/health') }; $busy->at_end } 'nobody stays for ever';
};

subtest 'through HAProxy, behind which a node ends' => sub {
    my $other = $site->node('b', worker_processes => 1, web_root => $root)->start;
    my $haproxy = $site->add(Chatd::Test::Haproxy->new($other)->start);
    $haproxy->wait_healthy;
    is +(ask(browser($haproxy->{web}), '/'))[1], "<p>one\n", 'the page';
    my $client = Chatd::Test::Websocket->connect($haproxy->{web});
    is_ok $client->request('ping'), 'a WebSocket';
    $other->quit;
    is $client->expect_event('closing')->{reason}, 'shutdown', 'told';
    wait_until { $haproxy->is_down('b', 'web') } 'HAProxy has it out';
};

subtest 'a reload reads the files anew' => sub {
    my $before = browser();
    spew("$root/index.html", "<p>two\n");
    is +(ask($before, '/'))[1], "<p>one\n", 'not before';
    $node->renew;
    is +(ask(browser(), '/'))[1], "<p>two\n", 'the new one';
    rename $root, "$root.away" or die;
    $node->reload;
    wait_until { $node->log_text =~ /not reloaded: .*web_root: .*: No such file/ } 'a folder that is gone is refused';
    is +(ask(browser(), '/'))[1], "<p>two\n", 'and the old one is served on';
    rename "$root.away", $root or die;
    spew("$root/large", 'x' x 17_000_000);
    $node->reload;
    wait_until { $node->log_text =~ /more than web_files/ } 'one that is too large, too';
    unlink "$root/large";
};

done_testing;
