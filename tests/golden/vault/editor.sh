#!/bin/sh
# Stands for a person: notes what the file is like, adds a line, and ends as $EDITOR_ENDS says.
stat -c '%a %A' "$1" > "$EDITOR_SEEN"
stat -c '%a' "$(dirname "$1")" >> "$EDITOR_SEEN"
case $1 in /dev/shm/*) echo memory ;; *) echo disk ;; esac >> "$EDITOR_SEEN"
echo "$1" > "$EDITOR_SEEN.path"
[ "${EDITOR_ENDS:-}" = unchanged ] || echo "added by hand" >> "$1"
[ "${EDITOR_ENDS:-}" != killed ] || kill -TERM "$PPID"
[ "${EDITOR_ENDS:-}" != failed ] || exit 3
