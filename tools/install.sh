#!/bin/sh
# Installs what is missing and does nothing when all is there.
#
# usage: tools/install.sh [product | debian | npm]
#
#	product  what tools/packages.txt names above "# test"
#	debian   all of tools/packages.txt
#	npm      the pinned packages of tests/browser
#	         without an argument: debian and npm
set -eu
cd "$(dirname "$0")/.."

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		sudo -n "$@" || {
			echo "install: needs root or sudo for: $*" >&2
			exit 1
		}
	fi
}

is_installed() {
	[ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = \
	    installed ]
}

# missing_packages SED_EXPRESSION: which lines of tools/packages.txt to take
missing_packages() {
	sed -e "$1" -e 's/#.*//' tools/packages.txt | while read -r package command; do
		[ -n "$package" ] || continue
		[ -z "$command" ] || ! command -v "$command" >/dev/null ||
			continue
		is_installed "$package" || echo "$package"
	done
}

# Debian would make and start a cluster of its own; the tests make theirs.
keep_postgresql_quiet() {
	conf=/etc/postgresql-common/createcluster.conf
	is_installed postgresql-common && return
	[ -e "$conf" ] && return
	as_root mkdir -p "${conf%/*}"
	echo 'create_main_cluster = false' | as_root tee "$conf" >/dev/null
}

install_debian() {
	missing=$(missing_packages "$1")
	[ -n "$missing" ] || return 0
	echo "install: $(echo "$missing" | tr '\n' ' ')"
	keep_postgresql_quiet
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update
	# one word a package
	# shellcheck disable=SC2086
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
		-o Dpkg::Options::=--force-confold \
		install --no-install-recommends $missing
}

# npm writes node_modules/.package-lock.json last: newer than ours is done.
install_npm() {
	done=tests/browser/node_modules/.package-lock.json
	lock=tests/browser/package-lock.json
	[ "$done" -nt "$lock" ] && return 0
	echo "install: npm packages of tests/browser"
	(cd tests/browser && npm ci --ignore-scripts --no-audit --no-fund \
		--loglevel=error </dev/null)
	touch "$done"
}

case ${1:-all} in
product) install_debian '/^# test/,$d' ;;
debian) install_debian '' ;;
npm) install_npm ;;
all)
	install_debian ''
	install_npm
	;;
*)
	sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
	exit 2
	;;
esac
