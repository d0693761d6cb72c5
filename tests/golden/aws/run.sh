#!/bin/bash
# The inventory from AWS against a cloud that misbehaves: faults.py holds the cases, cloud.py answers. usage: run.sh BUILD [case…]
set -u
cd "$(dirname "$0")" || exit 1
root=$(cd ../../.. && pwd)
build=$1
shift
if ! command -v python3 > /dev/null; then
	echo "skipped: faults of AWS; python3 is not installed"
	exit 0
fi
exec python3 -B faults.py "$root/$build/ertc" "$@"
