#!/bin/bash
# Inventories as they are understood: `ertc inventory` prints, byte for byte, what ansible-inventory prints (cases ->
# expected/, made by the real tool), and patterns choose the same hosts in the same order (patterns -> expected/patterns).
# Where ansible-inventory is installed, expected/ is checked against it too.
# usage: run.sh BUILD [renew]       renew: expected/ is made anew, by ansible-inventory
set -u
cd "$(dirname "$0")" || exit 1
ertc=$(cd ../../.. && pwd)/$1/ertc
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
: > "$work/ansible.cfg"
export ANSIBLE_CONFIG=$work/ansible.cfg ANSIBLE_DEPRECATION_WARNINGS=0
has_ansible=$(command -v ansible-inventory)
[ -n "$has_ansible" ] || echo "skipped: the live comparison; ansible-inventory is not installed"

same() { # NAME EXPECTED GOT
	if diff -u "$2" "$3" > "$work/diff"; then passed=$((passed + 1)); else
		failed=$((failed + 1))
		echo "FAIL $1"
		head -n 30 "$work/diff"
	fi
}

# What a usage error prints is each tool's own: only its exit code counts.
show() { # OUT ENVIRONMENT COMMAND…
	local out=$1 environment=$2 code
	shift 2
	env $environment "$@" > "$out" 2> "$out.err" < /dev/null
	code=$?
	[ $code -ne 5 ] || : > "$out"
	echo "exit $code" >> "$out"
}

# shellcheck disable=SC2086 # arguments are words
while IFS='|' read -r name environment arguments; do
	name=${name// /}
	case $name in '' | \#*) continue ;; esac
	set -f
	[ "${2:-}" != renew ] || show "expected/$name" "$environment" ansible-inventory $arguments
	show "$work/ours" "$environment" "$ertc" inventory $arguments
	same "$name" "expected/$name" "$work/ours"
	if [ -n "$has_ansible" ]; then
		show "$work/oracle" "$environment" ansible-inventory $arguments
		same "$name, ansible-inventory itself" "expected/$name" "$work/oracle"
	fi
	set +f
	rm -f expected/*.err
done < cases

while IFS= read -r pattern; do
	echo "== $pattern"
	"$ertc-play" -i sources/patterns -l "$pattern" --list-hosts play.yml 2> /dev/null | sed -n 's/^      //p'
done < patterns > "$work/patterns"
if [ "${2:-}" = renew ]; then
	while IFS= read -r pattern; do
		echo "== $pattern"
		ansible -i sources/patterns all -l "$pattern" --list-hosts 2> /dev/null | sed -n 's/^    //p'
	done < patterns > expected/patterns
fi
same patterns expected/patterns "$work/patterns"

# --output writes a file, and replaces it at once.
echo before > "$work/out" && chmod 640 "$work/out"
"$ertc" inventory -i hosts.ini --list --output "$work/out" > "$work/nothing"
{ cat "$work/out"; echo; echo "exit 0"; } > "$work/whole"
same output expected/hosts-ini "$work/whole"
same "output leaves stdout alone" /dev/null "$work/nothing"
same "output keeps the mode" <(echo 640) <(stat -c %a "$work/out")

# --limit leaves the other hosts out.
"$ertc" inventory -i sources/patterns --list --limit 'db:!web02' 2> /dev/null | grep -c '"web' > "$work/count"
same limit <(echo 1) "$work/count"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
