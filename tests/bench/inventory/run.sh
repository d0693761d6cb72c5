#!/bin/bash
# bench-inventory: `ertc inventory --list` beside `ansible-inventory --list` over a cloud whose answers are ready (server.py):
# 1,200 instances asked for, and 10,000 from each one's own warm cache. Wall time and peak memory, medians of RUNS (5) runs
# in turns. Promises are told as met or missed; a miss does not fail, as others may be at work here. usage: run.sh BUILD
set -u
cd "$(dirname "$0")/../../.." || exit 2
ertc=$(realpath "${1:?usage: run.sh BUILD}")/ertc
command -v python3 > /dev/null || { echo "skip: bench-inventory needs python3 for its server"; exit 0; }
runs=${RUNS:-5}
dir=$(mktemp -d)
servers=()
trap '[ ${#servers[@]} = 0 ] || kill "${servers[@]}"; rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
export HOME=$dir/home LC_ALL=C.UTF-8 AWS_EC2_METADATA_DISABLED=true NO_PROXY=127.0.0.1 ANSIBLE_CONFIG=$dir/ansible.cfg
export AWS_ACCESS_KEY_ID=AKIABENCH AWS_SECRET_ACCESS_KEY=secret
unset AWS_PROFILE AWS_REGION AWS_DEFAULT_REGION "${!AWS_ENDPOINT_@}" "${!ANSIBLE_INVENTORY_@}"
mkdir "$HOME" "$dir/caches" "$dir/out"
: > "$ANSIBLE_CONFIG"
"${CC:-gcc}" -O2 -Wall -Wextra -D_GNU_SOURCE -o "$dir/measure" tests/bench/measure.c || exit 1

declare -A url
serve() { # NAME INSTANCES
	python3 tests/bench/inventory/server.py "$2" > "$dir/$1.port" &
	servers+=($!)
	for _ in $(seq 200); do [ -s "$dir/$1.port" ] && break || sleep 0.05; done
	url[$1]=http://127.0.0.1:$(cat "$dir/$1.port")
}
serve live 1200
serve warm 10000
printf 'plugin: amazon.aws.aws_ec2\nregions: [eu-west-1]\n' > "$dir/live.aws_ec2.yml"
for tool in ours theirs; do
	mkdir "$dir/$tool"
	printf 'plugin: amazon.aws.aws_ec2\nregions: [eu-west-1]\ncache: true\ncache_plugin: jsonfile\ncache_timeout: 86400\ncache_connection: %s\n' \
		"$dir/caches/$tool" > "$dir/$tool/warm.aws_ec2.yml"
done

ours() { # NAME FILE
	"$dir/measure" -t 600 -o "$dir/out/$1-ours" env AWS_ENDPOINT_URL="${url[$1]}" "$ertc" inventory -i "$2" --list
}
theirs() {
	"$dir/measure" -t 600 -o "$dir/out/$1-theirs" env AWS_ENDPOINT_URL="${url[$1]}" PYTHONPATH="$libraries" PATH="/usr/bin:$PATH" \
		ansible-inventory -i "$2" --list
}
count() { grep -c '"ami_launch_index"' "$1"; }

# A boto3 that hears AWS_ENDPOINT_URL: that of the system, or this python3's.
has_theirs=no libraries=
for libraries in '' "$(python3 -c 'import os, boto3; print(os.path.dirname(os.path.dirname(boto3.__file__)))' 2> /dev/null)"; do
	command -v ansible-inventory > /dev/null || break
	theirs live "$dir/live.aws_ec2.yml" > "$dir/first"
	[ "$(count "$dir/out/live-theirs")" = 1200 ] && has_theirs=yes && break
done
[ $has_theirs = yes ] || echo "skip: ansible-inventory with amazon.aws and a boto3 that hears AWS_ENDPOINT_URL is not here; ours alone"

# in_turns NAME OUR_FILE THEIR_FILE: costs in $dir/NAME-ours and -theirs; the first run of each fills caches and is not counted.
in_turns() {
	ours "$1" "$2" > "$dir/first"
	[ $has_theirs = no ] || theirs "$1" "$3" > "$dir/first"
	for _ in $(seq "$runs"); do
		ours "$1" "$2" >> "$dir/$1-ours"
		[ $has_theirs = no ] || theirs "$1" "$3" >> "$dir/$1-theirs"
	done
}
column() { sort -n -k "$2,$2" "$1" | awk -v n="$2" '{ all[NR] = $n } END { print all[int((NR + 1) / 2)] }'; } # the median
failures=0
row() { # WHAT NAME COLUMN FACTOR UNIT WISHED
	local mine=$dir/$2-ours peer=$dir/$2-theirs
	local a b=- ratio=- verdict=
	a=$(column "$mine" "$3" | awk -v f="$4" '{ printf "%.0f", $1 * f }')
	if [ $has_theirs = yes ]; then
		b=$(column "$peer" "$3" | awk -v f="$4" '{ printf "%.0f", $1 * f }')
		ratio=$(awk -v a="$(column "$mine" "$3")" -v b="$(column "$peer" "$3")" 'BEGIN { printf "%.1f", b / a }')
		[ -z "$6" ] || verdict=$(awk -v r="$ratio" -v t="$6" 'BEGIN { print (r >= t ? "met" : "missed") }')
	fi
	printf '%-42s %8s %8s %-4s %7s × %6s  %s\n' "$1" "$a" "$b" "$5" "$ratio" "${6:+≥ $6}" "$verdict"
}

in_turns live "$dir/live.aws_ec2.yml" "$dir/live.aws_ec2.yml"
in_turns warm "$dir/ours/warm.aws_ec2.yml" "$dir/theirs/warm.aws_ec2.yml"
for name in live warm; do
	wanted=$([ $name = live ] && echo 1200 || echo 10000)
	[ "$(count "$dir/out/$name-ours")" = "$wanted" ] || { echo "FAIL  $name: ours lists $(count "$dir/out/$name-ours") hosts"; failures=1; }
	[ $has_theirs = no ] || cmp -s "$dir/out/$name-ours" "$dir/out/$name-theirs" || { echo "FAIL  $name: the lists differ"; failures=1; }
done
printf '%-42s %8s %8s %-4s %9s %6s\n' "medians of $runs runs in turns" ours theirs '' ratio wished
row "1,200 instances, asked: wall" live 1 1000 ms 20
row "1,200 instances, asked: memory" live 3 0.0009765625 MiB 10
row "10,000 hosts, warm cache: wall" warm 1 1000 ms 10
row "10,000 hosts, warm cache: memory" warm 3 0.0009765625 MiB ''
echo "load: $(cut -d' ' -f1-3 /proc/loadavg)"
exit $failures
