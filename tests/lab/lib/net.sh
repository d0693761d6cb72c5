# The network, as one has it in AWS:
#
#   internet 203.0.113.0/24   laptop .50, services .10 (packages over http)
#   public   10.77.1.0/24     bastion .21, frontend .22, ours .23, twin .24; known to the internet as 203.0.113.21 and so on
#   private  10.77.2.0/24     backend .31; its default route is the bastion, as with a NAT instance
#
# The namespace `router` is the internet gateway (one-to-one translation of public addresses), the route tables and
# the security groups in one. Nothing is joined to the machine's own network.

# name, bridge, address, gateway
NETWORK='
laptop   br-inet 203.0.113.50/24 203.0.113.1
services br-inet 203.0.113.10/24 203.0.113.1
bastion  br-pub  10.77.1.21/24   10.77.1.1
frontend br-pub  10.77.1.22/24   10.77.1.1
backend  br-priv 10.77.2.31/24   10.77.2.1
ours     br-pub  10.77.1.23/24   10.77.1.1
twin     br-pub  10.77.1.24/24   10.77.1.1
'

in_net() {
	local name=$1; shift
	nsenter --net=/run/netns/"$name" -- "$@"
}

# A host's namespace and cable. Made anew at each boot, so rules and settings of the kernel do not outlive it.
net_plug() {
	local name bridge address gateway ip
	read -r name bridge address gateway <<< "$(grep "^$1 " <<< "$NETWORK")"
	[ -n "$name" ] || die "no host '$1' in this network"
	ip netns del "$name" 2> /dev/null
	ip -n router link del "v-$name" 2> /dev/null
	ip netns add "$name"
	ip -n router link add "v-$name" type veth peer name eth0 netns "$name"
	ip -n router link set "v-$name" master "$bridge" up
	ip -n "$name" link set lo up
	# The same card after each boot: its neighbours still know the old one's address.
	ip=${address%/*}
	# shellcheck disable=SC2086
	ip -n "$name" link set eth0 address "$(printf '02:00:%02x:%02x:%02x:%02x' ${ip//./ })"
	ip -n "$name" addr add "$address" dev eth0
	ip -n "$name" link set eth0 up
	ip -n "$name" route add default via "$gateway"
}

router_rules() {
	local last
	sysctl -qw net.ipv4.ip_forward=1
	[ ! -e /proc/sys/net/bridge/bridge-nf-call-iptables ] || echo 0 > /proc/sys/net/bridge/bridge-nf-call-iptables
	for last in 21 22 23 24; do
		ip addr add 203.0.113.$last/32 dev br-inet
	done
	# The private subnet's route table: everything outside goes to the bastion's interface.
	ip rule add iif br-priv lookup 100
	ip route add 10.77.1.0/24 dev br-pub table 100
	ip route add 10.77.2.0/24 dev br-priv table 100
	ip route add default via 10.77.1.21 dev br-pub table 100
	{
		echo '*nat'
		for last in 21 22 23 24; do
			echo "-A PREROUTING -d 203.0.113.$last -j DNAT --to-destination 10.77.1.$last"
			echo "-A POSTROUTING -s 10.77.1.$last -o br-inet -j SNAT --to-source 203.0.113.$last"
		done
		cat <<-'RULES'
		COMMIT
		*filter
		:FORWARD DROP
		-A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
		-A FORWARD -s 10.77.2.0/24 -o br-inet -m comment --comment "no public address, no internet" -j DROP
		-A FORWARD -i br-pub -o br-inet -j ACCEPT
		-A FORWARD -i br-inet -o br-pub -p tcp --dport 22 -j ACCEPT
		-A FORWARD -i br-inet -d 10.77.1.22 -p tcp -m multiport --dports 80,443 -j ACCEPT
		-A FORWARD -i br-pub -s 10.77.1.21 -o br-priv -p tcp --dport 22 -j ACCEPT
		-A FORWARD -i br-priv -o br-pub -j ACCEPT
		COMMIT
		RULES
	} | iptables-restore
}

net_up() {
	local bridge
	ip netns add router
	ip -n router link set lo up
	for bridge in br-inet:203.0.113.1/24 br-pub:10.77.1.1/24 br-priv:10.77.2.1/24; do
		ip -n router link add "${bridge%%:*}" type bridge forward_delay 0
		ip -n router addr add "${bridge#*:}" dev "${bridge%%:*}"
		ip -n router link set "${bridge%%:*}" up
	done
	in_net router "$LAB_HOME/lab" router-rules
	net_plug laptop
	net_plug services
}

# The packages' web server; its log says who asked, which is how the bastion's translation is seen.
services_up() {
	in_net services python3 -u -m http.server -b 203.0.113.10 -d "$LAB_CACHE/repository" 80 \
		< /dev/null > $LAB/services.log 2>&1 &
	disown
	for _ in $(seq 100); do
		in_net services bash -c 'exec 3<>/dev/tcp/203.0.113.10/80' 2> /dev/null && return 0
		sleep 0.05
	done
	die "the packages' server did not begin: $(tail -n 2 $LAB/services.log)"
}
