# What hosts are made of: packages, a repository of them, and one base tree, all under $LAB_CACHE.
#
# The machine's own apt-get downloads the whole dependency closure with a private, empty package state. The files become
# a repository in the layout debootstrap and apt know, so the mirror's name gets into no file of the lab, and a host's
# apt-get asks the lab's own web server.

LAB_SUITE=bookworm
# In the base tree of every host; python3 and python3-apt are for the twin that real Ansible manages.
BASE_PACKAGES=(systemd systemd-sysv dbus libpam-systemd openssh-server iproute2 procps python3 python3-apt sudo
	ca-certificates dash fish tcsh busybox)
# What roles and scenarios install on the hosts.
ROLE_PACKAGES=(nginx libnginx-mod-rtmp certbot python3-certbot-nginx iptables iptables-persistent ffmpeg curl tree jq cron)

# The packages every Debian system has, as apt's lists name them.
required_packages() {
	apt-cache dumpavail | awk -v RS= -F'\n' '
		{ name = ""; required = 0
		  for (i = 1; i <= NF; i++) {
			if ($i ~ /^Package: /) name = substr($i, 10)
			if ($i == "Priority: required") required = 1 }
		  if (required) print name }' | sort -u
}

# closure_download FOLDER PACKAGE…: an empty dpkg status makes apt fetch everything down to libc6.
closure_download() {
	local folder=$1; shift
	mkdir -p "$folder"/{state/lists/partial,cache/archives/partial,log}
	: > "$folder/state/status"
	apt-get -qq -y \
		-o Dir::State="$folder/state" -o Dir::State::status="$folder/state/status" \
		-o Dir::State::lists=/var/lib/apt/lists -o Dir::State::extended_states="$folder/state/extended_states" \
		-o Dir::Cache="$folder/cache" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o Dir::Log="$folder/log" \
		-o APT::Keep-Downloaded-Packages=true -o Debug::NoLocking=true -o APT::Sandbox::User=root \
		--no-install-recommends --download-only install "$@" > "$folder/log/download" 2>&1
}

pool_fill() {
	# shellcheck disable=SC2046
	closure_download "$LAB_CACHE/pool" $(required_packages) apt usr-is-merged debian-archive-keyring \
		"${BASE_PACKAGES[@]}" "${ROLE_PACKAGES[@]}"
}

# repository_make FOLDER DEBS: what apt and debootstrap need beside the files themselves.
repository_make() {
	local repository=$1 debs=$2 dist=$1/dists/$LAB_SUITE file
	mkdir -p "$repository/pool" "$dist/main/binary-amd64"
	ln -f "$debs"/*.deb "$repository/pool/"
	(cd "$repository" && dpkg-scanpackages -m pool /dev/null 2> /dev/null > "$dist/main/binary-amd64/Packages")
	gzip -9nkf "$dist/main/binary-amd64/Packages"
	{
		printf 'Origin: lab\nLabel: lab\nSuite: %s\nCodename: %s\nDate: %s\n' $LAB_SUITE $LAB_SUITE "$(date -Ru)"
		printf 'Architectures: amd64\nComponents: main\nSHA256:\n'
		for file in main/binary-amd64/Packages{,.gz}; do
			printf ' %s %s %s\n' "$(sha256sum < "$dist/$file" | cut -d' ' -f1)" "$(stat -c %s "$dist/$file")" $file
		done
	} > "$dist/Release"
}

# base_make TREE: a small Debian with an SSH server, the administrator `admin`, and no host keys yet.
base_make() {
	local tree=$1
	debootstrap --variant=minbase --no-check-gpg --include="$(IFS=,; echo "${BASE_PACKAGES[*]}")" $LAB_SUITE "$tree" \
		"file://$LAB_CACHE/repository" > "$LAB_CACHE/debootstrap.log" 2>&1 ||
		die "debootstrap failed; see $LAB_CACHE/debootstrap.log"
	rm -rf "$tree"/var/cache/apt/archives/*.deb "$tree"/var/lib/apt/lists/* "$tree/etc/hostname" "$tree"/etc/ssh/ssh_host_*
	rm -f "$tree/var/log/bootstrap.log" "$tree/etc/resolv.conf"
	# As in an image of last year: no package lists, and the folder's time says how old they are.
	touch -d '1 year ago' "$tree/var/lib/apt/lists"
	: > "$tree/etc/machine-id"
	: > "$tree/etc/resolv.conf"
	# Names are in /etc/hosts and no name server is asked, so nothing waits for one.
	printf '127.0.0.1 localhost\n203.0.113.10 services.test\n203.0.113.22 live.test\n' > "$tree/etc/hosts"
	printf 'deb [trusted=yes] http://203.0.113.10/ %s main\n' $LAB_SUITE > "$tree/etc/apt/sources.list"
	printf 'Acquire::Retries "0";\nAcquire::http::Timeout "5";\nAPT::Install-Recommends "false";\n' \
		> "$tree/etc/apt/apt.conf.d/90lab"
	echo force-unsafe-io > "$tree/etc/dpkg/dpkg.cfg.d/lab"
	printf '%s\n' '[Service]' ExecStartPre= 'ExecStartPre=/usr/bin/ssh-keygen -A' 'ExecStartPre=/usr/sbin/sshd -t' |
		install -D -m 644 /dev/stdin "$tree/etc/systemd/system/ssh.service.d/keys.conf"
	ln -sf /dev/null "$tree/etc/systemd/system/apt-daily.timer"
	ln -sf /dev/null "$tree/etc/systemd/system/apt-daily-upgrade.timer"
	chroot "$tree" useradd -m -s /bin/bash admin
	install -m 440 /dev/stdin "$tree/etc/sudoers.d/admin" <<< 'admin ALL=(ALL) NOPASSWD:ALL'
	install -d -m 700 "$tree/root/.ssh" "$tree/home/admin/.ssh"
	cp "$LAB_CACHE/id_lab.pub" "$tree/root/.ssh/authorized_keys"
	cp "$LAB_CACHE/id_lab.pub" "$tree/home/admin/.ssh/authorized_keys"
	chroot "$tree" chown -R admin: /home/admin
}

# lab_prepare: everything above, once; the stamp says for which packages and by which functions.
lab_prepare() {
	local stamp tree
	mkdir -p "$LAB_CACHE"
	stamp=$({ echo "${BASE_PACKAGES[@]}" "${ROLE_PACKAGES[@]}"; declare -f base_make repository_make; } | sha256sum | cut -c1-16)
	exec 8> "$LAB_CACHE/lock"
	flock -w 900 8 || die "another lab prepares $LAB_CACHE for more than 15 minutes"
	if [ "$(cat "$LAB_CACHE/stamp" 2> /dev/null)" != "$stamp" ]; then
		need debootstrap dpkg-scanpackages zstd systemd-nspawn ip iptables ssh-keygen
		compgen -G '/var/lib/apt/lists/*_Packages*' > /dev/null || apt-get -qq update
		note "downloading the hosts' packages"
		pool_fill || { apt-get -qq update && pool_fill; } ||
			die "cannot download the packages: $(tail -n 3 "$LAB_CACHE/pool/log/download")"
		repository_make "$LAB_CACHE/repository" "$LAB_CACHE/pool/cache/archives"
		[ -f "$LAB_CACHE/id_lab" ] || ssh-keygen -q -t ed25519 -N '' -C lab -f "$LAB_CACHE/id_lab"
		note "making the base of the hosts"
		tree=$LAB_CACHE/base
		rm -rf "$tree" "$LAB_CACHE/base.tar.zst"
		base_make "$tree"
		tar -C "$tree" -c . | zstd -q -1 -T0 -o "$LAB_CACHE/base.tar.zst"
		echo "$stamp" > "$LAB_CACHE/stamp"
	fi
	# A cache that was carried here as a tarball only.
	if [ ! -d "$LAB_CACHE/base" ]; then
		mkdir "$LAB_CACHE/base"
		tar -C "$LAB_CACHE/base" -I zstd -xf "$LAB_CACHE/base.tar.zst"
	fi
	exec 8>&-
}
