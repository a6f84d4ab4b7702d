#!/usr/bin/perl
# At their bounds: queues and caches that are full cost somebody a wait, or an honest refusal; nothing is lost, nothing
# comes twice, and it is over when there is room again. (Others have tests of their own: batch_queue in
# fault_postgres_hangs.t, output_limit in promise_5_slow.t, descriptors in fault_descriptors.t, redis_queue in unit/bus.)
use strict;
use warnings;
use Chatd::Test;

my $site = site();
my $node = $site->node('a', worker_processes => 1, gates => 100, dirty_conversations => 7, backlog_page => 3,
    max_pipeline => 4, worker_connections => 64, login_concurrency => 1)->start;
my ($ann, $ben) = map { person($node, $_) } qw(ann ben);
my @crowd = map { "crowd$_" } 1 .. 120;

subtest 'max_pipeline' => sub {
    my @id = map { $ann->begin('send', to => '@ben', text => "m$_") } 1 .. 200;
    is_deeply [ map { $ann->reply($_)->{seq} } @id ], [ 1 .. 200 ], 'what is beyond is not read yet: every request is answered, in order';
    is_deeply seqs($ben->messages(200, from => 'ann')), [ 1 .. 200 ], 'and done';
};

subtest 'gates, dirty_conversations, backlog_page' => sub {
    for my $name (@crowd) {
        my $one = connect_to($node);
        $one->register_and_login($name);
        $one->say('@ben', "from $name")->{ok} or die;
        $one->close;
    }
    is_deeply [ sort map { $ben->expect_event('message', from => $_)->{text} } @crowd ], [ sort map { "from $_" } @crowd ],
      'more conversations than gates: each message comes';
    for my $turn (1 .. 2) {
        $ben->say("\@$_", "answer $turn")->{ok} or die for @crowd;
    }
    my ($again, @message) = arrive($node, 'ben');
    is_deeply [ sort map { "$_->{from} $_->{seq}" } grep { $_->{from} =~ /^crowd/ } @message ], [ sort map { "$_ 1" } @crowd ],
      'more conversations with something waiting than are remembered at once: each message once';
    is scalar(grep { $_->{from} eq 'ann' } @message), 200, 'and many pages of one';
    my ($crowd7, @answer) = arrive($node, 'crowd7');
    is_deeply texts(@answer), [ 'from crowd7', 'answer 1', 'answer 2' ], 'what was said while their gates came and went, in order';
    $_->close for $again, $crowd7;
};

subtest 'worker_connections' => sub {
    my @guest = map { connect_to($node, hello => 0) } 1 .. 80;
    wait_until { $node->connections->{ ($node->workers)[0] } == 64 } 'the worker has its 64';
    is_ok $ann->request('ping'), 'who is there is served';
    $_->close for splice @guest, 0, 40;
    ok $guest[-1]->expect_event('hello'), 'who waited comes in when others have gone';
    $_->close for @guest;
};

subtest 'hash_queue' => sub {
    my $small = $site->node('small', worker_processes => 1, hash_queue => 1, hash_memory => '64m', hash_iterations => 3)->start;
    my $other = person($node, 'other');
    my @client = map { connect_to($small) } 1 .. 12;
    my $bystander = connect_to($small);
    my @id = map { $_->begin('login', name => 'ann', password => 'password of ann') } @client;
    is_ok $bystander->request('ping'), 'others are served meanwhile';
    my @reply = map { $client[$_]->reply($id[$_]) } 0 .. $#client;
    my @busy = grep { !$_->{ok} } @reply;
    ok @busy && @busy < @reply, scalar(@busy) . ' of ' . @reply . ' are refused';
    is_error $_, 'busy', 'busy' for $busy[0];
    cmp_ok $busy[0]{retry_ms}, '>', 0, 'and told when to try again';
    my ($refused) = grep { !$reply[$_]{ok} } 0 .. $#client;
    ok wait_until { $client[$refused]->login('ann')->{ok} } 'which works on the same connection';
};

subtest 'postgres_queue' => sub {
    my $narrow = $site->node('narrow', worker_processes => 1, postgres_queue => 1, postgres_connections => 1)->start;
    my @client = map { connect_to($narrow) } 1 .. 24;
    for my $one (@client) {
        wait_until { $one->login_token($ann->{me}{token})->{ok} } 'what the worker asks by itself leaves room';
    }
    my @id = map { $_->begin('history', conv => '@ben') } @client;
    my @reply = map { $client[$_]->reply($id[$_]) } 0 .. $#client;
    is scalar(grep { $_->{ok} ? @{ $_->{messages} } == 50 : $_->{error} eq 'unavailable' && $_->{retry_ms} > 0 } @reply), 24,
      scalar(grep { $_->{ok} } @reply) . ' are answered in full, the others told to ask again';
    ok wait_until { $_->request('history', conv => '@ben')->{ok} } 'and then are' for @client;
};

done_testing;
