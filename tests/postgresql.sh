#!/usr/bin/env bash
# A PostgreSQL of its own for the tests: in a new folder under the folder for temporary files, reached by a socket in
# it, with a password made for it; no port, nothing of an installed cluster is touched.
#
#   eval "$(tests/postgresql.sh start)"    starts it, and sets MLMCALC_TEST_POSTGRESQL and ..._FOLDER
#   tests/postgresql.sh stop               stops it, and takes its folder away
#   tests/postgresql.sh install            Debian's packages, where they are missing and this is root
set -euo pipefail

binaries() {
    local found
    # Debian keeps them out of the path.
    found=$(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -1) || true
    [ -n "$found" ] || found=$(readlink -f "$(command -v initdb)") || true
    [ -n "$found" ] && dirname "$found"
}

# PostgreSQL refuses to be run by root.
as_owner() {
    if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

case "${1:-}" in
install)
    if ! binaries >/dev/null; then
        [ "$(id -u)" = 0 ] || { echo "PostgreSQL is missing: apt-get install postgresql" >&2; exit 1; }
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -q >&2
        apt-get install -q -y postgresql >&2
    fi
    ;;
start)
    bin=$(binaries) || { echo "PostgreSQL is missing: tests/postgresql.sh install" >&2; exit 1; }
    # Its owner must be able to get there, and the path of a socket may not be long.
    base=${TMPDIR:-/tmp}
    if [ ${#base} -gt 60 ] || ! as_owner test -x "$base"; then base=/tmp; fi
    folder=$(mktemp -d "$base/mlmcalc-postgresql.XXXXXX")
    password=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
    printf '%s\n' "$password" >"$folder/password"
    [ "$(id -u)" != 0 ] || chown -R postgres "$folder"
    cd "$folder"
    {
        as_owner "$bin/initdb" -D "$folder/data" -U mlmcalc -A scram-sha-256 --pwfile="$folder/password" \
            -E UTF8 --locale=C --no-sync
        # What is lost when the machine falls is no matter here; when a client falls, nothing is lost.
        as_owner "$bin/pg_ctl" -D "$folder/data" -w -l "$folder/log" \
            -o "-c listen_addresses='' -c unix_socket_directories='$folder' -c fsync=off -c max_connections=200" start
    } >&2
    PGPASSWORD=$password "$bin/createdb" -h "$folder" -U mlmcalc mlmcalc
    echo "export MLMCALC_TEST_POSTGRESQL='postgresql+psycopg://mlmcalc:$password@/mlmcalc?host=$folder'"
    echo "export MLMCALC_TEST_POSTGRESQL_FOLDER='$folder'"
    ;;
stop)
    folder=${MLMCALC_TEST_POSTGRESQL_FOLDER:-}
    [ -n "$folder" ] || exit 0
    cd /
    as_owner "$(binaries)/pg_ctl" -D "$folder/data" -m immediate -w stop >&2 || true
    rm -rf "$folder"
    ;;
*)
    echo "usage: tests/postgresql.sh install|start|stop" >&2
    exit 2
    ;;
esac
