# The reboot action on hosts that really restart, also behind a bastion, with become and delegated; and what follows it.

ALL=(-i $INVENTORY)
boot_id() { in_host "$1" cat /proc/sys/kernel/random/boot_id; }

# play NAME HOSTS: the tasks come from stdin.
play() {
	{ printf -- '- hosts: %s\n  gather_facts: %s\n  become: true\n  tasks:\n' "$2" "${3:-false}"; cat; } > $LAB/home/"$1".yml
}

lab_up
play all bastion:frontend:backend true <<'TASKS'
    - command: cat /proc/sys/kernel/random/boot_id
      register: before
    - copy: { content: "gone with the restart\n", dest: /run/marker }
    - reboot: { reboot_timeout: 60, msg: "it's the lab", test_command: test -d /run/systemd/system }
      register: reboot
    - command: cat /proc/sys/kernel/random/boot_id
      register: after
    - stat: { path: /run/marker }
      register: marker
    - assert:
        that:
          - reboot is changed
          - reboot.rebooted
          - reboot.elapsed < 60
          - before.stdout != after.stdout
          - not marker.stat.exists
          - ansible_facts.os_family == 'Debian'
      when: not ansible_check_mode
TASKS

for host in bastion frontend backend; do BEFORE+=("$(boot_id $host)"); done
ertc "${ALL[@]}" $LAB/home/all.yml --check
check_ran "check mode only tells" 0 $?
check_is "and restarts nothing" "${BEFORE[*]}" "$(boot_id bastion) $(boot_id frontend) $(boot_id backend)"

# The private host first: its bastion has to stay while it is waited for.
ertc "${ALL[@]}" -l backend $LAB/home/all.yml
check_ran "a host behind a bastion restarts and the play goes on" 0 $?
check_not "it is another boot" test "$(boot_id backend)" = "${BEFORE[2]}"
check_is "its bastion stayed" "${BEFORE[0]}" "$(boot_id bastion)"
ertc "${ALL[@]}" -l bastion:frontend $LAB/home/all.yml
check_ran "two hosts restart at the same time" 0 $?
check_not "the bastion is in another boot" test "$(boot_id bastion)" = "${BEFORE[0]}"
check_not "and so is the frontend" test "$(boot_id frontend)" = "${BEFORE[1]}"

play delegated frontend <<'TASKS'
    - reboot:
      delegate_to: backend
      register: reboot
    - ping:
      delegate_to: backend
    - assert: { that: reboot.rebooted }
TASKS
BEFORE=("$(boot_id backend)" "$(boot_id frontend)")
ertc "${ALL[@]}" $LAB/home/delegated.yml
check_ran "another host than the play's restarts" 0 $?
check_not "it is another boot there" test "$(boot_id backend)" = "${BEFORE[0]}"
check_is "and not here" "${BEFORE[1]}" "$(boot_id frontend)"

play never frontend <<'TASKS'
    - reboot: { reboot_timeout: 15, test_command: "false" }
    - copy: { content: after, dest: /root/after }
TASKS
ertc "${ALL[@]}" $LAB/home/never.yml
check_ran "a test that never succeeds fails the host" 2 $?
check_said "and says for what it waited" "Timed out waiting for post-reboot test command \(timeout=15\)"
check_not "the next task is not done" in_host frontend test -e /root/after
