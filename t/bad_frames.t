#!/usr/bin/perl
# The table of bad input: what is no frame is bad_json or bad_frame, and the connection stays, until the
# tenth in a row.
use strict;
use warnings;
use Chatd::Test;

my $site = site();
my $node = $site->node('a', worker_processes => 1)->start;

sub ping_with { "{\"op\":\"ping\",\"x\":$_[0]}" }
sub nested { my ($depth) = @_; return ping_with('[' x ($depth - 1) . ']' x ($depth - 1)) }

my @bad_json = (
    'no JSON at all'            => 'hello',
    'only spaces'               => '   ',
    'cut short'                 => '{"op":"ping"',
    'an unclosed string'        => '{"op":"ping}',
    'trailing junk'             => '{"op":"ping"} x',
    'two objects'               => '{"op":"ping"}{"op":"ping"}',
    'a closing brace too many'  => '{"op":"ping"}}',
    'a trailing comma'          => '{"op":"ping",}',
    'a key without quotes'      => '{op:"ping"}',
    'single quotes'             => "{'op':'ping'}",
    'no colon'                  => '{"op" "ping"}',
    'a comment'                 => '{"op":"ping"/* */}',
    'a leading zero'            => ping_with('01'),
    'a plus sign'               => ping_with('+1'),
    'a bare fraction'           => ping_with('.5'),
    'a bare point'              => ping_with('1.'),
    'a bare exponent'           => ping_with('1e'),
    'hexadecimal'               => ping_with('0x10'),
    'NaN'                       => ping_with('NaN'),
    'Infinity'                  => ping_with('-Infinity'),
    'True'                      => ping_with('True'),
    'a byte order mark'         => "\xef\xbb\xbf{\"op\":\"ping\"}",
    'UTF-16'                    => join('', map { "$_\0" } split //, '{"op":"ping"}'),
    'a NUL between tokens'      => "{\"op\":\"ping\"\0}",
    'a NUL in a string'         => ping_with("\"a\0b\""),
    'a NUL after the frame'     => "{\"op\":\"ping\"}\0",
    'a raw tab in a string'     => ping_with("\"a\tb\""),
    'a raw CR in a string'      => ping_with("\"a\rb\""),
    'a raw escape in a string'  => ping_with("\"a\eb\""),
    'an escaped NUL'            => ping_with('"a\u0000b"'),
    'an escaped NUL in a key'   => '{"op":"ping","a\u0000b":1}',
    'a lone high surrogate'     => ping_with('"\ud800"'),
    'a lone low surrogate'      => ping_with('"\udc00"'),
    'a high one and a letter'   => ping_with('"\ud800\u0041"'),
    'two high surrogates'       => ping_with('"\ud800\ud800"'),
    'an unknown escape'         => ping_with('"\x41"'),
    'a short escape'            => ping_with('"\u00e"'),
    'a byte that is no UTF-8'   => ping_with("\"\xff\""),
    'Latin-1'                   => ping_with("\"\xe9\""),
    'a lone continuation'       => ping_with("\"\x80\""),
    'a sequence cut short'      => ping_with("\"\xe2\x82\""),
    'an overlong slash'         => ping_with("\"\xc0\xaf\""),
    'an overlong NUL'           => ping_with("\"\xc0\x80\""),
    'an overlong three'         => ping_with("\"\xe0\x80\xaf\""),
    'a surrogate in UTF-8'      => ping_with("\"\xed\xa0\x80\""),
    'above U+10FFFF'            => ping_with("\"\xf4\x90\x80\x80\""),
    'nested 17 deep'            => nested(17),
    'nested very deep'          => '[' x 60000,
    'objects nested 17 deep'    => ping_with('{"a":' x 15 . '{}' . '}' x 15),
);

my @bad_frame = (
    'a number'           => '1',
    'a string'           => '"ping"',
    'null'               => 'null',
    'true'               => 'true',
    'an array'           => '[]',
    'a frame in a list'  => '[{"op":"ping"}]',
    'no op'              => '{}',
    'no op, but an id'   => '{"id":1}',
    'op in upper case'   => '{"OP":"ping"}',
    'op is a number'     => '{"op":1}',
    'op is null'         => '{"op":null}',
    'op is an object'    => '{"op":{"op":"ping"}}',
);

my @good = (
    'spaces around'             => '  {"op" : "ping" }  ',
    'escaped controls'          => ping_with('"\u0001\u001b\n\t\r\b\f\u007f"'),
    'a pair of surrogates'      => ping_with('"\ud83d\ude00"'),
    'four bytes of UTF-8'       => ping_with("\"\xf0\x9f\x98\x80\""),
    'U+10FFFF and U+FFFF'       => ping_with("\"\xf4\x8f\xbf\xbf\xef\xbf\xbf\""),
    'a BOM inside a string'     => ping_with("\"\xef\xbb\xbf\""),
    'an escaped slash'          => ping_with('"\/"'),
    'op written by escapes'     => '{"\u006fp":"\u0070ing"}',
    'nested 16 deep'            => nested(16),
    'objects nested 16 deep'    => ping_with('{"a":' x 14 . '{}' . '}' x 14),
    'odd numbers'               => ping_with('[-0,1e5,1E-5,0.5,1e999,123456789012345678901234567890]'),
);

sub answers {
    my ($code, @table) = @_;
    my $client = connect_to($node);
    while (my ($name, $bytes) = splice @table, 0, 2) {
        $client->send_raw("$bytes\n");
        my $reply = $client->next_reply;
        $code ? is_error($reply, $code, $name) : is_ok($reply, $name);
        is_ok $client->request('ping'), '… and the connection stays' if $code;
    }
}

subtest 'bad_json' => sub { answers('bad_json', @bad_json) };
subtest 'bad_frame' => sub { answers('bad_frame', @bad_frame) };
subtest 'unusual, but well-formed' => sub { answers(undef, @good) };

subtest 'the tenth bad frame' => sub {
    my $client = connect_to($node);
    for my $round (1 .. 2) {
        $client->send_raw($_ % 2 ? "junk\n" : "[]\n") for 1 .. 9;
        is_error $client->next_reply, $_ % 2 ? 'bad_json' : 'bad_frame', "bad frame $_" for 1 .. 9;
        is_ok $client->request('ping'), 'a good one in between: counted anew';
    }
    $client->send_raw("junk\n" x 12);
    is_error $client->next_reply, 'bad_json', "bad frame $_ of ten" for 1 .. 10;
    $client->expect_closing('bad_frames');
    is scalar(@{ $client->{queue} }), 0, 'nothing follows';
};

done_testing;
