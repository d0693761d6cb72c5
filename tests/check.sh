#!/bin/bash
# Runs every test program and golden comparison, and counts their cases. usage: check.sh BUILD
set -u
build=$1 passed=0 failed=0
export ERTC_BUILD=$build

# What a program counted itself: cmocka's way, or «N passed, N failed» as a line.
cases() { # LOG
	awk '/^\[  PASSED  \] [0-9]+ test/ { good += $4 }
		/^\[  FAILED  \] [0-9]+ test/ { bad += $4 }
		/^[0-9]+ passed, [0-9]+ failed/ { good += $1; bad += $3 }
		END { print good + 0, bad + 0 }' "$1"
}

one() { # NAME COMMAND…
	local name=$1 log=$build/tests/$1.log status good bad
	shift
	"$@" > "$log" 2>&1
	status=$?
	read -r good bad < <(cases "$log")
	[ $((good + bad)) -gt 0 ] || [ $status -ne 0 ] || good=1
	[ $status -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
	passed=$((passed + good)) failed=$((failed + bad))
	if [ "$bad" -eq 0 ]; then
		echo "ok    $name ($good)"
		# What was left out is said aloud, each kind once.
		grep -hiE '^(skip|skipped)\b' "$log" | sort | uniq -c | awk '{ $1 = $1 " ×"; print "      " $0 }'
	else
		echo "FAIL  $name ($good passed, $bad failed; the end of $log:)"
		tail -n 25 "$log" | sed 's/^/      /'
	fi
}

mkdir -p "$build/tests"
for program in "$build"/tests/test_*; do
	case $program in *.log | *.d) continue ;; esac
	[ -x "$program" ] || continue
	# What was built from a file that is gone is not a test any more.
	[ -e "tests/unit/$(basename "$program").c" ] || continue
	one "$(basename "$program")" "$program"
done
one template "$build/tests/template" tests/template/cases.txt tests/template/cases_own.txt
one template-golden bash tests/template/golden.sh "$build"
one template-names bash tests/template/names.sh "$build"
one template-bounds bash tests/template/bounds.sh "$build"
one modules "$build/tests/modules" "$build/runner-$(uname -m)" tests/modules/*/*.yml
for script in tests/golden/*/run.sh; do
	[ -e "$script" ] && one "golden-$(basename "$(dirname "$script")")" bash "$script" "$build"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
