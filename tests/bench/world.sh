# Sourced by run.sh: the hosts of the bench, all on this machine. Everything lies under $dir; what is started is written
# down by its process id and ended by world_end.
#
#	LAN   one network namespace: targets 127.0.1.1… on port 2201, the bastion 127.0.0.2 on port 2222
#	WAN   two namespaces joined by `delay`: targets 10.77.1.1…, the bastion 10.77.0.2
#
# One sshd stands for all targets of a namespace (its MaxStartups is raised, since each real host would have its own);
# all else is Debian's default. The bastion keeps sshd's default MaxStartups and MaxSessions.

target_port=2201 bastion_port=2222
lan=ertc-bench-$$-lan client=ertc-bench-$$-cli server=ertc-bench-$$-srv
# Room in front for `ip netns`, whose names are global on the machine.
in_net() { local name=$1; shift; nsenter --net="/run/netns/$name" "$@"; }

# start NAME COMMAND…: in the background, its output in logs/NAME.
start() {
	local name=$1
	shift
	setsid "$@" > "$dir/logs/$name" 2>&1 < /dev/null &
	eval "pid_$name=$!"
	pids+=("$!")
}

sshd_config() { # MaxStartups
	cat <<-TEXT
	HostKey $dir/hostkey
	AuthorizedKeysFile $dir/authorized_keys
	PidFile none
	StrictModes no
	PermitRootLogin prohibit-password
	PasswordAuthentication no
	KbdInteractiveAuthentication no
	UsePAM no
	PermitUserRC no
	PrintMotd no
	# The account's own shell files are not part of the measurement.
	SetEnv HOME=$dir/there
	Subsystem sftp internal-sftp
	LogLevel INFO
	$1
	TEXT
}

world_files() {
	mkdir -p "$dir"/{logs,there,home,data,root,out,bin,sockets,facts}
	chmod 755 "$dir"
	ssh-keygen -qt ed25519 -N '' -C bench -f "$dir/id"
	ssh-keygen -qt ed25519 -N '' -C host -f "$dir/hostkey"
	cp "$dir/id.pub" "$dir/authorized_keys"
	echo "* $(cut -d' ' -f1,2 "$dir/hostkey.pub")" > "$dir/known_hosts"
	{ echo "Port $target_port"; sshd_config 'MaxStartups 4000:30:8000'; } > "$dir/sshd_target"
	{ echo "Port $bastion_port"; sshd_config ''; } > "$dir/sshd_bastion"
	cat > "$dir/ssh_config" <<-TEXT
	Host bastion
	  HostName 127.0.0.2
	  Port $bastion_port
	Host wbastion
	  HostName 10.77.0.2
	  Port $bastion_port
	Host *
	  User root
	  IdentityFile $dir/id
	  IdentitiesOnly yes
	  IdentityAgent none
	  UserKnownHostsFile $dir/known_hosts
	  GlobalKnownHostsFile /dev/null
	  StrictHostKeyChecking yes
	  KexAlgorithms curve25519-sha256
	  BatchMode yes
	  ConnectTimeout 30
	TEXT
	awk 'BEGIN { srand(7)
		for (i = 0; i < 500; i++) {
			dir = sprintf("'"$dir"'/data/tree/d%02d", i / 50)
			if (i % 50 == 0) system("mkdir -p " dir)
			file = sprintf("%s/f%03d.conf", dir, i)
			for (line = 0; line < 62; line++)
				printf "%08x%08x%08x%08x\n", rand() * 2^31, rand() * 2^31, rand() * 2^31, rand() * 2^31 > file
			close(file)
		} }'
	head -c 52428800 /dev/urandom > "$dir/data/big.bin"
}

# inventory FILE COUNT PREFIX: hosts PREFIX.1 … PREFIX.COUNT
inventory() {
	local i
	{
		echo "[targets]"
		for i in $(seq "$2"); do printf 'h%03d ansible_host=%s.%d\n' "$i" "$3" "$i"; done
		echo "[targets:vars]"
		echo "ansible_port=$target_port"
		echo "ansible_user=root"
		echo "ansible_ssh_private_key_file=$dir/id"
		echo "ansible_python_interpreter=/usr/bin/python3"
		echo "bench_root=$dir/root"
		echo "bench_data=$dir/data"
	} > "$1"
}

peer_settings() {
	cat > "$dir/ansible.cfg" <<-TEXT
	[defaults]
	forks = 50
	gathering = smart
	fact_caching = jsonfile
	fact_caching_connection = $dir/facts
	[ssh_connection]
	pipelining = True
	control_path_dir = $dir/sockets
	ssh_args = -o ControlMaster=auto -o ControlPersist=600s -o PreferredAuthentications=publickey
	TEXT
	mitogen_folder=$(dpkg -L ansible-mitogen 2> /dev/null | grep -m1 'ansible_mitogen/plugins/strategy$')
	cat > "$dir/mitogen.cfg" <<-TEXT
	[defaults]
	forks = 50
	strategy_plugins = $mitogen_folder
	strategy = mitogen_linear
	gathering = smart
	fact_caching = jsonfile
	fact_caching_connection = $dir/facts
	[ssh_connection]
	ssh_args =
	TEXT
}

world_begin() {
	local i name
	world_files
	for i in 1 200; do
		inventory "$dir/lan-$i" "$i" 127.0.1
		inventory "$dir/wan-$i" "$i" 10.77.1
	done
	peer_settings
	# What $CC makes of the small programs beside this file.
	"${CC:-gcc}" -O2 -Wall -Wextra -D_GNU_SOURCE -o "$dir/bin/measure" tests/bench/measure.c || return 1
	"${CC:-gcc}" -O2 -Wall -Wextra -D_GNU_SOURCE -o "$dir/bin/delay" tests/bench/delay.c || return 1
	"${CC:-gcc}" -O2 -Wall -Wextra -D_GNU_SOURCE -o "$dir/bin/login" tests/bench/login.c -lssh || return 1
	mkdir -p /run/sshd
	for name in $lan $client $server; do
		ip netns add "$name" && ip -n "$name" link set lo up || return 1
	done
	start delay "$dir/bin/delay" "/run/netns/$client" "/run/netns/$server" $((rtt_ms * 500))
	for i in $(seq 50); do
		grep -q ready "$dir/logs/delay" && break
		sleep 0.1
	done
	ip -n "$client" addr add 10.77.0.1/24 dev tun0 && ip -n "$client" link set tun0 up txqueuelen 10000 &&
		ip -n "$server" addr add 10.77.0.2/24 dev tun0 && ip -n "$server" link set tun0 up txqueuelen 10000 &&
		ip -n "$client" route add 10.77.1.0/24 dev tun0 &&
		ip -n "$server" route add local 10.77.1.0/24 dev lo || return 1
	start lan_target nsenter --net="/run/netns/$lan" /usr/sbin/sshd -D -e -f "$dir/sshd_target"
	start lan_bastion nsenter --net="/run/netns/$lan" /usr/sbin/sshd -D -e -f "$dir/sshd_bastion"
	start wan_target nsenter --net="/run/netns/$server" /usr/sbin/sshd -D -e -f "$dir/sshd_target"
	start wan_bastion nsenter --net="/run/netns/$server" /usr/sbin/sshd -D -e -f "$dir/sshd_bastion"
	for name in lan_target lan_bastion wan_target wan_bastion; do
		for i in $(seq 50); do
			grep -q 'Server listening' "$dir/logs/$name" && break
			sleep 0.1
		done
	done
	in_net $lan ssh -F "$dir/ssh_config" -p $target_port 127.0.1.1 true &&
		in_net $client ssh -F "$dir/ssh_config" -J wbastion -p $target_port 10.77.1.1 true
}

# Ends ansible's ssh masters, so that each run begins by logging in.
masters_end() {
	local socket
	for socket in "$dir"/sockets/*; do
		[ -S "$socket" ] && ssh -F "$dir/ssh_config" -o ControlPath="$socket" -O exit any > /dev/null 2>&1
	done
	return 0
}

world_end() {
	local pid name
	masters_end
	for pid in "${pids[@]}"; do
		kill "$pid" 2> /dev/null
		wait "$pid" 2> /dev/null
	done
	# Sessions of sshd that outlive it: what still runs in the namespaces we made.
	for name in $lan $client $server; do
		[ -e "/run/netns/$name" ] || continue
		for pid in $(ip netns pids "$name"); do kill "$pid" 2> /dev/null; done
		ip netns del "$name"
	done
	rm -rf "$dir"
}
