#!/bin/bash
# Every filter, test, lookup and global of ansible-core 2.14 and Jinja2 3.1 has a name here, short and with its
# collection; a name that nobody has is refused. usage: names.sh BUILD
set -u
program=$(cd "$1" && pwd)/ertc
filters="
abs attr b64decode b64encode basename batch bool capitalize center checksum cidr_merge combinations combine
comment count d default dict2items dictsort difference dirname e escape expanduser expandvars extract fileglob
filesizeformat first flatten float forceescape format from_json from_yaml from_yaml_all groupby hash
human_readable human_to_bytes hwaddr indent int intersect ip4_hex ipaddr ipmath ipsubnet ipv4 ipv6 ipwrap
items items2dict join json_query last length list log lower macaddr mandatory map max md5 min
network_in_network network_in_usable next_nth_usable nthhost password_hash path_join permutations pow pprint
previous_nth_usable product quote random realpath reduce_on_network regex_escape regex_findall regex_replace
regex_search reject rejectattr rekey_on_member relpath replace reverse root round safe select selectattr sha1
shuffle slaac slice sort split splitext strftime string striptags subelements sum symmetric_difference ternary
title to_datetime to_json to_nice_json to_nice_yaml to_uuid to_yaml tojson trim truncate type_debug union
unique unvault upper urldecode urlencode urlize urlsplit usable_range vault win_basename win_dirname
win_splitdrive wordcount wordwrap xmlattr zip zip_longest"
tests="
!= < <= == > >= abs all any boolean callable change changed contains defined directory divisibleby eq equalto
escaped even exists failed failure false falsy file filter finished float ge greaterthan gt in integer is_abs
is_dir is_file is_link is_mount is_same_file isnan issubset issuperset iterable le lessthan link link_exists
lower lt mapping match mount nan ne none number odd reachable regex same_file sameas search sequence skip
skipped started string subset succeeded success successful superset test true truthy undefined unreachable
upper uri url urn vault_encrypted version version_compare"
lookups="
config csvfile dict env file fileglob first_found indexed_items ini inventory_hostnames items lines list
nested password pipe random_choice sequence subelements template together unvault url varnames vars"
globals="range dict namespace cycler joiner lookup query q now undef"
failed=0 passed=0

# What a name that is not known is answered with.
unknown='no filter named|no test named|not found|is undefined'

ask() { # TEMPLATE, as JSON text without quotes in it
	printf '{"template": "%s"}\n' "$1" | "$program" template-eval
}

known() { # WHAT TEMPLATE
	local answer
	answer=$(ask "$2")
	if printf '%s' "$answer" | grep -qE "$unknown"; then
		echo "not known: $1: $answer"
		failed=$((failed + 1))
	else
		passed=$((passed + 1))
	fi
}

for name in $filters; do
	known "filter $name" "{{ 'x' if 1 else (1 | $name) }}"
done
for name in $tests; do
	known "test $name" "{{ 'x' if 1 else (1 is $name(1)) }}"
done
for name in combine to_json; do
	known "filter ansible.builtin.$name" "{{ 'x' if 1 else (1 | ansible.builtin.$name) }}"
done
known "filter ansible.utils.ipaddr" "{{ '10.0.0.1' | ansible.utils.ipaddr }}"
known "filter community.general.json_query" "{{ {} | community.general.json_query('a') }}"
known "test ansible.builtin.version" "{{ '1' is ansible.builtin.version('2', '<') }}"
for name in $lookups; do
	[ "$name" = inventory_hostnames ] || known "lookup $name" "{{ query('ansible.builtin.$name', errors='ignore') }}"
done
for name in $globals; do
	known "global $name" "{{ $name is callable }}"
done
for template in "{{ 1 | nobody_has_this }}" "{{ 1 is nobody_has_this }}" "{{ lookup('nobody_has_this') }}"; do
	if ask "$template" | grep -qE "$unknown"; then
		passed=$((passed + 1))
	else
		echo "not refused: $template"
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
