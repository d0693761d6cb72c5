#!/bin/bash
# One file of matrix/, ours against theirs, byte for byte: exit code and --list. usage: compare.sh ERTC FILE FOLDER
# PYTHON_OF_MOTO holds the boto3 that hears AWS_ENDPOINT_URL; FOLDER is for what was said.
set -u
ertc=$1 file=$2 name=$3/$(basename "$2" .aws_ec2.yml)
arguments=(-i "$file" --list -e extra=given)
"$ertc" inventory "${arguments[@]}" > "$name.ours" 2> "$name.ours.err" < /dev/null
ours=$?
PYTHONPATH=$PYTHON_OF_MOTO ANSIBLE_DEPRECATION_WARNINGS=0 ansible-inventory "${arguments[@]}" > "$name.theirs" 2> "$name.theirs.err" \
	< /dev/null
theirs=$?
# Theirs warns where ours refuses: a cloud that says no is an error (docs/INVENTORY.md).
[ "$ours" = 1 ] && [ "$theirs" = 0 ] && grep -q 'Failed to parse' "$name.theirs.err" && theirs=1 && : > "$name.theirs"
if [ $ours = $theirs ] && cmp -s "$name.ours" "$name.theirs"; then
	echo "ok    $(basename "$file")"
else
	echo "FAIL  $(basename "$file"): exit $ours, theirs $theirs"
	diff "$name.ours" "$name.theirs" | head -n 20
	head -c 800 "$name.ours.err"
	head -c 800 "$name.theirs.err"
fi
