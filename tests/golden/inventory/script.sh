#!/bin/sh
[ "$1" = --list ] && echo '{"g": {"hosts": ["s1", "s2"], "vars": {"v": 1}, "children": ["h"]}, "h": ["s3"], "_meta": {"hostvars": {"s1": {"k": [1, 2]}}}}'
