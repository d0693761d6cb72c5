#!/bin/sh
# build.sh DIRECTORY [flags]: the client of these tests with a runner that only echoes. Uses $CC.
set -eu
out=$1
shift
cd "$(dirname "$0")/../.."
mkdir -p "$out/objects"
warnings='-Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings -Wvla -Wformat=2
 -Wundef -Wcast-qual -Wimplicit-fallthrough -Wno-missing-field-initializers'
if [ ! -e "$out/fake_runner" ]; then
	${MUSL_CC:-musl-gcc} -static -Os -s tests/transport/fake_runner.c -o "$out/fake_runner"
fi
tests/transport/make_runners.sh "$out/runners.c" "$(uname -m)=$out/fake_runner"
objects=
for file in lib/base/*.c lib/os/loop.c orchestrator/transport/*.c orchestrator/delivery/*.c \
	tests/transport/link_client.c "$out/runners.c"; do
	object=$out/objects/$(echo "${file#"$out"/}" | tr / _).o
	objects="$objects $object"
	[ "$object" -nt "$file" ] && [ -z "$(find lib orchestrator -name '*.h' -newer "$object")" ] && continue
	# shellcheck disable=SC2086 # flags are words
	${CC:-gcc} -std=gnu17 -D_GNU_SOURCE -O2 -g $warnings -Ilib -I. "$@" -c "$file" -o "$object"
done
# shellcheck disable=SC2086
${CC:-gcc} "$@" $objects -lssh -lcrypto -lz -lpthread -o "$out/link_client"
