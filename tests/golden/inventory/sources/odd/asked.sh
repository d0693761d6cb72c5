#!/bin/sh
case $1 in --list) echo "{\"g\": [\"a\", \"b\"], \"solo\": {\"v\": 1}}";; --host) echo "{\"is\": \"$2\"}";; esac
