#!/usr/bin/perl
# The store is away: every op that asks it says so in time, with retry_ms, changes nothing, and works again
# afterwards on the same connection.
use strict;
use warnings;
use Chatd::Test;

my $site = site();
my $node = $site->node('a', worker_processes => 1, postgres_timeout => '2s')->start;
my ($ann, $ben) = map { person($node, $_) } qw(ann ben);
is_ok $ann->request('group_create', group => "#$_"), "#$_ is made" for qw(tea den);
is_ok $ann->request('group_invite', group => '#tea', name => 'ben'), 'ben is in one';

my @asked = (
    [ profile => display => 'Ann' ], [ passwd => old => 'password of ann', new => 'another password' ],
    [ block => name => 'ben' ], [ unblock => name => 'ben' ], [ contact_add => name => 'ben' ], [ contacts => () ],
    [ typing => to => '@ben' ], [ typing => to => '#tea' ], [ read => conv => '#tea', seq => 0 ],
    [ group_invite => group => '#den', name => 'ben' ], [ group_role => group => '#tea', name => 'ben', role => 'admin' ],
    [ group_set => group => '#tea', topic => 'x' ], [ group_kick => group => '#tea', name => 'ben' ],
    [ group_delete => group => '#den' ],
);

$site->postgres->stop('immediate');
for (@asked) {
    my ($op, @field) = @$_;
    my $reply = $ann->request($op, @field);
    is_error $reply, 'unavailable', "$op: unavailable";
    ok $reply->{retry_ms} > 0, '… with a time to wait';
}
$site->postgres->start;
wait_until { $ann->request('groups')->{ok} } 'the store is back';
is $ann->request('profile')->{display}, '', 'nothing of that was done later';
is $ann->request('group_info', group => '#tea')->{topic}, '', 'nor of that';
is $ben->request('group_info', group => '#tea')->{role}, 'member', 'nor of that';
for (grep { $_->[0] ne 'group_delete' } @asked) {
    my ($op, @field) = @$_;
    is_ok $ann->request($op, @field), "$op works again";
}

done_testing;
