#!/bin/bash
# Runs every test program and golden comparison, and counts. usage: check.sh BUILD
set -u
build=$1 passed=0 failed=0
export ERTC_BUILD=$build
one() { # NAME COMMAND...
	local name=$1
	shift
	if "$@" > "$build/tests/$name.log" 2>&1; then
		passed=$((passed + 1))
		echo "ok    $name"
	else
		failed=$((failed + 1))
		echo "FAIL  $name (the end of $build/tests/$name.log:)"
		tail -n 25 "$build/tests/$name.log" | sed 's/^/      /'
	fi
}
for program in "$build"/tests/test_*; do
	case $program in *.log | *.d) continue ;; esac
	one "$(basename "$program")" "$program"
done
one template "$build/tests/template" tests/template/cases.txt tests/template/cases_own.txt
one modules "$build/tests/modules" "$build/runner-$(uname -m)" tests/modules/*/*.yml
for script in tests/golden/*/run.sh; do
	[ -e "$script" ] && one "golden-$(basename "$(dirname "$script")")" bash "$script" "$build"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
