#!/bin/sh
# A PostgreSQL cluster for tests, on a unix socket only, thrown away after.
#
#   pg-for-tests.sh start DIR   makes and starts it in DIR, prints the conninfo
#   pg-for-tests.sh stop DIR    stops it by its own process id, removes DIR
#
# As root it runs as user postgres; otherwise as whoever calls. fsync is off:
# never keep anything in it.
set -eu

usage() {
	sed -n '2,8s/^# \{0,1\}//p' "$0" >&2
	exit 2
}

[ $# -eq 2 ] || usage
verb=$1
case $2 in
/*) dir=$2 ;;
*) dir=$(pwd)/$2 ;;
esac
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || { echo "no PostgreSQL server is installed" >&2; exit 1; }

as_owner() {
	if [ "$(id -u)" -eq 0 ]; then
		(cd / && setpriv --reuid=postgres --regid=postgres --init-groups "$@")
	else
		"$@"
	fi
}

case $verb in
start)
	[ ! -e "$dir/data" ] || { echo "$dir/data is there already" >&2; exit 1; }
	mkdir -p "$dir"
	chmod 755 "$dir"
	[ "$(id -u)" -ne 0 ] || chown postgres:postgres "$dir"
	as_owner "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 \
	    --locale=C --no-sync >"$dir/initdb.log" 2>&1 || {
		cat "$dir/initdb.log" >&2
		exit 1
	}
	cat >>"$dir/data/postgresql.conf" <<-CONF
		listen_addresses = ''
		unix_socket_directories = '$dir'
		fsync = off
		synchronous_commit = on
		full_page_writes = off
		max_connections = 100
		shared_buffers = 128MB
	CONF
	as_owner "$bin/pg_ctl" -D "$dir/data" -l "$dir/server.log" -w -s start \
	    >/dev/null || { cat "$dir/server.log" >&2; exit 1; }
	echo "host=$dir user=postgres dbname=postgres"
	;;
stop)
	pid=$(head -n 1 "$dir/data/postmaster.pid" 2>/dev/null || true)
	if [ -n "$pid" ] && kill -INT "$pid" 2>/dev/null; then
		while kill -0 "$pid" 2>/dev/null; do
			sleep 0.1
		done
	fi
	rm -rf "$dir/data" "$dir/initdb.log" "$dir/server.log"
	rmdir "$dir" 2>/dev/null || true
	;;
*)
	usage
	;;
esac
