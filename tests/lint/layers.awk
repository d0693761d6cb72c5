# Reads the table, then sources: every #include must point the way the table says. Prints what does not; ends with 1.
# usage: awk -f layers.awk layers FILE…
function room_of(path, part, count) {
	count = split(path, part, "/")
	if (part[1] == "lib" || part[1] == "orchestrator" || part[1] == "inventory")
		return part[1] "/" part[2]
	return part[1]
}
# The place of "room/file.h": the rooms of lib are named without it.
function place_of(header, part) {
	split(header, part, "/")
	if (part[1] ~ /^(orchestrator|inventory|roles|modules|runner)$/)
		return header
	return "lib/" header
}
function permits(list, header, place, word, count, i) {
	count = split(list, word, " ")
	for (i = 1; i <= count; i++)
		if (word[i] == header || index(place, word[i] "/") == 1)
			return 1
	return 0
}
function complain(text) {
	print FILENAME ":" FNR ": " text
	bad = 1
}

FNR == NR {
	if (/^#/ || !NF)
		next
	colon = index($0, ":")
	key = substr($0, 1, colon - 1)
	may[key] = substr($0, colon + 1)
	if (key ~ /^</)
		library[++libraries] = key
	next
}
FNR == 1 {
	room = room_of(FILENAME)
	depth = hidden = 0
	if (!(room in may))
		complain("the room " room " has no line in tests/lint/layers")
}
/^#[ \t]*if/ {
	depth++
	if (/ifndef ERTC_RUNNER|!defined\(ERTC_RUNNER\)/ && !hidden)
		hidden = depth
}
/^#[ \t]*else/ && hidden == depth { hidden = 0 }
/^#[ \t]*endif/ {
	if (hidden == depth)
		hidden = 0
	depth--
}
match($0, /^#[ \t]*include[ \t]*"[^"]+"/) {
	split($0, quoted, "\"")
	header = quoted[2]
	if (header !~ /\//) {
		if (header !~ /^gen/)
			complain("\"" header "\" names no room")
		next
	}
	place = place_of(header)
	if (room_of(place) == room || permits(may[room], header, place))
		next
	if (hidden && permits(may[room " @controller"], header, place))
		next
	complain(room " may not include \"" header "\"")
}
match($0, /^#[ \t]*include[ \t]*<[^>]+>/) {
	header = $0
	sub(/^[^<]*</, "<", header)
	for (i = 1; i <= libraries; i++) {
		beginning = library[i]
		sub(/>$/, "", beginning)
		if (index(header, beginning) != 1)
			continue
		count = split(may[library[i]], word, " ")
		found = 0
		for (k = 1; k <= count; k++)
			if (FILENAME == word[k] || index(FILENAME, word[k] "/") == 1)
				found = 1
		if (!found)
			complain("only" may[library[i]] " may include " header)
	}
}
END { exit bad }
