#!/bin/bash
# lengths: the longest functions, how long they are on the whole, and the files past 800 lines. For reading, not a gate.
# usage: lengths.sh [how many]
set -u
cd "$(dirname "$0")/../.." || exit 2
many=${1:-25}
files=$(git ls-files -co --exclude-standard 'lib/*.c' 'modules/*.c' 'runner/*.c' 'roles/*.c' 'inventory/*.c' 'orchestrator/*.c')

# "LINES FILE:LINE NAME" of every function. In this house a function's name stands at the beginning of a line and its
# body ends with a brace there, so awk sees what ctags would.
functions() { # shellcheck disable=SC2086 # names without blanks
	if ctags --version 2> /dev/null | grep -q Universal; then
		ctags -x --c-kinds=f --_xformat='%{end} %n %F %N' $files | awk '$1 { print $1 - $2 + 1, $3 ":" $2, $4 }'
	else
		awk 'FNR == 1 { name = "" }
			/^[a-z_][a-z0-9_]*\(/ { name = $0; sub(/\(.*/, "", name); start = FNR }
			/^}/ && name != "" { print FNR - start + 1, FILENAME ":" start, name; name = "" }' $files
	fi
}

functions | sort -rn > "${TMPDIR:-/tmp}/lengths.$$"
trap 'rm -f "${TMPDIR:-/tmp}/lengths.$$"' EXIT
echo "the $many longest functions:"
head -n "$many" "${TMPDIR:-/tmp}/lengths.$$" | awk '{ printf "%5d  %-44s %s\n", $1, $2, $3 }'
sort -n "${TMPDIR:-/tmp}/lengths.$$" | awk '{ all[NR] = $1 }
	END { printf "%d functions: median %d lines, nine of ten under %d, %d over 60\n", NR, all[int((NR + 1) / 2)],
		all[int(NR * 0.9)] + 1, over(60) }
	function over(limit, i, count) { for (i = 1; i <= NR; i++) count += all[i] > limit; return count }'
echo "files over 800 lines:"
# shellcheck disable=SC2086
wc -l $files | awk '$1 > 800 && $2 != "total" { printf "%5d  %s\n", $1, $2; found = 1 } END { if (!found) print "   none" }'
