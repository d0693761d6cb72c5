# Completion for ertc-play and ertc, in bash. Options are asked of the program itself, so that they are always its own.

_ertc_options() { # PROGRAM [VERB]
	"$@" --help 2> /dev/null | sed -n 's/^  \(-[^ ].*\)/\1/p' | grep -oE '(^|, )--?[a-zA-Z][a-zA-Z-]*' | tr -d ', '
}

_ertc_files() { # PATTERN WORD: folders, and files that end so
	local IFS=$'\n'
	compopt -o filenames 2> /dev/null
	# shellcheck disable=SC2207 # one name a line
	COMPREPLY+=($(compgen -d -- "$2") $(compgen -f -X "!$1" -- "$2"))
}

_ertc_words() {
	# shellcheck disable=SC2207
	COMPREPLY+=($(compgen -W "$1" -- "$2"))
}

# Hosts and groups of the inventory that stands on the line, for -l.
_ertc_hosts() {
	local i inventory=()
	for ((i = 1; i < ${#COMP_WORDS[@]} - 1; i++)); do
		case ${COMP_WORDS[i]} in -i | --inventory | --inventory-file) inventory+=(-i "${COMP_WORDS[i + 1]}") ;; esac
	done
	[ ${#inventory[@]} -gt 0 ] || return
	ertc inventory "${inventory[@]}" --graph 2> /dev/null | sed 's/^[ |]*-*-*//; s/^@//; s/:$//' | sort -u
}

_ertc_play() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} program=${1:-ertc-play}
	COMPREPLY=()
	case $before in
	-i | --inventory | --inventory-file | --private-key | --key-file | --*-file)
		_ertc_files '*' "$word" && return ;;
	-c | --connection) _ertc_words 'ssh ssh-cli local' "$word" && return ;;
	--become-method) _ertc_words 'sudo su doas' "$word" && return ;;
	-l | --limit) _ertc_words "$(_ertc_hosts)" "$word" && return ;;
	-u | --user | --become-user) _ertc_words "$(compgen -u)" "$word" && return ;;
	-e | --extra-vars)
		case $word in @*) COMPREPLY=($(compgen -P @ -f -- "${word#@}")) ;; esac
		return
		;;
	-t | --tags | --skip-tags | -f | --forks | -T | --timeout | --start-at-task | --*-args) return ;;
	esac
	case $word in
	-*) _ertc_words "$(_ertc_options "$program")" "$word" ;;
	*) _ertc_files '*.@(yml|yaml)' "$word" ;;
	esac
}

_ertc_names() { # KIND
	ertc doc -t "$1" -l 2> /dev/null | cut -d' ' -f1
}

_ertc_doc() { # BEFORE WORD
	local i kind=module
	for ((i = 2; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in -t | --type) kind=${COMP_WORDS[i + 1]} ;; esac
	done
	case $1:$2 in
	-t:* | --type:*) _ertc_words "$(ertc doc --help 2> /dev/null | sed -n '/^kinds:/,/^$/s/^  \([a-z]*\) .*/\1/p')" "$2" ;;
	*:-*) _ertc_words "$(_ertc_options ertc doc)" "$2" ;;
	*) _ertc_words "$(_ertc_names "$kind")" "$2" ;;
	esac
}

_ertc() {
	local word=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]}
	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		_ertc_words "$(ertc --help 2> /dev/null | sed -n '/^verbs:/,/^$/s/^  \([a-z-]*\) .*/\1/p') --help --version" "$word"
		return
	fi
	local before=${COMP_WORDS[COMP_CWORD - 1]}
	case $verb in
	play) _ertc_play ertc-play && return ;;
	doc) _ertc_doc "$before" "$word" && return ;;
	esac
	case $before in
	-i | --inventory | --output | --*-file) _ertc_files '*' "$word" && return ;;
	-l | --limit | --host | --graph) _ertc_words "$(_ertc_hosts)" "$word" && return ;;
	-m | --module-name) _ertc_words "$(_ertc_names module)" "$word" && return ;;
	esac
	case $verb:$word in
	*:-*) _ertc_words "$(_ertc_options ertc "$verb")" "$word" ;;
	vault:*)
		if [ "$COMP_CWORD" = 2 ]; then
			_ertc_words "$(ertc vault --help 2> /dev/null | sed -n '/^actions:/,$s/^  \([a-z_]*\) .*/\1/p')" "$word"
		else
			_ertc_files '*' "$word"
		fi
		;;
	config:*) _ertc_words 'dump list view' "$word" ;;
	vars:* | run:* | ssh:*)
		if [ "$COMP_CWORD" = 2 ] || [ "$verb" = ssh ]; then _ertc_words "$(_ertc_hosts)" "$word"; else _ertc_files '*.@(yml|yaml)' "$word"; fi
		;;
	lint:*) _ertc_files '*.@(yml|yaml)' "$word" ;;
	esac
}

shopt -s extglob
complete -F _ertc_play ertc-play
complete -F _ertc ertc
