#!/bin/bash
# analyze: gcc -fanalyzer, clang-tidy and cppcheck over what is ours. Ends with 1 on a finding. A false alarm is silenced
# where it stands (#pragma GCC diagnostic, NOLINT(check), cppcheck-suppress), with why. Takes some minutes.
# usage: analyze.sh BUILD [gcc|tidy|cppcheck…]
set -u
build=${1:?usage: analyze.sh BUILD [tool...]}
shift
cd "$(dirname "$0")/../.." || exit 2
scratch=$build/analyze
mkdir -p "$scratch"
jobs=${JOBS:-$(nproc)}
export flags='-std=gnu17 -D_GNU_SOURCE -DERTC_VERSION="lint" -DERTC_RUNNERS="" -Ilib -I.'
ours() { git ls-files -co --exclude-standard -- "$@" | while read -r file; do [ ! -f "$file" ] || echo "$file"; done; }

# What handles bytes from others and runs as root. Uninitialized values are left to -Wall and valgrind: gcc 12 does not see
# the initializer of a variable that has a cleanup attribute.
tool_gcc() {
	# shellcheck disable=SC2016,SC2086 # the child's words
	ours 'lib/*.c' 'modules/*.c' 'runner/*.c' 'orchestrator/transport/*.c' 'orchestrator/delivery/*.c' |
		xargs -P "$jobs" -n 1 sh -c 'gcc $flags -O1 -fanalyzer -Werror -Wno-analyzer-too-complex \
			-Wno-analyzer-use-of-uninitialized-value \
			-c -o /dev/null "$0" || { echo "^ $0"; exit 1; }'
}

# A short list: what finds bugs here rather than tastes. The analyzer's own core and malloc checks are left to gcc: clang's
# see one file at a time and take it that a bool function of another file may say true without having written its result,
# and that a list's head stays after its first element was freed by a function that unlinks it (70 such, none true).
checks='-*,bugprone-*,cert-flp30-c,clang-analyzer-security.insecureAPI.UncheckedReturn,misc-redundant-expression'
checks+=',misc-misplaced-const,-bugprone-easily-swappable-parameters,-bugprone-branch-clone,-bugprone-reserved-identifier'
checks+=',-bugprone-assignment-in-if-condition,-bugprone-narrowing-conversions,-bugprone-macro-parentheses'
checks+=',-bugprone-implicit-widening-of-multiplication-result,-bugprone-suspicious-include,-bugprone-sizeof-expression'
checks+=',-bugprone-suspicious-string-compare,-bugprone-not-null-terminated-result'
export checks
tool_tidy() {
	# shellcheck disable=SC2016,SC2086
	ours 'lib/*.c' 'modules/*.c' 'runner/*.c' 'roles/*.c' 'inventory/*.c' 'orchestrator/*.c' |
		xargs -P "$jobs" -n 12 sh -c 'clang-tidy --quiet --warnings-as-errors="*" --checks="$checks" "$0" "$@" -- $flags 2> /dev/null'
}

# It knows neither cleanup attributes (resourceLeak), nor that NULL is a pointer here (varFuncNullUB), nor that BUG() does
# not come back (arrayIndexOutOfBoundsCond).
tool_cppcheck() {
	mkdir -p "$scratch/cppcheck"
	ours 'lib/*.c' 'modules/*.c' 'runner/*.c' 'roles/*.c' 'inventory/*.c' 'orchestrator/*.c' > "$scratch/files"
	cppcheck --quiet -j "$jobs" --cppcheck-build-dir="$scratch/cppcheck" --std=c11 --language=c --inline-suppr \
		--enable=warning,portability --error-exitcode=1 --suppress=missingInclude --suppress=unknownMacro --suppress=resourceLeak \
		--suppress=varFuncNullUB --suppress=arrayIndexOutOfBoundsCond \
		--template='{file}:{line}: {severity}: {message} [{id}]' -D_GNU_SOURCE -DERTC_VERSION='"lint"' \
		-D__x86_64__ -D__linux__ -Ilib -I. --file-list="$scratch/files"
}

bad=0
# shellcheck disable=SC2048 # words
for tool in ${*:-gcc tidy cppcheck}; do
	start=$SECONDS
	if "tool_$tool" > "$scratch/$tool.log" 2>&1; then
		echo "ok    analyze $tool ($((SECONDS - start)) s)"
	else
		bad=1
		echo "FAIL  analyze $tool ($((SECONDS - start)) s): $(grep -cE '(warning|error|portability|style):' "$scratch/$tool.log") findings"
		grep -E '(warning|error|portability|style):' "$scratch/$tool.log" | sort -u | head -n 60 | sed 's/^/      /'
	fi
done
exit $bad
