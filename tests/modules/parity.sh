#!/bin/bash
# The same arguments through real Ansible and through our module, each in a directory of its own: `changed`, `failed`
# and what stands there afterwards must be equal.	parity.sh RUN
command -v ansible >/dev/null || { echo "skipped: ansible is not installed"; exit 0; }
export ANSIBLE_LOCALHOST_WARNING=0
run=$1
top=$(mktemp -d)
passed=0 failed=0

tree() { (cd "$1" && find . -printf '%p %M %U %G %l\n' | sort && find . -type f ! -name '*~' | sort | xargs -r -d '\n' cat); }
facts() { python3 -c '
import json, os, sys
d = json.loads(sys.stdin.read())
if os.environ.get("FAILED"): d["failed"] = True
if "plays" in d: d = d["plays"][0]["tasks"][0]["hosts"]["localhost"]
keys = ["changed", "failed", "state", "mode", "owner", "rc", "stdout", "msg", "checksum", "size", "stat", "found", "content"]
out = {k: d[k] for k in keys if d.get(k) not in (None, False, "")}
if isinstance(out.get("stat"), dict):
    out["stat"] = {k: v for k, v in out["stat"].items() if k not in ("inode", "atime", "mtime", "ctime", "version", "attributes", "attr_flags", "path", "lnk_source")}
if out.get("failed"): out = {"failed": True, "rc": out.get("rc")}
print(json.dumps(out, sort_keys=True))'; }

# MODULE ARGS(JSON, @ is the directory) [SETUP]
compare() {
	for side in ansible ours; do
		mkdir -p "$top/$side/d"
		(cd "$top/$side/d" && eval "${3:-:}")
		args=${2//@/$top/$side/d}
		if [ $side = ansible ]; then
			# The file has no `failed`: the exit code says it.
			ansible localhost -m "$1" -a "$args" -t "$top/tree" >/dev/null 2>&1 || export FAILED=1
			facts <"$top/tree/localhost"
			unset FAILED
			rm -rf "$top/tree"
		else
			echo "$args" >"$top/args.yml"
			"$run" -p "$1" "$top/args.yml" | facts
		fi | sed "s|$top/$side/||g" >"$top/$side.out"
		tree "$top/$side/d" >>"$top/$side.out"
		rm -rf "$top/$side"
	done
	if diff "$top/ansible.out" "$top/ours.out" >"$top/diff"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "DIFFERENT: $1 $2 $3" && cat "$top/diff"
	fi
}

compare file '{"path": "@/a/b", "state": "directory", "mode": "0750"}'
compare file '{"path": "@/a", "state": "directory", "mode": "u=rwX,g=rX,o=", "recurse": true}' 'mkdir -p a/b; echo x >a/f; chmod 755 a/f; ln -s f a/l'
compare file '{"path": "@/f", "state": "touch", "mode": "0600"}'
compare file '{"path": "@/f"}'
compare file '{"path": "@/f", "state": "absent"}' 'touch f'
compare file '{"src": "f", "dest": "@/l", "state": "link"}' 'touch f'
compare file '{"src": "f", "dest": "@/l", "state": "link"}' 'touch f l'
compare file '{"src": "f", "dest": "@/l", "state": "link", "force": true}' 'touch f l'
compare file '{"src": "@/f", "dest": "@/h", "state": "hard"}' 'touch f'
compare file '{"path": "@/l", "mode": "0600"}' 'touch f; ln -s f l'
compare file '{"path": "@/f", "state": "directory"}' 'touch f'
compare file '{"path": "@/f", "owner": "nobody-at-all"}' 'touch f'
compare copy '{"src": "@/f", "dest": "@/g", "remote_src": true}' 'echo x >f'
compare copy '{"src": "@/f", "dest": "@/d/", "remote_src": true}' 'echo x >f'
compare copy '{"src": "@/f", "dest": "@/d", "remote_src": true, "mode": "preserve"}' 'echo x >f; mkdir d; chmod 741 f'
compare copy '{"src": "@/f", "dest": "@/no/g", "remote_src": true}' 'echo x >f'
compare copy '{"src": "@/a", "dest": "@/b", "remote_src": true}' 'mkdir -p a/x; echo x >a/x/f'
compare copy '{"src": "@/a/", "dest": "@/b", "remote_src": true}' 'mkdir -p a/x; echo x >a/x/f'
compare copy '{"src": "@/f", "dest": "@/g", "remote_src": true, "force": false}' 'echo x >f; echo y >g'
compare lineinfile '{"path": "@/f", "line": "x"}' "printf 'a\nb' >f"
compare lineinfile '{"path": "@/f", "regexp": "^a", "line": "A"}' "printf 'a\nb\na1\n' >f"
compare lineinfile '{"path": "@/f", "regexp": "^z", "line": "A", "insertafter": "^a"}' "printf 'a\nb\na1\nc\n' >f"
compare lineinfile '{"path": "@/f", "regexp": "^z", "line": "A", "insertbefore": "^b", "firstmatch": true}' "printf 'a\nb\nb\n' >f"
compare lineinfile '{"path": "@/f", "regexp": "^(a)(.*)", "line": "\\2\\1", "backrefs": true}' "printf 'abc\n' >f"
compare lineinfile '{"path": "@/f", "regexp": "^a", "state": "absent"}' "printf 'a\nb\na1\n' >f"
compare lineinfile '{"path": "@/f", "line": "x", "create": true, "mode": "0640"}'
compare lineinfile '{"path": "@/f", "line": "x"}'
compare lineinfile '{"path": "@/f", "line": "x", "insertafter": "nothing"}' "printf 'a\n' >f"
compare lineinfile '{"path": "@/f", "search_string": "b", "line": "x"}' "printf 'abc\nb\n' >f"
compare blockinfile '{"path": "@/f", "block": "x\ny"}' "printf 'a\nb' >f"
compare blockinfile '{"path": "@/f", "block": "x", "insertbefore": "BOF"}' "printf 'a\nb\n' >f"
compare blockinfile '{"path": "@/f", "block": "x", "insertafter": "^a"}' "printf 'a\nb\na\nb\n' >f"
compare blockinfile '{"path": "@/f", "block": ""}' "printf 'a\n# BEGIN ANSIBLE MANAGED BLOCK\nx\n# END ANSIBLE MANAGED BLOCK\nb\n' >f"
compare blockinfile '{"path": "@/f", "state": "absent"}'
compare blockinfile '{"path": "@/f", "block": "x", "create": true}'
compare replace '{"path": "@/f", "regexp": "^(\\w+) (\\w+)$", "replace": "\\2 \\g<1>"}' "printf 'a b\nc d\n' >f"
compare replace '{"path": "@/f", "regexp": "x", "replace": "y", "after": "BEGIN", "before": "END"}' "printf 'x\nBEGIN\nx\nEND\nx\n' >f"
compare replace '{"path": "@/f", "regexp": "x*", "replace": "-"}' "printf 'abxd' >f"
compare replace '{"path": "@/f", "regexp": "\\s+\\Z", "replace": ""}' "printf 'ab  \n\n' >f"
compare command '{"_raw_params": "echo a  b \"c  d\"", "chdir": "@"}'
compare command '{"_raw_params": "ls /no-such", "chdir": "@"}'
compare command '{"_raw_params": "touch @/x", "creates": "@/x"}' 'touch x'
compare command '{"_raw_params": "touch @/y", "removes": "@/x"}'
compare command '{"argv": ["printf", "%s\\n", "$HOME", "a b"]}'
compare shell '{"_raw_params": "echo $((1+2)); echo err >&2"}'
compare stat '{"path": "@/f"}' 'echo hello >f; chmod 640 f'
compare stat '{"path": "@/f"}'
compare stat '{"path": "@/l"}' 'echo hello >f; ln -s f l'
compare stat '{"path": "@/f", "checksum_algorithm": "sha256", "get_mime": false}' 'echo hello >f'
compare slurp '{"src": "@/f"}' 'echo hello >f'
compare slurp '{"src": "@/f"}'
compare wait_for '{"path": "@/f", "timeout": 1}' 'touch f'
compare sysctl '{"name": "vm.swappiness", "value": "10", "sysctl_file": "@/f", "reload": false}' "printf '# c\nvm.swappiness = 60\n' >f"
compare ping '{"data": "x"}'
compare assemble '{"src": "@/f", "dest": "@/out", "delimiter": "--"}' 'mkdir f; printf a >f/1; printf "b\n" >f/2'
compare assemble '{"src": "@/f", "dest": "@/out", "regexp": "^x", "ignore_hidden": true}' 'mkdir f; echo a >f/x1; echo b >f/.x; echo c >f/y'
compare known_hosts '{"name": "h", "key": "h ssh-rsa AAAA", "path": "@/k"}' 'echo "h ssh-rsa BBBB" >k; echo "z ssh-rsa CCCC" >>k'
compare get_url '{"url": "file://@/src", "dest": "@/out"}' 'echo hello >src'
compare get_url '{"url": "file://@/src", "dest": "@/d"}' 'echo hello >src; mkdir d'
compare get_url '{"url": "http://127.0.0.1:1/x", "dest": "@/out"}'
compare uri '{"url": "http://127.0.0.1:1/x"}'
compare unarchive '{"src": "@/t.tgz", "dest": "@/out", "remote_src": true}' 'mkdir a out; echo x >a/f; tar --mtime=@0 -cf - a | gzip -n >t.tgz'
compare unarchive '{"src": "@/t.tar", "dest": "@/out", "remote_src": true, "mode": "0600", "exclude": ["a/g"]}' 'mkdir a out; echo x >a/f; echo y >a/g; tar --mtime=@0 -cf t.tar a'
compare ini_file '{"path": "@/i", "section": "s", "option": "a", "value": "1"}' 'printf "[s]\n;a = 2\n[t]\na=3\n" >i'
compare ini_file '{"path": "@/i", "section": "new", "option": "a", "value": "1", "no_extra_spaces": true}' 'printf "[s]\na=2\n" >i'
compare ini_file '{"path": "@/i", "section": "s", "state": "absent"}' 'printf "[s]\na=2\n\n[t]\nb=1\n" >i'
compare mount '{"path": "/mnt/x", "src": "/dev/x", "fstype": "ext4", "state": "present", "fstab": "@/fstab"}' 'printf "# c\n/dev/a / ext4 defaults 0 1\n" >fstab'
compare authorized_key '{"user": "root", "key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ a", "path": "@/k", "manage_dir": false}' 'printf "ssh-rsa BBBB x\n" >k; chmod 600 k'
compare authorized_key '{"user": "root", "key": "ssh-rsa BBBB x", "path": "@/k", "manage_dir": false, "state": "absent"}' 'printf "ssh-rsa BBBB x\nssh-rsa CCCC y\n" >k; chmod 600 k'
rm -rf "$top"
echo "$passed equal, $failed different"
[ $failed = 0 ]
