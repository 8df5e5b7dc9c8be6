#!/bin/sh
# Makes a target of the load harness for `fireward serve`, with its clients and user imported:
#   prepare.sh HARNESS BINARY NAME PORT DATABASE [PIDFILE]
# HARNESS is a working copy of the harness with its keys made; DATABASE a SQLite path or postgres:// URL, empty;
# PIDFILE the postmaster's, whose CPU and memory count as the server's. The target is HARNESS/fireward-NAME/target.toml.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
harness=$(cd "$1" && pwd) binary=$(realpath "$2") name=$3 port=$4 database=$5
pidfile=${6:+\"$6\"}
to=$harness/fireward-$name
mkdir -p "$to"
cd "$to"
for file in target.toml serve.toml clients.json users.json; do
  sed -e "s|@NAME@|$name|g; s|@PORT@|$port|g; s|@BINARY@|$binary|g; s|@DATABASE@|$database|g; s|@PIDFILE@|${pidfile:-}|g" \
    -e "s|@ES384@|$(cat "$harness/keys/es384.pem.jwk.json")|; s|@RS384@|$(cat "$harness/keys/rs384.pem.jwk.json")|" \
    "$here/$file" > "$file"
done
[ -f master.key ] || openssl rand -hex 32 > master.key
"$binary" client import clients.json --config serve.toml
"$binary" user import users.json --config serve.toml
