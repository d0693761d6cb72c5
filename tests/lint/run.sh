#!/bin/bash
# lint: what the compiler does not see. Fast, no root, writes only under BUILD.
# Each check prints what it found; the last line counts. usage: run.sh BUILD [check…]
set -u
build=${1:?usage: run.sh BUILD [check...]}
shift
cd "$(dirname "$0")/../.." || exit 2
scratch=$build/lint
mkdir -p "$scratch"
passed=0 failed=0

# What is ours: tracked files, and those about to be.
tracked() { # [pattern…]
	local file
	git ls-files -co --exclude-standard -- "$@" | while read -r file; do
		[ ! -f "$file" ] || echo "$file"
	done
}
sources() { tracked 'lib/*.[ch]' 'modules/*.[ch]' 'runner/*.[ch]' 'roles/*.[ch]' 'inventory/*.[ch]' 'orchestrator/*.[ch]'; }

check_layers() { # shellcheck disable=SC2046 # no blanks in our names
	awk -f tests/lint/layers.awk tests/lint/layers $(sources)
}

# Each header alone, as the first thing a compiler sees.
check_headers() {
	local pcre=$build/gen
	sources | grep '\.h$' | xargs -P2 -n 20 "${CC:-gcc}" -std=gnu17 -D_GNU_SOURCE -DERTC_VERSION='"lint"' \
		-DERTC_RUNNERS='""' -Ilib -I. -I"$pcre" -Wall -Wextra -Werror -Wstrict-prototypes \
		-Wno-missing-field-initializers -Wno-unused-function -fsyntax-only -x c
}

# A guard is the header's path; lib/ is left out where the files have it so.
check_guards() {
	local file guard bad=0
	while read -r file; do
		guard=$(echo "$file" | tr 'a-z/.-' 'A-Z___')
		grep -q "^#ifndef $guard\$" "$file" && grep -q "^#define $guard\$" "$file" && continue
		echo "$file: no guard $guard"
		bad=1
	done < <(sources | grep '\.h$')
	return $bad
}

# Roles, modules and options against their tables.
check_tables() {
	local flags=(-std=gnu17 -D_GNU_SOURCE -DERTC_VERSION='"lint"' -Ilib -I. -O1 -g -Wall -Wextra -Werror
		-Wno-missing-field-initializers)
	# shellcheck disable=SC2046 # the libraries are words
	"${CC:-gcc}" "${flags[@]}" -o "$scratch/tables" tests/lint/tables.c "$build/libertc.a" \
		$(sed -n 's/^LIBS *:*= *//p' Makefile) || return 1
	"$scratch/tables"
}

# The runner is one static file: it names no loader and needs no library.
check_runner() {
	local file found=0 bad=0
	for file in "$build"/runner-*; do
		case $file in *.gz | *'*') continue ;; esac
		found=1
		readelf -lW "$file" 2>&1 | grep -q 'INTERP' && { echo "$file names a loader" && bad=1; }
		readelf -dW "$file" 2>&1 | grep -q 'NEEDED' && { echo "$file needs a library" && bad=1; }
		readelf -hW "$file" 2>&1 | grep -qE 'Type: +(EXEC|DYN)' || { echo "$file is no program" && bad=1; }
		readelf -lW "$file" 2>&1 | grep -E 'GNU_STACK' | grep -q 'RWE' && { echo "$file: executable stack" && bad=1; }
		readelf -lW "$file" 2>&1 | grep -E '^ +LOAD' | grep -q 'RWE' && { echo "$file: writable code" && bad=1; }
	done
	[ "$found" = 1 ] || { echo "no runner under $build" && bad=1; }
	return $bad
}

# What the Makefile promises of the controller's own hardening, read from the program itself.
check_hardening() {
	local file=$build/ertc bad=0
	readelf -hW "$file" | grep -q 'Type: *DYN' || { echo "$file: not position independent" && bad=1; }
	readelf -dW "$file" | grep -q 'BIND_NOW\|FLAGS.*NOW' || { echo "$file: no full relro" && bad=1; }
	readelf -lW "$file" | grep -q 'GNU_RELRO' || { echo "$file: no relro" && bad=1; }
	readelf -lW "$file" | grep 'GNU_STACK' | grep -q 'RWE' && { echo "$file: executable stack" && bad=1; }
	readelf -sW --dyn-syms "$file" | grep -q '__stack_chk_fail' || { echo "$file: no stack protector" && bad=1; }
	return $bad
}

# Words split so that this file does not find itself.
check_words() {
	local bad=0
	tracked | grep -vE '^tests/(template|golden)/' | xargs grep -nIE "\b(TO""DO|FIX""ME|XX""X)\b" && bad=1
	tracked | xargs grep -nIE "(^|[^a-zA-Z0-9_.-])/work""/|/ro""ot/\.pyenv" && bad=1
	tracked | xargs grep -nIE "(registry\.npm""js\.org|py""pi\.org|files\.python""hosted\.org|cra""tes\.io|ruby""gems\.org|registry-1\.dock""er\.io|proxy\.gol""ang\.org|repo1?\.ma""ven)" && bad=1
	return $bad
}

# banned.h refuses these where it is seen; this sees every file, and calls that have a safer twin.
check_banned() {
	local bad=0
	sources | grep -v '^lib/base/banned.h$' | xargs grep -nE \
		'(^|[^_a-zA-Z0-9.>])(strcpy|strcat|strncpy|strncat|strtok|sprintf|vsprintf|atoi|atol|atof|gets|alloca|mktemp|tmpnam|tempnam|system|popen)\(' |
		grep -vE ':[0-9]+:[ \t]*(/?\*|//)' | grep -vE '"[^"]*(system|gets|mktemp)\([^"]*"' && bad=1
	return $bad
}

# Rooms below run neither print nor exit.
check_quiet() {
	local bad=0
	tracked 'lib/*.c' 'modules/*.c' 'inventory/*.c' 'roles/*.c' 'orchestrator/playbook/*.c' 'orchestrator/vars/*.c' \
		'orchestrator/transport/*.c' 'orchestrator/delivery/*.c' 'orchestrator/actions/*.c' |
		xargs grep -nE '(^|[^_a-zA-Z0-9])(printf|puts|putchar|vprintf|exit)\(' |
		grep -vE ':[0-9]+:[ \t]*(/?\*|//)' | grep -vE 'PRINTF|__attribute__' | grep -vE '"[^"]*(printf|puts|exit)\([^"]*"' && bad=1
	return $bad
}

# Every option of --help stands in the man page and in the completion; every verb in ertc.1; the pages are well formed.
check_man() {
	local option bad=0 page
	while read -r option; do
		grep -qF -- "$(printf '%s' "$option" | sed 's/-/\\-/g')" docs/man/ertc-play.1 ||
			{ echo "docs/man/ertc-play.1: no $option" && bad=1; }
	done < <("$build/ertc-play" --help | grep -E '^  -' | cut -c1-80 | grep -oE '(^|[ ,])--?[a-zA-Z][a-z-]*' | tr -d ' ,' | sort -u)
	while read -r option; do
		grep -qE "^\.(B|BI|BR|SS|IP|TP|Ic) .*$option|^\.B $option" docs/man/ertc.1 ||
			{ echo "docs/man/ertc.1: no verb $option" && bad=1; }
	done < <("$build/ertc" --help | sed -n '/^verbs:/,/^$/s/^  \([a-z-]*\) .*/\1/p')
	for page in docs/man/*.[1-8]; do
		if command -v man > /dev/null; then
			LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 > /dev/null |
				grep . && bad=1
		fi
	done
	bash -n docs/man/ertc-play.bash || bad=1
	return $bad
}

# Shell is checked for its grammar at least.
check_shell() {
	local file bad=0
	while read -r file; do
		case $(head -c 64 "$file" | head -n1) in
		*bash*) bash -n "$file" || bad=1 ;;
		'#!/bin/sh'*) sh -n "$file" || bad=1 ;;
		esac
	done < <(tracked 'scripts/*' 'tests/*.sh' 'tests/lab/*' '.ci/*' | grep -vE '\.(yml|md|c|j2)$')
	return $bad
}

# A count, not a failure: lines over 100 columns, tabs of 8.
warn_columns() { # shellcheck disable=SC2046
	awk '{ n = 0; for (i = 1; i <= length($0); i++) n = substr($0, i, 1) == "\t" ? n + 8 - n % 8 : n + 1 }
		n > 100 { lines++; per[FILENAME]++ }
		END { for (f in per) if (per[f] > most) { most = per[f]; where = f }
			if (lines) printf "note  %d lines over 100 columns, %d of them in %s\n", lines, most, where }' $(sources)
}
warn_tests() {
	local name missing=()
	for name in modules/*.c; do
		name=$(basename "$name" .c)
		compgen -G "tests/modules/$name/*.yml" > /dev/null || missing+=("$name")
	done
	[ ${#missing[@]} -eq 0 ] || echo "note  modules without a case in tests/modules: ${missing[*]}"
}

# shellcheck disable=SC2048 # words
for name in ${*:-layers headers guards tables runner hardening words banned quiet man shell}; do
	if "check_$name" > "$scratch/$name.log" 2>&1; then
		passed=$((passed + 1))
		echo "ok    lint $name"
	else
		failed=$((failed + 1))
		echo "FAIL  lint $name"
		head -n 40 "$scratch/$name.log" | sed 's/^/      /'
	fi
done
[ $# -gt 0 ] || { warn_columns; warn_tests; }
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
