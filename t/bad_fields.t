#!/usr/bin/perl
# The table of bad fields: for each op and each of its fields, what is no value for it is bad_field and names it; the
# connection stays, and nothing has happened.
use strict;
use warnings;
use Chatd::Test;

my $site = site();
my $node = $site->node('a', worker_processes => 1)->start;
my $alice = person($node, 'alice');
my $guest = connect_to($node);
my $bystander = person($node, 'bob');
is_ok $alice->request('group_create', group => '#g'), 'a group';
is_ok $alice->say('@bob', 'one'), 'a message';
$bystander->expect_event('message');

# As they stand in the frame. A number is judged by its value: 1.0 is 1, which requests.t shows.
my @no_integer = qw(null true "1" [] {} [1] 1.5 -1 -0.5 1e999 -1e999 9007199254740992 9007199254740993 18446744073709551616
  123456789012345678901234567890);
my @no_string = qw(null true 7 [] {} ["x"]);
my @no_boolean = qw(null 0 1 "true" [] {});
my @no_user = (@no_string, map { "\"$_\"" } '', '@bob', 'Bob', '-bob', '.bob', 'bo b', "b\xc3\xb6b", 'bob\n', 'bob\u0001', '%s', "' OR 1=1 --",
    'b' x 33);
my @no_address = (@no_string, map { "\"$_\"" } '', 'bob', '@', '#', '@Bob', '#G', '!bob', '@@bob', '@bo b', '@bob\r\n', '@' . 'b' x 33);
my @no_group = (@no_string, map { "\"$_\"" } '', 'g', '#', '@g', '#G', '#g g', '##g', '#' . 'g' x 33);

# op => { field => [ what is no value for it, missing: is it an error too ] }, the other fields being right.
my %good = (
    ack            => { conv => '"@bob"', seq => 1 },
    contact_add    => { name => '"bob"' },
    contact_remove => { name => '"bob"' },
    conversations  => {},
    block          => { name => '"bob"' },
    group_create   => { group => '"#new"' },
    group_delete   => { group => '"#g"' },
    group_invite   => { group => '"#g"', name => '"bob"' },
    group_kick     => { group => '"#g"', name => '"bob"' },
    group_role     => { group => '"#g"', name => '"bob"', role => '"admin"' },
    group_set      => { group => '"#g"' },
    group_info     => { group => '"#g"' },
    group_join     => { group => '"#g"' },
    group_leave    => { group => '"#g"' },
    group_members  => { group => '"#g"' },
    history        => { conv => '"@bob"' },
    login          => { name => '"alice"', password => '"password of alice"' },
    logout         => {},
    passwd         => { old => '"password of alice"', new => '"long enough"' },
    presence       => { names => '["bob"]' },
    profile        => {},
    read           => { conv => '"@bob"', seq => 1 },
    register       => { name => '"nobody"', password => '"long enough"' },
    send           => { to => '"@bob"', text => '"x"' },
    typing         => { to => '"@bob"' },
    unblock        => { name => '"bob"' },
);
my $limits = [ @no_integer, 0, 201 ];
my %bad = (
    ack            => { conv => [ \@no_address, 1 ], seq => [ \@no_integer, 1 ] },
    contact_add    => { name => [ \@no_user, 1 ] },
    contact_remove => { name => [ \@no_user, 1 ] },
    conversations  => { after => [ \@no_string ], limit => [$limits] },
    block          => { name => [ \@no_user, 1 ] },
    group_create   => { group => [ \@no_group, 1 ], topic => [ \@no_string ], open => [ \@no_boolean ] },
    group_delete   => { group => [ \@no_group, 1 ] },
    group_info     => { group => [ \@no_group, 1 ] },
    group_invite   => { group => [ \@no_group, 1 ], name => [ \@no_user, 1 ] },
    group_kick     => { group => [ \@no_group, 1 ], name => [ \@no_user, 1 ] },
    group_role     => { group => [ \@no_group, 1 ], name => [ \@no_user, 1 ], role => [ [ @no_string, '""', '"king"', '"Admin"' ], 1 ] },
    group_set      => { group => [ \@no_group, 1 ], topic => [ [ @no_string, '"' . 'x' x 257 . '"' ] ], open => [ \@no_boolean ] },
    group_join     => { group => [ \@no_group, 1 ] },
    group_leave    => { group => [ \@no_group, 1 ] },
    group_members  => { group => [ \@no_group, 1 ], after => [ \@no_string ], limit => [$limits] },
    history        => { conv => [ \@no_address, 1 ], before => [ \@no_integer ], after => [ \@no_integer ], limit => [$limits] },
    login          => { name => [ \@no_user, 1 ], password => [ \@no_string, 1 ], token => [ \@no_string ],
        ack => [ [ @no_string, '"never"', '""' ] ], backlog => [ [ @no_integer, 10001 ] ] },
    logout         => { all => [ \@no_boolean ] },
    passwd         => { old => [ \@no_string, 1 ], new => [ [ @no_string, '"short"' ], 1 ] },
    profile        => { display => [ [ @no_string, '"' . 'x' x 65 . '"' ] ] },
    presence       => { names => [ [ (grep { $_ ne '[]' } @no_boolean), '"bob"', map { "[\"ann\",$_]" } @no_user ], 1 ] },
    read           => { conv => [ \@no_address, 1 ], seq => [ \@no_integer, 1 ] },
    register       => { name => [ \@no_user, 1 ], password => [ [ @no_string, '"short"', '"' . 'x' x 1025 . '"' ], 1 ],
        display => [ [ @no_string, '"' . 'x' x 65 . '"' ] ] },
    send           => { to => [ \@no_address, 1 ], text => [ [ @no_string, '""' ], 1 ],
        cid => [ [ @no_string, '""', '"' . 'x' x 65 . '"' ] ] },
    typing         => { to => [ \@no_address, 1 ] },
    unblock        => { name => [ \@no_user, 1 ] },
);

sub frame {
    my ($op, %field) = @_;
    return join(',', "{\"op\":\"$op\",\"id\":7", map { "\"$_\":$field{$_}" } sort keys %field) . "}\n";
}

# Everything that is wrong with one field of one op, in one go: which of the replies are not as they should be.
sub wrong_replies {
    my ($client, $op, $field, $values, $required) = @_;
    my @frame = map { frame($op, %{ $good{$op} }, $field => $_) } @$values;
    my %without = %{ $good{$op} };
    delete $without{$field};
    push @frame, frame($op, %without) if $required;
    push @frame, frame($op, %{ $good{$op} }, $field => '"x"') =~ s/,"id":7/,"id":7,"$field":"x"/r;
    $client->send_raw(join '', @frame);
    return map {
        my $reply = $client->next_reply;
        my $fits = !$reply->{ok} && ($reply->{error} // '') eq 'bad_field' && ($reply->{field} // '') eq $field && $reply->{id} eq '7';
        $fits ? () : "$_ $reply->{_line}";
    } @frame;
}

for my $op (sort keys %bad) {
    my $client = $op =~ /^(?:login|register)$/ ? $guest : $alice;
    for my $field (sort keys %{ $bad{$op} }) {
        my @wrong = wrong_replies($client, $op, $field, @{ $bad{$op}{$field} });
        ok !@wrong, "$op: $field is no such thing, missing, or there twice" or diag(join "\n", @wrong);
    }
    is_ok $client->request('ping'), '… and the connection stays';
}

is_error $guest->login('nobody'), 'bad_credentials', 'nobody was registered';
is_error $alice->request('group_info', group => '#new'), 'no_such_group', 'no group was made';
is $alice->request('group_info', group => '#g')->{members}, 1, 'nobody joined or left';
is $alice->say('@bob', 'two')->{seq}, 2, 'nothing was sent';
is $bystander->expect_event('message')->{text}, 'two', 'others go on';
is_deeply $alice->request('contacts')->{contacts}, [], 'no contact was added';
unlike $node->log_text, qr/[\x00-\x08\x0b-\x1f\x7f]/, 'nothing of it stands raw in the log';

done_testing;
