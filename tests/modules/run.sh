#!/bin/sh
# All module cases: run.sh RUN RUNNER. Those that change accounts and the packet filter go through private.sh (root).
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.." || exit 1
ERTC_UNITS=$(mktemp -d) && export ERTC_UNITS
PATH=$here/service:$here/tools:$PATH
status=0
"$1" "$2" "$here"/*/*.yml || status=1
"$here/private.sh" "$1" "$2" "$here"/user/*.yml "$here"/group/*.yml "$here"/iptables/*.yml "$here"/sysctl/*.yml "$here"/hostname/*.yml "$here"/apt_repository/*.yml "$here"/locale_gen/*.yml "$here"/mount/*.yml || status=1
rm -rf "$ERTC_UNITS"
exit $status
