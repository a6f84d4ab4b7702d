# One window of a browser: what a person does in it and sees there. Made by Chatd::Test::Browser.
package Chatd::Test::Window;
use strict;
use warnings;
use Chatd::Test::Client;
use Chatd::Test::Util qw(wait_until);

sub new {
    my ($class, $browser, $name, $home) = @_;
    return bless { browser => $browser, name => $name, home => $home }, $class;
}

sub step {
    my ($self, $step, %what) = @_;
    return $self->{browser}->step($step, window => $self->{name}, %what);
}

# ---- any page

sub go { $_[0]->step('goto', url => $_[0]{home} . $_[1]) }
sub reload { $_[0]->step('reload') }
sub close { $_[0]->step('close') }
sub click { my ($self, $role, $name, @more) = @_; $self->step('click', role => $role, name => $name, @more) }
sub fill { my ($self, $label, $value) = @_; $self->step('fill', label => $label, value => $value) }
sub press { my ($self, @key) = @_; $self->step('press', key => $_) for @key }
sub type { $_[0]->step('type', value => $_[1]) }
sub see { my ($self, $text, @more) = @_; $self->step('see', text => $text, @more); return 1 }
sub see_role { my ($self, $role, $name, @more) = @_; $self->step('see', role => $role, name => $name, @more); return 1 }
sub vanish { my ($self, $text, @more) = @_; $self->step('vanish', text => $text, @more); return 1 }
sub texts { $_[0]->step('texts', css => $_[1]) }
sub evaluate { $_[0]->step('evaluate', code => $_[1]) }
sub title { $_[0]->evaluate('document.title') }
sub hide { $_[0]->step('hide', hidden => $_[1] ? JSON::PP::true : JSON::PP::false) }
sub size { my ($self, $width, $height) = @_; $self->step('size', width => $width, height => $height // 750) }
sub dark { $_[0]->step('dark', dark => $_[1] ? JSON::PP::true : JSON::PP::false) }
sub picture { my ($self, $name) = @_; $self->step('shot', path => $self->{browser}->picture_path($name)) }
# What axe-core finds, a line for each.
sub axe { @{ $_[0]->step('axe') } }
# What the page complained of since the last time it was asked: errors, refused scripts, requests to other hosts.
sub complaints { @{ $_[0]->step('complaints') } }

# ---- the page of chatd

sub sign_up {
    my ($self, $name, $display) = @_;
    $self->click('button', 'New here? Create an account');
    $self->fill('Display name (optional)', $display) if defined $display;
    return $self->credentials($name, 'Create account');
}

sub sign_in { my ($self, $name) = @_; $self->credentials($name, 'Sign in') }

sub credentials {
    my ($self, $name, $button) = @_;
    $self->fill('Name', $name);
    $self->fill('Password', Chatd::Test::Client::password($name));
    $self->click('button', $button);
    $self->step('see', css => '.account');
    return $self;
}

sub open { my ($self, $conversation) = @_; $self->go($conversation =~ /^#/ ? $conversation : "#$conversation") }
sub write { my ($self, $text) = @_; $self->fill('Message', $text); $self->press('Enter') }
# The texts of the open conversation, in their order.
sub messages { $_[0]->texts('.message .text') }

# Until the open conversation holds exactly these.
sub holds {
    my ($self, @text) = @_;
    my $have;
    my $held = eval { wait_until { $have = $self->messages; "@$have" eq "@text" } 'the messages are there'; 1 };
    return $held ? \@text : $have;
}

1;
