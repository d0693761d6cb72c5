#!/bin/bash
# become for real: temporary accounts, sudoers and doas rules, all removed at the end. Root, on a machine of your own.
#	become-real.sh ERTC-PLAY	(a path that everybody can reach)
[ "$(id -u)" = 0 ] || { echo "skipped: become-real.sh needs root"; exit 0; }
tool=$1
cleanup() { rm -f /etc/sudoers.d/ertct* /etc/doas.conf; for u in ertct1 ertct2 ertct3; do userdel -rf $u 2>/dev/null; done; rm -rf /tmp/sudo-real; }
trap cleanup EXIT
cleanup
mkdir -p /tmp/sudo-real; chmod 755 /tmp/sudo-real
for u in ertct1 ertct2 ertct3; do useradd -m -s /bin/bash $u; chmod 700 /home/$u; done
echo 'ertct1:one' | chpasswd; echo 'ertct2:two2' | chpasswd; echo 'root-not-changed' >/dev/null
printf 'localhost ansible_connection=local\n' >/tmp/sudo-real/inv
cat >/tmp/sudo-real/p.yml <<'Y'
- hosts: localhost
  gather_facts: false
  become: true
  tasks:
    - command: id -un
      register: r
    - copy: { content: "{{ lookup('pipe','seq 1 20000') }}", dest: /tmp/sudo-real-out/f, mode: "0600" }
    - debug: var=r.stdout
Y
rule() { printf '%s\n' "$@" >/etc/sudoers.d/ertct; chmod 440 /etc/sudoers.d/ertct; visudo -cqf /etc/sudoers.d/ertct || echo BADRULE; }
run() { # NAME EXPECT ARGS…
	local name=$1 expect=$2; shift 2
	rm -rf /tmp/sudo-real-out; mkdir -m 1777 /tmp/sudo-real-out
	local begin=$(date +%s.%N)
	out=$(cd /tmp/sudo-real && timeout 60 runuser -u ertct1 -- env -i HOME=/home/ertct1 PATH=$PATH TERM=dumb "${ENV[@]}" "$tool" -i inv p.yml "$@" </dev/null 2>&1); rc=$?
	took=$(printf '%.2f' $(echo "$(date +%s.%N) - $begin" | bc))
	owner=$(stat -c %U /tmp/sudo-real-out/f 2>/dev/null)
	if grep -qE "$expect" <<<"$out"; then echo "good  $name (rc $rc, ${took}s, owner $owner)"; else echo "BAD   $name (rc $rc, ${took}s, owner $owner)"; echo "$out" | sed 's/^/      /' | tail -12; fi
	left=$(ls -d /var/tmp/.ertc* /tmp/.ertc* /var/tmp/ertc-r* /tmp/ertc-r* 2>/dev/null); [ -z "$left" ] || echo "      left behind: $left"
	pgrep -u ertct1,ertct2 -la 2>/dev/null | sed 's/^/      still running: /'
}
ENV=()
P() { echo "-e ansible_become_password=$1"; }
rule 'ertct1 ALL=(ALL) NOPASSWD: ALL'
run nopasswd '"r.stdout": "root"'
run 'nopasswd, password given all the same' '"r.stdout": "root"' $(P nonsense)
run 'nopasswd to another unprivileged user' '"r.stdout": "ertct2"' --become-user ertct2
run 'nopasswd to a user without home right' '"r.stdout": "nobody"' --become-user nobody
run 'no such user' 'nobody-here' --become-user nobody-here
rule 'Defaults:ertct1 requiretty' 'ertct1 ALL=(ALL) NOPASSWD: ALL'
run 'requiretty nopasswd' '"r.stdout": "root"'
rule 'Defaults:ertct1 requiretty,use_pty' 'ertct1 ALL=(ALL) NOPASSWD: ALL'
run 'requiretty and use_pty nopasswd' '"r.stdout": "root"'
rule 'Defaults:ertct1 !use_pty' 'ertct1 ALL=(ALL) NOPASSWD: ALL'
run 'no use_pty nopasswd' '"r.stdout": "root"'
rule 'ertct1 ALL=(ALL) ALL'
run 'password right' '"r.stdout": "root"' $(P one)
run 'password wrong' '[Ii]ncorrect sudo password' $(P wrong)
run 'password missing' 'a password is required|[Mm]issing sudo password'
run 'password, to another unprivileged user' '"r.stdout": "ertct2"' $(P one) --become-user ertct2
rule 'Defaults:ertct1 requiretty' 'ertct1 ALL=(ALL) ALL'
run 'requiretty, password right' '"r.stdout": "root"' $(P one)
run 'requiretty, password wrong' '[Ii]ncorrect sudo password' $(P wrong)
run 'requiretty, password missing' 'password is required|[Mm]issing sudo password'
rule 'Defaults:ertct1 !use_pty' 'ertct1 ALL=(ALL) ALL'
run 'no use_pty, password right' '"r.stdout": "root"' $(P one)
rule 'Defaults:ertct1 targetpw' 'ertct1 ALL=(ALL) ALL'
run 'targetpw to another' '"r.stdout": "ertct2"' $(P two2) --become-user ertct2
rule 'Defaults:ertct1 lecture=always,passprompt="Parola pentru %u: "' 'ertct1 ALL=(ALL) ALL'
run 'lecture and own prompt' '"r.stdout": "root"' $(P one)
rule 'Defaults:ertct1 passprompt_override,passprompt="Parola pentru %u: "' 'ertct1 ALL=(ALL) ALL'
run 'own prompt overrides' '"r.stdout": "root"' $(P one)
rule 'ertct1 ALL=(ertct2) NOPASSWD: ALL'
run 'not allowed to root' 'not allowed|password is required|[Ii]ncorrect|may not' $(P one)
rule 'ertct1 ALL=(ALL) NOPASSWD: /bin/ls'
run 'not that program' 'not allowed|password is required|[Ii]ncorrect|may not'
rm -f /etc/sudoers.d/ertct
run 'not in sudoers' 'not (in the sudoers|allowed)|password is required|may not' $(P one)
run 'su, password right' '"r.stdout": "ertct2"' --become-method su --become-user ertct2 $(P two2)
run 'su, password wrong' 'Incorrect su password|Authentication failure|[Ii]ncorrect' --become-method su --become-user ertct2 $(P wrong)
run 'su, password missing' 'password' --become-method su --become-user ertct2
echo 'permit nopass ertct1' >/etc/doas.conf; chmod 400 /etc/doas.conf
run 'doas nopass' '"r.stdout": "root"' --become-method doas
echo 'permit ertct1' >/etc/doas.conf
run 'doas, password right' '"r.stdout": "root"' --become-method doas $(P one)
run 'doas, password wrong' '[Ii]ncorrect|Authentication' --become-method doas $(P wrong)
run 'doas, password missing' 'password|tty|terminal' --become-method doas
echo 'permit nopass root' >/etc/doas.conf
run 'doas not permitted' 'not permitted' --become-method doas
