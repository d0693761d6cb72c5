# Odd shells and homes, wrong passwords and keys, and what dies or fills up in the middle of a run.

# A user of the frontend with a login shell and the lab's key.
user_add() {
	in_host frontend sh -ec "useradd -m -s $2 $1; install -d -m 700 -o $1 -g $1 /home/$1/.ssh
		install -m 600 -o $1 -g $1 /root/.ssh/authorized_keys /home/$1/.ssh/"
}

# play NAME HOSTS TASKS: a playbook without facts; the tasks come from stdin.
play() { { printf -- '- hosts: %s\n  gather_facts: false\n  tasks:\n' "$2"; cat; } > "$LAB/home/$1.yml"; }

runners_on() { in_host "$1" sh -c 'ls -l /proc/[0-9]*/exe 2> /dev/null | grep -E "ertc-[0-9]+/r-|ertc-runner|memfd:ertc" || true'; }
no_runner_on() { [ -z "$(runners_on "$1")" ]; }
is_gone() { ! is_running "$@"; }
sessions_kill() { in_host "$1" sh -c 'kill -KILL $(pgrep -f "^sshd: admin")'; }
runner_kill() { in_host "$1" sh -c 'kill -KILL $(pgrep -f "^./r-[0-9a-f]")' 2> /dev/null; }
runner_began() { in_host "$1" pgrep -f '^./r-[0-9a-f]'; }
is_running() { in_host "$1" pgrep -f "$2"; }

# Starts a run aside; ends are waited for with run_end, which sets STATUS and TOOK.
run_begin() {
	STARTED=$SECONDS
	ertc "$@" &
	RUN=$!
}
run_end() {
	wait $RUN
	STATUS=$?
	TOOK=$((SECONDS - STARTED))
}

lab_up bastion frontend backend
{
	echo '[shells]'
	for shell in dash bash fish tcsh busybox; do
		echo "shell-$shell ansible_host=203.0.113.22 ansible_user=user-$shell"
	done
	echo 'shell-noisy ansible_host=203.0.113.22 ansible_user=user-noisy'
	echo '[odd]'
	echo 'noexec ansible_host=203.0.113.22 ansible_user=user-noexec'
	echo 'sudo ansible_host=203.0.113.22 ansible_user=user-sudo'
} > $LAB/home/shells.ini
sed -n '/all:vars/,$p' $INVENTORY | grep -v ansible_user >> $LAB/home/shells.ini
BOTH=(-i $INVENTORY -i $LAB/home/shells.ini)

# ---- login shells ----

in_host frontend sh -c 'mkdir /opt/busybox && ln -s /bin/busybox /opt/busybox/sh'
user_add user-dash /bin/dash
user_add user-bash /bin/bash
user_add user-fish /usr/bin/fish
user_add user-tcsh /bin/tcsh
user_add user-busybox /opt/busybox/sh
user_add user-noisy /bin/bash
in_host frontend sh -c "sed -i '1i echo Welcome to this host; echo and to stderr >&2' /home/user-noisy/.bashrc"
in_host frontend sh -c "echo 'echo tcsh greets' > /home/user-tcsh/.tcshrc"
play shells shells <<'TASKS'
    - command: id -un
      register: who
    - assert: {that: "who.stdout == 'user-' ~ inventory_hostname[6:]"}
    - shell: 'echo "$HOME" ''single'' "dou\"ble" \\ !'
      register: said
    - assert: {that: "said.stdout == '/home/' ~ who.stdout ~ ' single dou\"ble \\ !'"}
    - copy: {content: "ä \\ ' \" $HOME !\n", dest: "/home/{{ who.stdout }}/quoted"}
TASKS
ertc "${BOTH[@]}" $LAB/home/shells.yml
check_ran "login shells: the run succeeds" 0 $?
for shell in dash bash fish tcsh busybox noisy; do
	check_is "login shell $shell: all tasks" "ok=5 changed=3" \
		"ok=$(recap shell-$shell ok) changed=$(recap shell-$shell changed)"
done
check "nothing runs on after the end" wait_until 5 no_runner_on frontend
check_is "nothing is left in /tmp and /var/tmp" "" \
	"$(in_host frontend sh -c 'ls -A /tmp /var/tmp | grep -i ertc')"
check_is "each home has only the runner's folder, with one file" 6 \
	"$(in_host frontend sh -c 'ls -A /home/user-*/.cache/ertc-*/ | grep -c "^r-[0-9a-f]*$"')"

# ---- home without exec ----

user_add user-noexec /bin/bash
in_host frontend sh -ec 'cp -a /home/user-noexec /root/home; mount -t tmpfs -o noexec,mode=755 home /home/user-noexec
	cp -a /root/home/. /home/user-noexec/; chown user-noexec: /home/user-noexec'
play noexec noexec <<< '    - command: id -un'
ertc "${BOTH[@]}" $LAB/home/noexec.yml
check_ran "a home without exec: the run succeeds" 0 $?
in_host frontend sh -ec 'rm -rf /var/tmp/ertc-*; for place in /tmp /var/tmp /dev/shm; do mount -t tmpfs -o noexec,mode=1777 none $place; done
	uid=$(id -u user-noexec); mkdir -p /run/user/$uid; mount -t tmpfs -o noexec,mode=700,uid=$uid none /run/user/$uid'
ertc "${BOTH[@]}" $LAB/home/noexec.yml
check_ran "no place at all with exec: it runs from memory" 0 $?
in_host frontend sh -ec 'for place in /tmp /var/tmp /dev/shm /run/user/$(id -u user-noexec); do umount $place; done'

# ---- sudo ----

user_add user-sudo /bin/bash
in_host frontend sh -ec 'echo user-sudo:right | chpasswd; echo "user-sudo ALL=(ALL) ALL" > /etc/sudoers.d/user-sudo'
play sudo sudo <<'TASKS'
    - command: id -un
      become: true
      register: who
    - assert: {that: "who.stdout == 'root'"}
TASKS
ertc "${BOTH[@]}" $LAB/home/sudo.yml -e ansible_become_password=right
check_ran "sudo with the right password" 0 $?
play secret sudo <<'TASKS'
    - command: sleep 3.21
      become: true
TASKS
printf 'ansible_become_password: right-%s\n' secret > $LAB/home/secret.vars
in_host frontend sh -c 'echo user-sudo:right-secret | chpasswd'
run_begin "${BOTH[@]}" $LAB/home/secret.yml -e @$LAB/home/secret.vars -vvvv
wait_until 10 is_running frontend 'sleep 3.21'
check_is "no command line or environment on the host holds the password" "" \
	"$(in_host frontend sh -c 'grep -las right-secre[t] /proc/[0-9]*/cmdline /proc/[0-9]*/environ | grep -v self')"
check_is "nor one of ours" "" "$(grep -las right-secre[t] /proc/[0-9]*/cmdline /proc/[0-9]*/environ)"
run_end
check_ran "sudo with a password from a file" 0 $STATUS
check_not_said "with -vvvv no output holds it" right-secret
in_host frontend sh -c 'echo user-sudo:right | chpasswd'
BEGIN=$SECONDS
ertc "${BOTH[@]}" $LAB/home/sudo.yml -e ansible_become_password=wrong
STATUS=$?
check "a wrong sudo password fails" test $STATUS != 0
check_said "and says so" '[Ii]ncorrect sudo password'
check_not_said "without showing the password" 'wrong[^a-z ]'
check "in time" test $((SECONDS - BEGIN)) -lt 20
check_is "it was tried once" 1 "$(in_host frontend journalctl -q --no-pager _COMM=sudo | grep -c 'authentication failure')"
ertc "${BOTH[@]}" $LAB/home/sudo.yml
check "no sudo password fails" test $? != 0
check_said "and says so" '[Mm]issing sudo password|sudo.*password is required'
in_host frontend rm /etc/sudoers.d/user-sudo
ertc "${BOTH[@]}" $LAB/home/sudo.yml -e ansible_become_password=right
check "a user without a rule of sudo fails" test $? != 0
check_said "and says so" 'not in the sudoers file|not allowed|may not'

# ---- changed host key; other hosts go on ----

play ping 'bastion,frontend' <<< '    - ping:'
ertc "${BOTH[@]}" $LAB/home/ping.yml
check_ran "two hosts answer, their keys are recorded" 0 $?
KNOWN=$(sha256sum < $LAB/home/.ssh/known_hosts)
in_host frontend sh -ec 'rm /etc/ssh/ssh_host_*; systemctl restart ssh'
host_wait frontend
ertc "${BOTH[@]}" $LAB/home/ping.yml
check_ran "a changed host key: exit status of an unreachable host" 4 $?
check_said "says what changed, and what to do" "host key of .*203.0.113.22.* has changed.*ssh-keygen"
check_is "the other host went on" "1 0" "$(recap bastion ok) $(recap bastion unreachable)"
check_is "what was recorded stays" "$KNOWN" "$(sha256sum < $LAB/home/.ssh/known_hosts)"
on_laptop ssh-keygen -q -f $LAB/home/.ssh/known_hosts -R 203.0.113.22 > /dev/null 2>&1

# ---- the bastion dies in the middle ----

play slow backend <<'TASKS'
    - name: Before
      copy: {content: "before\n", dest: /home/admin/before}
    - name: Slow
      command: sleep 12.34
    - name: After
      copy: {content: "after\n", dest: /home/admin/after}
TASKS
run_begin "${BOTH[@]}" $LAB/home/slow.yml
check "a slow task begins behind the bastion" wait_until 10 is_running backend 'sleep 12.34'
check "the bastion's session is killed" sessions_kill bastion
run_end
if [ $STATUS = 0 ]; then
	pass "bastion's session killed: re-attached, and the run ended well"
	check "and was done once" test "$(in_host backend cat /home/admin/after)" = after
else
	check_ran "bastion's session killed: exit status of an unreachable host" 4 $STATUS
	check_said "one message names the bastion" "bastion .*203.0.113.21.* lost"
	check_is "the host is unreachable, not failed, not ok" "1 0 1" \
		"$(recap backend ok) $(recap backend failed) $(recap backend unreachable)"
	check_not "the next task was not done" in_host backend test -e /home/admin/after
fi
check "it ended in time" test $TOOK -lt 60
check "nothing runs on on the backend" wait_until 40 no_runner_on backend

# ---- the target dies in the middle ----

play slow-front frontend <<'TASKS'
    - name: Slow
      command: sleep 23.45
    - name: After
      copy: {content: "after\n", dest: /home/admin/after}
TASKS
run_begin "${BOTH[@]}" $LAB/home/slow-front.yml
check "a slow task begins on the frontend" wait_until 10 is_running frontend 'sleep 23.45'
check "the target's session is killed" sessions_kill frontend
run_end
check_ran "target's session killed: exit status" 4 $STATUS
check_said "names host and what was lost" "frontend|203.0.113.22"
check "it ended in time" test $TOOK -lt 20
check "nothing runs on on the target" wait_until 40 no_runner_on frontend
check_not "nor does the task's command" is_running frontend 'sleep 23.45'

run_begin "${BOTH[@]}" $LAB/home/slow-front.yml
check "a slow task begins again" wait_until 10 is_running frontend 'sleep 23.45'
check "the runner is killed" runner_kill frontend
run_end
check "runner killed: the run fails" test $STATUS != 0
check_said "says that the runner died, by which signal" "(died|killed|ended).*(signal 9|SIGKILL|KILL)"
check "it ended in time" test $TOOK -lt 20
check_not "the next task was not done" in_host frontend test -e /home/admin/after
check "the task's command ends with it" wait_until 3 is_gone frontend 'sleep 23.45'
in_host frontend pkill -f 'sleep 23.45'

run_begin "${BOTH[@]}" $LAB/home/slow-front.yml
wait_until 10 is_running frontend 'sleep 23.45'
host_reboot frontend
run_end
check_ran "target rebooted unasked: exit status" 4 $STATUS
check "it ended in time" test $TOOK -lt 60
check_not "the next task was not done" in_host frontend test -e /home/admin/after

run_begin "${BOTH[@]}" $LAB/home/slow-front.yml
wait_until 10 is_running frontend 'sleep 23.45'
in_net router iptables -I FORWARD -d 10.77.1.22 -j DROP
in_net router iptables -I FORWARD -s 10.77.1.22 -j DROP
run_end
in_net router iptables -D FORWARD -d 10.77.1.22 -j DROP
in_net router iptables -D FORWARD -s 10.77.1.22 -j DROP
check_ran "packets vanish: exit status" 4 $STATUS
check "found by keepalive within 45 s and a little (it took $TOOK s)" test $TOOK -lt 50
sessions_kill frontend

# ---- full disk ----

in_host frontend sh -ec 'mkdir /full; mount -t tmpfs -o size=128k,mode=777 full /full; echo old > /full/file'
in_host backend mkdir -m 777 -p /full
head -c 400000 /dev/urandom > $LAB/home/large
play full frontend:backend <<TASKS
    - copy: {src: $LAB/home/large, dest: /full/file}
    - copy: {content: "after\n", dest: /full/after}
TASKS
ertc "${BOTH[@]}" $LAB/home/full.yml
check_ran "a full disk: exit status of a failed task" 2 $?
check_said "names the file and the cause" "/full.*([Nn]o space|full)"
check_said "and what is needed and free there" '[0-9].*(free|available)'
check_is "the other host went on" "2 0" "$(recap backend changed) $(recap backend failed)"
check_is "the old file is whole" old "$(in_host frontend cat /full/file)"
check_is "no temporary file is left" file "$(in_host frontend ls -A /full)"
check "the other host has the new file" cmp $LAB/home/large $LAB/hosts/backend/upper/full/file

# ---- old or new, at any moment of a kill ----

head -c 60000000 /dev/zero | tr '\0' a > $LAB/home/old
head -c 60000000 /dev/zero | tr '\0' b > $LAB/home/new
OLD=$(sha256sum < $LAB/home/old) NEW=$(sha256sum < $LAB/home/new)
in_host frontend mkdir -m 777 /managed
KILLED=0 MIXED=0 SEEN_OLD=0 SEEN_NEW=0 ROUNDS=12
play replace frontend <<TASKS
    - copy: {src: $LAB/home/new, dest: /managed/file}
TASKS
for round in $(seq $ROUNDS); do
	in_host frontend sh -c 'rm -rf /managed/* /managed/.[!.]*'
	cp $LAB/home/old $LAB/hosts/frontend/root/managed/file
	in_host frontend chown admin: /managed/file
	run_begin "${BOTH[@]}" $LAB/home/replace.yml
	wait_until 5 runner_began frontend
	sleep "$(printf 0.%03d $((RANDOM % 600)))"
	runner_kill frontend && KILLED=$((KILLED + 1))
	run_end
	case $(in_host frontend sha256sum < $LAB/hosts/frontend/root/managed/file) in
	"$OLD") SEEN_OLD=$((SEEN_OLD + 1)) ;;
	"$NEW") SEEN_NEW=$((SEEN_NEW + 1)) ;;
	*) MIXED=$((MIXED + 1)) ;;
	esac
done
check_is "killed $KILLED times in $ROUNDS runs: old ($SEEN_OLD) or new ($SEEN_NEW), never a mixture" 0 $MIXED
ertc "${BOTH[@]}" $LAB/home/replace.yml
check_ran "and the next run succeeds" 0 $?
check_is "and leaves no temporary file" file "$(in_host frontend ls -A /managed)"
