#!/bin/bash
# Installs what building and testing need, from Debian's packages. Root. Says nothing when all is there.
# usage: install-deps.sh [build|test|bench]	each with what stands before it
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
build=(make gcc libc6-dev binutils gzip ca-certificates libssh-dev libyaml-dev libssl-dev libpcre2-dev libjansson-dev zlib1g-dev
	libcrypt-dev libcurl4-openssl-dev libexpat1-dev libarchive-dev musl-tools musl-dev gcc-aarch64-linux-gnu
	libc6-dev-arm64-cross)
# By use: compilers and checkers; unit and template tests; hosts of tests/transport and tests/lab; what those play with.
test=(git gawk clang libclang-rt-14-dev clang-tidy cppcheck universal-ctags man-db groff-base
	libcmocka-dev python3 python3-jinja2 ansible ansible-core
	openssh-server openssh-client sudo iproute2 iptables procps util-linux debootstrap dpkg-dev systemd-container
	zstd curl ffmpeg fish tcsh busybox zsh mksh qemu-user-static pebble)
bench=(ansible-mitogen tar)

case ${1:-build} in
build) want=("${build[@]}") ;;
test) want=("${build[@]}" "${test[@]}") ;;
bench) want=("${build[@]}" "${test[@]}" "${bench[@]}") ;;
*)
	echo "usage: install-deps.sh [build|test|bench]" >&2
	exit 2
	;;
esac

missing=()
for package in "${want[@]}"; do
	dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null | grep -qx installed || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() { apt-get -y -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 --no-install-recommends "$@" > "$log" 2>&1 < /dev/null; }
# Services of what is installed (sshd, nginx …) are none of this machine's business.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
	printf '#!/bin/sh\nexit 101\n' > $policy
	chmod 755 $policy
	trap 'rm -f "$log" "$policy"' EXIT
fi
echo "installing: ${missing[*]}"
apt update || echo "install-deps: apt-get update failed; going on with the lists there are" >&2
if ! apt install "${missing[@]}"; then
	tail -n 20 "$log" >&2
	echo "install-deps: could not install: ${missing[*]}" >&2
	exit 1
fi
