#!/bin/bash
# The whole site on throw-away hosts of this machine: a bastion with NAT, a frontend with RTMP and HLS, a streamer behind
# the bastion. Root. Shows the player page on this machine's loopback until Enter is pressed; without a terminal it
# checks that page and playlist answer, and ends. Nothing of it stays but the cache of packages.
# usage: demo.sh         DEMO_PORT=8080 is the first port tried
set -euo pipefail
cd "$(dirname "$0")/.."

lab() { LAB_NAME=demo tests/lab/lab "$@"; }
fetch() { curl -sf --max-time 5 "$1"; }
say() { printf '\n== %s\n' "$*"; }

FORWARD=
tear_down() {
	trap - EXIT
	[ -z "$FORWARD" ] || kill "$FORWARD" 2> /dev/null || true
	lab down 2> /dev/null || true
	rm -f "$PORT_FILE"
}
PORT_FILE=$(mktemp)
trap tear_down EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

say "packages to build and test with"
bash scripts/install-deps.sh test
say "building"
make -j"$(nproc)"
say "three hosts"
lab up
say "ertc-play playbooks/site.yml"
lab play playbooks/site.yml

for port in "${DEMO_PORT:-8080}" 0; do
	# Not by the function: the number must be the process's own, to end it by.
	LAB_NAME=demo tests/lab/lab forward "$port" 203.0.113.22 80 > "$PORT_FILE" 2> /dev/null &
	FORWARD=$!
	for _ in $(seq 50); do
		[ -s "$PORT_FILE" ] && break 2
		kill -0 $FORWARD 2> /dev/null || break
		sleep 0.1
	done
done
URL=http://127.0.0.1:$(cat "$PORT_FILE")/
PLAYLIST=${URL}hls/my-video.m3u8
for _ in $(seq 60); do
	fetch "$PLAYLIST" > /dev/null && break
	sleep 0.5
done
fetch "$URL" | grep -q my-video || { echo "the page does not answer at $URL" >&2; exit 1; }
fetch "$PLAYLIST" | grep -q '\.ts' || { echo "the playlist does not answer at $PLAYLIST" >&2; exit 1; }
say "on air: $URL    (playlist: $PLAYLIST)"
if [ -t 0 ]; then
	read -r -p "Open it in a browser. Enter ends the demo. " _
fi
