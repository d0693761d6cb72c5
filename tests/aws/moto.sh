#!/bin/bash
# The inventory from AWS against moto, which stands for AWS: topology.py makes a world there. Each file of matrix/ must list
# byte for byte what ansible-inventory with amazon.aws lists; cases.py looks at what only we have, then at signatures, which
# moto then checks. usage: moto.sh BUILD [what is in names of cases]
set -u
cd "$(dirname "$0")" || exit 1
root=$(cd ../.. && pwd)
ertc=$root/$1/ertc
shift
if ! python3 -c 'import boto3, moto.server' 2> /dev/null; then
	echo "skipped: AWS end to end; python3 has no moto.server"
	exit 0
fi
work=$(mktemp -d)
moto=
trap '[ -z "$moto" ] || kill "$moto"; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
# Where packages of this python3 lie, for a python that runs ansible-inventory and has an older boto3.
PYTHON_OF_MOTO=$(python3 -c 'import os, boto3; print(os.path.dirname(os.path.dirname(boto3.__file__)))')
export PYTHON_OF_MOTO HOME=$work/home AWS_EC2_METADATA_DISABLED=true LC_ALL=C.UTF-8 COLUMNS=200 NO_PROXY=127.0.0.1
export AWS_ACCESS_KEY_ID=AKIAQWERTYUIOPTEST AWS_SECRET_ACCESS_KEY=hush-secret-of-the-user ANSIBLE_CONFIG=$work/ansible.cfg
unset AWS_PROFILE AWS_SESSION_TOKEN AWS_REGION AWS_DEFAULT_REGION "${!AWS_ENDPOINT_@}" "${!ANSIBLE_INVENTORY_@}"
mkdir "$HOME"
: > "$ANSIBLE_CONFIG"

# A port that is free now may be taken a moment later: then another.
for _ in 1 2 3; do
	port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	python3 -m moto.server -H 127.0.0.1 -p "$port" > "$work/moto.log" 2>&1 &
	moto=$!
	for _ in $(seq 300); do
		kill -0 $moto 2> /dev/null || break
		python3 -c "import socket; socket.create_connection(('127.0.0.1', $port), 1)" 2> /dev/null && break 2
		sleep 0.2
	done
done
export AWS_ENDPOINT_URL=http://127.0.0.1:$port
if ! python3 -B topology.py "$AWS_ENDPOINT_URL" > "$work/made.json" 2> "$work/topology.err"; then
	echo "FAIL topology: $(tail -n 3 "$work/topology.err")"
	echo "0 passed, 1 failed"
	exit 1
fi

passed=0 failed=0
theirs=no
if [ $# = 0 ] && command -v ansible-inventory > /dev/null; then
	# The one of the system may be hidden by another python's.
	PATH=/usr/bin:$PATH PYTHONPATH=$PYTHON_OF_MOTO ansible-inventory -i matrix/plain.aws_ec2.yml --list 2> /dev/null | grep -q '"aws_ec2"' &&
		theirs=yes
fi
if [ $theirs = yes ]; then
	mkdir "$work/said"
	for file in matrix/*.yml; do printf '%s\0' "$file"; done |
		PATH=/usr/bin:$PATH xargs -0 -P "$(nproc)" -I FILE bash compare.sh "$ertc" FILE "$work/said" > "$work/compared"
	grep -v '^ok ' "$work/compared"
	passed=$(grep -c '^ok ' "$work/compared")
	failed=$(grep -c '^FAIL ' "$work/compared")
	[ $((passed + failed)) = "$(ls matrix/*.yml | wc -l)" ] || failed=$((failed + 1))
elif [ $# = 0 ]; then
	echo "skipped: the comparison with ansible-inventory; it, amazon.aws, or a boto3 that hears AWS_ENDPOINT_URL is not there"
fi

python3 -B cases.py "$ertc" "$AWS_ENDPOINT_URL" "$work/made.json" "$@" > "$work/cases"
grep -v ' passed, ' "$work/cases"
read -r good bad < <(awk '/ passed, / { print $1, $3 }' "$work/cases")
passed=$((passed + ${good:-0})) failed=$((failed + ${bad:-1}))
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
