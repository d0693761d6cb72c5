# The laptop: where ertc-play runs, with its own home, an inventory as Terraform writes it, and a copy of the program,
# so that a build under way does not change the lab's.

KEY=$LAB/home/.ssh/id_lab
INVENTORY=$LAB/home/inventory.ini

program_copy() {
	cp "$(readlink -f "$LAB_ERTC")" $LAB/ertc.new && mv $LAB/ertc.new $LAB/ertc || die "there is no '$LAB_ERTC'; run make first"
	ln -sf ertc $LAB/ertc-play
}

laptop_home() {
	mkdir -p -m 700 $LAB/home/.ssh
	install -m 600 "$LAB_CACHE/id_lab" $KEY
	program_copy
	cat > $LAB/home/.ssh/config <<-CONFIG
	Host *
	  IdentityFile $KEY
	  BatchMode yes
	  StrictHostKeyChecking no
	  UserKnownHostsFile /dev/null
	  LogLevel ERROR
	CONFIG
	# For the lab's own hand only; ertc-play gets a home without a configuration.
	mv $LAB/home/.ssh/config $LAB/ssh_config
	inventory_write
}

inventory_write() {
	cat > $INVENTORY <<-HOSTS
	[bastions]
	bastion ansible_host=203.0.113.21

	[frontends]
	frontend ansible_host=203.0.113.22

	[streamers]
	backend ansible_host=10.77.2.31

	[streamers:vars]
	ansible_ssh_common_args='-o ProxyCommand="ssh -W %h:%p -q -i $KEY admin@203.0.113.21"'
	streamer_source=${STREAMER_SOURCE:-testsrc}
	nginx_host=10.77.1.22

	[all:vars]
	ansible_user=admin
	ansible_ssh_private_key_file=$KEY
	private_cidr_block=10.77.2.0/24
	HOSTS
}

# on_laptop COMMAND…: in the laptop's network, with its home and a plain environment.
on_laptop() {
	in_net laptop env -i HOME=$LAB/home PATH="$LAB:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" \
		LANG=C.UTF-8 TERM=dumb "$@"
}

# ertc ARGUMENTS…: ertc-play on the laptop, with a deadline; all its output goes to $LAB/out. LAB_VERBOSE shows failures.
ertc() {
	local status=0
	on_laptop timeout -k 5 "${ERTC_DEADLINE:-300}" $LAB/ertc-play "$@" < /dev/null > $LAB/out 2>&1 || status=$?
	[ -z "${LAB_VERBOSE:-}" ] || grep -E '^(fatal|failed|error|\[)' $LAB/out | cut -c1-400 | sed 's/^/      > /'
	return $status
}

# lab_ssh HOST COMMAND…: as root, by the router's side door for private hosts.
lab_ssh() {
	local name=$1 address; shift
	address=$(awk -v name="$name" '$1 == name { sub("/.*", "", $3); print $3 }' <<< "$NETWORK")
	in_net router ssh -F $LAB/ssh_config "root@$address" "$@"
}
