#!/bin/bash
# The language as a whole: playbooks on local hosts, their output against expected/*.out. Where ansible-playbook is
# installed, it is run too, on the same playbooks, and must print the same (it is the oracle; expected/ is our own).
# usage: run.sh BUILD [renew]
set -u
cd "$(dirname "$0")" || exit 1
program=$(cd ../../.. && pwd)/$1/ertc-play
work=$(mktemp -d)
trap 'rm -rf "$work" "$work".*' EXIT
failed=0
: > "$work.cfg"

# Times, paths and the order in which hosts finish a task are not the language's.
normal() {
	sed -E "s|$work|WORK|g; s|$PWD|HERE|g"'; s/"(delta|end|start)": "[^"]*"/"\1": "T"/g; s/^(included: .*) for (.*)$/\1 for hosts/
		s/"msg": "The task includes an option with an undefined variable.*/UNDEFINED/; s/"changed": false, UNDEFINED/UNDEFINED/' |
		grep -vE '^$|^TASK \[meta\]|^NO MORE HOSTS|^An exception occurred' | sort
}

run() { # PROGRAM PLAYBOOK
	rm -rf "${work:?}"/*
	ANSIBLE_NOCOLOR=1 ANSIBLE_CONFIG="$work.cfg" "$1" -i hosts "$2" -e work="$work" 2> /dev/null < /dev/null
	echo "exit code $?"
}

for playbook in tour serial strategies loops; do
	[ $playbook = strategies ] && banners='^TASK' || banners='^$' # free: banners come as hosts do
	run "$program" $playbook.yml | normal | grep -v "$banners" > "$work.ours"
	[ "${2:-}" = renew ] && cp "$work.ours" expected/$playbook.out
	if diff -u expected/$playbook.out "$work.ours"; then echo "ok $playbook"; else failed=1; fi
	if command -v ansible-playbook > /dev/null; then
		run ansible-playbook $playbook.yml | normal | grep -v "$banners" > "$work.oracle"
		if diff -u "$work.oracle" "$work.ours"; then echo "ok $playbook, as ansible-playbook"; else failed=1; fi
	else
		echo "skipped: ansible-playbook is not installed, so $playbook was not compared with it"
	fi
	rm -f "$work.ours" "$work.oracle"
done
exit $failed
