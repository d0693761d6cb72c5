#!/bin/bash
# What ansible-core answered to generated cases (golden.jsonl, written by differential.py) against `ertc template-eval`.
# usage: golden.sh BUILD
set -u
program=$(cd "$1" && pwd)/ertc
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

sed 's/^{"request": \(.*\), "answer": {"id": "[^"]*", "ok": .*$/\1/' "$here/golden.jsonl" > "$work/requests"
sed 's/^.*, "answer": \({"id": "[^"]*", "ok": .*\)}$/\1/' "$here/golden.jsonl" > "$work/wanted"
cd "$here/files" || exit 1
LC_ALL=C.UTF-8 TZ=Europe/Berlin HOME=/root "$program" template-eval < "$work/requests" |
	sed 's/"ok": false, .*/"ok": false}/' > "$work/got"
bad=$(diff "$work/wanted" "$work/got" | grep -c '^<')
all=$(wc -l < "$work/wanted")
[ "$(wc -l < "$work/got")" = "$all" ] || bad=$((bad + 1))
diff "$work/wanted" "$work/got" | head -n 20
echo "$((all - bad)) passed, $bad failed"
[ "$bad" -eq 0 ]
