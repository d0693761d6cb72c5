# Check mode on empty hosts: it changes nothing, and says what the real run then changes.

HOSTS=(bastion frontend backend)
SITE=(-i $INVENTORY playbooks/site.yml)

# Where check mode and the real run differ by nature, each with its reason.
BY_NATURE='bastion: nat : save rules of netfilter-persistent    (check mode skips commands)
bastion: nat : Restore rules at boot    (the package, not there yet, enables its service itself)
frontend: nginx_rtmp : Start nginx    (the package starts its service itself)
frontend: nginx_rtmp : Disable the default site    (the file comes with the package)'

# What the host has beside its base; not what any login writes, and not the runner's own folder.
snapshot() {
	find "$LAB/hosts/$1/upper" -printf '%P %y %m %U:%G %s %T@ %l\n' |
		grep -vE '^(run|tmp|var/tmp|var/log|var/lib/systemd|var/lib/sudo|home/admin/\.cache)(/| )' |
		grep -vE '^(home/admin|var/lib|var) d ' | sort
}

# "host: task" for each change in a run's output; handlers as well.
changes() {
	awk '/^(TASK|RUNNING HANDLER) \[/ { name = $0; sub(/^[A-Z ]*\[/, "", name); sub(/\] \**$/, "", name) }
		/^changed: \[/ { host = $2; gsub(/[\[\]:]/, "", host); print host ": " name }' "$1" | sort -u
}

# Differences of two sorted lists that are not by nature; the others are told aside.
differences() {
	local line reason
	comm "$@" | while read -r line; do
		reason=$(grep -F "$line    (" <<< "$BY_NATURE" | sed 's/.*    (/(/')
		if [ -n "$reason" ]; then echo "      by nature: $line $reason" >&3; else echo "$line"; fi
	done
}

# Package lists as an image of yesterday would have them.
lists_give() {
	in_host bastion apt-get -qq update
	for host in frontend backend; do
		rm -rf $LAB/hosts/$host/root/var/lib/apt/lists
		cp -a $LAB/hosts/bastion/root/var/lib/apt/lists $LAB/hosts/$host/root/var/lib/apt/lists
	done
}

snapshots_take() {
	sleep 1
	for host in "${HOSTS[@]}"; do snapshot "$host" > "$LAB/$host.$1"; done
}

exec 3>&1
lab_up "${HOSTS[@]}"
# A first login, so that what every login leaves is there before.
printf -- '- hosts: all\n  gather_facts: false\n  become: true\n  tasks: [{ping: }]\n' > $LAB/home/ping.yml
ertc -i $INVENTORY $LAB/home/ping.yml
check_ran "all hosts answer" 0 $?

snapshots_take before
ertc "${SITE[@]}" --check --diff
if ! check_ran "--check --diff on empty hosts, without package lists, succeeds" 0 $?; then
	lists_give
	snapshots_take before
	ertc "${SITE[@]}" --check --diff
	check_ran "--check --diff on empty hosts with package lists succeeds" 0 $?
fi
cp $LAB/out $LAB/out.check
snapshots_take after
for host in "${HOSTS[@]}"; do
	check "$host: nothing changed in its files" diff "$LAB/$host.before" "$LAB/$host.after"
	check_is "$host: no rule of a firewall" "" "$(in_net "$host" iptables-save 2> /dev/null | grep ertc-nat)"
	check "$host: the recap says what would change" test "0$(recap $host changed)" -gt 0
done
check_said "--diff shows a file's new text" '^\+.*rtmp \{'
check_is "forwarding is still off" 0 "$(in_net bastion cat /proc/sys/net/ipv4/ip_forward)"

ertc "${SITE[@]}"
check_ran "then the real run succeeds" 0 $?
changes $LAB/out.check > $LAB/foretold
changes $LAB/out > $LAB/made
echo "      $(wc -l < $LAB/made) changes made, $(wc -l < $LAB/foretold) foretold"
check_is "the real run makes no change that was not foretold" "" "$(differences -13 $LAB/foretold $LAB/made)"
check_is "nothing was foretold that is not made" "" "$(differences -23 $LAB/foretold $LAB/made)"

ertc "${SITE[@]}" --check --diff
check_ran "--check --diff afterwards succeeds" 0 $?
for host in "${HOSTS[@]}"; do
	check_is "$host: nothing is left to change" "0 0" "$(recap $host changed) $(recap $host failed)"
done
