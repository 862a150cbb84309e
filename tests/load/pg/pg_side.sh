#!/usr/bin/env bash
# pg_side.sh DIR [USER]: what PostgreSQL does for the same work.
#
# Makes a cluster of its own under DIR (give the disk that the product is
# measured on), on a Unix socket only, loads the records, runs the forms and
# prints
#
#	setting NAME VALUE
#	pg NAME VALUE		rates a second; latencies in milliseconds
#
# and stops and removes the cluster, also when something fails.
#
#	PG_SECONDS   length of each run (8)      PG_WARM     before it (2)
#	PG_RECORDS   records loaded (100000)     PG_FORMS    "read strong insert chain"
#	PG_BIN       where initdb is             PG_KEEP=1   leaves the files
set -euo pipefail
export LC_ALL=C.UTF-8

dir=${1:?usage: pg_side.sh DIR [USER]}
user=${2:-postgres}
here=$(cd "$(dirname "$0")" && pwd)
bin=${PG_BIN:-/usr/lib/postgresql/15/bin}
seconds=${PG_SECONDS:-8}
warm=${PG_WARM:-2}
records=${PG_RECORDS:-100000}
forms=${PG_FORMS:-read strong insert chain}
root=$dir/pg_side.$$

settings=(
	listen_addresses=
	max_connections=100
	shared_buffers=1GB
	fsync=on
	synchronous_commit=on
	full_page_writes=on
	wal_level=replica
	max_wal_size=8GB
	checkpoint_timeout=30min
	shared_preload_libraries=pgaudit
	pgaudit.log=none
	logging_collector=on
	log_directory=log
	log_destination=stderr
	fumikura.key='\x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'
)

die() {
	echo "pg_side: $*" >&2
	exit 1
}

as_user() {
	if [ "$(id -un)" = "$user" ]; then
		(cd "$root" && env "$@")
	else
		(cd "$root" && runuser -u "$user" -- env "$@")
	fi
}

stop_cluster() {
	# Only ours: pg_ctl reads the pid file in the directory we made.
	if [ -f "$root/data/postmaster.pid" ]; then
		as_user "$bin/pg_ctl" -D "$root/data" -m fast -t 60 stop \
			>/dev/null || echo "pg_side: cluster not stopped" >&2
	fi
	if [ -z "${PG_KEEP:-}" ]; then
		rm -rf -- "$root"
	fi
}

start_cluster() {
	local s
	as_user "$bin/initdb" -D "$root/data" -E UTF8 --locale=C.UTF-8 \
		-A peer >/dev/null
	for s in "${settings[@]}"; do
		echo "${s%%=*} = '${s#*=}'"
		case $s in
		fumikura.key=*) ;;
		*) echo "setting ${s%%=*} ${s#*=}" >&3 ;;
		esac
	done >>"$root/data/postgresql.conf"
	echo "unix_socket_directories = '$root'" \
		>>"$root/data/postgresql.conf"
	as_user "$bin/pg_ctl" -D "$root/data" -l "$root/start.log" -w -t 60 \
		start >/dev/null || die "no start: $(tail -3 "$root/start.log")"
}

sql() {
	as_user "$bin/psql" -h "$root" -d postgres -X -q -A -t \
		-v ON_ERROR_STOP=1 "$@"
}

# run_form FORM CLIENTS AUDIT: prints the rate and the 99th percentile
run_form() {
	local form=$1 clients=$2 audit=$3 threads=2 tps p99 out
	[ "$clients" -ge 2 ] || threads=1
	local bench=("$bin/pgbench" -h "$root" -n -M prepared -c "$clients"
		-j "$threads" -D "records=$records" -f "$root/$form.pgbench")
	rm -f -- "$root"/lat.*
	sql -c CHECKPOINT
	as_user "PGOPTIONS=-c pgaudit.log=$audit" "${bench[@]}" -T "$warm" \
		postgres >"$root/warm.log" 2>&1 ||
		die "$form: $(grep -m 1 -i error "$root/warm.log")"
	out=$(as_user "PGOPTIONS=-c pgaudit.log=$audit" "${bench[@]}" \
		-T "$seconds" --log --log-prefix="$root/lat" postgres 2>&1) ||
		die "$form: $out"
	grep -q '^number of failed transactions: 0 ' <<<"$out" ||
		die "$form: transactions failed"
	tps=$(awk '/^tps = /{printf "%.0f", $3}' <<<"$out")
	p99=$(cat "$root"/lat.* | awk '{print $3}' | sort -n | awk '
		{ v[NR] = $1 }
		END { i = int(NR * 0.99); if (i < 1) i = 1
		      printf "%.2f", v[i] / 1000 }')
	echo "pg ${form}_${clients}_tps $tps"
	echo "pg ${form}_${clients}_p99_ms $p99"
	last_tps=$tps
	last_p99=$p99
}

run_strong() {
	local c best=0 best_c=0 best_p99=0
	for c in 1 4 16 32 64; do
		run_form strong "$c" none
		if [ "$last_tps" -gt "$best" ]; then
			best=$last_tps best_c=$c best_p99=$last_p99
		fi
	done
	echo "pg strong_best_tps $best"
	echo "pg strong_best_clients $best_c"
	echo "pg strong_best_p99_ms $best_p99"
}

[ -x "$bin/initdb" ] || die "no PostgreSQL in $bin (set PG_BIN)"
id "$user" >/dev/null 2>&1 || die "no user $user"
mkdir -p -- "$root"
trap stop_cluster EXIT
trap 'exit 130' INT TERM HUP
dir=$(cd "$dir" && pwd)
root=$dir/pg_side.$$
[ "${#root}" -le 80 ] || die "path too long for a socket: $root"
cp -- "$here"/*.sql "$here"/*.pgbench "$root"
chmod 700 "$root"
[ "$(id -un)" = "$user" ] || chown -R "$user" "$root"
as_user test -r "$root/schema.sql" || die "$user cannot reach $dir"

exec 3>&1
start_cluster
echo "setting version $(sql -c 'SHOW server_version')"
echo "setting cores $(nproc)"
echo "setting seconds $seconds"
echo "setting warm_seconds $warm"
echo "setting records $records"
echo "setting protocol prepared"
echo "setting pgaudit_in_read read,write"
sql -f "$root/schema.sql"
sql -v "records=$records" -f "$root/load.sql"
sql -c 'SELECT count(sealed) FROM record' >/dev/null

for form in $forms; do
	case $form in
	read)
		run_form read 64 read,write
		run_form read 1 read,write
		;;
	strong) run_strong ;;
	insert) run_form insert 64 none ;;
	chain) run_form chain 64 none ;;
	*) die "no form $form" ;;
	esac
done
sql -c "SELECT 'setting audit_row_bytes ' || round(avg(pg_column_size(a)))
	FROM (SELECT * FROM access_audit LIMIT 1000) AS a"
lines=$(cat "$root"/data/log/* | grep -c 'AUDIT: SESSION' || true)
echo "setting pgaudit_lines $lines"
