/* Host keys that the cloud tells: from a tag, or from what cloud-init prints at the first start. */
#include "inventory/reach/internal.h"

#include "base/base64.h"
#include "os/files.h"

enum { LARGEST_FILE = 16 * 1024 * 1024, MOST_KEYS = 8, LONGEST_KEY = 4096 };

static const char *const types[] = { "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384",
	"ecdsa-sha2-nistp521", "ssh-rsa", "sk-ssh-ed25519@openssh.com",
	"sk-ecdsa-sha2-nistp256@openssh.com" };

static const char begin[] = "BEGIN SSH HOST KEY KEYS", end[] = "END SSH HOST KEY KEYS";

bool
host_keys_check(const struct value *host_keys, struct error *err)
{
	const char *text = value_string(host_keys);

	if (!host_keys || (value_is(host_keys, VALUE_BOOL) && !host_keys->boolean))
		return true;
	if (value_is_list(host_keys)) {
		VALUE_EACH (one, host_keys)
			if (!value_is_string(one) || !host_keys_check(one, err))
				return value_is_string(one) ? false
							    : fail(err, ERR_OPTIONS,
								      "'ssh_host_keys' is a list "
								      "of texts");
		return true;
	}
	if (text && (text_equals(text, "console") || (text_starts(text, "tag:") && text[4])))
		return true;
	fail(err, ERR_OPTIONS, "'ssh_host_keys' cannot be '%s'", text ? text : "this");
	return error_hint(err, "write tag:NAME, console, or a list of these");
}

static bool
is_base64(struct view text)
{
	size_t padding = 0;

	while (padding < 2 && text.length > padding && text.data[text.length - padding - 1] == '=')
		padding++;
	for (size_t i = 0; i + padding < text.length; i++) {
		char c = text.data[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			    c == '+' || c == '/'))
			return false;
	}
	return text.length >= 40 && text.length % 4 == 0 && text.length <= LONGEST_KEY;
}

/* Inside the key stands its type once more; a key that was cut or mixed up does not have it. */
static bool
is_key_of(const char *type, struct view base64)
{
	_cleanup_str_ struct str head = STR_INIT, text = STR_INIT;
	size_t length = strlen(type);
	const unsigned char size[4] = { 0, 0, (unsigned char)(length >> 8), (unsigned char)length };

	str_add_bytes(&head, size, sizeof(size));
	str_add(&head, type);
	str_cut(&head, head.length / 3 * 3);
	base64_add(&text, str_view(&head));
	return is_base64(base64) && view_starts(base64, text.data);
}

/* "type base64 comment", with anything in front; false: no key stands there. */
static bool
key_read(struct view line, const char **type, struct view *base64)
{
	struct view word;
	const char *wanted = NULL;

	while (view_cut(&line, ' ', &word)) {
		if (wanted) {
			*type = wanted;
			*base64 = view_trim(word);
			return is_key_of(wanted, *base64);
		}
		for (size_t i = 0; i < ARRAY_SIZE(types); i++)
			if (view_is(view_trim(word), types[i]))
				wanted = types[i];
	}
	return false;
}

/* Adds the keys of a text, one a line. */
static size_t
keys_add(struct str *out, const char *alias, struct view text, const char *separators)
{
	size_t count = 0;

	while (text.length && count < MOST_KEYS) {
		size_t length = 0;
		const char *type;
		struct view base64;

		while (length < text.length && !strchr(separators, text.data[length]))
			length++;
		if (key_read((struct view){ text.data, length }, &type, &base64)) {
			str_add_format(
				out, "%s %s %.*s\n", alias, type, (int)base64.length, base64.data);
			count++;
		}
		length += length < text.length;
		text = (struct view){ text.data + length, text.length - length };
	}
	return count;
}

static const char *
find(struct view text, const char *words)
{
	return text.length ? memmem(text.data, text.length, words, strlen(words)) : NULL;
}

/* What stands in the last whole block: a machine that is made anew prints new ones. */
struct view
reach_console_keys(struct view console)
{
	struct view found = { 0 };
	const char *at, *stop;

	while ((at = find(console, begin)) != NULL) {
		console.length -= (size_t)(at - console.data) + strlen(begin);
		console.data = at + strlen(begin);
		stop = find(console, end);
		if (!stop)
			break;
		found = (struct view){ at, (size_t)(stop - at) + strlen(end) };
	}
	return found;
}

/* ---- the file ---- */

/* Of a line of the file: whose it is. */
static struct view
alias_of(struct view line)
{
	struct view alias = { 0 };

	return view_cut(&line, ' ', &alias) ? alias : (struct view){ 0 };
}

static int
compare_pins(const void *a, const void *b)
{
	return strcmp(((const struct pinned *)a)->alias, ((const struct pinned *)b)->alias);
}

static void
pin_add(struct reach *reach, struct view line)
{
	struct view alias = alias_of(line);
	struct pinned *last = reach->pin_count ? &reach->pins[reach->pin_count - 1] : NULL;

	if (!alias.length)
		return;
	if (last && view_is(alias, last->alias)) {
		last->lines.length = (size_t)(line.data + line.length - last->lines.data);
		return;
	}
	if ((reach->pin_count & (reach->pin_count - 1)) == 0)
		reach->pins = arena_grow(reach->arena, reach->pins, reach->pin_count,
			reach->pin_count ? reach->pin_count * 2 : 1, sizeof(*reach->pins));
	reach->pins[reach->pin_count++] = (struct pinned){ arena_view(reach->arena, alias), line };
}

/* All of it lies in the arena: who only asks need not free a reach. */
void
host_keys_open(struct reach *reach)
{
	const char *path = reach->place->known_hosts;
	_cleanup_str_ struct str text = STR_INIT;
	struct view rest, line;

	reach->pinned = &value_empty_string;
	if (!reach->host_keys || !path || !file_read(path, LARGEST_FILE, &text, NULL))
		return;
	reach->pinned = value_view(reach->arena, str_view(&text));
	rest = value_string_view(reach->pinned);
	while (rest.length && view_cut(&rest, '\n', &line))
		pin_add(reach, line);
	if (reach->pin_count)
		qsort(reach->pins, reach->pin_count, sizeof(*reach->pins), compare_pins);
}

/* Adds the lines that the file has of this alias. */
static size_t
pinned_add(const struct reach *reach, struct str *out, const char *alias)
{
	const struct pinned wanted = { .alias = alias };
	const struct pinned *found = reach->pin_count
					     ? bsearch(&wanted, reach->pins, reach->pin_count,
						       sizeof(wanted), compare_pins)
					     : NULL;

	return found ? keys_add(out, alias, found->lines, "\n") : 0;
}

/* Adds those of hosts that are not here now: with --stack or --region they are only not asked for,
 * and the console of a machine says its keys for a while only. */
static void
strangers_add(struct reach *reach)
{
	struct map here;

	map_init(&here);
	for (size_t i = 0; i < reach->count; i++)
		if (reach->hosts[i]->alias)
			map_set(&here, reach->hosts[i]->alias, reach->hosts[i]);
	for (size_t i = 0; i < reach->pin_count; i++)
		if (!map_has(&here, reach->pins[i].alias))
			keys_add(&reach->known, reach->pins[i].alias, reach->pins[i].lines, "\n");
	map_release(&here);
}

/* ---- sources ---- */

static size_t
source_add(const struct reach *reach, struct str *out, const struct reach_host *host,
	const char *source)
{
	struct view block;
	const struct value *tag;

	if (text_equals(source, "console")) {
		block = reach_console_keys(view_of(host->given.console));
		return block.length ? keys_add(out, host->alias, block, "\n")
				    : pinned_add(reach, out, host->alias);
	}
	tag = value_get(value_get(host->given.facts, "tags"), source + strlen("tag:"));
	return value_is_string(tag) ? keys_add(out, host->alias, value_string_view(tag), "\n,;")
				    : 0;
}

bool
host_keys_pin(struct reach *reach, const struct reach_host *host)
{
	if (!host->alias || !reach->host_keys)
		return false;
	if (value_is_string(reach->host_keys))
		return source_add(reach, &reach->known, host, value_string(reach->host_keys)) > 0;
	if (value_is_list(reach->host_keys))
		VALUE_EACH (source, reach->host_keys)
			if (source_add(reach, &reach->known, host, value_string(source)))
				return true;
	return false;
}

bool
reach_reads_consoles(const struct reach *reach)
{
	if (value_is_list(reach->host_keys))
		VALUE_EACH (source, reach->host_keys)
			if (text_equals(value_string(source), "console"))
				return true;
	return text_equals(value_string(reach->host_keys), "console");
}

bool
reach_wants_console(const struct reach *reach, const struct value *facts)
{
	const struct value *sources = reach->host_keys;
	const char *id = fact_text(facts, "instance_id");
	struct reach_host host = { .given.facts = facts, .alias = id ? id : "x" };
	_cleanup_str_ struct str ignored = STR_INIT;

	if (value_is_string(sources))
		return text_equals(value_string(sources), "console") &&
		       !source_add(reach, &ignored, &host, "console");
	if (value_is_list(sources))
		VALUE_EACH (source, sources) {
			if (source_add(reach, &ignored, &host, value_string(source)))
				return false;
			if (text_equals(value_string(source), "console"))
				return true;
		}
	return false;
}

/* Who asks for pinned keys must not take it for granted that all of them are. */
static void
unknown_tell(struct reach *reach)
{
	const struct reach_host *first = NULL;
	size_t count = 0;
	char more[48] = "";

	for (size_t i = 0; i < reach->count; i++) {
		const struct reach_host *host = reach->hosts[i];

		if (!host->alias || host->is_pinned || !host->runs)
			continue;
		if (!count++)
			first = host;
	}
	if (count > 1)
		snprintf(more, sizeof(more), " and %zu more", count - 1);
	if (first)
		reach_note(reach,
			"no host key of %s%s is known from the cloud (ssh_host_keys): it is "
			"checked as "
			"that of any other host",
			first->given.name, more);
}

bool
host_keys_write(struct reach *reach, struct error *err)
{
	const struct file_place place = { .has_mode = true, .mode = 0600 };
	const char *path = reach->place->known_hosts;

	if (!reach->host_keys || !path)
		return true;
	unknown_tell(reach);
	strangers_add(reach);
	if (view_equals(value_string_view(reach->pinned), str_view(&reach->known)))
		return true;
	return file_replace(path, str_view(&reach->known), &place, err) ||
	       error_context(err, "pinned host keys");
}
