# Checks: one line each, and a sum at the end.

PASSED=0 FAILED=0

pass() { PASSED=$((PASSED + 1)); echo "ok    $*"; }
miss() {
	FAILED=$((FAILED + 1))
	echo "FAIL  $1"
	[ $# -lt 2 ] || printf '%s\n' "$2" | tail -n "${SHOW:-24}" | sed 's/^/      | /'
}

# check WHAT COMMAND…: passes when the command succeeds; its output is shown when it does not.
check() {
	local what=$1 said; shift
	if said=$("$@" 2>&1); then pass "$what"; else miss "$what" "$said"; fi
}

# check_not WHAT COMMAND…: passes when it does not succeed.
check_not() {
	local what=$1 said; shift
	if said=$("$@" 2>&1); then miss "$what" "$said"; else pass "$what"; fi
}

# check_is WHAT WANTED GOT
check_is() {
	if [ "$2" = "$3" ]; then pass "$1"; else miss "$1" "wanted: $2"$'\n'"got:    $3"; fi
}

# check_ran WHAT WANTED GOT: an exit status of ertc-play; shows the end of its output when it is another.
check_ran() {
	if [ "$2" = "$3" ]; then pass "$1"; else miss "$1" "wanted exit status $2, got $3; the run's last lines:
$(grep -v '^$' $LAB/out | tail -n 20)"; return 1; fi
}

# check_said WHAT PATTERN [FILE]: the run's output holds it.
check_said() {
	local file=${3:-$LAB/out}
	if grep -qE -- "$2" "$file"; then pass "$1"; else miss "$1" "no /$2/ in: "$'\n'"$(cat "$file")"; fi
}

check_not_said() {
	local file=${3:-$LAB/out}
	if grep -qE -- "$2" "$file"; then miss "$1" "$(grep -E -- "$2" "$file")"; else pass "$1"; fi
}

# wait_until SECONDS COMMAND…
wait_until() {
	local end=$((SECONDS + $1)); shift
	until "$@" > /dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.2
	done
}

sum() {
	[ -z "${LAB_SUM:-}" ] || echo "$PASSED $FAILED" > "$LAB_SUM"
	echo "$PASSED passed, $FAILED failed (${SECONDS} s)"
	[ $FAILED = 0 ]
}

# recap HOST KEY: a number of the recap line, as changed=0.
recap() {
	sed -E 's/\x1b\[[0-9;]*m//g' $LAB/out | awk -v host="$1" -v key="$2" '
		/PLAY RECAP/ { inside = 1 }
		inside && $1 == host { for (i = 2; i <= NF; i++) if (split($i, pair, "=") == 2 && pair[1] == key) print pair[2] }'
}
