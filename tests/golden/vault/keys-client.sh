#!/bin/sh
[ "$1" = --vault-id ] && [ "$2" = prod ] && echo "correct horse" && exit
exit 2
