#!/bin/bash
# Inventories as they are understood: `ertc inventory --list` against expected/, and against ansible-inventory where it
# is installed (its JSON, with its own bookkeeping left out). Patterns by --list-hosts, likewise.
# usage: run.sh BUILD [renew]
set -u
cd "$(dirname "$0")" || exit 1
build=$(cd ../../.. && pwd)/$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
: > "$work/ansible.cfg"
export ANSIBLE_CONFIG=$work/ansible.cfg ANSIBLE_INVENTORY_ENABLED=script,yaml,ini,host_list

same() { # NAME OURS ORACLE
	if diff -u "$3" "$2"; then echo "ok $1"; else failed=1; fi
}

# The same data in the same order: groups without hosts and children are not told.
canonical() {
	python3 -c '
import json, sys
data = json.load(sys.stdin)
for name, group in data.items():
    if name != "_meta":
        for key in ("hosts", "children"):
            if key in group: group[key].sort()
data["all"].get("children", []) and data["all"]["children"].sort()
if not data.get("ungrouped"): data.pop("ungrouped", None)
print(json.dumps(data, indent=1, sort_keys=True))'
}

for source in hosts.ini hosts.yml ./script.sh a,b,; do
	name=$(basename "$source" | tr -c 'a-z.\n' _)
	"$build/ertc" inventory -i "$source" --list > "$work/ours"
	[ "${2:-}" = renew ] && cp "$work/ours" "expected/$name.json"
	same "$name" "$work/ours" "expected/$name.json"
	if command -v ansible-inventory > /dev/null; then
		ansible-inventory -i "$source" --list 2> /dev/null | canonical > "$work/oracle.json"
		canonical < "$work/ours" > "$work/ours.json"
		same "$name, as ansible-inventory" "$work/ours.json" "$work/oracle.json"
	fi
done

echo '[{hosts: all, tasks: []}]' > "$work/play.yml"
for pattern in all web 'web:!east' 'web:&east' '*.org' '~web0[12]' 'web[0]' 'web[1:2]' 'web[-1]' usa 'lonely,east' '!web' 'db-a:db-b'; do
	"$build/ertc-play" -i hosts.ini -l "$pattern" --list-hosts "$work/play.yml" 2> /dev/null | sed -n 's/^      //p' > "$work/ours"
	[ "${2:-}" = renew ] && { echo "== $pattern"; cat "$work/ours"; } >> "$work/patterns"
	{ echo "== $pattern"; cat "$work/ours"; } >> "$work/all"
	command -v ansible-playbook > /dev/null || continue
	ansible-playbook -i hosts.ini -l "$pattern" --list-hosts "$work/play.yml" 2> /dev/null | sed -n 's/^      //p' > "$work/oracle"
	same "pattern $pattern" <(sort "$work/ours") <(sort "$work/oracle")
done
[ "${2:-}" = renew ] && cp "$work/patterns" expected/patterns
same patterns "$work/all" expected/patterns
exit $failed
