#!/usr/bin/perl
# PostgreSQL stands still in the middle of traffic: senders are told "unavailable", connections stay, queues are
# bounded, and it goes on by itself.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Traffic;

my $site = site();
my $postgres = $site->postgres;
my @node = $site->start_nodes([qw(a b)], worker_processes => 2, postgres_timeout => '1s');
my $traffic = Chatd::Test::Traffic->new($site, @node);

for my $round (1 .. 2) {
    $traffic->flow(300);
    my ($refused, $maybe) = map { $traffic->count($_) } qw(refused maybe);
    $postgres->freeze;
    $traffic->flow_until(sub { $traffic->count('refused') > $refused + 50 }, 'senders are told');
    cmp_ok $traffic->count('maybe'), '>', $maybe, 'of some it is not known whether they are committed, and said so';
    $postgres->thaw;
    $traffic->all_back;
}
is $traffic->count('lost'), 0, 'nobody lost the connection';

subtest 'as many as may wait' => sub {
    my ($small) = $site->start_nodes(['small'], worker_processes => 1, postgres_timeout => '1s', batch_queue => 50);
    my $alice = person($small, 'alice');
    for my $to ('@alice', '@bob') {
        person($small, 'bob')->close;
        $alice->say('@alice', 'the first') if $to eq '@alice';    # and @bob is a conversation that is yet to be made
        $postgres->freeze;
        my @id = map { $alice->begin('send', to => $to, text => "m $_", cid => "m $_") } 1 .. 250;
        wait_until { $alice->read_some(0.1); @id <= grep { !$_->{event} } @{ $alice->{queue} } } 'all are answered', 60;
        my @reply = map { $alice->reply($_) } @id;
        is scalar(grep { ($_->{error} // '') eq 'unavailable' } @reply), 250, "$to: all are refused, none waits for the one before";
        cmp_ok scalar(grep { $_->{detail} =~ /too many messages wait/ } @reply), '>', 0, 'some because too many wait' if $to eq '@alice';
        is_ok $alice->request('ping'), 'the connection stays';
        $postgres->thaw;
        wait_until { $alice->say($to, "m $_", cid => "m $_")->{ok} } "m $_ is committed" for 1 .. 250;
    }
    for my $name (qw(alice bob)) {
        my @text = map { /^m (\d+)/ } @{ texts(grep { $_->{to} eq "\@$name" } backlog_of($small, $name)) };
        is_deeply [ sort { $a <=> $b } @text ], [ 1 .. 250 ], "$name has each once";
    }
};
$traffic->proves('PostgreSQL hangs');

done_testing;
