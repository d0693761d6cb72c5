#!/bin/bash
# `ertc run` prints what `ansible` prints and ends as it does: cases -> expected/, made by the real tool.
# usage: run.sh BUILD [renew]       renew: expected/ is made anew, by ansible
set -u
cd "$(dirname "$0")" || exit 1
ertc=$(cd ../../.. && pwd)/$1/ertc
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
: > "$work/ansible.cfg"
export ANSIBLE_CONFIG=$work/ansible.cfg ANSIBLE_NOCOLOR=1

# Times differ; a usage error prints each tool's own help.
show() { # OUT COMMAND…
	local out=$1 code
	shift
	eval "$@" > "$out.raw" 2> /dev/null < /dev/null
	code=$?
	[ $code -ne 5 ] || : > "$out.raw"
	sed -E 's/"(delta|start|end)": "[^"]*"/"\1": "…"/g' "$out.raw" > "$out"
	echo "exit $code" >> "$out"
	rm -f "$out.raw"
}
same() { # NAME EXPECTED GOT
	if diff -u "$2" "$3" > "$work/diff"; then passed=$((passed + 1)); else
		failed=$((failed + 1))
		echo "FAIL $1"
		head -n 30 "$work/diff"
	fi
}

while IFS='|' read -r name arguments; do
	name=${name// /}
	case $name in '' | \#*) continue ;; esac
	[ "${2:-}" != renew ] || show "expected/$name" "ansible -i hosts $arguments"
	show "$work/ours" "'$ertc' run -i hosts $arguments"
	same "$name" "expected/$name" "$work/ours"
done < cases

"$ertc" run -i hosts web -m command -a 'echo in a file' -t "$work/tree" > /dev/null
same "tree, its files" <(ls "$work/tree") <(printf 'w1\nw2\n')
same "tree, a file" <(grep -o '"stdout": "[^"]*"' "$work/tree/w1") <(echo '"stdout": "in a file"')
"$ertc" run -i 'gone,' all -m ping -T 2 -e ansible_host=127.0.0.1 -e ansible_port=1 > "$work/ours" 2> /dev/null
same "unreachable, exit code" <(echo $?) <(echo 4)
same "unreachable" <(head -n 1 "$work/ours") <(echo 'gone | UNREACHABLE! => {')
ANSIBLE_LOAD_CALLBACK_PLUGINS=1 ANSIBLE_STDOUT_CALLBACK=oneline "$ertc" run -i hosts w1 -m ping > "$work/ours"
same "a callback of the settings" expected/ping-one-line <(cat "$work/ours"; echo "exit 0")
ANSIBLE_STDOUT_CALLBACK=oneline "$ertc" run -i hosts w1 -m ping > "$work/ours"
same "that is not asked for" expected/ping <(cat "$work/ours"; echo "exit 0")

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
