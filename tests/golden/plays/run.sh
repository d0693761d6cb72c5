#!/bin/bash
# Playbooks and options, their output against expected/*.out; and, where it is installed, against ansible-playbook's on the
# same hosts. usage: run.sh BUILD [renew]
set -u
cd "$(dirname "$0")" || exit 1
program=$(cd ../../.. && pwd)/$1/ertc-play
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
: > "$work/ansible.cfg"
passed=0 failed=0

# Left out: times, the order in which hosts finish a task, the places that our messages have and theirs do not, and the
# banners of meta tasks, which Ansible prints once for each host that does something.
normal() {
	sed -E "s|$PWD|HERE|g; s|$work|WORK|g"'; s/"(delta|end|start)": "[^"]*"/"\1": "T"/g; s/\. Hint: [^"]*"/"/; s/"hint": "[^"]*", //; s/, "where": "[^"]*"//
		s/"msg": "The task includes an option with an undefined variable.*/UNDEFINED/
		s/("msg": "The conditional check [^"]*): .([a-z]+). is undefined.*/\1 \2/; s/^.*"msg": "'"'"'undef_thing.*/UNDEFINED/; s/^.*FAILED! => .UNDEFINED/UNDEFINED/
		s/"msg": "(Failed|cannot) [^"]*", "unreachable"/"msg": "…", "unreachable"/
		s/(could not be converted to an int\.)[^}]*"/\1"/; s/invalid value \(\{\{ .abc. \}\}\)/invalid value (abc)/
		s/"ansible_facts": \{"discovered_interpreter_python": "[^"]*"\}, //; s/AnsibleUnicode/str/g' |
		grep -vE '^$|^TASK \[meta\]|^NO MORE HOSTS|^An exception occurred' | sort
}

run() { # PROGRAM ARGUMENTS…
	local program=$1
	shift
	rm -rf "$work/out"
	HOME=$work ANSIBLE_NOCOLOR=1 ANSIBLE_CONFIG="$work/ansible.cfg" "$program" -i hosts "$@" 2> /dev/null < /dev/null
	echo "exit code $?"
}

judge() { # WHAT WANTED GOT
	if diff -u "$2" "$3"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAIL $1"; fi
}

while read -r -u 3 name arguments; do
	[ -n "$name" ] || continue
	# shellcheck disable=SC2086
	run "$program" $arguments | normal > "$work/ours"
	[ "${2:-}" = renew ] && mkdir -p expected && cp "$work/ours" "expected/$name.out"
	judge "$name" "expected/$name.out" "$work/ours"
	if command -v ansible-playbook > /dev/null; then
		# shellcheck disable=SC2086
		run ansible-playbook $arguments | normal > "$work/oracle"
		judge "$name against ansible-playbook" "$work/oracle" "$work/ours"
	else
		echo "skipped: ansible-playbook is not installed, so $name was not compared with it"
	fi
done 3< cases
# What is wrong is told with its place and a hint; ours alone, for Ansible has neither.
for file in wrong/*.yml told/*.yml; do
	name=$(dirname "$file")-$(basename "$file" .yml).err
	{
		HOME=$work ANSIBLE_NOCOLOR=1 ANSIBLE_CONFIG="$work/ansible.cfg" "$program" -i hosts "$file" 2>&1 > /dev/null < /dev/null
		echo "exit code $?"
	} > "$work/told"
	[ "${2:-}" = renew ] && cp "$work/told" "expected/$name"
	judge "$name" "expected/$name" "$work/told"
done
export ANSIBLE_DEPRECATION_WARNINGS=False
HOME=$work ANSIBLE_NOCOLOR=1 ANSIBLE_CONFIG="$work/ansible.cfg" "$program" -i hosts told/conditions.yml 2>&1 > /dev/null |
	grep -c '^.DEPRECATION' > "$work/told"
judge "deprecation_warnings = False" <(echo 0) "$work/told"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
