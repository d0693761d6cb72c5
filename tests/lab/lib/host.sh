# Hosts: systemd as PID 1 in systemd-nspawn over an overlay of the base tree, in a third of a second.
# The upper directory, $LAB/hosts/NAME/upper, is what the host has that the base has not: a witness of changes.

# Every host needs its own parent cgroup: nspawn makes its own below the one it is started in.
host_cgroup() {
	local root
	for root in "${CGROUP_ROOTS[@]}"; do
		mkdir -p "$root/$(cat $LAB/name)/$1" && echo "$BASHPID" > "$root/$(cat $LAB/name)/$1/cgroup.procs"
	done
}

# Boots again as long as nspawn says that the guest rebooted (133), on a fresh network namespace each time.
host_run() {
	local name=$1 folder=$LAB/hosts/$1 status=133
	host_cgroup "$name"
	# `network`, never 1: with 1 guests would write this machine's sysctls.
	export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 SYSTEMD_NSPAWN_API_VFS_WRITABLE=network SYSTEMD_SECCOMP=0 \
		SYSTEMD_NSPAWN_LOCK=0
	while [ $status = 133 ]; do
		net_plug "$name"
		status=0
		systemd-nspawn -q --register=no --keep-unit --machine="$name" --hostname="$name" -D "$folder/root" \
			--network-namespace-path=/run/netns/"$name" --resolv-conf=off --timezone=off --link-journal=no \
			--capability=all --boot --console=pipe --kill-signal=SIGRTMIN+4 || status=$?
	done
}

host_up() {
	local name=$1 folder=$LAB/hosts/$1
	[ -e "$folder" ] && die "$name is up"
	mkdir -p "$folder"/{upper/etc,work,root}
	sed "s/^127.0.0.1 .*/& $name/" "$LAB_CACHE/base/etc/hosts" > "$folder/upper/etc/hosts"
	mount -t overlay "$name" -o "lowerdir=$LAB_CACHE/base,upperdir=$folder/upper,workdir=$folder/work" "$folder/root"
	host_run "$name" < /dev/null > "$folder/console" 2>&1 &
	echo $! > "$folder/pid"
	disown
}

children() { cat "/proc/$1/task/$1/children" 2> /dev/null; }

# The guest's PID 1: loop → nspawn → first process.
host_pid() {
	local nspawn
	nspawn=$(children "$(cat $LAB/hosts/"$1"/pid)")
	children "${nspawn%% *}" | cut -d' ' -f1
}

# Root's shell in a host, past its network and its SSH server.
in_host() {
	local name=$1; shift
	nsenter -t "$(host_pid "$name")" -m -u -i -n -p -- "$@"
}

# From the router: security groups do not hide a host from it.
host_wait() {
	local name=$1 address
	address=$(awk -v name="$name" '$1 == name { sub("/.*", "", $3); print $3 }' <<< "$NETWORK")
	for _ in $(seq 600); do
		in_net router timeout 2 bash -c "exec 3<>/dev/tcp/$address/22 && head -c 3 <&3" 2> /dev/null |
			grep -q SSH && return 0
		sleep 0.05
	done
	note "$name shows no SSH banner; its console says: $(tail -n 3 $LAB/hosts/"$name"/console 2> /dev/null)"
	return 1
}

host_reboot() {
	local name=$1 before
	before=$(host_pid "$name")
	in_host "$name" systemctl --no-block reboot
	for _ in $(seq 400); do
		[ -d "/proc/$before" ] || break
		sleep 0.05
	done
	sleep 0.2
	host_wait "$name"
}

# Death of the guest's PID 1 ends its whole pid namespace; the loop first, so that it does not boot again.
host_down() {
	local name=$1 folder=$LAB/hosts/$1 loop nspawn guest
	loop=$(cat "$folder/pid") nspawn=$(children "$(cat "$folder/pid")") guest=$(host_pid "$name")
	kill -KILL "$loop"
	[ -z "$guest" ] || kill -KILL "$guest"
	for _ in $(seq 100); do
		[ -d "/proc/${nspawn%% *}" ] && [ -n "$nspawn" ] || break
		sleep 0.05
	done
	[ -z "$nspawn" ] || kill -KILL "${nspawn%% *}" 2> /dev/null
	umount -l "$folder/root"
	ip netns del "$name" 2> /dev/null
	rm -rf "$folder"
}

# lab_up HOST…: the network and these hosts, booted side by side.
lab_up() {
	local name failed=0
	[ $# -gt 0 ] || set -- bastion frontend backend
	net_up
	services_up
	for name; do host_up "$name"; done
	for name; do host_wait "$name" || failed=1; done
	[ $failed = 0 ] || die "not all hosts booted"
	laptop_home
}
