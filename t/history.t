#!/usr/bin/perl
# Reading back: from either end, in pages, of people, groups and oneself; who may; what is there to read.
use strict;
use warnings;
use Chatd::Test;

my $site = site();
my $node_a = $site->node('a', worker_processes => 1);
my $node_b = $site->node('b', worker_processes => 1);
$_->begin for $node_a, $node_b;
$_->wait_ready for $node_a, $node_b;

my ($alice, $bob, $carol) = (person($node_a, 'alice'), person($node_b, 'bob'), person($node_a, 'carol'));

sub history { my ($client, $conv, %field) = @_; return $client->request('history', conv => $conv, %field) }

# "FIRST..LAST" or "none", and whether there are more; only if they are without gaps.
sub page {
    my ($reply) = @_;
    return $reply->{_line} if !$reply->{ok};
    my @seq = @{ seqs(@{ $reply->{messages} }) };
    my $more = $reply->{more} ? ' more' : '';
    return "none$more" if !@seq;
    return join(' ', @seq) ne join(' ', $seq[0] .. $seq[-1]) ? "@seq$more" : "$seq[0]..$seq[-1]$more";
}

subtest 'nobody has written yet' => sub {
    for my $conv ('@bob', '@alice') {
        my $reply = history($alice, $conv);
        is_ok $reply, $conv;
        like $reply->{_line}, qr/"messages":\[\]/, 'empty';
        like $reply->{_line}, qr/"more":false/, 'and no more';
    }
    is page(history($alice, '@bob', before => 5)), 'none', 'before';
    is page(history($alice, '@bob', after => 5)), 'none', 'after';
};

subtest 'what is there' => sub {
    my @text = ('plain', "quotes \" \\ /", "tab\tand\nline\r", "\x{1F600} \x{e9} \x{2028}", '%s $1 {}; -- \'', 'x' x 8192);
    my @sent = map { $_ % 2 ? $alice->say('@bob', $text[$_], cid => "c $_") : $bob->say('@alice', $text[$_]) } 0 .. $#text;
    my %seen = map { $_->{seq} => $_ } $bob->messages(3), $alice->messages(3);
    for my $reader ([ $alice, '@bob' ], [ $bob, '@alice' ]) {
        my $reply = history(@$reader);
        is page($reply), '1..6', "by the one who calls it $reader->[1]";
        is_deeply texts(@{ $reply->{messages} }), \@text, 'the texts as they were';
        for my $message (@{ $reply->{messages} }) {
            my %event = %{ $seen{ $message->{seq} } };
            delete @event{qw(event _line)};
            is_deeply $message, \%event, "seq $message->{seq}: as the event, without `event`";
        }
        is_deeply values_of('ts', @{ $reply->{messages} }), values_of('ts', @sent), 'ts as it was replied';
    }
};

subtest 'pages' => sub {
    my @id = map { $carol->begin('send', to => '@bob', text => "m $_") } 1 .. 60;
    $carol->reply($_)->{ok} or die for @id;
    my @case = (
        [ [], '11..60 more', 'neither: the newest fifty' ],
        [ [ limit => 10 ], '51..60 more' ], [ [ limit => 60 ], '1..60' ], [ [ limit => 200 ], '1..60' ], [ [ limit => 59 ], '2..60 more' ],
        [ [ limit => 1 ], '60..60 more' ],
        [ [ before => 60 ], '10..59 more' ], [ [ before => 12, limit => 10 ], '2..11 more' ],
        [ [ before => 11, limit => 10 ], '1..10' ], [ [ before => 5, limit => 10 ], '1..4' ], [ [ before => 2 ], '1..1' ],
        [ [ before => 1 ], 'none' ], [ [ before => 61 ], '11..60 more' ], [ [ before => 1000, limit => 3 ], '58..60 more' ],
        [ [ before => 9007199254740991, limit => 3 ], '58..60 more' ],
        [ [ after => 0 ], '1..50 more', 'after: the oldest above it' ], [ [ after => 0, limit => 60 ], '1..60' ],
        [ [ after => 50, limit => 10 ], '51..60' ], [ [ after => 49, limit => 10 ], '50..59 more' ],
        [ [ after => 59 ], '60..60' ], [ [ after => 60 ], 'none' ], [ [ after => 1000 ], 'none' ],
        [ [ after => 9007199254740991 ], 'none' ],
    );
    for (@case) {
        my ($field, $expected, $name) = @$_;
        is page(history($bob, '@carol', @$field)), $expected, $name // "@$field";
    }
    my $reply = history($bob, '@carol', after => 0, limit => 2);
    like $reply->{_line}, qr/"more":true/, 'more is a boolean';
    is_deeply texts(@{ $reply->{messages} }), [ 'm 1', 'm 2' ], 'ascending';
    is_deeply texts(@{ history($bob, '@carol', before => 3, limit => 2)->{messages} }), [ 'm 1', 'm 2' ], 'before: ascending too';
};

subtest 'bad fields' => sub {
    is_error history($bob, '@carol', before => 5, after => 2), 'bad_field', 'both before and after';
    is_error history($bob, '@carol', limit => $_), 'bad_field', 'a bad limit', field => 'limit' for 0, 201, -1, 1.5, '5', undef;
    for my $field (qw(before after)) {
        is_error history($bob, '@carol', $field => $_), 'bad_field', "a bad $field", field => $field
          for -1, 1.5, '5', undef, 9007199254740993;
    }
    is_error history($bob, $_), 'bad_field', 'a bad conv', field => 'conv' for 'carol', '@', '#', '@Carol', '', 7, undef;
    is_error $bob->request('history'), 'bad_field', 'no conv', field => 'conv';
    is_error history($bob, '@nobody'), 'no_such_user', 'nobody';
    is_error history($bob, '#nothing'), 'no_such_group', 'nothing';
    is_error history($bob, '@nobody', limit => 0), 'bad_field', 'fields come before what exists';
    is_error history(connect_to($node_a), '@carol'), 'not_logged_in', 'before login';
};

subtest 'groups' => sub {
    is_ok $alice->request('group_create', group => '#g'), 'an open group';
    is page(history($alice, '#g')), 'none', 'empty';
    $alice->say('#g', "g $_") for 1 .. 3;
    is_error history($bob, '#g'), 'not_member', 'not by a non-member';
    is $bob->request('group_join', group => '#g')->{last_seq}, 3, 'who joins later';
    is page(history($bob, '#g')), '1..3', 'may read all';
    my ($first) = @{ history($bob, '#g')->{messages} };
    is "$first->{from} $first->{to} $first->{text}", 'alice #g g 1', 'from, to, text';
    is_ok $bob->request('group_leave', group => '#g'), 'who leaves';
    is_error history($bob, '#g'), 'not_member', 'may not';
    is_ok $alice->request('group_create', group => '#closed', open => JSON::PP::false()), 'a closed group';
    is_error history($bob, '#closed'), 'no_such_group', 'does not exist for a non-member';
    is page(history($alice, '#closed')), 'none', 'but for its owner';
};

subtest 'a request sees what came before it' => sub {
    my $dave = person($node_b, 'dave');
    for my $to ('@alice', '@dave') {
        my @id = map { ($dave->begin('send', to => $to, text => "$_"), $dave->begin('history', conv => $to, limit => 1)) } 1 .. 20;
        my @reply = map { $dave->reply($_) } @id;
        is_deeply [ map { $reply[ 2 * $_ + 1 ]{messages}[0]{seq} } 0 .. 19 ], [ 1 .. 20 ], "send, then history: $to";
        is_deeply texts(map { $reply[ 2 * $_ + 1 ]{messages}[0] } 0 .. 19), [ 1 .. 20 ], 'the text, too';
    }
};

subtest 'much' => sub {
    my $erin = person($node_a, 'erin');
    my @id = map { $erin->begin('send', to => '@erin', text => chr(65 + $_ % 26) x 8192) } 1 .. 150;
    $erin->reply($_)->{ok} or die for @id;
    my ($after, @all) = (0);
    while (1) {
        my $reply = history($erin, '@erin', after => $after, limit => 200);
        $reply->{ok} && @{ $reply->{messages} } or last;
        push @all, @{ $reply->{messages} };
        last if !$reply->{more};
        $after = $all[-1]{seq};
    }
    is_deeply seqs(@all), [ 1 .. 150 ], 'more than a megabyte';
    is_deeply texts(@all), [ map { chr(65 + $_ % 26) x 8192 } 1 .. 150 ], 'as it was written';
    is_ok $erin->request('ping'), 'the connection stays';
};

done_testing;
