# Sourced: sshd on loopback for tests. $dir is the working directory.

sshd_pids=
SSHD=${SSHD:-/usr/sbin/sshd}

# sshd_start NAME PORT [extra configuration lines on stdin]
sshd_start()
{
	mkdir -p "$dir/$1"
	[ -e "$dir/$1/host_ed25519" ] || ssh-keygen -qt ed25519 -N '' -C "$1" -f "$dir/$1/host_ed25519"
	# The first value counts, so what is special comes first.
	cat >"$dir/$1/config"
	cat >>"$dir/$1/config" <<-END
	Port $2
	ListenAddress 127.0.0.1
	PidFile none
	HostKey $dir/$1/host_ed25519
	AuthorizedKeysFile $dir/authorized_keys
	StrictModes no
	PermitRootLogin yes
	PasswordAuthentication no
	KbdInteractiveAuthentication no
	UsePAM no
	LogLevel VERBOSE
	END
	mkdir -p /run/sshd 2>/dev/null # only root's needs it
	"$SSHD" -D -e -f "$dir/$1/config" >>"$dir/$1/log" 2>&1 &
	eval "pid_$1=$!"
	sshd_pids="$sshd_pids $!"
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		grep -qs 'Server listening' "$dir/$1/log" && return
		sleep 0.1
	done
	echo "sshd $1 does not start" >&2
	cat "$dir/$1/log" >&2
}

sshd_stop_all()
{
	for pid in $sshd_pids; do
		kill "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	sshd_pids=
}
