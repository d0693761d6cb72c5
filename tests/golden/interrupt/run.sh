#!/bin/bash
# Ctrl-C. Once: the task under way is finished and reported, nothing new is begun, exit code 99. Twice: it is cancelled,
# and what it ran is gone. usage: run.sh BUILD
set -u
cd "$(dirname "$0")" || exit 1
program=$(cd ../../.. && pwd)/$1/ertc-play
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

check() { # NAME COMMAND…
	local name=$1
	shift
	if "$@"; then echo "ok $name"; else echo "not ok $name"; failed=1; sed 's/^/  /' "$work/out"; fi
}

# Starts a playbook and comes back when its first task is at work.
begin() {
	rm -f "$work/begun"
	"$program" "$1" -e work="$work" > "$work/out" 2>&1 < /dev/null &
	pid=$!
	for _ in $(seq 200); do
		[ -e "$work/begun" ] && return
		sleep 0.1
	done
}

begin play.yml
kill -INT $pid
wait $pid
status=$?
check "exit code 99" [ $status = 99 ]
check "the task under way is reported" grep -q '^changed: \[localhost\]' "$work/out"
check "no further task was done" [ ! -e "$work/second" ]
check "no further play was done" [ ! -e "$work/third" ]

sed 's/sleep 1/sleep 61.803/' play.yml > "$work/long.yml"
begin "$work/long.yml"
kill -INT $pid
sleep 0.3
kill -INT $pid
wait $pid
status=$?
check "twice: exit code 99" [ $status = 99 ]
for _ in $(seq 50); do
	pgrep -f "$work/begun; sleep 61.803" > /dev/null || break
	sleep 0.1
done
check "twice: nothing is left running" [ -z "$(pgrep -f "$work/begun; sleep 61.803")" ]
check "twice: no further task was done" [ ! -e "$work/second" ]
exit $failed
