#!/bin/bash
# `ertc ssh` against real sshds on loopback, as whoever runs this: output, exit status, terminal, hops, agent.
# Without sshd it is skipped. usage: run.sh BUILD
# shellcheck disable=SC2030,SC2031
set -u
cd "$(dirname "$0")" || exit 1
root=$(cd ../../.. && pwd)
build=$root/$1
SSHD=${SSHD:-/usr/sbin/sshd}
for program in "$SSHD" ssh ssh-keygen ssh-agent; do
	command -v "$program" > /dev/null || { echo "skipped: no $program" && echo "0 passed, 0 failed" && exit 0; }
done
dir=$(mktemp -d)
. ../../transport/sshd.sh
trap 'sshd_stop_all; [ -z "${SSH_AGENT_PID:-}" ] || kill "$SSH_AGENT_PID"; rm -rf "$dir"' EXIT
passed=0 failed=0
unset SSH_AUTH_SOCK SSH_AGENT_PID
me=$(id -un)
base=$((20000 + $$ % 10000))
ssh-keygen -qt ed25519 -N '' -C key -f "$dir/key"
ssh-keygen -qt ed25519 -N '' -C lent -f "$dir/lent"
cp "$dir/key.pub" "$dir/authorized_keys"
sshd_start target "$base" <<< 'MaxSessions 10'
sshd_start bastion $((base + 1)) < /dev/null
sshd_start mute $((base + 2)) <<< 'PermitTTY no'
: > "$dir/ansible.cfg"
export ANSIBLE_CONFIG=$dir/ansible.cfg ANSIBLE_NOCOLOR=1 TERM=vt100

common="-F none -o UserKnownHostsFile=$dir/known -o GlobalKnownHostsFile=none -o IdentitiesOnly=yes"
jump="ssh -F none -W %h:%p -i $dir/key -o IdentitiesOnly=yes -o UserKnownHostsFile=$dir/known -p $((base + 1)) $me@127.0.0.1"
cat > "$dir/hosts" <<END
[web]
web-1 ansible_port=$base
web-2 ansible_port=$base
[behind]
db ansible_port=$base ansible_ssh_common_args='$common -o ProxyCommand="$jump"'
[odd]
mute ansible_port=$((base + 2))
gone ansible_port=1
moved ansible_port=$base ansible_ssh_common_args='-F none -o UserKnownHostsFile=$dir/moved -o GlobalKnownHostsFile=none'
cli ansible_port=$base ansible_connection=ssh-cli
here ansible_connection=local
[all:vars]
ansible_host=127.0.0.1
ansible_user="{{ login }}"
login=$me
ansible_ssh_private_key_file=$dir/key
ansible_ssh_common_args='$common'
END
echo "[127.0.0.1]:$base $(cut -d' ' -f1,2 "$dir/lent.pub")" > "$dir/moved"

ertc() { timeout 60 "$build/ertc" ssh -i "$dir/hosts" "$@"; }

# is NAME STATUS OUTPUT ARGUMENTS…
is() {
	local name=$1 status=$2 wanted=$3 got said
	shift 3
	said=$(ertc "$@" 2> "$dir/errors" < "${input:-/dev/null}")
	got=$?
	if [ "$got" = "$status" ] && [ "$said" = "$wanted" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $name: status $got (wanted $status), output '${said:0:300}'"
		sed 's/^/	/' "$dir/errors" | head
	fi
}

# errors NAME PATTERN: of the last run
errors() {
	if grep -qE "$2" "$dir/errors"; then passed=$((passed + 1)); else
		failed=$((failed + 1))
		echo "FAIL $1: no '$2' in"
		sed 's/^/	/' "$dir/errors"
	fi
}

# talk NAME LINES-WANTED ARGUMENTS… with the script on stdin: all the patterns (one a line) are in the output
talk() {
	local name=$1 wanted=$2 line bad=0
	shift 2
	"$build/tests/terminal" "$build/ertc" ssh -i "$dir/hosts" "$@" > "$dir/screen" 2>&1
	while read -r line; do grep -qE "$line" "$dir/screen" || { bad=1 && echo "no '$line'"; }; done <<< "$wanted"
	if [ $bad = 0 ]; then passed=$((passed + 1)); else
		failed=$((failed + 1))
		echo "FAIL $name"
		cat -v "$dir/screen" | sed 's/^/	/'
	fi
}

is 'output' 0 'one two' web-1 echo one two
is 'the options end at the host' 0 '-l x' web-1 echo -l x
is 'two dashes' 0 'x' -- web-1 echo x
is 'a shell over there reads the words' 7 "$((6 * 7))" web-1 'echo $((6 * 7)); exit 7'
is 'errors are errors' 0 '' web-1 'echo to-errors >&2'
errors 'errors are errors' '^to-errors$'
is 'no terminal for a command' 1 '' web-1 'test -t 0'
is 'a signal' 143 '' web-1 'kill -TERM $$'
is 'a group of one' 0 x behind echo x
grep -q 'Accepted publickey' "$dir/bastion/log" && passed=$((passed + 1)) || { failed=$((failed + 1)) && echo 'FAIL the bastion was not used'; }
is 'the first of a group' 0 x 'web[0]' echo x
is 'not one host' 255 '' web echo x
errors 'not one host' "why: .*it is 2: web-1, web-2"
is 'no such host' 255 '' nobody echo x
errors 'no such host' "there is no host 'nobody'"
is 'not there' 255 '' gone echo x
errors 'not there' 'Connection refused'
is 'another host key' 255 '' moved echo x
errors 'another host key' 'has changed'
is 'the road is told' 0 x -v db echo x
errors 'the road is told' "^ssh $me@127.0.0.1:$base by $me@127.0.0.1:$((base + 1))"
is 'a variable of the command line' 255 '' -e login=nobody-at-all web-1 true
errors 'a variable of the command line' 'nobody-at-all@127.0.0.1'
is 'the user'"'"'s own ssh' 5 x cli 'echo x; exit 5'
is 'this machine' 6 '12' here 'echo $((3 * 4)); exit 6'
is 'wrong option' 2 '' --nonsense web-1
errors 'wrong option' 'unrecognized arguments: --nonsense'

# Both ways, more than any buffer; and a slow reader.
head -c 5000000 /dev/urandom > "$dir/data"
sum=$(sha256sum < "$dir/data")
input=$dir/data is 'a file in' 0 "$sum" db sha256sum
input=$dir/data is 'a file in and out' 0 "" db "cat > $dir/copy"
cmp -s "$dir/data" "$dir/copy" && passed=$((passed + 1)) || { failed=$((failed + 1)) && echo 'FAIL the copy differs'; }
slow=$(ertc web-1 cat "$dir/data" | { sleep 1 && sha256sum; })
[ "$slow" = "$sum" ] && passed=$((passed + 1)) || { failed=$((failed + 1)) && echo 'FAIL a slow reader'; }
# shellcheck disable=SC2216
first=$(ertc web-1 yes | head -n 1)
[ "$first" = y ] && passed=$((passed + 1)) || { failed=$((failed + 1)) && echo "FAIL a reader that leaves: $first"; }
piped=$(cat "$dir/data" | ertc web-1 sha256sum)
[ "$piped" = "$sum" ] && passed=$((passed + 1)) || { failed=$((failed + 1)) && echo 'FAIL a pipe in'; }

# The agent: only with -A.
eval "$(ssh-agent -s)" > /dev/null
ssh-add -q "$dir/lent" 2> /dev/null
is 'no agent unasked' 2 '' web-1 'ssh-add -l 2> /dev/null'
is 'the agent' 0 "$(ssh-add -l)" -A db ssh-add -l
is 'the agent, many times' 0 "20" -A web-1 'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do ssh-add -l; done | wc -l'
kill "$SSH_AGENT_PID"
unset SSH_AUTH_SOCK SSH_AGENT_PID
is 'no agent to lend' 0 'x' -A web-1 echo x
errors 'no agent to lend' 'there is no ssh-agent to forward'

# At a terminal. An sshd that is not root's gives none.
if [ "$(id -u)" != 0 ]; then
	echo "skipped: terminals, which need an sshd of root's"
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
	exit
fi
talk 'a terminal for a command' $'^size 24 80 vt100\r?$\nexit code 3\nterminal as before' -t db 'echo size $(stty size) $TERM; exit 3' < /dev/null
talk 'a login shell, and a window that grows' $'rows=40 columns=100\nexit code 9\nterminal as before' web-1 <<'END'
send PS1='%% '; echo read''y\r
expect ready
size 40 100
wait 300
send stty size | sed 's/^/ro''ws=/;s/ / colum''ns=/'\r
expect rows=40
send exit 9\r
END
talk 'control keys go to the host' $'interrupted\nexit code 0\nterminal as before' -t web-1 'trap "echo interr""upted; exit 0" INT; echo rea""dy; sleep 20 & wait' <<'END'
expect ready
send \x03
END
talk 'leaving by tilde and dot' $'exit code 255\nterminal as before' -t web-1 'echo rea""dy; sleep 20' <<'END'
expect ready
send \r~.
END
talk 'a tilde within a line' $'<a~.b>\nexit code 0' -t web-1 'read line; echo "<$line>"' <<'END'
wait 600
send a~.b\r
END
talk 'two tildes' $'<~.b>\nexit code 0' -t web-1 'read line; echo "<$line>"' <<'END'
wait 600
send ~~.b\r
END
talk 'the end by a signal' $'exit code 143\nterminal as before' -t web-1 'echo rea""dy; sleep 20' <<'END'
expect ready
signal 15
END
talk 'the agent lends no terminal' $'gives no terminal\nexit code 255\nterminal as before' -t mute echo x < /dev/null
talk 'without one' $'<not a tty>\nexit code 0' --no-terminal mute <<'END'
wait 600
send test -t 0 || echo "<not a tt""y>"\r
expect <not a tty>
send \x04
END
# shellcheck disable=SC2016
talk 'this machine' $'^<.*/dev/pts/.*>\r?$\nexit code 0' here 'echo "<$(tty)>"' < /dev/null
talk 'the own ssh at the terminal' $'<yes>\nexit code 4\nterminal as before' -t cli 'test -t 0 && echo "<yes>"; exit 4' < /dev/null

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
