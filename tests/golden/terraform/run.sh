#!/bin/bash
# Terraform's states and outputs as inventories: what `ertc inventory` prints (cases -> expected/), and that nothing
# sensitive of them (each such text holds the word HUSH) is ever printed. usage: run.sh BUILD [renew]
set -u
cd "$(dirname "$0")" || exit 1
ertc=$(cd ../../.. && pwd)/$1/ertc
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
: > "$work/ansible.cfg"
export ANSIBLE_CONFIG=$work/ansible.cfg COLUMNS=200

check() { # NAME COMMAND…
	local name=$1
	shift
	if "$@" > "$work/why" 2>&1; then passed=$((passed + 1)); else
		failed=$((failed + 1))
		echo "FAIL $name"
		head -n 30 "$work/why"
	fi
}

# What is told on stderr is the same wherever the repository lies: its lines are joined again.
tell() { # COMMAND…
	"$@" 2> "$work/stderr" < /dev/null
	echo "exit $?"
	tr '\n' ' ' < "$work/stderr" | sed "s|$PWD/||g; s/ *\[WARNING\]: */\n[WARNING]: /g; s/ *\$/\n/" | sed '/^$/d'
}

# shellcheck disable=SC2086 # arguments are words
while IFS='|' read -r name arguments; do
	name=${name// /}
	case $name in '' | \#*) continue ;; esac
	tell "$ertc" inventory $arguments > "$work/ours"
	[ "${2:-}" != renew ] || cp "$work/ours" "expected/$name"
	check "$name" diff -u "expected/$name" "$work/ours"
	tell "$ertc" inventory $arguments -vvvv > "$work/loud"
	check "$name shows nothing sensitive" bash -c "! grep -n HUSH '$work/loud' '$work/ours'"
done < cases

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
