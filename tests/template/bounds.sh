#!/bin/bash
# Templates that would run for ever or fill the memory end with an error, soon and within bounds. usage: bounds.sh BUILD
set -u
program=$(cd "$1" && pwd)/ertc
failed=0 passed=0
memory=3000000 # KiB
grep -qa __asan_init "$program" && memory=unlimited # which maps terabytes that it does not use

bounded() { # NAME REQUEST WORDS
	local answer
	answer=$(printf '%s\n' "$2" | (ulimit -v $memory; timeout 60 "$program" template-eval) | cut -c 1-400)
	if printf '%s' "$answer" | grep -qE "\"ok\": false.*($3)"; then
		passed=$((passed + 1))
	else
		echo "$1: ${answer:-nothing}"
		failed=$((failed + 1))
	fi
}

repeat() { # TEXT COUNT
	yes "$1" | head -n "$2" | tr -d '\n'
}

bounded "a range of a billion" '{"template": "{{ range(10**9)|list|length }}"}' 'range is longer'
bounded "a text of ten billion" '{"template": "{{ \"x\" * 10**10 }}"}' 'too large'
bounded "a list of ten billion" '{"template": "{{ [1] * 10**10 }}"}' 'too large'
bounded "a huge power" '{"template": "{{ 9 ** (9 ** 9) }}"}' 'limit'
bounded "loops in loops" \
	'{"template": "{% for a in range(10000) %}{% for b in range(10000) %}{% for c in range(10000) %}{% endfor %}{% endfor %}{% endfor %}"}' \
	'too (long|much memory)'
bounded "output without end" '{"template": "{% for a in range(100000) %}{{ \"x\" * 10000 }}{% endfor %}"}' 'larger than'
bounded "a text that doubles" \
	'{"template": "{% set n = namespace(x=\"ab\") %}{% for i in range(60) %}{% set n.x = n.x ~ n.x %}{% endfor %}{{ n.x }}"}' \
	'larger than|too much memory'
bounded "a list that doubles" \
	'{"template": "{% set n = namespace(x=[1]) %}{% for i in range(60) %}{% set n.x = n.x + n.x %}{% endfor %}{{ n.x }}"}' \
	'too much memory|too large'
bounded "a macro that calls itself" '{"template": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"}' 'too deep'
bounded "variables that name each other" '{"template": "{{ a }}", "vars": {"a": "{{ b }}", "b": "{{ a }}"}}' 'recursive loop'
bounded "a chain of variables" \
	"{\"template\": \"{{ v0 }}\", \"vars\": {$(for i in $(seq 0 2000); do printf '"v%d": "{{ v%d }}", ' "$i" $((i + 1)); done)\"v2001\": 1}}" \
	'too deep'
bounded "brackets in brackets" "{\"template\": \"{{ $(repeat '[' 5000) }}\"}" 'too (deep|many)'
bounded "parentheses in parentheses" "{\"template\": \"{{ $(repeat '(' 150)1$(repeat ')' 150) }}$(repeat '{% if 1 %}' 3000)\"}" 'deep|end'
bounded "a regular expression that backtracks" \
	"{\"template\": \"{{ '$(repeat a 40)!' is match('(a+)+\$') }}\"}" 'takes too long'
bounded "backtracking in regex_replace" \
	"{\"template\": \"{{ '$(repeat a 40)!' | regex_replace('(a|aa)+\$', 'x') }}\"}" 'takes too long'
bounded "a wide format" '{"template": "{{ \"%999999999d\" % 1 }}"}' 'too (large|wide)'
bounded "a wide field" '{"template": "{{ \"{:999999999}\".format(1) }}"}' 'too (large|wide)'
bounded "many products" '{"template": "{{ range(1000)|product(range(1000), range(1000))|list|length }}"}' 'too many'
bounded "many permutations" '{"template": "{{ range(50)|permutations|list|length }}"}' 'too many|too long|too much'
bounded "deep JSON" "{\"template\": \"{{ '$(repeat '[' 100000)' | from_json }}\"}" 'JSON|deep|parse'
bounded "deep data as text" "{\"template\": \"{{ x | from_yaml | to_json | length > 0 and y }}\", \"vars\": {\"x\": \"$(repeat '[' 5000)\"}}" 'deep|YAML|parse|limit'
bounded "a query within queries" "{\"template\": \"{{ {} | json_query('$(repeat '(' 3000)') }}\"}" 'deep|cannot read'
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
