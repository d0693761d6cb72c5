#!/bin/bash
# Hosts of a cloud are reached by what the cloud says about them: a scripted EC2 on loopback, real sshds behind its
# addresses; key files by key pair, the bastion by its tag, host keys by another. Skipped without sshd or python3.
# usage: run.sh BUILD
set -u
cd "$(dirname "$0")" || exit 1
root=$(cd ../../.. && pwd)
build=$root/$1
SSHD=${SSHD:-/usr/sbin/sshd}
for program in "$SSHD" ssh-keygen python3; do
	command -v "$program" > /dev/null || { echo "skipped: no $program" && echo "0 passed, 0 failed" && exit 0; }
done
dir=$(mktemp -d)
. ../../transport/sshd.sh
cloud=
trap 'sshd_stop_all; [ -z "$cloud" ] || kill "$cloud"; rm -rf "$dir"' EXIT
passed=0 failed=0
unset SSH_AUTH_SOCK SSH_AGENT_PID
me=$(id -un)
base=$((31000 + $$ % 1000 * 2))
fleet="$dir/a fleet" # a folder with a blank: it goes through two shells' worth of quotes
mkdir -p "$fleet/keys" "$fleet/group_vars" "$dir/home" "$dir/cloud"
ssh-keygen -qt ed25519 -N '' -C key -f "$fleet/keys/fleet.pem"
cp "$fleet/keys/fleet.pem.pub" "$dir/authorized_keys"
sshd_start bastion "$base" < /dev/null
sshd_start target $((base + 1)) < /dev/null
: > "$dir/ansible.cfg"
export ANSIBLE_CONFIG=$dir/ansible.cfg ANSIBLE_NOCOLOR=1 HOME=$dir/home LC_ALL=C.UTF-8
export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI AWS_EC2_METADATA_DISABLED=true
export AWS_CONFIG_FILE=$dir/none AWS_SHARED_CREDENTIALS_FILE=$dir/none NO_PROXY=127.0.0.1 no_proxy=127.0.0.1

instance() { # ID STATE PUBLIC ROLE KEY-PAIR HOST-KEY
	cat <<END
<item><reservationId>r-$1</reservationId><ownerId>123456789012</ownerId><instancesSet><item><instanceId>$1</instanceId>
<imageId>ami-1</imageId><instanceState><code>16</code><name>$2</name></instanceState><privateDnsName/><dnsName/>
<keyName>$5</keyName><vpcId>vpc-1</vpcId><privateIpAddress>127.0.0.1</privateIpAddress>$3
<placement><availabilityZone>eu-west-1a</availabilityZone></placement><tagSet><item><key>Name</key><value>$1</value></item>
<item><key>Role</key><value>$4</value></item><item><key>HostKey</key><value>$(cut -d' ' -f1,2 "$6")</value></item></tagSet>
<subnetId>subnet-$1</subnetId><groupSet><item><groupId>sg-$1</groupId><groupName>$4</groupName></item></groupSet>
</item></instancesSet></item>
END
}
answer() { # BASTION-STATE TARGET-HOST-KEY
	{
		echo '<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>1</requestId><reservationSet>'
		instance i-b "$1" '<ipAddress>127.0.0.1</ipAddress>' bastion fleet "$dir/bastion/host_ed25519.pub"
		instance i-t running '' web fleet "$2"
		echo '</reservationSet></DescribeInstancesResponse>'
	} > "$dir/answer.new" && mv "$dir/answer.new" "$dir/cloud/DescribeInstances"
}
answer running "$dir/target/host_ed25519.pub"
python3 cloud.py "$dir/cloud" "$dir/port" &
cloud=$!
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do [ -e "$dir/port" ] || sleep 0.2; done
cat > "$fleet/prod.aws_ec2.yml" <<END
plugin: amazon.aws.aws_ec2
endpoint_url: http://127.0.0.1:$(cat "$dir/port")
regions: [eu-west-1]
hostnames: [tag:Name]
keyed_groups: [{key: tags.Role, prefix: '', separator: ''}]
bastion: tag:Role=bastion
users: {default: "$me"}
ssh_host_keys: tag:HostKey
END
echo "ansible_port: $base" > "$fleet/group_vars/bastion.yml"
echo "ansible_port: $((base + 1))" > "$fleet/group_vars/web.yml"

ok() { # NAME STATUS
	if [ "$2" = 0 ]; then passed=$((passed + 1)); else
		failed=$((failed + 1))
		echo "FAIL $1"
		sed 's/^/	/' "$dir/out" | head -20
	fi
}
ertc() { timeout 60 "$build/ertc" "$@" > "$dir/out" 2>&1 < /dev/null; }

ertc ssh -v -i "$fleet/prod.aws_ec2.yml" i-t 'echo reached $((6 * 7))' && grep -q '^reached 42' "$dir/out"
ok 'a private host, by the bastion that was found' $?
grep -q "^ssh $me@127.0.0.1:$((base + 1)) by $me@127.0.0.1:$base$" "$dir/out"
ok 'the road' $?
grep -q 'Accepted publickey' "$dir/bastion/log"
ok 'the bastion was used' $?
[ "$(stat -c %a "$fleet/.prod.aws_ec2.yml.known_hosts")" = 600 ] && [ "$(wc -l < "$fleet/.prod.aws_ec2.yml.known_hosts")" = 2 ] &&
	[ ! -e "$dir/home/.ssh/known_hosts" ]
ok 'host keys are pinned, in a file of this inventory' $?
ertc run all -i "$fleet/prod.aws_ec2.yml" -m ping && [ "$(grep -c '"pong"' "$dir/out")" = 2 ]
ok 'a play reaches both' $?
ertc vars i-t ansible_host --why -i "$fleet/prod.aws_ec2.yml" && grep -q 'assumed by' "$dir/out"
ok 'where it comes from' $?
# The same road for OpenSSH, which stands for Ansible's own: the words mean the same to it.
ertc ssh -c ssh-cli -i "$fleet/prod.aws_ec2.yml" i-t 'echo reached' && grep -q '^reached' "$dir/out"
ok 'by the own ssh' $?
# Images are a wish: where they are denied, the rest goes on.
echo '<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors><RequestID>1</RequestID></Response>' > "$dir/cloud/DescribeImages"
ertc ssh -i "$fleet/prod.aws_ec2.yml" i-t 'echo reached' && grep -q '^reached' "$dir/out"
ok 'images that are denied' $?
{
	echo '<DescribeImagesResponse><imagesSet><item><imageId>ami-1</imageId><name>ubuntu/images/hvm-ssd/ubuntu-jammy</name>'
	echo '<imageOwnerId>099720109477</imageOwnerId></item></imagesSet></DescribeImagesResponse>'
} > "$dir/cloud/DescribeImages"
ertc vars i-t ansible_user -i "$fleet/prod.aws_ec2.yml" && grep -q 'ansible_user: "ubuntu"' "$dir/out"
ok 'the user of an image' $?
rm "$dir/cloud/DescribeImages"
# What the user sets stays.
echo "ansible_user: nobody-at-all" > "$fleet/group_vars/all.yml"
! ertc ssh -i "$fleet/prod.aws_ec2.yml" i-t true && grep -q "nobody-at-all@127.0.0.1:$base" "$dir/out"
ok 'group_vars win, for the bastion as well' $?
rm "$fleet/group_vars/all.yml"
# Another key than the cloud says.
answer running "$dir/bastion/host_ed25519.pub"
! ertc ssh -i "$fleet/prod.aws_ec2.yml" i-t true && grep -q 'has changed' "$dir/out"
ok 'another host key than the pinned one' $?
# Keys from the console: with a tag for the bastion, and none of the target's.
console() { # HOST-KEY
	{
		echo '<GetConsoleOutputResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>1</requestId>'
		printf '<output>'
		printf '[   12.3] cloud-init[900]: hush-password\r\n-----BEGIN SSH HOST KEY KEYS-----\r\n%s\r\n-----END SSH HOST KEY KEYS-----\r\n' \
			"$(cut -d' ' -f1,2 "$1") root@target" | base64
		echo '</output></GetConsoleOutputResponse>'
	} > "$dir/cloud/GetConsoleOutput"
}
: > "$dir/nothing"
sed 's/^ssh_host_keys:.*/ssh_host_keys: [tag:HostKey, console]\ncache: true/' "$fleet/prod.aws_ec2.yml" > "$fleet/console.aws_ec2.yml"
sed -i "s|^cache: true|&\ncache_connection: $dir/cache|" "$fleet/console.aws_ec2.yml"
pins=$fleet/.console.aws_ec2.yml.known_hosts
answer running "$dir/nothing"
ertc ssh --flush-cache -i "$fleet/console.aws_ec2.yml" i-t 'echo reached'
tr '\n' ' ' < "$dir/out" | tr -s ' ' | grep -q 'no host key of i-t is known' && [ "$(wc -l < "$pins")" = 1 ] && ! grep -q '^i-t' "$pins" && grep -q '^i-b' "$pins"
ok 'no output of the console yet' $?
console "$dir/bastion/host_ed25519.pub"
! ertc ssh -i "$fleet/console.aws_ec2.yml" --flush-cache i-t true && grep -q 'has changed' "$dir/out"
ok 'another key than the console says' $?
rm "$pins"
console "$dir/target/host_ed25519.pub"
ertc ssh -i "$fleet/console.aws_ec2.yml" --flush-cache i-t 'echo reached' && grep -q '^reached' "$dir/out" &&
	grep -qx "i-t $(cut -d' ' -f1,2 "$dir/target/host_ed25519.pub")" "$pins" && [ "$(stat -c %a "$pins")" = 600 ]
ok 'the key that the console says' $?
ertc inventory --list -i "$fleet/console.aws_ec2.yml" && ! grep -q 'HOST KEY\|fleet_console\|hush' "$dir/out" && ! grep -rq hush "$dir/cache"
ok 'the console is no variable, and not kept but for the keys' $?
# From the cache, and when the machine has said so much since that its keys are gone.
rm "$pins"
ertc ssh -i "$fleet/console.aws_ec2.yml" i-t 'echo reached' && grep -q '^i-t' "$pins"
ok 'pinned from the cache' $?
rm "$dir/cloud/GetConsoleOutput"
ertc ssh -i "$fleet/console.aws_ec2.yml" --flush-cache i-t 'echo reached' && grep -q '^i-t' "$pins"
ok 'a pin stays when the console has gone on' $?
echo '<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors><RequestID>1</RequestID></Response>' > "$dir/cloud/GetConsoleOutput"
ertc ssh -i "$fleet/console.aws_ec2.yml" --flush-cache i-t 'echo reached' && grep -q '^reached' "$dir/out"
ok 'who is pinned is not asked for' $?
rm "$pins"
ertc inventory --list -i "$fleet/console.aws_ec2.yml" --flush-cache; grep -q 'ec2 GetConsoleOutput was refused' "$dir/out"
ok 'a console that is denied' $?
rm "$dir/cloud/GetConsoleOutput" "$fleet/console.aws_ec2.yml"
# The bastion is stopped.
answer stopped "$dir/target/host_ed25519.pub"
ertc inventory --list -i "$fleet/prod.aws_ec2.yml"
tr '\n' ' ' < "$dir/out" | grep -qE 'i-t of vpc-1 can be reached through a bastion only, and +none runs: i-b is stopped +\(bastion: +tag:Role=bastion\)' && ! grep -q ProxyCommand "$dir/out"
ok 'a bastion that is stopped' $?
# A key that others can read.
answer running "$dir/target/host_ed25519.pub"
chmod 644 "$fleet/keys/fleet.pem"
ertc inventory --list -i "$fleet/prod.aws_ec2.yml"
tr '\n' ' ' < "$dir/out" | tr -s ' ' | grep -q "others can read it (mode 0644); chmod 600" && ! grep -q private_key_file "$dir/out"
ok 'a key that is open to others' $?

chmod 600 "$fleet/keys/fleet.pem"

# The doctor: who is reached, and why one is not.
group() { # ID PORT WHO
	echo "<item><groupId>$1</groupId><ipPermissions><item><ipProtocol>tcp</ipProtocol><fromPort>$2</fromPort><toPort>$2</toPort>$3</item></ipPermissions></item>"
}
groups() { # of the target: who
	{
		echo '<DescribeSecurityGroupsResponse><securityGroupInfo>'
		group sg-i-b "$base" '<ipRanges><item><cidrIp>0.0.0.0/0</cidrIp></item></ipRanges>'
		group sg-i-t $((base + 1)) "$1"
		echo '</securityGroupInfo></DescribeSecurityGroupsResponse>'
	} > "$dir/cloud/DescribeSecurityGroups"
}
groups '<groups><item><groupId>sg-i-b</groupId></item></groups>'
ertc inventory doctor -i "$fleet/prod.aws_ec2.yml"
[ $? = 0 ] && grep -q "^ok    i-t: ssh $me@127.0.0.1:$((base + 1)) by" "$dir/out" && grep -q '^2 of 2 reached' "$dir/out"
ok 'doctor: all are well' $?
cat > "$fleet/site.yml" <<'END'
- hosts: web
  roles: [nginx_rtmp]
END
ertc inventory -i "$fleet/prod.aws_ec2.yml" doctor i-t "$fleet/site.yml"
[ $? = 2 ] && grep -qxF '        - sg-i-t of i-t does not admit tcp port 1935, which the role nginx_rtmp (RTMP) needs' "$dir/out" &&
	grep -qF 'tcp port 80, which the role nginx_rtmp (HTTP) needs' "$dir/out" && ! grep -q 'port 443' "$dir/out"
ok 'doctor: ports of roles' $?
groups '<groups><item><groupId>sg-other</groupId></item></groups>'
kill "${pid_target:?}"
ertc inventory doctor -i "$fleet/prod.aws_ec2.yml" i-t
[ $? = 4 ] && grep -q '^FAIL  i-t: ' "$dir/out" &&
	grep -qxF "        - sg-i-t of i-t admits port $((base + 1)) only from sg-other; the bastion i-b is in sg-i-b (127.0.0.1)" "$dir/out"
ok 'doctor: a group that does not admit the bastion' $?
answer stopped "$dir/target/host_ed25519.pub"
kill "${pid_bastion:?}"
sed -i '/^bastion:/d' "$fleet/prod.aws_ec2.yml"
sed -i "s/^users:.*/users: false/" "$fleet/prod.aws_ec2.yml"
ertc inventory doctor -i "$fleet/prod.aws_ec2.yml"
[ $? = 4 ] && grep -qxF '        - the instance i-b is stopped' "$dir/out" && grep -q 'i-t has no public address, and no bastion is named' "$dir/out"
ok 'doctor: stopped, and no bastion' $?
# Who we are to the world.
answer running "$dir/target/host_ed25519.pub"
{
	echo '<DescribeSecurityGroupsResponse><securityGroupInfo>'
	group sg-i-b "$base" '<ipRanges><item><cidrIp>198.51.100.0/24</cidrIp></item></ipRanges>'
	echo '</securityGroupInfo></DescribeSecurityGroupsResponse>'
} > "$dir/cloud/DescribeSecurityGroups"
us="http://127.0.0.1:$(cat "$dir/port")/ip"
us() {
	sed -i '/^our_address:/d' "$fleet/prod.aws_ec2.yml"
	echo "our_address: $1" >> "$fleet/prod.aws_ec2.yml"
}
words() { tr '\n' ' ' < "$dir/out" | tr -s ' '; }
printf '203.0.113.9\n' > "$dir/cloud/GET-ip"
for address in 203.0.113.9 "$us"; do
	us "$address"
	ertc inventory doctor -i "$fleet/prod.aws_ec2.yml" i-b
	[ $? = 4 ] && grep -qxF '        - your public address 203.0.113.9 is not in 198.51.100.0/24 of sg-i-b' "$dir/out"
	ok "doctor: our address, $address" $?
done
printf '198.51.100.9' > "$dir/cloud/GET-ip"
ertc inventory doctor -i "$fleet/prod.aws_ec2.yml" i-b
[ $? = 4 ] && ! grep -q 'your public address\|sg-i-b' "$dir/out"
ok 'doctor: our address is admitted' $?
echo '<html>203.0.113.9' > "$dir/cloud/GET-ip"
ertc inventory doctor -i "$fleet/prod.aws_ec2.yml" i-b
[ $? = 4 ] && words | grep -q "your own public address is not known: .*the answer is no address" &&
	grep -q 'sg-i-b of i-b admits port .* only from 198.51.100.0/24: is your public address one of these' "$dir/out"
ok 'doctor: an answer that is no address' $?
rm "$dir/cloud/GET-ip"
ertc inventory doctor -i "$fleet/prod.aws_ec2.yml" i-b
[ $? = 4 ] && words | grep -q "your own public address is not known: .*HTTP status 404"
ok 'doctor: nobody tells our address' $?
ertc inventory --list -i "$fleet/prod.aws_ec2.yml" && ! grep -q 'public address' "$dir/out"
ok 'only the doctor asks for it' $?
us here
ertc inventory --list -i "$fleet/prod.aws_ec2.yml"
words | grep -q "'our_address' cannot be 'here'"
ok 'our address: neither' $?
printf 'nowhere ansible_host=does-not-resolve.invalid\nshut ansible_host=127.0.0.1 ansible_port=1\nhere ansible_connection=local\n' > "$dir/static"
ertc inventory doctor -i "$dir/static"
[ $? = 4 ] && grep -qE '^FAIL  nowhere: .*does-not-resolve.invalid' "$dir/out" && grep -q '^FAIL  shut: .*Connection refused' "$dir/out" &&
	grep -q '^ok    here: local' "$dir/out" && grep -q '^1 of 3 reached' "$dir/out"
ok 'doctor: hosts of a file' $?

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
