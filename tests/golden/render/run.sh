#!/bin/bash
# `ertc inventory --render` and `--watch`. What is written is what stands in expected/, is read again as the same fleet
# by us and by ansible-inventory (skipped without it), and keeps secrets encrypted and data data.
# usage: run.sh BUILD [renew]
set -u
cd "$(dirname "$0")" || exit 1
ertc=$(cd ../../.. && pwd)/$1/ertc
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
: > "$work/ansible.cfg"
export ANSIBLE_CONFIG=$work/ansible.cfg ANSIBLE_NOCOLOR=1 HOME=$work LC_ALL=C.UTF-8 PYTHONWARNINGS=ignore
secrets=(--vault-password-file password)

ok() { # NAME STATUS
	if [ "$2" = 0 ]; then passed=$((passed + 1)); else
		failed=$((failed + 1))
		echo "FAIL $1"
	fi
}

# The order of hosts is that of names in what was rendered.
sorted_lists() {
	python3 -c 'import json, sys
def walk(v, key=None):
    if isinstance(v, dict): return {k: walk(x, k) for k, x in v.items()}
    if isinstance(v, list) and key in ("hosts", "children"): return sorted(v)
    return v
print(json.dumps(walk(json.load(sys.stdin)), indent=1, sort_keys=True))'
}

# render NAME FORM SOURCES…: as expected, the same once more, and the same fleet when it is read
render() {
	local name=$1 form=$2 sources=() one flags=()
	shift 2
	for one; do case $one in --*) flags+=("$one") ;; *) sources+=(-i "$one") ;; esac done
	"$ertc" inventory "${sources[@]}" "${secrets[@]}" "${flags[@]}" --render "$work/$name.$form" || { ok "$name.$form" 1 && return; }
	[ "$renew" = no ] || cp "$work/$name.$form" "expected/$name.$form"
	diff -u "expected/$name.$form" "$work/$name.$form"
	ok "$name.$form" $?
	"$ertc" inventory -i "$work/$name.$form" "${flags[@]}" --render "$work/again.$form"
	cmp "$work/$name.$form" "$work/again.$form"
	ok "$name.$form once more" $?
	"$ertc" inventory "${sources[@]}" "${secrets[@]}" --list | sorted_lists > "$work/before"
	"$ertc" inventory -i "$work/$name.$form" "${secrets[@]}" --list | sorted_lists > "$work/after"
	diff -u "$work/before" "$work/after"
	ok "$name.$form is the same fleet" $?
	command -v ansible-inventory > /dev/null || { echo "skipped: no ansible-inventory" && return; }
	ansible-inventory "${sources[@]}" "${secrets[@]}" --list 2> /dev/null | sorted_lists > "$work/before"
	ansible-inventory -i "$work/$name.$form" "${secrets[@]}" --list 2> /dev/null | sorted_lists > "$work/after"
	[ -s "$work/before" ] && diff -u "$work/before" "$work/after"
	ok "$name.$form is the same fleet for ansible-inventory" $?
}

refused() { # NAME PATTERN SOURCE
	"$ertc" inventory -i "$3" "${secrets[@]}" --render "$work/$1" > "$work/out" 2>&1
	[ $? != 0 ] && grep -qE "$2" "$work/out" && [ ! -e "$work/$1" ]
	ok "$1 is refused" $?
}

command -v python3 > /dev/null || { echo "skipped: no python3" && echo "0 passed, 0 failed" && exit 0; }
renew=${2:-no}
mkdir -p expected
render fleet yml fleet.yml
render fleet ini fleet.yml
render own yml fleet.yml --export
render own ini fleet.yml --export
render secret yml extra.yml
grep -q hush "$work/secret.yml" && ok 'the secret is not written' 1 || ok 'the secret is not written' 0
refused unsafe.ini "'raw_text' of 'safe-1'" extra.yml
refused data.ini "'tag' of 'c-1'" program.sh
refused fleet.txt 'an ending that no inventory' fleet.yml
# A cloud's words stay words; here --list differs, since the file says so.
"$ertc" inventory -i program.sh --render "$work/data.yml" && grep -q '!unsafe "{{ lookup' "$work/data.yml"
ok 'data stays data' $?
said=$("$ertc" run c-1 -i "$work/data.yml" -c local -m debug -a 'msg={{ tag | length }}' 2>&1)
[[ $said == *26* ]]
ok 'data stays data when it is used' $?
"$ertc" inventory -i fleet.yml --limit web --render - | grep -q '^    web-2:' && ! "$ertc" inventory -i fleet.yml --limit web --render - | grep -q db-1
ok 'a part of it' $?

# --watch
cat > "$work/hosts" <<'END'
[web]
web-1 ansible_host=10.0.0.1 shade=red
web-2
END
"$ertc" inventory -i "$work/hosts" --watch=1 > "$work/watch" 2>&1 &
pid=$!
seen() { # PATTERN
	local i
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
		grep -qE "$1" "$work/watch" && return 0
		sleep 0.2
	done
	echo "no '$1' in:" && cat "$work/watch"
	return 1
}
seen '^2 hosts'
ok 'watch: the beginning' $?
printf '[web]\nweb-1 ansible_host=10.0.0.9 size=3\n[db]\nweb-1\nweb-3\n' > "$work/new" && mv "$work/new" "$work/hosts"
seen '^[0-9:]{8} \+ web-3: @db$' && seen '^[0-9:]{8} - web-2$' &&
	seen '^[0-9:]{8} ~ web-1: \+@db, ansible_host 10.0.0.1 -> 10.0.0.9, size = 3, shade gone$'
ok 'watch: came, went, changed' $?
# A source that fails for once takes no hosts away.
printf '[web\n' > "$work/new" && mv "$work/new" "$work/hosts"
seen 'Unable to parse' && printf '[web]\nweb-1 ansible_host=10.0.0.9 size=4\n[db]\nweb-1\nweb-3\n' > "$work/new" && mv "$work/new" "$work/hosts"
seen '~ web-1: size 3 -> 4$' && ! grep -qE ' - web-[13]' "$work/watch"
ok 'watch: a source that fails' $?
kill -INT $pid
wait $pid
ok 'watch: the end' $?

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
