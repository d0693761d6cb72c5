#!/bin/bash
# Clouds that are not AWS, played by server.py: the answers of a real econe-server (the vectors), every signature
# checked; and Terraform states in S3. What `ertc inventory` prints is in expected/. usage: run.sh BUILD [renew]
set -u
cd "$(dirname "$0")" || exit 1
here=$PWD
ertc=$(cd ../../.. && pwd)/$1/ertc
vectors=${ERTC_VECTORS:-$(cd ../../.. && pwd)/../shared/vectors}/econe
if [ ! -d "$vectors" ] || ! command -v python3 > /dev/null; then
	echo "skipped: clouds; the answers of econe-server, or python3, are not there"
	exit 0
fi
work=$(mktemp -d)
python3 server.py "$work/port" "$vectors" "$here/../terraform/states/whole.tfstate" > "$work/server" 2>&1 &
server=$!
trap 'kill $server; rm -rf "$work"' EXIT
for _ in $(seq 100); do [ -s "$work/port" ] && break || sleep 0.05; done
port=$(cat "$work/port") || { cat "$work/server"; exit 1; }
passed=0 failed=0
: > "$work/ansible.cfg"
export ANSIBLE_CONFIG=$work/ansible.cfg COLUMNS=200 HOME=$work TEST_CLOUD=http://127.0.0.1:$port NO_PROXY=127.0.0.1
mkdir "$work/configs"
for file in configs/*.yml; do sed "s|http://CLOUD|http://127.0.0.1:$port|" "$file" > "$work/$file"; done
printf 'alice:s3cret: p\303\244ss\n' > "$work/one_auth"
# Waiting between attempts is tested elsewhere.
export AWS_MAX_ATTEMPTS=1
unset AWS_PROFILE AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_REGION AWS_DEFAULT_REGION EC2_URL EC2_ACCESS_KEY EC2_SECRET_KEY

check() { # NAME COMMAND…
	local name=$1
	shift
	if "$@" > "$work/why" 2>&1; then passed=$((passed + 1)); else
		failed=$((failed + 1))
		echo "FAIL $name"
		head -n 30 "$work/why"
	fi
}

# Told in one line each, without what differs from run to run.
tell() { # ENVIRONMENT COMMAND…
	local environment=$1
	shift
	cd "$work" || exit 1
	env $environment "$@" 2> "$work/stderr" < /dev/null
	echo "exit $?"
	cd "$here" || exit 1
	tr '\n' ' ' < "$work/stderr" | sed "s|$work/||g; s|127.0.0.1:$port|CLOUD|g; s/ *\[WARNING\]: */\n[WARNING]: /g; s/ *\$/\n/" |
		sed '/^$/d; / with \(yaml\|ini\) plugin: /d'
}

# shellcheck disable=SC2086 # arguments are words
while IFS='|' read -r name environment arguments; do
	name=${name// /}
	case $name in '' | \#*) continue ;; esac
	environment=${environment//WORK/$work}
	tell "$environment" "$ertc" inventory $arguments > "$work/ours"
	[ "${2:-}" != renew ] || cp "$work/ours" "expected/$name"
	check "$name" diff -u "expected/$name" "$work/ours"
	tell "$environment" "$ertc" inventory $arguments -vvvv > "$work/loud"
	check "$name shows no secret" bash -c "! grep -nE 's3cret|HUSH|wJalrXUtn|$(printf 's3cret: p\303\244ss' | sha256sum | cut -c1-20)|$(printf s3cret | sha1sum | cut -c1-20)' '$work/loud'"
done < cases

# From a fresh cache nobody is asked.
cached() { env "ANSIBLE_INVENTORY_CACHE_CONNECTION=$work/cache" "$ertc" inventory -i "$work/configs/cached.yml" --graph < /dev/null; }
cached > "$work/first" 2>&1
kill -STOP $server
check "cache" diff "$work/first" <(timeout 10 bash -c "$(declare -f cached); ertc='$ertc' work='$work' cached" 2>&1)
kill -CONT $server
check "cache holds hosts" grep -q node-1 "$work/first"

# Where ansible.cfg says that answers are kept: [inventory] before [defaults], the environment before both, the file first.
grep -v '^cache' "$work/configs/cached.yml" > "$work/configs/silent.yml"
kept() { # NAME FILE WANTED ENVIRONMENT, and ansible.cfg: in which folder, and what it is called up to the digest
	rm -rf "$work"/kept*
	sed "s|WORK|$work|" > "$work/ansible.cfg"
	env ${4//WORK/$work} "$ertc" inventory -i "$work/configs/$2" --graph > "$work/graph" 2>&1 < /dev/null
	check "$1: hosts" grep -q node-1 "$work/graph"
	check "$1" diff <(echo "$3") <(cd "$work" && for file in kept*/*_*; do echo "${file%%_[0-9a-f]*}"; done)
}
kept 'cache: [inventory]' silent.yml kept/mine '' << 'END'
[inventory]
cache = true
cache_plugin = jsonfile
cache_connection = "WORK/kept" ; a folder
cache_prefix = mine_
[defaults]
fact_caching_connection = WORK/kept-facts
END
kept 'cache: [defaults]' silent.yml kept-facts/theirs '' << 'END'
[defaults]
fact_caching = jsonfile
fact_caching_connection = WORK/kept-facts
fact_caching_prefix = theirs_
[inventory]
cache = yes
END
kept 'cache: the environment first' silent.yml kept-too/ansible_inventory 'ANSIBLE_CACHE_PLUGIN_CONNECTION=WORK/kept-too' << 'END'
[inventory]
cache = true
cache_connection = WORK/kept
END
kept 'cache: ERTC_ as well' silent.yml kept-too/ansible_inventory 'ERTC_INVENTORY_CACHE=1 ERTC_INVENTORY_CACHE_CONNECTION=WORK/kept-too' << 'END'
[inventory]
cache = false
END
kept 'cache: in memory' cached.yml 'kept*/*_*' '' << 'END'
[inventory]
cache_plugin = memory
cache_connection = WORK/kept
END
kept 'cache: off, unless the file says so' silent.yml 'kept*/*_*' '' << 'END'
[inventory]
cache_connection = WORK/kept
END
kept 'cache: the file first' cached.yml kept/ansible_inventory '' << 'END'
[inventory]
cache = false
cache_connection = WORK/kept
END
kill -STOP $server
still() { # SECONDS: is it taken that long?
	printf '[inventory]\ncache_connection = %s/kept\ncache_timeout = %s\n' "$work" "$1" > "$work/ansible.cfg"
	timeout 2 "$ertc" inventory -i "$work/configs/cached.yml" --graph < /dev/null 2> /dev/null | grep -q node-1
}
sleep 1.1
still 100
check 'cache_timeout: fresh' [ $? = 0 ]
still 1
check 'cache_timeout: stale' [ $? = 1 ]
kill -CONT $server
check 'ertc config dump' grep -qxF "INVENTORY_CACHE_TIMEOUT($work/ansible.cfg:3) = 1" <("$ertc" config dump)

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
