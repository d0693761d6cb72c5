#!/bin/bash
# What happens around tasks: async, the cache of facts, refresh_inventory, argument specs of roles, modules of library/
# (as ansible-playbook prints it: expected/, made by it); retry files and --resume, lint, config (our own).
# usage: run.sh BUILD [renew]       renew: expected/ is made anew, by ansible-playbook
set -u
cd "$(dirname "$0")" || exit 1
bin=$(cd ../../.. && pwd)/$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
: > "$work/ansible.cfg"
export LC_ALL=C.UTF-8 HOME=$work ANSIBLE_CONFIG=$work/ansible.cfg ANSIBLE_NOCOLOR=1 ANSIBLE_ASYNC_DIR=$work/async

same() { # NAME EXPECTED GOT
	if diff -u "$2" "$3" > "$work/diff"; then passed=$((passed + 1)); else
		failed=$((failed + 1))
		echo "FAIL $1"
		head -n 40 "$work/diff"
	fi
}
check() { # NAME COMMAND…
	local name=$1
	shift
	if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAIL $name"; fi
}

# Sorted, since hosts finish in any order. Left out: job numbers, how often was asked, what the fatal lines hold beside what the tasks print of it.
normal() {
	sed -E "s|$PWD|HERE|g; s|$work|WORK|g"'; s/ansible.parsing.yaml.objects.AnsibleUnicode/str/g; s/j?[0-9]{6,}\.[0-9]+/JOB/g; s/^(fatal: \[[a-z0-9]*\]: FAILED!).*/\1/
		s/^(failed: .*) => \{.*/\1/' | grep -vE '^$|^ASYNC |^FAILED - RETRYING|^TASK \[meta|^An exception|^TASK \[checked : Validating'
}

run() { # PROGRAM CASE
	case $2 in
	cache)
		rm -rf "$work/facts"
		export ANSIBLE_CACHE_PLUGIN=jsonfile ANSIBLE_CACHE_PLUGIN_CONNECTION=$work/facts
		"$1" -i hosts cache-write.yml
		ls "$work/facts"
		"$1" -i hosts cache-read.yml
		"$1" -i hosts cache-read.yml
		unset ANSIBLE_CACHE_PLUGIN ANSIBLE_CACHE_PLUGIN_CONNECTION
		;;
	refresh)
		printf '[all]\nw1\n[all:vars]\nansible_connection=local\nlevel=1\n' > "$work/source"
		"$1" -i "$work/source" -e source="$work/source" refresh.yml
		;;
	config)
		printf '[defaults]\nforks = 7\nremote_user = "someone"\ngathering = explicit ; a comment\n' > "$work/ansible.cfg"
		"$1" -i hosts config.yml -f 3
		: > "$work/ansible.cfg"
		;;
	paths)
		# Relative ones begin at the folder of ansible.cfg, not where we are.
		mkdir -p "$work/there/own/afar/tasks"
		echo '- debug: msg="a role from afar"' > "$work/there/own/afar/tasks/main.yml"
		printf '[defaults]\nroles_path = elsewhere:own:/nowhere\n' > "$work/there/ansible.cfg"
		ANSIBLE_CONFIG=$work/there/ansible.cfg "$1" -i hosts paths.yml
		;;
	*) "$1" -i hosts "$2.yml" ;;
	esac 2> /dev/null < /dev/null
	echo "exit code $?"
}

for name in async cache config paths refresh specs library; do
	if [ $name = library ] && ! /usr/bin/python3 -c 'import ansible.module_utils.basic' 2> /dev/null; then
		echo "skipped: library; the modules there need Python and Ansible's module_utils"
		continue
	fi
	[ "${2:-}" != renew ] || run ansible-playbook $name | normal | sort > "expected/$name"
	run "$bin/ertc-play" $name | normal | sort > "$work/ours"
	same $name "expected/$name" "$work/ours"
done

# A retry file names the hosts that failed; --resume goes on where the run ended, on them alone.
ANSIBLE_RETRY_FILES_ENABLED=1 ANSIBLE_RETRY_FILES_SAVE_PATH=$work "$bin/ertc-play" -i hosts flaky.yml -e work="$work" \
	> "$work/out" 2>&1 < /dev/null
check "flaky fails" [ $? = 2 ]
same "the retry file" <(echo w2) "$work/flaky.retry"
same "first, on both" <(printf 'w1\nw2\n') <(sort "$work/first")
same "third, on one" <(echo w1) "$work/third"
touch "$work/ready"
"$bin/ertc-play" -i hosts flaky.yml -e work="$work" -l "@$work/flaky.retry" > "$work/out" 2>&1 < /dev/null
same "the retry file as a limit" <(printf 'w1\nw2\n') "$work/third"
rm -f "$work/ready" "$work/first" "$work/third"
export ANSIBLE_RETRY_FILES_ENABLED=1 ANSIBLE_RETRY_FILES_SAVE_PATH=$work
"$bin/ertc-play" -i hosts flaky.yml -e work="$work" > "$work/out" 2>&1 < /dev/null
touch "$work/ready"
"$bin/ertc-play" -i hosts flaky.yml -e work="$work" --resume > "$work/out" 2>&1 < /dev/null
check "resumed" [ $? = 0 ]
check "resuming says where" grep -q "^resuming 1 host at 'second'$" "$work/out"
same "what was done is not done again" <(printf 'w1\nw2\n') <(sort "$work/first")
same "what was not is" <(printf 'w1\nw2\n') "$work/third"
unset ANSIBLE_RETRY_FILES_ENABLED ANSIBLE_RETRY_FILES_SAVE_PATH

"$bin/ertc" lint -i hosts broken.yml > "$work/lint" 2>&1 < /dev/null
check "lint ends with an error" [ $? != 0 ]
check "lint tells the unknown module, and where" grep -qE 'broken\.yml:4:' "$work/lint"
"$bin/ertc" lint -i hosts flaky.yml > "$work/lint" 2>&1 < /dev/null
check "lint of what is right" [ $? = 0 ]

printf '[defaults]\nforks = 7\n' > "$work/ansible.cfg"
ANSIBLE_TIMEOUT=33 "$bin/ertc" config dump > "$work/config" 2>&1 < /dev/null
check "config dump" [ $? = 0 ]
check "a setting of the file" grep -qE "^FORKS\($work/ansible\.cfg:2\) = 7$" "$work/config"
check "a setting of the environment" grep -qE '^TIMEOUT\(ANSIBLE_TIMEOUT\) = 33$' "$work/config"
check "a default" grep -qE '^STRATEGY\(default\) = linear$' "$work/config"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
