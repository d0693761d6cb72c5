# Check mode on empty hosts: it changes nothing, and says what the real run then changes.

HOSTS=(bastion frontend backend)
SITE=(-i $INVENTORY playbooks/site.yml)

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

lab_up "${HOSTS[@]}"
# A first login, so that what every login leaves is there before.
printf -- '- hosts: all\n  gather_facts: false\n  become: true\n  tasks: [{ping: }]\n' > $LAB/home/ping.yml
ertc -i $INVENTORY $LAB/home/ping.yml
check_ran "all hosts answer" 0 $?
sleep 1
for host in "${HOSTS[@]}"; do snapshot "$host" > "$LAB/$host.before"; done

ertc "${SITE[@]}" --check --diff
check_ran "--check --diff on empty hosts succeeds" 0 $?
cp $LAB/out $LAB/out.check
sleep 1
for host in "${HOSTS[@]}"; do
	snapshot "$host" > "$LAB/$host.after"
	check "$host: nothing changed in its files" diff "$LAB/$host.before" "$LAB/$host.after"
	check_is "$host: no rule of a firewall" "" "$(in_net "$host" iptables-save 2> /dev/null | grep ertc-nat)"
	check_is "$host: the recap says what would change" yes "$([ "0$(recap $host changed)" -gt 0 ] && echo yes)"
done
check_said "--diff shows a file's new text" '^\+.*rtmp \{'
check_is "forwarding is still off" 0 "$(in_net bastion cat /proc/sys/net/ipv4/ip_forward)"

ertc "${SITE[@]}"
check_ran "then the real run succeeds" 0 $?
changes $LAB/out.check > $LAB/foretold
changes $LAB/out > $LAB/made
check_is "the real run makes no change that was not foretold" "" "$(comm -13 $LAB/foretold $LAB/made)"
check_is "nothing was foretold that is not made" "" "$(comm -23 $LAB/foretold $LAB/made)"
echo "      $(wc -l < $LAB/made) changes made, $(wc -l < $LAB/foretold) foretold"

ertc "${SITE[@]}" --check --diff
check_ran "--check --diff afterwards succeeds" 0 $?
for host in "${HOSTS[@]}"; do
	check_is "$host: nothing is left to change" "0 0" "$(recap $host changed) $(recap $host failed)"
done
