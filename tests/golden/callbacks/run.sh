#!/bin/bash
# Callbacks and what changes how things are shown: our output is ansible-playbook's (expected/, made by it).
# usage: run.sh BUILD [renew]       renew: expected/ is made anew, by ansible-playbook
set -u
cd "$(dirname "$0")" || exit 1
program=$(cd ../../.. && pwd)/$1/ertc-play
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
: > "$work/ansible.cfg"
export HOME=$work ANSIBLE_CONFIG=$work/ansible.cfg ANSIBLE_DEPRECATION_WARNINGS=0

# A text that is a command's only argument is called cmd by us, _raw_params by Ansible. -vv names handlers when they are
# notified, which we do not. The keys of a result stand in another order in community.general's yaml.
# Left out: times, ids, the interpreter, each ssh's own words, and the first lines of -v, which name files and versions.
normal() {
	sed -E "s|$PWD|HERE|g; s|$work|WORK|g"'
		s/"(delta|end|start)": "[^"]*"/"\1": "T"/g; s/^( *(delta|end|start)): .*/\1: T/
		s/"(id)": "[-0-9a-f]{36}"/"\1": "ID"/
		s/[0-9]+ days, [0-9]+ hours, [0-9]+ minutes, [0-9]+ seconds/SPAN/
		s/[A-Z][a-z]+day [0-9]+ [A-Z][a-z]+ [0-9]{4}  [0-9:]{8} [+-][0-9]{4} \([0-9:.]+\) +[0-9:.]+ \*+/CLOCK/
		s/[0-9]+\.[0-9]{2}s$/SECONDS/; s/ -+ SECONDS/ SECONDS/
		s/"ansible_facts": \{"discovered_interpreter_python": "[^"]*"\}, //
		s/(Failed to connect to the host via ssh: |cannot connect)[^"]*"/AWAY"/; s/(msg:).*(Failed to connect|cannot).*/\1 AWAY/
		s/_raw_params=/cmd=/; s/^(TASK \[.*cmd=.*\]) \*+$/\1/; s/"invocation": \{"module_args": \{[^}]*\}\},//g
		/^  ansible_facts:$/,/^    discovered_interpreter/d; /^    aggregate: true$/d
		s/(w2.*UNREACHABLE![^"{]*).*/\1/' |
		grep -vE '^(Using|No config|ansible-playbook \[|ertc|  (config file|configured module|ansible python|ansible coll|executable|python version|jinja|libyaml) )|^PLAYBOOK: |^TASK \[meta|^META: |^[0-9]+ plays in|^Skipping callback|^An exception|^NOTIFIED HANDLER|^  ansible collection'
}

# The document without the keys that Ansible keeps for itself, and invocations, which we have for -vvv.
plain_json() {
	awk '/^ *"(invocation|ansible_facts)": \{/ && !/discovered/ { match($0, /^ */); depth = RLENGTH; keep = ""; next }
		depth { match($0, /^ */); if (RLENGTH == depth && /^ *\},?$/) depth = 0; next }
		/^ *"(_ansible_[a-z_]+|skipped": false|diff": \[\])/ { next } { print }' | sed 's/,$//' | sort
}

run() { # PROGRAM ENVIRONMENT ARGUMENTS…
	local program=$1 environment=$2
	shift 2
	# shellcheck disable=SC2086 # words
	env ANSIBLE_NOCOLOR=1 $environment "$program" -i hosts "$@" 2> /dev/null < /dev/null
	echo "exit code $?"
}

same() { # NAME EXPECTED GOT
	if diff -u "$2" "$3" > "$work/diff"; then passed=$((passed + 1)); else
		failed=$((failed + 1))
		echo "FAIL $1"
		head -n "${LINES_SHOWN:-30}" "$work/diff"
	fi
}

while IFS='|' read -r name environment arguments; do
	name=${name// /}
	case $name in '' | \#*) continue ;; esac
	case $name in
	profile*) order=sort ;; # by how long each took
	json) order=plain_json ;;
	*) order=cat ;;
	esac
	# shellcheck disable=SC2086
	[ "${2:-}" != renew ] || run ansible-playbook "$environment" $arguments | normal | $order > "expected/$name"
	# shellcheck disable=SC2086
	run "$program" "$environment" $arguments | normal | $order > "$work/ours"
	same "$name" "expected/$name" "$work/ours"
done < cases

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
