#!/bin/bash
# Talks at a terminal (*.talk: the first line holds the arguments): what is asked, shown and understood is what
# ansible-playbook asks, shows and understands (expected/, made by it), and the terminal is left as it was.
# usage: run.sh BUILD [renew]       renew: expected/ is made anew, by ansible-playbook
set -u
cd "$(dirname "$0")" || exit 1
root=$(cd ../../.. && pwd)
talk=$root/$1/tests/terminal
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
: > "$work/ansible.cfg"
export HOME=$work ANSIBLE_CONFIG=$work/ansible.cfg ANSIBLE_NOCOLOR=1 ANSIBLE_LOCALHOST_WARNING=0
export ANSIBLE_INVENTORY_UNPARSED_WARNING=0

# What the screen shows of typing is each program's own way, as are colours; an error that ends the run is said in each program's own form, and we print a recap then, too.
normal() {
	sed -E 's/\x1b\[([0-9;]*[KmAJ])?//g; s/\^M//g; s/\r+$//; s/.*\r//; s/\x1b\[[0-9;]*[A-Za-z]//g; s/^(.*)(ERROR!| \[ERROR\]:) (.*)$/\1\nERROR \3/; s/^\^C$//' |
		grep -vE '^$|^yep|^NO MORE HOSTS|^PLAY RECAP|^localhost  |^\^C$|inventory was parsed|provided hosts list|implicit localhost' | sed 's/\^C$//'
}

# What SIGTERM leaves behind is our own promise: ansible-playbook leaves the terminal without echo.
for script in *.talk; do
	name=${script%.talk}
	read -r _ arguments < "$script"
	# shellcheck disable=SC2086 # arguments are words
	tail -n +2 "$script" | "$talk" "$root/$1/ertc-play" $arguments | normal > "$work/$name"
	case ${2:-}$name in
	renew*-end) cp "$work/$name" "expected/$name" ;;
	# shellcheck disable=SC2086
	renew*) tail -n +2 "$script" | "$talk" ansible-playbook $arguments | normal > "expected/$name" ;;
	esac
	if diff -u "expected/$name" "$work/$name"; then passed=$((passed + 1)); else
		failed=$((failed + 1))
		echo "FAIL $name"
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
