# Fifty hosts behind one bastion whose sshd has its default limits.

COUNT=50
lab_up bastion
lights_up $COUNT
{
	printf '[many]\n'
	for number in $(seq $COUNT); do echo "light-$number ansible_host=$(light_address "$number")"; done
	printf '[many:vars]\nansible_user=admin\nansible_ssh_private_key_file=%s\n' $KEY
	printf "ansible_ssh_common_args='-o ProxyCommand=\"ssh -W %%h:%%p -q -i %s admin@203.0.113.21\"'\n" $KEY
} > $LAB/home/many.ini
cat > $LAB/home/many.yml <<'PLAY'
- hosts: many
  become: true
  tasks:
    - copy: {content: "{{ inventory_hostname }} of {{ ansible_play_hosts | length }}\n", dest: /etc/many}
    - command: cat /etc/many
      register: many
      changed_when: false
    - assert: {that: many.stdout == inventory_hostname ~ ' of 50'}
PLAY

logins() { in_host bastion journalctl -q --no-pager _COMM=sshd | grep -c "$1"; }

check_is "the bastion's limits are sshd's defaults" "maxsessions 10 maxstartups 10:30:100" \
	"$(in_host bastion sshd -T | grep -E '^max(startups|sessions)' | xargs)"
BEFORE=$(logins 'Accepted publickey')
for forks in 5 50; do
	ertc -i $LAB/home/many.ini -f $forks $LAB/home/many.yml
	check_ran "$forks forks: the run succeeds" 0 $?
	check_is "$forks forks: fifty hosts, none failed or out of reach" 50 \
		"$(grep -cE '^light-[0-9]+ .*unreachable=0 +failed=0' $LAB/out)"
	AFTER=$(logins 'Accepted publickey')
	check_is "$forks forks: one login on the bastion" 1 $((AFTER - BEFORE))
	BEFORE=$AFTER
done
check_is "the bastion dropped no connection" 0 "$(logins 'drop connection\|MaxStartups')"
check_is "each host has its own text" 50 "$(cat $LAB/hosts/light-*/upper/etc/many | sort -u | wc -l)"
