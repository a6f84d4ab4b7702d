#!/usr/bin/perl
# The checks themselves: each is fed a tree with a fault and refuses it, and one without and accepts it.
use strict;
use warnings;
use Cwd 'abs_path';
use File::Basename;
use File::Path 'make_path';
use File::Temp 'tempdir';
use Test::More;

my $checks = abs_path(dirname(__FILE__) . '/../scripts/checks');
my $opening = "// A sample for the checks, which nobody else will ever see.\n";

# Runs a check on a tree made of path => text; returns its exit status and what it said.
sub run {
    my ($check, %tree) = @_;
    my $root = tempdir(CLEANUP => 1);
    for my $path (keys %tree) {
        make_path(dirname("$root/$path"));
        open my $out, '>', "$root/$path" or die "$path: $!";
        print $out $tree{$path};
        close $out;
    }
    my $said = `'$checks/$check' '$root' 2>&1`;
    return ($? >> 8, $said);
}

sub refuses {
    my ($check, $pattern, $name, %tree) = @_;
    my ($status, $said) = run($check, %tree);
    ok($status == 1 && $said =~ $pattern, "$check refuses $name") or diag("status $status: $said");
}

sub accepts {
    my ($check, $name, %tree) = @_;
    my ($status, $said) = run($check, %tree);
    ok($status == 0, "$check accepts $name") or diag("status $status: $said");
}

sub source { return $opening . join('', @_) }

sub floors {
    my %base = ('src/common/base/fd.h' => source('namespace base {}'));
    my $redis = 'src/worker/redis/a.h';
    accepts('floors', 'a lower floor and the own folder', %base,
        $redis => source("#include \"common/base/fd.h\"\n#include <hiredis/async.h>\n#include <sys/types.h>\nnamespace redis {}"),
        'src/worker/redis/b.cc' => source("#include \"worker/redis/a.h\"\nnamespace redis {}"));
    refuses('floors', qr/fd\.h.*floor 0.*may not include/, 'an upward include',
        'src/common/base/fd.h' => source("#include \"worker/redis/a.h\"\nnamespace base {}"),
        $redis => source('namespace redis {}'));
    refuses('floors', qr/may not include worker\/redis/, 'a neighbour on the same floor',
        'src/worker/pg/p.h' => source("#include \"worker/redis/a.h\"\nnamespace pg {}"),
        $redis => source('namespace redis {}'));
    refuses('floors', qr/belongs into worker\/pg/, 'a foreign header away from home',
        'src/worker/store/s.cc' => source("#include <libpq-fe.h>\nnamespace store {}"));
    refuses('floors', qr/no home/, 'a library nobody has heard of',
        'src/worker/store/s.cc' => source("#include <curl/curl.h>\nnamespace store {}"));
    refuses('floors', qr/client\/ may not include/, 'a client that uses the worker', %base,
        'src/worker/wire/frame.h' => source('namespace wire {}'),
        'src/client/main.cc' => source("#include \"worker/wire/frame.h\"\n"));
    refuses('floors', qr/master\/ may not include/, 'a master that reaches into the worker',
        'src/worker/worker.h' => source('namespace worker {}'),
        'src/worker/store/s.h' => source('namespace store {}'),
        'src/master/m.cc' => source("#include \"worker/worker.h\"\n#include \"worker/store/s.h\"\nnamespace master {}"));
    refuses('floors', qr/no path from src/, 'a relative include', %base,
        'src/common/base/log.cc' => source("#include \"fd.h\"\nnamespace base {}"));
    refuses('floors', qr/has no floor/, 'a folder without a floor', 'src/util/u.h' => source('namespace util {}'));
    refuses('floors', qr/namespace base/, 'a namespace that is not the folder',
        'src/common/base/fd.h' => source('namespace util {}'));
}

sub sizes {
    my $body = sub { "void f(int a) {\n" . "  g();\n" x $_[0] . "}\n" };
    my $constructor = "A::A() : x_{1}, y_(2) {\n" . "  g();\n" x 60 . "}\n";
    my $table = "const Row table[] = {\n" . "  {1, f(2)},\n" x 80 . "};\n";
    accepts('sizes', 'a long table and a function of 60', 'src/a.cc' => source($table, $body->(58)));
    refuses('sizes', qr/src\/a\.cc:2: f has 61 lines/, 'a function of 61', 'src/a.cc' => source($body->(59)));
    refuses('sizes', qr/A::A has 62/, 'a long constructor with braced members', 'src/a.cc' => source($constructor));
    refuses('sizes', qr/401 lines/, 'a file of 401', 'src/a.cc' => source("int a;\n" x 400));
    refuses('sizes', qr/long_one/, 'a long sub', 't/a.t' => "# A test, in one sentence that is long enough.\nsub long_one {\n" . "1;\n" x 60 . "}\n");
    refuses('sizes', qr/opens without/, 'a file without an opening', 'src/a.h' => "#pragma once\n");
    refuses('sizes', qr/says too little/, 'a short opening', 'src/a.h' => "// A file.\n#pragma once\n");
    accepts('sizes', '"See a.h" beside it', 'src/a.h' => source('int a;'), 'src/a.cc' => "// See a.h.\nint a;\n");
}

sub coawait {
    my @good = ('co_await f(a);', 'if (co_await f(1)) {', '} else if (auto r = co_await f(2); !r) {', '}',
        'for (auto& x : co_await list()) use(x);', 'while (co_await more()) { step(Foo{1}); }',
        'auto l = [this, a]() -> Task<int> { co_return co_await f(a); };', 'co_await g([](int x) { return x; });',
        'if (co_await f(1)) return Foo{};', 'auto v = Foo{1}; co_await f(v);', 'auto& s = map[co_await key()];',
        'switch (co_await f(3)) { case 1: { co_await f(4); } }', 'do { x(); } while (co_await f(1));', 'co_return {1};',
        'for (auto& [a, b] : list) { co_await f(a); }', 'auto [a, b] = co_await f(1);',
        '// co_await f({1});', 'log("co_await f({1})");');
    accepts('coawait', 'what is sound', 'src/a.cc' => source("Task<int> f() {\n", map({ "$_\n" } @good), "}\n"));
    my %bad = (
        'a braced aggregate' => 'co_await f(Foo{1, 2});',
        'a bare brace' => 'co_await f({1, 2});',
        'a capturing lambda over lines' => "auto r = co_await g(\n    [this] {\n      return 1;\n    });",
        'an aggregate of an awaited value' => 'Foo f{co_await g()};',
        'a returned aggregate over lines' => "co_return Foo{co_await g(),\n  2};",
        'a brace in the head of an if' => 'if (co_await f({1, 2})) { x(); }',
        'one behind named parts' => 'auto& [a, b] = co_await f(Foo{1});',
        'a designated one' => 'Foo h = {.a = co_await g()};',
        'one inside a lambda' => 'auto l = [this]() -> Task<int> { co_return co_await f(Foo{1}); };',
    );
    refuses('coawait', qr/src\/a\.cc:\d+: .* in a statement with co_await/, $_,
        'src/a.cc' => source("Task<int> f() {\n", $bad{$_}, "\n}\n")) for sort keys %bad;
}

sub directives {
    my %tree = (
        'src/common/conf/directives.cc' => "  {\"listen\", section, \"\", 0},\n  {\"listen.proxy\", flag, \"false\", 0},\n  {\"max_frame\", size, \"64k\", 1},\n",
        'man/chatd.conf.5' => ".It Ic listen Ar address\nA socket.\n.It Ic listen.proxy\nDefault:\n.Cm false .\n.It Ic max_frame Ar size\nDefault:\n.Cm 64k .\n",
        'etc/chatd.conf' => "# what it is\nlisten \"127.0.0.1:6001\" {\n  proxy = true\n}\n#max_frame = 32k\n",
    );
    my $page = 'man/chatd.conf.5';
    my $with = sub { my ($file, $from, $to) = @_; my %copy = %tree; $copy{$file} =~ s/$from/$to/ or die; %copy };
    accepts('directives', 'a page that agrees', %tree);
    refuses('directives', qr/max_frame has no entry/, 'a directive without an entry', $with->($page, '\.It Ic max_frame.*\n', ''));
    refuses('directives', qr/old_one is no directive/, 'an entry without a directive', $with->($page, '\z', ".It Ic old_one\nx\n"));
    refuses('directives', qr/max_frame: the table's default is 64k/, 'another default', $with->($page, '64k', '128k'));
    refuses('directives', qr/max_frame: its default, 64k, is not said/, 'no default', $with->($page, "Default:\n.Cm 64k", 'x'));
    refuses('directives', qr/unknown directive max_fram/, 'a misspelt example', $with->('etc/chatd.conf', 'max_frame', 'max_fram'));
    refuses('directives', qr/unknown directive prox/, 'a misspelt key', $with->('etc/chatd.conf', 'proxy', 'prox'));
}

sub protocol {
    my %tree = (
        'src/common/base/error.cc' => "names = {\"busy\", \"internal\"};\n",
        'src/worker/handler/table.cc' => "  {\"ping\", x},\n  {\"send\", y},\n",
        'man/chatd-protocol.7' => ".Sh OPS\n.It Ic ping\n.It Ic send\n.It Ic typing Pq not yet\n.Sh ERRORS\n.It Er busy\n.It Er internal\n",
    );
    my $with = sub { my ($from, $to) = @_; my %copy = %tree; $copy{'man/chatd-protocol.7'} =~ s/$from/$to/ or die; %copy };
    accepts('protocol', 'a page that agrees', %tree);
    refuses('protocol', qr/error busy has no entry/, 'an error without an entry', $with->("\.It Er busy\n", ''));
    refuses('protocol', qr/slow is no error/, 'an entry without an error', $with->('\z', ".It Er slow\n"));
    refuses('protocol', qr/op send has no entry/, 'an op without an entry', $with->("\.It Ic send\n", ''));
    refuses('protocol', qr/typing is not in the table/, 'an op that is promised too early', $with->(' Pq not yet', ''));
    refuses('protocol', qr/send is marked/, 'a mark that was forgotten', $with->('Ic send', 'Ic send Pq not yet'));
}

sub others {
    accepts('syntax', 'scripts that parse', 'scripts/a' => "#!/bin/bash\necho\n", 't/a.t' => "use strict;\n1;\n");
    refuses('syntax', qr/scripts\/a: /, 'a shell script that does not parse', 'scripts/a' => "#!/bin/bash\nif true\n");
    refuses('syntax', qr/t\/a\.t: /, 'a test that does not parse', 't/a.t' => "# a test\nsub {\n");
    refuses('syntax', qr/t\/a\.t: /, 'a test with a warning', 't/a.t' => "#!/usr/bin/perl\nuse warnings;\nmy \$a = 1; my \$a = 2;\n");
  SKIP: {
        skip 'no clang-format', 2 unless grep { -x "$_/clang-format" } split /:/, $ENV{PATH};
        my %style = ('.clang-format' => "BasedOnStyle: Google\n");
        accepts('format', 'what is laid out', %style, 'src/a.cc' => "int a = 1;\n");
        refuses('format', qr/src\/a\.cc:1/, 'what is not', %style, 'src/a.cc' => "int  a=1;\n");
    }
}

floors();
sizes();
coawait();
directives();
protocol();
others();
done_testing();
