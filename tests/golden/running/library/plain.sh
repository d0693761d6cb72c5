#!/bin/sh
# An old-style module: its arguments stand in a file of key=value words.
. "$1"
printf '{"changed": true, "said": "%s"}\n' "$word"
