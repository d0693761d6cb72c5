#!/bin/bash
# Installs what building and testing need, from Debian's packages. Root.
# usage: install-deps.sh [build|test|bench]
set -euo pipefail
build=(gcc libc6-dev pkg-config libssh-dev libyaml-dev libssl-dev libpcre2-dev libjansson-dev zlib1g-dev libcrypt-dev
	musl-tools musl-dev gcc-aarch64-linux-gnu libc6-dev-arm64-cross)
test=(clang libclang-rt-14-dev cppcheck clang-tidy libcmocka-dev python3 python3-jinja2 ansible-core openssh-server openssh-client
	sudo iproute2 iptables procps util-linux debootstrap dpkg-dev systemd-container zstd curl ffmpeg
	fish tcsh busybox zsh mksh qemu-user-static universal-ctags pebble)
want=("${build[@]}")
[ "${1:-build}" = build ] || want+=("${test[@]}")
missing=()
for package in "${want[@]}"; do
	dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq -y --no-install-recommends install "${missing[@]}" > /dev/null
