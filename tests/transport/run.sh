#!/bin/bash
# run.sh CLIENT [name…]: transport and delivery against real sshds on loopback. Needs root (login shells, sshd).
# Leaves nothing behind; a failing test shows what the client printed.
set -u
client=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d /tmp/ertc-transport-XXXXXX)
base=${BASE_PORT:-22200}
. "$here/sshd.sh"
failed=0
done_count=0
trap 'sshd_stop_all; umount -l "$dir/noexec" 2>/dev/null; [ -z "${agent_pid:-}" ] || kill "$agent_pid"; rm -rf "$dir"' EXIT
unset SSH_AUTH_SOCK

for key in key other; do
	ssh-keygen -qt ed25519 -N '' -C "$key" -f "$dir/$key"
done
ssh-keygen -qt ed25519 -N secret -a 4 -C locked -f "$dir/locked"
cat "$dir/key.pub" "$dir/locked.pub" >"$dir/authorized_keys"
chmod 755 "$dir"

# config [lines]: a fresh ssh_config, with nothing known
config()
{
	rm -f "$dir/known_hosts"
	{
		printf '%s\n' "$@"
		printf 'Host *\n\tUser root\n\tUserKnownHostsFile %s\n\tGlobalKnownHostsFile none\n' "$dir/known_hosts"
		printf '\tIdentityFile %s\n\tIdentityAgent none\n' "$dir/key"
	} >"$dir/config"
}

run()
{
	timeout "${LIMIT:-60}" "$client" -d "$dir/cache" -a "-F $dir/config" "$@" >"$dir/out" 2>&1
}

bad()
{
	failed=$((failed + 1))
	echo "FAILED $test: $1"
	sed 's/^/	/' "$dir/out" | head -${LINES_SHOWN:-25}
}

# expect 'regular expression' …: all in the output of the last run
expect()
{
	local text
	for text; do
		grep -qE -- "$text" "$dir/out" || bad "no '$text'"
	done
}

expect_not()
{
	local text
	for text; do
		grep -qE -- "$text" "$dir/out" && bad "'$text'"
	done
	return 0
}

test_local()
{
	run -c local -n 1000000 here
	expect 'ready x86_64|ready aarch64' 'echoed' '^good 1 bad 0'
}

test_direct()
{
	config
	run -p $((base + 1)) 127.0.0.1
	expect 'pushing' 'ready .* pushed by ssh root@127.0.0.1' 'echoed' '^good 1 bad 0 logins 1'
	run -p $((base + 1)) 127.0.0.1
	expect_not 'pushing'
	expect 'ready .* cached' '^good 1 bad 0'
	grep -q '' "$dir/known_hosts" && [ "$(stat -c %a "$dir/known_hosts")" = 600 ] || bad 'known_hosts is not 0600'
	[ "$(wc -l <"$dir/known_hosts")" = 1 ] || bad 'recorded twice'
}

test_refused_port()
{
	config
	run -p 1 127.0.0.1
	expect 'closed before kind=7 cannot connect .*Connection refused'
}

test_wrong_key()
{
	config
	run -p $((base + 1)) -i "$dir/other" -x "-o IdentitiesOnly=yes -o IdentityFile=$dir/other" 127.0.0.1
	expect 'ready' # both keys of the list are tried
	printf 'Host *\n\tUserKnownHostsFile %s\n' "$dir/known_hosts" >"$dir/config"
	run -p $((base + 1)) -u root -i "$dir/other" -x '-o IdentityAgent=none' 127.0.0.1
	expect 'closed before kind=8 cannot log in' 'permission denied \(it takes publickey\); tried key .*/other'
}

test_encrypted_key()
{
	config
	printf 'Host *\n\tUserKnownHostsFile %s\n\tIdentityAgent none\n' "$dir/known_hosts" >"$dir/config"
	run -p $((base + 1)) -u root -i "$dir/locked" -s secret 127.0.0.1 b=127.0.0.1 c=127.0.0.1
	expect "asked: Passphrase for key '.*/locked'" '^good 3 bad 0'
	[ "$(grep -c asked "$dir/out")" = 1 ] || bad 'asked more than once'
	run -p $((base + 1)) -u root -i "$dir/locked" 127.0.0.1
	expect 'kind=8 cannot log in' 'encrypted and no passphrase was given'
}

test_agent()
{
	config
	eval "$(ssh-agent -s)" >/dev/null
	agent_pid=$SSH_AGENT_PID
	for number in 1 2 3 4 5 6 7; do
		ssh-keygen -qt ed25519 -N '' -C "agent$number" -f "$dir/agent$number"
		ssh-add -q "$dir/agent$number" 2>/dev/null
	done
	ssh-add -q "$dir/key" 2>/dev/null
	printf 'Host *\n\tUserKnownHostsFile %s\n\tUser root\n' "$dir/known_hosts" >"$dir/config"
	# Seven wrong keys come first: too many.
	run -p $((base + 1)) -x "-o IdentityFile=none" 127.0.0.1
	expect 'kind=8 cannot log in' '3 more keys were not tried|MaxAuthTries'
	# The .pub names the one.
	mkdir -p "$dir/pub"
	cp "$dir/key.pub" "$dir/pub/mine.pub"
	run -p $((base + 1)) -i "$dir/pub/mine.pub" -x '-o IdentitiesOnly=yes' 127.0.0.1
	expect '^good 1 bad 0 logins 1'
	# So does the name of a private key that is not there.
	run -p $((base + 1)) -i "$dir/pub/mine" -x '-o IdentitiesOnly=yes' 127.0.0.1
	expect '^good 1 bad 0 logins 1'
	kill "$agent_pid"
	agent_pid=
	unset SSH_AUTH_SOCK SSH_AGENT_PID
}

test_certificate()
{
	config
	ssh-keygen -qt ed25519 -N '' -f "$dir/authority"
	ssh-keygen -qt ed25519 -N '' -f "$dir/certified"
	ssh-keygen -qs "$dir/authority" -I me -n root "$dir/certified.pub"
	sshd_start cert $((base + 9)) <<<"TrustedUserCAKeys $dir/authority.pub"
	run -p $((base + 9)) -i "$dir/certified" 127.0.0.1
	expect '^good 1 bad 0 logins 1'
	grep -q 'Accepted publickey.*CERT' "$dir/cert/log" || bad 'no certificate in the log'
	mv "$dir/certified-cert.pub" "$dir/elsewhere.pub"
	run -p $((base + 9)) -i "$dir/certified" -x "-o CertificateFile=$dir/elsewhere.pub" 127.0.0.1
	expect '^good 1 bad 0 logins 1'
	[ "$(grep -c 'Accepted publickey.*CERT' "$dir/cert/log")" = 2 ] || bad 'CertificateFile was not used'
}

test_password()
{
	config
	sshd_start password $((base + 8)) <<-END
	PasswordAuthentication yes
	END
	run -p $((base + 8)) -w wrong -x '-o PubkeyAuthentication=no' 127.0.0.1
	expect 'kind=8 cannot log in' 'tried the password'
	run -p $((base + 1)) -w wrong -x '-o PubkeyAuthentication=no' 127.0.0.1
	expect 'kind=8 cannot log in' 'it takes publickey'
	# sshd without PAM reads the hash of /etc/shadow: only tried where this machine is ours to change.
}

test_host_keys()
{
	local port=$((base + 1)) name="[127.0.0.1]:$((base + 1))"

	config
	run -p $port -k yes 127.0.0.1
	expect 'kind=8 the host key of .* is not known' 'SHA256:'
	[ ! -e "$dir/known_hosts" ] || bad 'recorded'
	run -p $port -k ask -s no 127.0.0.1
	expect 'asked: The host key' 'kind=8 .*not known'
	run -p $port -k ask -s yes 127.0.0.1
	expect 'asked: The host key' '^good 1'
	run -p $port -k yes 127.0.0.1
	expect '^good 1'
	# Changed: whatever the policy.
	echo "$name $(cut -d' ' -f1,2 "$dir/other.pub")" >"$dir/known_hosts"
	for policy in yes accept-new ask off; do
		run -p $port -k $policy -s yes 127.0.0.1
		expect 'kind=8 the host key of .* has changed' "$dir/known_hosts:1 has ED25519 SHA256:" \
			'the server shows ED25519 SHA256' "ssh-keygen -f '$dir/known_hosts' -R"
	done
	# Revoked beats known.
	{
		echo "$name $(cut -d' ' -f1,2 "$dir/a/host_ed25519.pub")"
		echo "@revoked * $(cut -d' ' -f1,2 "$dir/a/host_ed25519.pub")"
	} >"$dir/known_hosts"
	run -p $port -k off 127.0.0.1
	expect 'kind=8 the host key of .* is revoked' 'known_hosts:2'
	# Hashed, by ssh-keygen and by us.
	echo "$name $(cut -d' ' -f1,2 "$dir/a/host_ed25519.pub")" >"$dir/known_hosts"
	ssh-keygen -qHf "$dir/known_hosts" 2>/dev/null
	run -p $port -k yes 127.0.0.1
	expect '^good 1'
	rm "$dir/known_hosts"
	run -p $port -x '-o HashKnownHosts=yes' 127.0.0.1
	grep -q '^|1|' "$dir/known_hosts" || bad 'not hashed'
	ssh-keygen -F "$name" -f "$dir/known_hosts" >/dev/null || bad 'ssh-keygen does not find our line'
	run -p $port -k yes 127.0.0.1
	expect '^good 1'
	# A hashed line with another key is a change too.
	echo "$name $(cut -d' ' -f1,2 "$dir/other.pub")" >"$dir/known_hosts"
	ssh-keygen -qHf "$dir/known_hosts" 2>/dev/null
	run -p $port 127.0.0.1
	expect 'has changed'
	# An alias, and an authority.
	echo "alias $(cut -d' ' -f1,2 "$dir/a/host_ed25519.pub")" >"$dir/known_hosts"
	run -p $port -k yes -x '-o HostKeyAlias=alias' 127.0.0.1
	expect '^good 1'
	echo "@cert-authority * $(cut -d' ' -f1,2 "$dir/other.pub")" >"$dir/known_hosts"
	run -p $port 127.0.0.1
	expect 'kind=8 .*not known' 'certificate authority' 'ssh-cli'
}

hops()
{
	config "Host jump-a" "	HostName 127.0.0.1" "	Port $((base + 1))" "	HostKeyAlias jump-a" \
		"Host jump-b" "	HostName 127.0.0.1" "	Port $((base + 2))" "	HostKeyAlias jump-b" \
		"Host jump-c" "	HostName 127.0.0.1" "	Port $((base + 3))" "	HostKeyAlias jump-c" "$@"
}

test_hops()
{
	# Only c reaches the target, only b reaches c, only a reaches b.
	sshd_start b $((base + 2)) <<<"PermitOpen 127.0.0.1:$((base + 3)) 127.0.0.1:$((base + 4))"
	sshd_start c $((base + 3)) <<<"PermitOpen 127.0.0.1:$((base + 4))"
	sshd_start d $((base + 4)) </dev/null
	hops
	run -p $((base + 4)) -a "-F $dir/config -J jump-b" 127.0.0.1
	expect '^good 1 bad 0 logins 2' 'ready .* by root@127.0.0.1:'$((base + 2))
	run -p $((base + 4)) -a "-F $dir/config -o ProxyJump=jump-b,jump-c" 127.0.0.1
	expect '^good 1 bad 0 logins 3'
	run -p $((base + 4)) -a "-F $dir/config -J jump-a,root@jump-b,ssh://root@jump-c:$((base + 3))" 127.0.0.1
	expect '^good 1 bad 0 logins 4'
	run -p $((base + 4)) -a "-F $dir/config -J jump-c,jump-b" 127.0.0.1
	expect 'administratively prohibited' 'AllowTcpForwarding'
	# The hop's own ProxyJump is followed.
	hops "Host jump-c" "	ProxyJump jump-b"
	run -p $((base + 4)) -a "-F $dir/config -J jump-c" 127.0.0.1
	expect '^good 1 bad 0 logins 3'
	hops "Host jump-b" "	ProxyJump jump-c" "Host jump-c" "	ProxyJump jump-b"
	run -p $((base + 4)) -a "-F $dir/config -J jump-b" 127.0.0.1
	expect 'kind=2 the jump hosts go in a circle: 127.0.0.1 by jump-b by jump-c by jump-b'
	hops
	run -p 1 -a "-F $dir/config -J jump-a" 127.0.0.1
	expect 'Connection refused' 'does not connect'
	# ProxyCommand as a hop, and as a command.
	run -p $((base + 4)) -a "-F $dir/config -o ProxyCommand=\"ssh -q -W %h:%p -F $dir/config jump-b\"" 127.0.0.1
	expect '^good 1 bad 0 logins 2'
	run -p $((base + 4)) -a "-F $dir/config -o 'ProxyCommand=ssh -F $dir/config -W %h:%p jump-b 2>/dev/null'" 127.0.0.1
	expect '^good 1 bad 0 logins 1'
	run -p $((base + 4)) -a "-F $dir/config -o 'ProxyCommand=echo nothing here >&2; exit 3'" 127.0.0.1
	expect 'closed before .*(ProxyCommand|greeting)'
}

test_bastion()
{
	local hosts= number logins

	sshd_start bastion $((base + 11)) <<-END
	MaxStartups 2:100:2
	MaxSessions 1
	END
	sshd_start behind $((base + 12)) <<<'MaxStartups 200'
	config "Host bastion" "	HostName 127.0.0.1" "	Port $((base + 11))" "	HostKeyAlias bastion"
	for number in $(seq 30); do
		hosts="$hosts h$number=127.0.0.1"
	done
	# shellcheck disable=SC2086
	run -q -p $((base + 12)) -a "-F $dir/config -J bastion" $hosts
	expect '^good 30 bad 0 logins 31'
	logins=$(grep -c 'Accepted publickey' "$dir/bastion/log")
	[ "$logins" = 1 ] || bad "$logins logins on the bastion"
	cat "$dir/out"
}

test_bastion_lost()
{
	sshd_start doomed $((base + 13)) </dev/null
	sshd_start kept $((base + 14)) <<<'MaxStartups 100'
	config "Host bastion" "	HostName 127.0.0.1" "	Port $((base + 13))" "	HostKeyAlias bastion"
	run -h 5000 -p $((base + 14)) -a "-F $dir/config -J bastion" h1=127.0.0.1 h2=127.0.0.1 h3=127.0.0.1 &
	sleep 2
	# The process that serves the connection, not the listener alone.
	# shellcheck disable=SC2154
	pkill -P "$pid_doomed"
	kill "$pid_doomed"
	wait $!
	[ "$(grep -c "closed after .*bastion 'root@127.0.0.1:$((base + 13))' lost" "$dir/out")" = 3 ] ||
		bad 'not all were told'
}

test_no_forwarding()
{
	sshd_start closed $((base + 15)) <<<'AllowTcpForwarding no'
	config "Host bastion" "	HostName 127.0.0.1" "	Port $((base + 15))" "	HostKeyAlias bastion"
	run -p $((base + 1)) -a "-F $dir/config -J bastion" 127.0.0.1
	expect 'administratively prohibited' "AllowTcpForwarding yes"
}

test_shells()
{
	local shell port=$((base + 16)) number=0

	config
	for shell in /bin/dash /bin/bash fish tcsh 'busybox sh' zsh mksh; do
		command -v ${shell%% *} >/dev/null || continue
		number=$((number + 1))
		rm -rf "$dir/cache"
		sshd_start "shell$number" $((port + number)) \
			<<<"ForceCommand exec $shell -c \"\$SSH_ORIGINAL_COMMAND\""
		run -p $((port + number)) 127.0.0.1
		expect 'pushed' '^good 1 bad 0'
		run -p $((port + number)) 127.0.0.1
		expect 'cached' '^good 1 bad 0'
		# From memory as well: the command for perl goes through the same shells.
		timeout 30 "$client" -d "$dir/none/x" -a "-F $dir/config" -p $((port + number)) 127.0.0.1 >/dev/null
	done
	rm -rf "$dir/none"
}

test_noise()
{
	config
	sshd_start noisy $((base + 30)) <<<'ForceCommand echo Welcome; echo dear user; eval "$SSH_ORIGINAL_COMMAND"'
	run -p $((base + 30)) 127.0.0.1
	expect '^good 1 bad 0'
	sshd_start chatty $((base + 31)) <<<'ForceCommand yes "You are welcome"'
	run -p $((base + 31)) 127.0.0.1
	expect '64 KiB came before' 'it printed "You are welcome'
	sshd_start nologin $((base + 32)) <<<'ForceCommand echo This account is currently not available.; exit 1'
	run -p $((base + 32)) 127.0.0.1
	expect 'the login shell ended with status 1' 'currently not available'
}

# Places without exec: needs mounts of our own.
test_noexec()
{
	config
	rm -f "$HOME"/.cache/ertc-0/r-* {/var/tmp,/tmp,/dev/shm}/ertc-0/r-* # of the tests before, or of another run
	mkdir -p "$dir/noexec" "$dir/home"
	mount -t tmpfs -o noexec,mode=1777 none "$dir/noexec" 2>/dev/null || return 0
	sshd_start noexec $((base + 33)) <<-END
	SetEnv XDG_CACHE_HOME=$dir/home
	END
	run -d "$dir/noexec" -p $((base + 33)) 127.0.0.1
	expect 'pushed' '^good 1 bad 0'
	ls "$dir"/home/ertc-0/r-* >/dev/null 2>&1 || bad 'not in the next place'
	[ "$(grep -c 'pushing' "$dir/out")" = 1 ] || bad 'pushed twice'
	umount -l "$dir/noexec"
	# Nowhere but memory: the script sees only places that allow nothing.
	sshd_start nowhere $((base + 34)) <<-END
	ForceCommand unshare -m sh -c "for d in /var/tmp /tmp /dev/shm /run /root; do mount -t tmpfs -o noexec none \\\$d; done; eval \"\\\$SSH_ORIGINAL_COMMAND\""
	END
	run -d "$dir/anywhere" -p $((base + 34)) 127.0.0.1
	expect 'pushed' '^good 1 bad 0'
}

test_planted()
{
	config
	rm -rf "$dir/trap"
	mkdir -p "$dir/trap/ertc-0"
	chown 65534 "$dir/trap/ertc-0"
	run -d "$dir/trap" -x "-o SetEnv=X=1" -p $((base + 1)) 127.0.0.1
	expect '^good 1'
	[ -z "$(ls "$dir/trap/ertc-0")" ] || bad 'used a directory of somebody else'
	rm -rf /root/.cache/ertc-0
}

test_damaged()
{
	config
	run -p $((base + 1)) 127.0.0.1
	# A file of that name that cannot run is no runner; it is replaced by hand only, but never hangs.
	for file in "$dir"/cache/ertc-0/r-*; do
		chmod 644 "$file"
	done
	run -p $((base + 1)) 127.0.0.1
	expect 'pushed' '^good 1 bad 0'
}

test_bulk()
{
	config "Host bastion" "	HostName 127.0.0.1" "	Port $((base + 1))" "	HostKeyAlias bastion"
	sshd_start bulk $((base + 35)) </dev/null
	run -n 50000000 -p $((base + 35)) 127.0.0.1
	expect '^good 1 bad 0'
	tail -1 "$dir/out"
	run -n 50000000 -a "-F $dir/config -J bastion" -p $((base + 35)) 127.0.0.1 b=127.0.0.1 c=127.0.0.1
	expect '^good 3 bad 0'
	tail -1 "$dir/out"
}

test_cli()
{
	config
	run -c ssh-cli -p $((base + 1)) -a "-F $dir/config -o StrictHostKeyChecking=accept-new" -n 1000000 127.0.0.1
	expect '^good 1 bad 0'
	run -c ssh-cli -p 1 127.0.0.1
	expect 'kind=7 your ssh did not reach .*Connection refused'
}

test_black_hole()
{
	config
	# 240.0.0.1 answers nothing; the name has it first. Loopback only: no packet leaves for a reserved network.
	unshare -m true 2>/dev/null || return 0
	printf '240.0.0.1 hole\n127.0.0.1 hole\n' >"$dir/hosts"
	LIMIT=30 timeout 30 unshare -m sh -c "mount --bind $dir/hosts /etc/hosts && exec \"\$@\"" sh \
		"$client" -d "$dir/cache" -a "-F $dir/config" -p $((base + 1)) hole >"$dir/out" 2>&1
	expect '^good 1 bad 0'
}

test_slow_greeting()
{
	config
	# A listener that says nothing.
	python3 -c 'import socket,sys,time
s=socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", int(sys.argv[1]))); s.listen(); time.sleep(20)' $((base + 36)) &
	local listener=$!
	sleep 0.3
	run -t 2 -p $((base + 36)) 127.0.0.1
	expect 'kind=9 no answer from' "waiting for the server's greeting took longer than 2 s"
	kill $listener
}

test_target_killed()
{
	sshd_start victim $((base + 37)) </dev/null
	config
	run -h 4000 -p $((base + 37)) victim=127.0.0.1 &
	sleep 1.5
	# shellcheck disable=SC2154
	pkill -P "$pid_victim"
	wait $!
	expect "closed after kind=7 connection lost to 'root@127.0.0.1"
}

# The other end falls silent: found out by keep-alives.
test_keepalive()
{
	local children

	sshd_start silent $((base + 40)) </dev/null
	config
	run -h 20000 -p $((base + 40)) -x '-o ServerAliveInterval=1 -o ServerAliveCountMax=2' quiet=127.0.0.1 &
	sleep 1.5
	# shellcheck disable=SC2154
	children=$(pgrep -P "$pid_silent")
	# shellcheck disable=SC2086
	kill -STOP $children
	wait $!
	# shellcheck disable=SC2086
	kill -KILL $children
	expect 'closed after kind=7 .*is dead .*nothing heard for 3 s'
}

# An idle link is kept, and answers are taken in.
test_idle()
{
	config
	run -h 4000 -p $((base + 1)) -x '-o ServerAliveInterval=1 -o ServerAliveCountMax=1' 127.0.0.1
	expect '^good 1 bad 0'
}

test_memory_by_python()
{
	local python

	python=$(python3 -c 'import sys; print(sys.executable)') || return 0
	config
	mkdir -p "$dir/tools"
	for tool in id uname chmod mkdir rm head gzip wc sha256sum mv cat; do
		ln -sf "$(command -v $tool)" "$dir/tools/$tool"
	done
	printf '#!/bin/sh\nexec %s "$@"\n' "$python" >"$dir/tools/python3"
	chmod 755 "$dir/tools/python3"
	cat >"$dir/nowhere.sh" <<-END
	mkdir -p /root/.cache
	for d in /var/tmp /dev/shm /run /root/.cache $dir/cache; do mount -t tmpfs -o noexec none \$d; done
	PATH=$dir/tools
	eval "\$SSH_ORIGINAL_COMMAND"
	END
	# /tmp holds this test: it is made unusable by a file in the way.
	sshd_start python $((base + 41)) <<<"ForceCommand unshare -m sh $dir/nowhere.sh"
	mv /tmp/ertc-0 "$dir/kept" 2>/dev/null
	: >/tmp/ertc-0
	run -p $((base + 41)) 127.0.0.1
	rm -f /tmp/ertc-0
	expect 'pushed' '^good 1 bad 0'
}

test_many()
{
	local hosts= number

	config
	sshd_start many $((base + 38)) <<<'MaxStartups 300'
	for number in $(seq 100); do
		hosts="$hosts h$number=127.0.0.1"
	done
	# shellcheck disable=SC2086
	run -q -p $((base + 38)) $hosts
	expect '^good 100 bad 0 logins 100'
	cat "$dir/out"
}

test_busy()
{
	local hosts= number

	config
	sshd_start busy $((base + 39)) <<<'MaxStartups 2:100:2'
	for number in $(seq 8); do
		hosts="$hosts h$number=127.0.0.1"
	done
	# shellcheck disable=SC2086
	run -q -p $((base + 39)) $hosts
	expect '^good 8 bad 0 logins 8'
}

sshd_start a $((base + 1)) </dev/null
all=$(sed -n 's/^test_\([a-z_]*\)()$/\1/p' "$0")
for test in ${*:-$all}; do
	before=$failed
	"test_$test"
	done_count=$((done_count + 1))
	[ "$failed" = "$before" ] && echo "ok $test"
done
echo "$done_count tests, $failed failures"
[ "$failed" = 0 ]
