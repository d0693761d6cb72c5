# Light hosts: a network, a process tree and a root of their own with an SSH server and nothing else; 2 MiB each.
# They stand in the private network behind the bastion, light-1 at 10.77.2.101 and so on.

light_address() { echo "10.77.2.$((100 + $1))"; }

# light_up NUMBER
light_up() {
	local name=light-$1 folder=$LAB/hosts/light-$1
	NETWORK+="$name br-priv $(light_address "$1")/24 10.77.2.1"$'\n'
	net_plug "$name"
	mkdir -p "$folder"/{upper/etc/ssh,work,root}
	printf '127.0.0.1 localhost %s\n' "$name" > "$folder/upper/etc/hosts"
	ssh-keygen -q -t ed25519 -N '' -f "$folder/upper/etc/ssh/ssh_host_ed25519_key"
	mount -t overlay "$name" -o "lowerdir=$LAB_CACHE/base,upperdir=$folder/upper,workdir=$folder/work" "$folder/root"
	nsenter --net=/run/netns/"$name" -- unshare --mount --uts --pid --ipc --fork --kill-child=KILL bash -c '
		hostname "$2"
		mount -t proc proc "$1/proc"
		mount --rbind /dev "$1/dev"
		mount -t tmpfs run "$1/run"
		mkdir "$1/run/sshd"
		exec chroot "$1" /usr/sbin/sshd -D -e -o HostKey=/etc/ssh/ssh_host_ed25519_key' \
		light "$folder/root" "$name" < /dev/null > "$folder/console" 2>&1 &
	echo $! > "$folder/pid"
	disown
}

lights_up() {
	local number
	for number in $(seq "$1"); do light_up "$number"; done
	for number in $(seq "$1"); do host_wait "light-$number" || die "light-$number does not answer"; done
}
