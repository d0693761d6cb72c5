#!/bin/bash
# Everything: builds, unit tests, sanitizers, lint, analysis, sshd tests, the lab, a short bench, a short fuzz. One line
# per step; what a failed step printed is shown, the rest stays in build/test/. The last line is `N passed, N failed`,
# counting single cases where a step says how many it had. usage: test.sh [step…]
set -u
cd "$(dirname "$0")/.." || exit 2
exec < /dev/null
logs=build/test
rm -rf "$logs"
mkdir -p "$logs"
passed=0 failed=0
jobs=-j$(nproc)
cross=CROSS=build/cross
only=" $* "
export FUZZ_SECONDS=${FUZZ_SECONDS:-5} BENCH=${BENCH:-short} LC_ALL=C.UTF-8
unset MAKEFLAGS MAKELEVEL MFLAGS

# step NAME SECONDS COMMAND…: runs it, counts what it says it counted, or itself.
step() {
	local name=$1 limit=$2 log=$logs/$1.log start=$SECONDS status good bad
	shift 2
	[ "$only" = "  " ] || [[ $only == *" $name "* ]] || return 0
	timeout -k 15 "$limit" "$@" > "$log" 2>&1
	status=$?
	read -r good bad < <(awk '
		/^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$/ { good += $1; bad += $3 }
		/^[0-9]+ tests, [0-9]+ failures$/ { good += $1 - $3; bad += $3 }
		END { print good + 0, bad + 0 }' "$log")
	[ $((good + bad)) -gt 0 ] || [ $status -ne 0 ] || good=1
	[ $status -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
	passed=$((passed + good))
	failed=$((failed + bad))
	if [ "$bad" -eq 0 ]; then
		printf 'ok    %-14s %5d s  %d passed\n' "$name" $((SECONDS - start)) "$good"
		case $name in size | bench) grep -v '^bash \|^make' "$log" | sed 's/^/      /' && return 0 ;; esac
		# Once each: what a step left out, and what it wants known.
		grep -hE '^ *[0-9]+ × skip|^(note|skip|skipped|missed)\b' "$log" | sort | uniq -c |
			awk '{ n = $1; $1 = ""; print "     " $0 (n > 1 ? " (" n " times)" : "") }' | head -n 30
		return 0
	fi
	printf 'FAIL  %-14s %5d s  %d passed, %d failed%s\n' "$name" $((SECONDS - start)) "$good" "$bad" \
		"$([ $status -eq 124 ] && echo " (stopped after $limit s)")"
	{ grep -E '^(FAIL|FAILED|missed|not ok)' "$log" | head -n 20; echo "…"; tail -n 40 "$log"; } | sed 's/^/      /'
	return 1
}

transport() {
	tests/transport/build.sh "$1" && bash tests/transport/run.sh "$1/link_client"
}
export -f transport

# What cannot be had from the network is said and counted once, and the rest goes on without it.
archs=
step cross 600 make $cross build/cross/ready || archs=RUNNER_ARCHS=$(uname -m)
if ! step build 1200 make "$jobs" $cross $archs; then
	echo "without the build there is nothing to test"
	only=" none "
fi
step check 1200 make "$jobs" $cross $archs check
# Live against ansible-core where it is installed (golden answers are in `check`); a part of each family.
step differential 1200 python3 tests/template/differential.py build/ertc --limit "${DIFFERENTIAL:-120}" --show 3
step clang 1200 make "$jobs" BUILD=build/clang CC=clang $cross $archs
step size 300 make $cross $archs size
step lint 300 make $cross $archs lint
step check-asan 1800 make "$jobs" $cross $archs check-asan
step analyze 1200 make analyze
# Cases that change accounts, services and the packet filter, in a world of their own; and real Ansible beside ours.
step modules-root 900 sh tests/modules/run.sh build/tests/modules "build/runner-$(uname -m)"
step parity 900 bash tests/modules/parity.sh build/tests/modules
step transport 900 bash -c 'transport build/transport'
step aws 900 make $cross $archs check-aws
step lab 3000 make $cross $archs lab
step bench 900 make $cross $archs bench
step fuzz 900 make "$jobs" $cross $archs fuzz
[ "$failed" -eq 0 ] || echo "the whole output of each step is in $logs/"
echo "$passed passed, $failed failed" | tee "$logs/sum"
[ "$failed" -eq 0 ]
