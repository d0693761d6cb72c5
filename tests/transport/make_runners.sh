#!/bin/sh
# make_runners.sh OUT.c ARCHITECTURE=FILE…: the table of orchestrator/delivery/runners.h from runner programs.
set -eu
out=$1
shift
{
	echo '#include "orchestrator/delivery/runners.h"'
	rows=
	for pair; do
		arch=${pair%%=*}
		file=${pair#*=}
		echo "static const unsigned char gzip_$arch[] = {"
		gzip -9nc "$file" | od -An -v -tx1 | sed 's/ \(..\)/0x\1,/g'
		echo "};"
		rows="$rows{ \"$arch\", gzip_$arch, sizeof(gzip_$arch), $(wc -c <"$file"), \"$(sha256sum <"$file" | cut -c1-64)\" },"
	done
	echo "const struct runner_image runner_images[] = { $rows { 0 } };"
} >"$out"
