#!/bin/bash
# bench: ertc-play beside ansible-playbook, mitogen, ssh and tar, in one run on one machine; prints each promise with what
# was measured. Root; leaves nothing behind. README.md says how things are measured.
# usage: run.sh BUILD [part…]	parts: start lan files wan fleet (all); BENCH=short: a few minutes, no long comparisons
#	TRY='commands' runs those among the hosts instead, with the functions below (for a profile: measure_ours, in_net)
set -u
cd "$(dirname "$0")/../.." || exit 2
build=$(realpath "${1:?usage: run.sh BUILD [part...]}")
shift
parts=" ${*:-start lan files wan fleet} "
short=
[ "${BENCH:-}" = short ] && short=1
[ "$(id -u)" = 0 ] || { echo "bench: needs root (network namespaces, sshd)" >&2; exit 2; }
[ -c /dev/net/tun ] || { echo "skip: bench needs /dev/net/tun"; exit 0; }

rtt_ms=50 runs=${RUNS:-${short:+3}} quiet=${QUIET:-${short:+2}}
runs=${runs:-5} quiet=${quiet:-8}
peer_runs=${PEER_RUNS:-$([ -n "$short" ] && echo 1 || echo 3)}
dir=$(mktemp -d /tmp/ertc-bench-XXXXXX)
pids=()
. tests/bench/world.sh
trap world_end EXIT
trap 'exit 130' INT TERM
export LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=$dir/home
unset SSH_AUTH_SOCK ANSIBLE_CONFIG "${!ANSIBLE_@}" "${!ERTC_@}"
books=$PWD/tests/bench/playbooks
met=0 missed=0

part() { [[ $parts == *" $1 "* ]]; }

# ---- measuring ----

declare -A took cpu peak
# measure KEY NETWORK TIMES COMMAND…: fills took[KEY], cpu[KEY], peak[KEY]; false when the command failed.
measure() {
	local key=$1 net=$2 times=$3 status
	shift 3
	read -r took["$key"] cpu["$key"] peak["$key"] status < <(in_net "$net" "$dir/bin/measure" -q "$quiet" -t 900 \
		-n "$times" -o "$dir/out/$key" "$@")
	[ "${status:-1}" = 0 ] && return
	echo "note  $key failed ($status):"
	tail -n 8 "$dir/out/$key" | sed 's/^/      /'
	unset "took[$key]"
	return 1
}
is_known() { [ -n "${took[$1]:-}" ]; }
calculate() { awk "BEGIN { printf \"%.${2:-2}f\", $1 }"; }

# measure_ours KEY NETWORK TIMES INVENTORY BOOK [ssh arguments]
measure_ours() {
	local key=$1 net=$2 times=$3 inventory=$4 book=$5
	shift 5
	measure "$key" "$net" "$times" "$build/ertc-play" -i "$dir/$inventory" --ssh-common-args "-F $dir/ssh_config $*" \
		"$books/$book.yml"
}
# measure_peer KEY ansible|mitogen NETWORK TIMES INVENTORY BOOK [ssh arguments]: one run that is not counted, then TIMES
# from a cold start; the median of one is what it is.
measure_peer() {
	local key=$1 settings=$2 net=$3 times=$4 inventory=$5 book=$6 number all=()
	shift 6
	command -v ansible-playbook > /dev/null || { echo "skip  $key: ansible is not installed"; return 1; }
	[ "$settings" = ansible ] || [ -n "$mitogen_folder" ] || { echo "skip  $key: ansible-mitogen is not installed"; return 1; }
	for number in $(seq 0 "$times"); do
		masters_end
		rm -rf "$dir"/facts/*
		ANSIBLE_CONFIG=$dir/$settings.cfg measure "$key" "$net" 1 ansible-playbook -i "$dir/$inventory" \
			--ssh-common-args "-F $dir/ssh_config $*" "$books/$book.yml" || return 1
		[ "$number" = 0 ] || all+=("${took[$key]}")
	done
	masters_end
	took["$key"]=$(printf '%s\n' "${all[@]}" | sort -n | sed -n "$(((times + 1) / 2))p")
}

# row WHAT VALUE UNIT '<=' or '>=' TARGET [remark]
row() {
	local verdict=missed
	if awk "BEGIN { exit !($2 $4 $5) }"; then verdict=met met=$((met + 1)); else missed=$((missed + 1)); fi
	printf '%-66s %9s %-5s %2s %7s  %-6s %s\n' "$1" "$2" "$3" "$4" "$5" "$verdict" "${6:-}"
}
# ratio_row WHAT KEY OTHER_KEY OP TARGET: KEY / OTHER
ratio_row() {
	is_known "$2" && is_known "$3" || { printf '%-66s %9s\n' "$1" "not measured"; return; }
	row "$1" "$(calculate "${took[$2]} / ${took[$3]}")" × "$4" "$5" "$(milliseconds "$2") / $(milliseconds "$3") ms"
}
milliseconds() { calculate "${took[$1]:-0} * 1000" 1; }
info() { printf '%-66s %9s %s\n' "$1" "$2" "$3"; }
# The recap says each host was reached and none failed.
all_well() { # KEY COUNT
	awk -v want="$2" '/ok=[0-9]+ +changed=/ { hosts++; if (!/unreachable=0 +failed=0/) lost++ }
		END { print (want - hosts) + lost }' "$dir/out/$1"
}

# ---- the parts ----

bench_start() {
	local arch
	for arch in "$build"/runner-*.gz; do
		row "runner, gzip'd: $(basename "$arch" .gz)" "$(calculate "$(stat -c %s "$arch") / 1024" 0)" KiB '<=' 320
	done
	measure true $lan 200 /bin/true
	measure version $lan 200 "$build/ertc-play" --version
	row "ertc-play --version (1.5 × /bin/true + 5 ms)" "$(milliseconds version)" ms '<=' \
		"$(calculate "${took[true]} * 1500 + 5" 1)" "true: $(milliseconds true) ms"
}

bench_lan() {
	measure_ours warm $lan 1 lan-1 w1-ping
	measure ssh $lan $((runs * 3)) ssh -F "$dir/ssh_config" -p $target_port 127.0.1.1 true
	measure_ours w1 $lan $((runs * 3)) lan-1 w1-ping
	ratio_row "W1 ping / ssh HOST true" w1 ssh '<=' 0.6
	measure_ours w2 $lan $runs lan-1 w2-facts
	info "W2 facts" "$(milliseconds w2)" ms
	measure_ours warm $lan 1 lan-1 w3-site30
	measure_ours w3 $lan $((runs * 3)) lan-1 w3-site30
	ratio_row "W3 30 tasks / W1" w3 w1 '<=' 2
	measure_ours warm $lan 1 lan-1 w4-loop100
	measure_ours w4 $lan $((runs * 2)) lan-1 w4-loop100
	ratio_row "W4 100 templates / W1" w4 w1 '<=' 3
	measure_peer ansible-w3 ansible $lan "$peer_runs" lan-1 w3-site30 && ratio_row "W3: ansible tuned / ours" ansible-w3 w3 '>=' 40
	if [ -z "$short" ]; then
		measure_peer ansible-w1 ansible $lan "$peer_runs" lan-1 w1-ping &&
			info "W1: ansible tuned / ours" "$(calculate "${took[ansible-w1]} / ${took[w1]}" 1)" ×
		measure_peer mitogen-w3 mitogen $lan "$peer_runs" lan-1 w3-site30
		ratio_row "W3: mitogen / ours" mitogen-w3 w3 '>=' 20
		measure_peer ansible-w2 ansible $lan "$peer_runs" lan-1 w2-facts &&
			info "W2: ansible tuned / ours" "$(calculate "${took[ansible-w2]} / ${took[w2]}" 1)" ×
		measure_peer ansible-w4 ansible $lan 1 lan-1 w4-loop100
		ratio_row "W4: ansible tuned / ours" ansible-w4 w4 '>=' 150
		measure_peer mitogen-w4 mitogen $lan 1 lan-1 w4-loop100 &&
			info "W4: mitogen / ours" "$(calculate "${took[mitogen-w4]} / ${took[w4]}" 1)" ×
	fi
}

# first_runs KEY TIMES COMMAND…: the median of runs that each begin with nothing there.
first_runs() {
	local key=$1 times=$2 number all=()
	shift 2
	for number in $(seq "$times"); do
		rm -rf "$dir"/root/*
		sync -f "$dir"
		"$@" || return 1
		all+=("${took[$key]}")
	done
	took["$key"]=$(printf '%s\n' "${all[@]}" | sort -n | sed -n "$(((times + 1) / 2))p")
}
tar_through_ssh() { # KEY WHAT
	measure "$1" $lan 1 sh -c "tar -C $dir/data -cf - $2 | ssh -F $dir/ssh_config -p $target_port 127.0.1.1 \
		'mkdir -p $dir/root/tar && tar -C $dir/root/tar -xf -'"
}

bench_files() {
	is_known w1 || { measure_ours warm $lan 1 lan-1 w1-ping; measure_ours w1 $lan $((runs * 2)) lan-1 w1-ping; }
	first_runs tar-tree "$runs" tar_through_ssh tar-tree tree
	first_runs w5a-first "$runs" measure_ours w5a-first $lan 1 lan-1 w5a-tree
	ratio_row "W5a 500 files, first run / tar | ssh tar" w5a-first tar-tree '<=' 1.5
	measure_ours w5a-second $lan $((runs * 2)) lan-1 w5a-tree
	ratio_row "W5a 500 files, second run / W1" w5a-second w1 '<=' 3
	first_runs tar-big "$runs" tar_through_ssh tar-big big.bin
	first_runs w5b-first "$runs" measure_ours w5b-first $lan 1 lan-1 w5b-big
	ratio_row "W5b 50 MB, first run / tar | ssh tar" w5b-first tar-big '<=' 1.3
	measure_ours w5b-second $lan $((runs * 2)) lan-1 w5b-big
	ratio_row "W5b 50 MB, second run / first run" w5b-second w5b-first '<=' 0.5
}

# What went over the delayed line since the last question: packets, KB, flights.
line_count() {
	local before
	before=$(wc -l < "$dir/logs/delay")
	# shellcheck disable=SC2154 # set by start
	kill -USR1 "$pid_delay"
	while [ "$(wc -l < "$dir/logs/delay")" = "$before" ]; do sleep 0.05; done
	tail -n 1 "$dir/logs/delay"
}
trips() { calculate "${took[$1]:-0} * 1000 / $rtt_ms" 1; }
# wan_row WHAT KEY LIMIT INVENTORY BOOK [ssh arguments]: round trips of the median run; flights of one more run.
wan_row() {
	local what=$1 key=$2 limit=$3 book=$4 packets kb flights
	shift 4
	line_count > /dev/null
	measure_ours "$key" $client "$times" wan-1 "$book" "$@" || return
	read -r packets kb flights < <(line_count)
	row "$what" "$(trips "$key")" RTT '<=' "$limit" \
		"$(milliseconds "$key") ms; $((flights / times)) flights, $((packets / times)) packets, $((kb / times)) KB"
}
# Forgets what was put on the targets beside their files.
runner_forget() { rm -rf "$dir/there/.cache"; }

bench_wan() {
	local times=$runs
	measure_ours warm $client 1 wan-1 w3-site30
	measure ssh-wan $client $((runs - 1)) ssh -F "$dir/ssh_config" -p $target_port 10.77.1.1 true
	info "50 ms: ssh HOST true" "$(trips ssh-wan)" RTT
	wan_row "50 ms: W1 direct (no promise of its own)" wan-w1 99 w1-ping
	wan_row "50 ms: W3 direct, cached runner" wan-w3 10 w3-site30
	wan_row "50 ms: W3 through a bastion, cached runner" wan-w3j 18 w3-site30 -J wbastion
	times=1
	runner_forget
	wan_row "50 ms: W3 direct, runner pushed" wan-push "$(calculate "${took[wan-w3]:-0} * 1000 / $rtt_ms + 8" 1)" w3-site30
	runner_forget
	wan_row "50 ms: W3 through a bastion, runner pushed" wan-pushj \
		"$(calculate "${took[wan-w3j]:-0} * 1000 / $rtt_ms + 8" 1)" w3-site30 -J wbastion
	if [ -z "$short" ]; then
		measure_peer ansible-wan ansible $client 1 wan-1 w3-site30
		ratio_row "50 ms: W3: ansible tuned / ours" ansible-wan wan-w3 '>=' 20
		measure_peer mitogen-wan mitogen $client 1 wan-1 w3-site30 &&
			info "50 ms: W3: mitogen / ours" "$(calculate "${took[mitogen-wan]} / ${took[wan-w3]}" 1)" ×
	fi
}

bench_fleet() {
	local hosts=200 times=3 number all=() wall used good logins
	[ -z "$short" ] || times=1
	measure_ours fleet-first $lan 1 lan-$hosts w3-site30 || true
	for number in $(seq $times); do
		read -r wall used good < <(in_net $lan "$dir/bin/login" 127.0.1.1 $hosts $target_port root "$dir/id")
		all+=("$wall")
	done
	took[login]=$(printf '%s\n' "${all[@]}" | sort -n | sed -n "$(((times + 1) / 2))p")
	info "$hosts hosts: libssh login loop" "$(milliseconds login)" "ms, $(calculate "$used * 1000 / $hosts" 2) ms of CPU a host, $good good"
	measure_ours one $lan 1 lan-1 w3-site30
	measure_ours fleet $lan $times lan-$hosts w3-site30 || true
	ratio_row "$hosts hosts: W3 / login loop" fleet login '<=' 1.5
	row "$hosts hosts: lost" "$(all_well fleet $((hosts * times)))" hosts '<=' 0
	row "$hosts hosts: controller CPU a host" "$(calculate "${cpu[fleet]} * 1000 / $hosts")" ms '<=' 5
	row "$hosts hosts: controller memory a host" "$(calculate "(${peak[fleet]} - ${peak[one]}) / ($hosts - 1)" 0)" KiB '<=' 150 \
		"peak ${peak[fleet]} KiB, one host ${peak[one]} KiB"
	logins=$(grep -c 'Accepted publickey' "$dir/logs/lan_bastion")
	measure_ours fleet-bastion $lan 1 lan-$hosts w3-site30 -J bastion || true
	row "$hosts hosts through one bastion: lost" "$(all_well fleet-bastion $hosts)" hosts '<=' 0 \
		"$(calculate "${took[fleet-bastion]:-0}" 2) s"
	row "$hosts hosts through one bastion: logins at the bastion" \
		$(($(grep -c 'Accepted publickey' "$dir/logs/lan_bastion") - logins)) '' '<=' 1
}

world_begin || { echo "bench: the hosts do not come up"; tail -n 3 "$dir"/logs/*; exit 1; }
[ -z "${TRY:-}" ] || { eval "$TRY"; exit; }
echo "$(nproc) cores, $("$build/ertc-play" --version | head -n 1), $(ssh -V 2>&1 | cut -d, -f1), $(ansible-playbook --version 2> /dev/null |
	sed -n '1s/^ansible-playbook //p'); load before: $(cut -d' ' -f1 /proc/loadavg)"
printf '%-66s %9s %-5s    %7s  %s\n' what measured '' target ''
for name in start lan files wan fleet; do
	part $name && "bench_$name"
done
echo "load after: $(cut -d' ' -f1 /proc/loadavg)"
echo "$met targets met, $missed missed"
[ "$missed" -eq 0 ] || [ -n "$short" ]
