#!/bin/sh
# A cloud's words are data, whatever braces they have.
echo '{"cloud": {"hosts": ["c-1"]}, "_meta": {"hostvars": {"c-1": {"tag": "{{ lookup(\"pipe\", \"id\") }}", "n": 1}}}}'
