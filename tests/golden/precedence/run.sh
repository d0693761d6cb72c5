#!/bin/bash
# Who wins when a variable is set in several places: tree/ (written by generate.py) sets one for each pair of the 22
# places that Ansible's documentation lists, and prints the winners as tasks in many positions see them. What
# ansible-playbook prints stands in expected/play, assigned, extra and deep; `ertc vars` is our own, checked by hand.
# usage: run.sh BUILD [renew]       renew: expected/ is made anew, by ansible-playbook
set -u
cd "$(dirname "$0")/tree" || exit 1
root=$(cd ../../../.. && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
: > "$work/ansible.cfg"
export ANSIBLE_CONFIG=$work/ansible.cfg ANSIBLE_NOCOLOR=1
# The facts of place 11 are those that an earlier run has left in the cache.
export ANSIBLE_CACHE_PLUGIN=jsonfile ANSIBLE_CACHE_PLUGIN_CONNECTION=$work/facts

same() { # NAME EXPECTED GOT
	if diff -u "$2" "$3" > "$work/diff"; then passed=$((passed + 1)); else
		failed=$((failed + 1))
		echo "FAIL $1"
		head -n 30 "$work/diff"
	fi
}

here() {
	sed "s,$PWD,HERE,g"
}

plays() { # PROGRAM INTO
	rm -rf "$work/facts"
	"$1" -i inventory facts.yml > "$work/cached" 2>&1 < /dev/null || cat "$work/cached"
	"$1" -i inventory play.yml 2> /dev/null < /dev/null | here > "$2/play"
	"$1" -i inventory assigned.yml 2> /dev/null < /dev/null | here > "$2/assigned"
	"$1" -i inventory assigned.yml -e @extra.yml 2> /dev/null < /dev/null | here > "$2/extra"
}

mkdir -p "$work/ours" "$work/oracle" ../expected
[ "${2:-}" != renew ] || plays ansible-playbook ../expected
plays "$root/$1/ertc-play" "$work/ours"
for name in play assigned extra; do
	[ -s "$work/ours/$name" ] || echo "FAIL $name: nothing was printed"
	same "$name" "../expected/$name" "$work/ours/$name"
done
if command -v ansible-playbook > /dev/null; then
	plays ansible-playbook "$work/oracle"
	for name in play assigned extra; do
		same "$name, ansible-playbook itself" "../expected/$name" "$work/oracle/$name"
	done
else
	echo "skipped: ansible-playbook is not installed, so expected/ was not compared with it"
fi

# Where a value comes from: every level, with file and line.
why() { # NAME ARGUMENTS…
	local name=$1
	shift
	"$root/$1/ertc" vars h "${@:2}" --why -i inventory 2>&1 < /dev/null | here > "$work/why"
	[ "${renew:-}" != renew ] || cp "$work/why" "../expected/$name"
	same "$name" "../expected/$name" "$work/why"
}
renew=${2:-}
why why-inventory "$1" s22
why why-play "$1" s22 play.yml
why why-extra "$1" s22 play.yml -e @extra.yml
why why-pair "$1" v3a_3g
why why-folders "$1" v5_10 play.yml
why why-host "$1" v8_9

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
