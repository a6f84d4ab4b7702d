#!/usr/bin/perl
# One's own account in the web page: a password that can be looked at while it is typed, and is hidden again; who sees
# the display name; where somebody new begins.
use strict;
use warnings;
use Chatd::Test;
use Chatd::Test::Browser;

my ($browser, $site, $node) = Chatd::Test::Browser->beginning;
my $ann = $browser->window($node);

# Whether the field's text is to be seen, and what its button says of it.
sub seen {
    my ($label) = @_;
    return $ann->evaluate(qq{(() => {
        const button = document.querySelector('button[aria-label="Show \L$label\E"]');
        return `\${document.getElementById(button.getAttribute("aria-controls")).type} \${button.getAttribute("aria-pressed")}`;
    })()});
}

sub can_be_looked_at {
    my ($label) = @_;
    $ann->fill($label, 'correct horse');
    is seen($label), 'password false', "$label: unseen at first";
    $ann->press('Tab');
    is $ann->evaluate('document.activeElement.getAttribute("aria-label")'), "Show \L$label", 'the keyboard leads to the button';
    $ann->press('Space');
    is seen($label), 'text true', 'shown';
    is $ann->evaluate('document.querySelector("input[spellcheck=false][type=text][autocomplete*=password]")?.value'), 'correct horse',
        'as it was typed, and to no spelling checker';
}

subtest 'signing up' => sub {
    $ann->click('button', 'New here? Create an account');
    ok $ann->see('At least 8 characters. Nobody can reset a password: write it down.'), 'one is warned in time';
    ok $ann->see('People who have you as a contact see it beside your name.'), 'and told who sees the display name';
    can_be_looked_at('Password');
    is join("\n", $ann->axe), '', 'axe finds nothing';
    $ann->picture('password-shown');
    $ann->press('Space');
    is seen('Password'), 'password false', 'and hidden again';
    $ann->press('Space');
    $ann->fill('Name', 'ann');
    $ann->press('Enter');
    $ann->step('see', css => '.account');
    ok $ann->see('Your first conversation'), 'there is nothing yet to pick from';
    is_deeply $ann->texts('.welcome h2'), ['Your first conversation'], 'nor is one told to';
    $ann->picture('first');
    is seen('Password'), 'password false', 'whoever signs in next begins unseen';
};

subtest 'a new password' => sub {
    $ann->step('click', css => '.account');
    can_be_looked_at('Present password');
    can_be_looked_at('New password');
    is join("\n", $ann->axe), '', 'axe finds nothing';
    $ann->picture('passwords-shown');
    $ann->click('button', 'Change password');
    $ann->see('Changed. Your other devices were signed out.');
    is seen($_), 'password false', "\L$_: nothing is left to be seen" for 'Present password', 'New password';
    is $ann->evaluate('document.querySelector("dialog [name=new]").value'), '', 'in either way';
};

subtest 'the display name' => sub {
    $ann->press('Escape');
    my ($dave, $mia) = map { person($node, $_) } qw(dave mia);
    $_->request('profile', display => 'D & M') for $dave, $mia;
    $ann->open('@dave');
    $ann->click('button', 'Details');
    $ann->see('Add to contacts');
    is_deeply [ grep { /dave/ } @{ $ann->texts('.about > *') } ], ['dave'], 'without one, the name stands there once';
    $ann->click('button', 'Add to contacts');
    ok + (wait_until { "@{ $ann->texts('.about > *') }" =~ /D & M \@dave/ } 'both'), 'of a contact both are seen';
    $mia->say('@ann', 'Hello');
    wait_until { "@{ $ann->texts('.rows b') }" =~ /mia/ } 'a message of mia';
    is_deeply $ann->texts('.rows b'), ['mia'], 'of a stranger the name alone';
};

is join("\n", $ann->complaints), '', 'the page complains of nothing';
done_testing;
