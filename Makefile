# The front door. Meson builds; tools/ holds what these lines call.
#
#	make install    Debian and npm packages that are missing
#	make build      build/fumikura
#	make run        all of it: installs, builds, makes ./demo and serves it
#	make test       installs what is missing, builds, runs every test
#	make test-more  sanitizers, analyser and browser too
#	make check      the lints alone
#	make stories    the stories, into build/stories.tsv
#	make bench      the figures, into build/bench.json
#	make fuzz SECONDS=60      each fuzz target that long, on new inputs
#	make analyse    gcc -fanalyzer over the product (minutes)
#	make tidy       clang-tidy over the product (minutes)
#	make format FILES='a.c b.h'         clang-format, on new files
#	make clean

SECONDS = 60
SHELL = /bin/bash

.PHONY: all install build run test test-more check stories bench fuzz analyse tidy \
	format clean
all: build

install:
	tools/install.sh

build:
	tools/build.sh gcc product

run:
	tools/install.sh product
	$(MAKE) build
	[ -e demo ] || { rm -rf demo.new && build/fumikura demo demo.new && \
		mv demo.new demo; }
	exec build/fumikura serve ./demo

test: install
	tools/test.sh all

test-more: install
	tools/test.sh more

check: build
	tools/test.sh lints

stories: install
	$(MAKE) build
	tools/test.sh stories

bench: install
	$(MAKE) build
	tools/test.sh bench

fuzz: install
	tools/fuzz.sh $(SECONDS)

analyse:
	tools/build.sh analyse product

tidy:
	tools/build.sh clang all
	tools/tidy.sh

format:
	clang-format -i $(FILES)

clean:
	rm -rf build build-asan build-analyse build-fuzz
