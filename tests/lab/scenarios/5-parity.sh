# The same playbook by Ansible on one host and by ertc-play on its twin: equal trees, equal ok and changed.

PLAYBOOK=$LAB_HOME/parity/parity.yml
need ansible-playbook
SKIP=none
ansible-doc -t module ansible.posix.sysctl > /dev/null 2>&1 || SKIP=posix

# What a host has beside its base: names, kinds, modes, owners, links and contents, without times.
tree_of() {
	(
		cd "$LAB/hosts/$1/upper" || exit
		find . \( -path './run' -o -path './tmp' -o -path './var/tmp' -o -path './var/log' -o -path './var/cache' \
			-o -path './var/lib/systemd' -o -path './var/lib/sudo' -o -path './var/lib/apt' -o -path './home/admin' \
			-o -path './root' -o -path './etc/ssh' -o -name __pycache__ -o -path './etc/hosts' \
			-o -path './etc/machine-id' -o -path './etc/hostname' \) -prune -o -printf '%P %y %m %U:%G %l\n' |
			sed -E "$MASK"
		find . \( -path './run' -o -path './tmp' -o -path './var' -o -path './home/admin' -o -path './root' \
			-o -path './etc/ssh' -o -name __pycache__ \) -prune -o -type f -print0 | xargs -0 sha256sum |
			grep -vE '/etc/(hosts|machine-id|hostname|ld.so.cache)$|-$'
	) | sort
}
# A backup's name has a process's number and the time; what dpkg keeps of old lists is no matter.
MASK='s/\.[0-9]+\.[0-9-]+@[0-9:]+~/.BACKUP~/'

# The lines that say what became of each task; messages of failures are each tool's own.
statuses() {
	sed -E 's/\x1b\[[0-9;]*m//g' "$1" | awk '
		/^(TASK|RUNNING HANDLER) \[/ { name = $0; sub(/ \**$/, "", name) }
		/^(ok|changed|skipping|fatal|failed): \[/ { line = $0; sub(/: FAILED! .*/, " FAILED", line); sub(/\[[a-z]*\]/, "", line)
			sub(/ => \{.*/, "", line); print name " " line }'
}

lab_up ours twin
{
	printf 'HOST ansible_host=ADDRESS\n[all:vars]\nansible_user=admin\nansible_ssh_private_key_file=%s\n' $KEY
	printf "ansible_python_interpreter=/usr/bin/python3\nansible_ssh_common_args='-o StrictHostKeyChecking=accept-new'\n"
} > $LAB/home/pair.ini
sed 's/HOST/ours/;s/ADDRESS/203.0.113.23/' $LAB/home/pair.ini > $LAB/home/ours.ini
sed 's/HOST/twin/;s/ADDRESS/203.0.113.24/' $LAB/home/pair.ini > $LAB/home/twin.ini

for round in first second; do
	BEGIN=$(date +%s%N)
	on_laptop ANSIBLE_NOCOLOR=1 ANSIBLE_LOCALHOST_WARNING=0 timeout 300 ansible-playbook -i $LAB/home/twin.ini \
		--skip-tags $SKIP "$PLAYBOOK" < /dev/null > $LAB/theirs.$round 2>&1
	STATUS=$?; cp $LAB/theirs.$round $LAB/out; check_ran "$round run: Ansible succeeds on the twin" 0 $STATUS
	THEIRS=$((($(date +%s%N) - BEGIN) / 1000000))
	BEGIN=$(date +%s%N)
	ertc -i $LAB/home/ours.ini --skip-tags $SKIP "$PLAYBOOK"
	check_ran "$round run: ertc-play succeeds" 0 $?
	echo "      Ansible $THEIRS ms, ertc-play $((($(date +%s%N) - BEGIN) / 1000000)) ms"
	cp $LAB/out $LAB/ours.$round
	statuses $LAB/ours.$round > $LAB/ours.statuses
	statuses $LAB/theirs.$round > $LAB/theirs.statuses
	check "$round run: $(grep -c . $LAB/theirs.statuses) lines of ok, changed, skipped and failed are the same" \
		diff -U 0 $LAB/theirs.statuses $LAB/ours.statuses
	tree_of ours > $LAB/ours.tree
	tree_of twin > $LAB/theirs.tree
	check "$round run: $(grep -c . $LAB/theirs.tree) entries of the trees are the same" \
		diff -U 0 $LAB/theirs.tree $LAB/ours.tree
	for what in 'iptables-save' 'systemctl is-active parity cron' 'systemctl is-enabled parity cron' 'id alice' 'id bob' \
		'dpkg-query -W -f ${Package}:${db:Status-Status}\n' 'sysctl net.ipv4.conf.all.log_martians'; do
		# shellcheck disable=SC2086
		check_is "$round run: the same by ${what%% -*}" "$(in_host twin $what | grep -v '^#' | sed 's/\[.*\]//')" \
			"$(in_host ours $what | grep -v '^#' | sed 's/\[.*\]//')"
	done
done
