#!/bin/bash
# `ertc doc`: JSON of a role against ansible-doc's (expected/, made by the real tool), its text, and how it ends.
# usage: run.sh BUILD [renew]        renew: expected/ is made anew
set -u
cd "$(dirname "$0")" || exit 1
ertc=$(cd ../../.. && pwd)/$1/ertc
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
: > "$work/ansible.cfg"
export ANSIBLE_CONFIG=$work/ansible.cfg HOME=$work

same() { # NAME EXPECTED GOT
	if diff -u "$2" "$3" > "$work/diff"; then passed=$((passed + 1)); else
		failed=$((failed + 1))
		echo "FAIL $1"
		head -n 30 "$work/diff"
	fi
}
shown() { # COMMAND…: both streams and the exit code; of a wrong call only the last line, which says why
	local code
	"$@" > "$work/out" 2>&1
	code=$?
	if [ $code = 5 ]; then tail -n 1 "$work/out"; else cat "$work/out"; fi
	echo "exit $code"
}
# Where a role was found is not of interest here.
without_path() { sed -E 's/"path": "[^"]*"/"path": "…"/'; }

if [ "${2:-}" = renew ]; then
	ansible-doc -t role -r roles -j web | without_path > expected/role.json
	ansible-doc -t role -r roles -e second -j web | without_path > expected/entry.json
fi
same "role as JSON" expected/role.json <("$ertc" doc -t role -r roles -j web | without_path)
same "an entry point as JSON" expected/entry.json <("$ertc" doc -t role -r roles -e second -j web | without_path)

while IFS='|' read -r name arguments; do
	name=${name// /}
	case $name in '' | \#*) continue ;; esac
	# shellcheck disable=SC2086
	shown "$ertc" doc $arguments > "$work/ours"
	[ "${2:-}" != renew ] || cp "$work/ours" "expected/$name"
	same "$name" "expected/$name" "$work/ours"
done < cases

# What can be listed can be described, under its full name too.
for kind in module keyword filter test lookup callback connection become strategy inventory cache; do
	"$ertc" doc -t "$kind" -l | cut -d' ' -f1 > "$work/names"
	# shellcheck disable=SC2046
	"$ertc" doc -t "$kind" $(cat "$work/names") > "$work/texts" 2>&1
	same "all of $kind" <(echo $?) <(echo 0)
	same "all of $kind, as many" <(grep -c '^> ' "$work/texts") <(wc -l < "$work/names")
done
same "full name" <("$ertc" doc -j copy | sed 's/"copy": {/X/') <("$ertc" doc -j ansible.builtin.copy | sed 's/"ansible.builtin.copy": {/X/')

# A slip on the command line is told with what was probably meant, whatever the verb.
while read -r arguments; do
	# shellcheck disable=SC2086
	"$ertc" $arguments 2>&1 < /dev/null | grep -E 'error: |^ERROR|no verb'
	# shellcheck disable=SC2086
	"$ertc" $arguments > /dev/null 2>&1 < /dev/null
	echo "exit $?"
done < mistakes > "$work/ours"
[ "${2:-}" != renew ] || cp "$work/ours" expected/mistakes
same "mistakes" expected/mistakes "$work/ours"

# The completion asks the program itself.
completed() { # WORD…: what is offered for the last one
	(
		PATH=$(dirname "$ertc"):$PATH
		# shellcheck source=/dev/null
		source ../../../docs/man/ertc-play.bash
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		case $1 in ertc) _ertc ;; *) _ertc_play "$1" ;; esac
		printf '%s\n' "${COMPREPLY[@]}" | sort -u
	)
}
same "complete a verb" <(completed ertc va) <(printf 'vars\nvault\n')
same "complete an option" <(completed ertc-play --syn) <(echo --syntax-check)
same "complete an option of a verb" <(completed ertc vars --w) <(echo --why)
same "complete a kind" <(completed ertc doc -t key) <(echo keyword)
same "complete a name" <(completed ertc doc -t filter dict2) <(echo dict2items)
same "complete a module" <(completed ertc run all -m gete) <(echo getent)
same "complete an action" <(completed ertc vault reke) <(echo rekey)
same "complete config" <(completed ertc config d) <(echo dump)
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
