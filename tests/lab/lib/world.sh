# A world: private mount, pid, ipc, uts and network namespaces and an own /run in memory. Hosts, daemons, mounts and
# network namespaces all live inside, so the end of the world's first process ends everything, even after a kill -9,
# and two labs can use the same addresses side by side. No network device leads out of it.

WORLD_FLAGS=(--mount --pid --ipc --uts --net --fork --kill-child=KILL --mount-proc --propagation private)
# Where this machine's cgroups are: one hierarchy, or systemd's hybrid of two.
CGROUP_ROOTS=(/sys/fs/cgroup)
[ -d /sys/fs/cgroup/unified ] && CGROUP_ROOTS=(/sys/fs/cgroup/unified /sys/fs/cgroup/systemd)

# ssh and ertc-play find known_hosts by the password file and not by $HOME: root's own home is covered by a layer that
# ends with the world, and its .ssh by the laptop's.
home_hide() {
	local home=~root
	mkdir -p $LAB/root/{upper,work}
	mount -t overlay root -o "lowerdir=$home,upperdir=$LAB/root/upper,workdir=$LAB/root/work" "$home"
	mkdir -p -m 700 "$home/.ssh"
	mount --bind $LAB/home/.ssh "$home/.ssh"
}

# The first process of a world: its /run, then the command as its child, so that it reaps what hosts leave.
world_first() {
	mount -t tmpfs -o mode=755 run /run
	mkdir -p /run/netns /run/systemd /run/lock $LAB/hosts $LAB/home/.ssh
	home_hide
	ip link set lo up
	echo $LAB_WORLD > $LAB/name
	"$@"
}

# Empty cgroups are all that a killed world can leave; non-empty ones belong to a world that lives.
world_sweep() {
	local root
	for root in "${CGROUP_ROOTS[@]}"; do
		find "$root" -mindepth 1 -depth -type d -path '*/ertc-lab-*' -exec rmdir {} + 2> /dev/null
	done
	return 0
}

# world_run COMMAND…: in a new world, to the end; the exit status is the command's. The world ends with this shell,
# however it ends.
world_run() {
	local status
	lab_prepare
	world_sweep
	export LAB_WORLD=ertc-lab-$$
	setpriv --pdeathsig KILL unshare "${WORLD_FLAGS[@]}" "$LAB_HOME/lab" world-first "$@" <&0 &
	WORLD_OUTER=$!
	trap '{ kill -KILL $WORLD_OUTER; wait $WORLD_OUTER; sleep 0.3; world_sweep; } 2> /dev/null' EXIT
	trap 'exit 143' INT TERM HUP
	wait $WORLD_OUTER
	status=$?
	trap - INT TERM HUP
	return $status
}

# A world that stays until `lab down`: its outer process is remembered in the cache.
world_stay() {
	local pid
	lab_prepare
	world_find && die "the lab is up already (lab down ends it)"
	world_sweep
	LAB_WORLD=ertc-lab-$$ setsid unshare "${WORLD_FLAGS[@]}" "$LAB_HOME/lab" world-first sleep infinity \
		< /dev/null > "$LAB_CACHE/$LAB_NAME.log" 2>&1 &
	pid=$!
	disown $pid
	echo $pid > "$LAB_CACHE/$LAB_NAME.pid"
	for _ in $(seq 100); do
		world_find && nsenter -t "$WORLD_PID" -m test -e $LAB/name && return 0
		sleep 0.05
	done
	die "the world did not begin; see $LAB_CACHE/$LAB_NAME.log"
}

# Sets WORLD_PID to the first process of the staying world, as this machine numbers it.
world_find() {
	local outer
	outer=$(cat "$LAB_CACHE/$LAB_NAME.pid" 2> /dev/null) || return 1
	grep -qs world-first "/proc/$outer/cmdline" || return 1
	WORLD_PID=$(cut -d' ' -f1 "/proc/$outer/task/$outer/children")
	[ -n "$WORLD_PID" ]
}

world_enter() {
	world_find || die "no lab is up; begin with: lab up"
	LAB_WORLD=inside nsenter -t "$WORLD_PID" -m -p -n -i -u -- "$@"
}

world_end() {
	world_find || { note "no lab is up"; return 0; }
	kill -KILL "$(cat "$LAB_CACHE/$LAB_NAME.pid")"
	for _ in $(seq 100); do
		[ -d "/proc/$WORLD_PID" ] || break
		sleep 0.05
	done
	rm -f "$LAB_CACHE/$LAB_NAME.pid"
	sleep 0.3
	world_sweep
}
