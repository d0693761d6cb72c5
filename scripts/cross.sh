#!/bin/bash
# Unpacks what the aarch64 runner is linked with (musl, PCRE2) into DIR, with a state of apt's own: nothing is installed,
# and the machine gets no foreign architecture.
# usage: cross.sh DIR
set -euo pipefail
dir=$1
state=$dir/apt
mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
: > "$state/status"
options=(-o "Dir::State=$PWD/$state" -o "Dir::State::status=$PWD/$state/status" -o "Dir::State::lists=$PWD/$state/lists"
	-o "Dir::Cache=$PWD/$state/cache" -o APT::Architectures::=arm64 -o APT::Architecture=arm64 -o Debug::NoLocking=true
	-o Acquire::Languages=none -o APT::Sandbox::User=root)
apt-get -qq "${options[@]}" update
(cd "$state/cache/archives" && apt-get -qq "${options[@]}" download musl-dev:arm64 libpcre2-dev:arm64)
for deb in "$state"/cache/archives/*.deb; do
	dpkg-deb -x "$deb" "$dir"
done
rm -rf "$state"
[ -f "$dir/usr/lib/aarch64-linux-musl/libc.a" ] && [ -f "$dir/usr/lib/aarch64-linux-gnu/libpcre2-8.a" ]
