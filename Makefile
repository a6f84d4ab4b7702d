# chatd: `make help` lists what can be asked for.
#
#   build/          g++, optimised                 make
#   build/asan/     ASan and UBSan                 make asan
#   build/clang/    clang++                        make check-clang

VERSION  := 0.1.0
B        ?= build
CXX      ?= g++
OPT      ?= -O2 -g
PREFIX   ?= /usr/local
# Tests at once: they wait more than they work.
JOBS     ?= 3

WARN     := -Wall -Wextra -Wpedantic -Werror
PQ_INC   := $(shell pg_config --includedir 2>/dev/null)
CXXFLAGS := -std=c++20 $(WARN) $(OPT) $(SAN) -pthread -D_GNU_SOURCE
CPPFLAGS := -Isrc $(addprefix -isystem ,$(PQ_INC)) -DCHATD_VERSION='"$(VERSION)"'
LDFLAGS  := $(SAN) -pthread
# No library is linked that the program does not call: each is explained in README.md.
SERVER_LIBS := -levent_core -lhiredis -lcjson -lpq -lconfuse -lsodium -lwslay -lz
CLIENT_LIBS := -lcjson -ledit
BENCH_LIBS  := -lcjson -lpq

COMMON   := $(wildcard src/common/*/*.cc)
SERVER   := $(wildcard src/worker/*.cc src/worker/*/*.cc) $(filter-out src/master/main.cc,$(wildcard src/master/*.cc))
CLIENT   := $(wildcard src/client/*.cc)
BENCH    := $(wildcard src/bench/*.cc)
UNIT     := $(wildcard t/unit/*.cc)
obj       = $(patsubst %.cc,$(B)/obj/%.o,$(1))

PROGRAMS := $(B)/chatd $(if $(CLIENT),$(B)/chat) $(if $(BENCH),$(B)/chatbench)
UNITS    := $(patsubst t/unit/%.cc,$(B)/unit/%,$(UNIT))

.PHONY: all help units quick check check-clang asan tidy format hook install clean
all: $(PROGRAMS) ## build chatd, chat and chatbench into build/

help: ## this list
	@echo 'make [TARGET] [B=build] [CXX=g++] [OPT="-O2 -g"]'; echo
	@sed -n 's/^\([a-z-]*\):.*## /  \1	/p' Makefile | expand -t 16

$(B)/chatd: $(call obj,src/master/main.cc) $(B)/libchatd.a
	$(CXX) $(LDFLAGS) -o $@ $^ $(SERVER_LIBS)

$(B)/chat: $(call obj,src/client/main.cc) $(B)/libclient.a $(B)/libcommon.a
	$(CXX) $(LDFLAGS) -o $@ $^ $(CLIENT_LIBS)

$(B)/chatbench: $(call obj,src/bench/main.cc) $(B)/libbench.a $(B)/libclient.a $(B)/libcommon.a
	$(CXX) $(LDFLAGS) -o $@ $^ $(BENCH_LIBS)

$(B)/libchatd.a: $(call obj,$(SERVER) $(COMMON))
	rm -f $@ && ar rcs $@ $^

# What a client may use: nothing that needs a server's libraries.
$(B)/libcommon.a: $(call obj,$(wildcard src/common/base/*.cc))
	rm -f $@ && ar rcs $@ $^

$(B)/libclient.a: $(call obj,$(filter-out src/client/main.cc,$(CLIENT)))
	rm -f $@ && ar rcs $@ $^

$(B)/libbench.a: $(call obj,$(filter-out src/bench/main.cc,$(BENCH)))
	rm -f $@ && ar rcs $@ $^

$(B)/unit/bench_%: $(B)/obj/t/unit/bench_%.o $(B)/libbench.a $(B)/libclient.a $(B)/libcommon.a
	@mkdir -p $(@D)
	$(CXX) $(LDFLAGS) -o $@ $^ $(BENCH_LIBS)

$(B)/unit/client_%: $(B)/obj/t/unit/client_%.o $(B)/libclient.a $(B)/libcommon.a
	@mkdir -p $(@D)
	$(CXX) $(LDFLAGS) -o $@ $^ $(CLIENT_LIBS)

$(B)/unit/%: $(B)/obj/t/unit/%.o $(B)/libchatd.a
	@mkdir -p $(@D)
	$(CXX) $(LDFLAGS) -o $@ $^ $(SERVER_LIBS)

$(B)/obj/%.o: %.cc
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) $(CXXFLAGS) -MMD -MP -c -o $@ $<

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
.SECONDARY:

units: $(UNITS) ## build the unit tests

quick: ## the checks that need no build: scripts/check
	scripts/check

check: all units quick ## every check and every test
	CHATD_BUILD=$(B) prove -It/lib -j$(JOBS) $(UNITS) $(sort $(wildcard t/*.t))

check-clang: ## the same, built by clang++
	$(MAKE) check B=build/clang CXX=clang++

asan: ## the same, under ASan and UBSan
	$(MAKE) check B=build/asan OPT='-O1 -g1' SAN='-fsanitize=address,undefined -fno-omit-frame-pointer'

tidy: ## clang-tidy by .clang-tidy: minutes, and not a part of check
	find src -name '*.cc' | xargs -P $$(nproc) -I{} clang-tidy --quiet {} -- $(CPPFLAGS) -std=c++20 -D_GNU_SOURCE

hook: ## run the quick checks before each commit in this clone
	git config core.hooksPath scripts/hooks

format: ## lay the sources out by .clang-format
	clang-format -i $$(git ls-files 'src/*.h' 'src/*.cc' 't/*.cc')

install: all ## PREFIX, DESTDIR: programs, manual pages, example configuration
	install -D -m755 $(B)/chatd $(DESTDIR)$(PREFIX)/sbin/chatd
	install -D -m755 $(B)/chat $(DESTDIR)$(PREFIX)/bin/chat
	install -D -m755 $(B)/chatbench $(DESTDIR)$(PREFIX)/bin/chatbench
	install -D -m755 scripts/chatd-initdb $(DESTDIR)$(PREFIX)/sbin/chatd-initdb
	install -d $(DESTDIR)$(PREFIX)/share/chatd/sql && install -m644 sql/*.sql $(DESTDIR)$(PREFIX)/share/chatd/sql
	install -d $(DESTDIR)$(PREFIX)/share/chatd && cp -RT web $(DESTDIR)$(PREFIX)/share/chatd/web && chmod -R u=rwX,go=rX $(DESTDIR)$(PREFIX)/share/chatd/web
	for m in man/*.[1578]; do install -D -m644 $$m $(DESTDIR)$(PREFIX)/share/man/man$${m##*.}/$${m##*/}; done
	test -e $(DESTDIR)/etc/chatd.conf || install -D -m640 etc/chatd.conf $(DESTDIR)/etc/chatd.conf
	install -D -m644 etc/chatd.service $(DESTDIR)/lib/systemd/system/chatd.service

clean: ## remove build/
	rm -rf build
