/*
 * libFuzzer: any text as a string, an expression, a template file, JSON and YAML. Nothing may
 *crash, leak or hang.
 *
 *	clang -std=gnu17 -D_GNU_SOURCE -g -O1 -fsanitize=fuzzer,address,undefined -Ilib -o
 *fuzz_template \ tests/fuzz/fuzz_template.c <objects of lib> -lpcre2-8 -ljansson -lyaml -lcrypto
 *-lcrypt -lm
 */
#include "json/json.h"
#include "json/yaml_text.h"
#include "template/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
find(void *context, struct arena *into, struct view name, const struct value **out,
	struct error *err)
{
	struct value *list = value_list(into), *map = value_map(into);

	(void)context;
	(void)err;
	value_add(into, list, value_int(into, 3));
	value_add(into, list, value_text(into, "{{ a }}"));
	value_set(into, map, "k", list);
	if (view_is(name, "l"))
		*out = list;
	else if (view_is(name, "d"))
		*out = map;
	else if (view_is(name, "s"))
		*out = value_text(into, "text {{ l }} \xc3\xa9\xff");
	else if (view_is(name, "t"))
		*out = value_with_flags(into, value_text(into, "{{ u }}"), VALUE_TEMPLATE);
	else if (view_is(name, "u"))
		*out = value_with_flags(into, value_text(into, "{{ t }}"), VALUE_TEMPLATE);
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct template_scope scope = { .find = find };
	struct template_env *env = template_env_new();
	const struct value *result, *source;
	struct error err;
	struct arena arena;
	struct view text;
	struct str out;
	bool is_true;

	arena_init(&arena);
	str_init(&out);
	source = value_with_flags(&arena, value_bytes(&arena, data, size), VALUE_TEMPLATE);
	text = value_string_view(source);
	if (template_evaluate(env, &scope, &arena, source, &result, &err))
		json_add(result, NULL, &out);
	if (template_expression(env, &scope, &arena, value_view(&arena, text), &result, &err))
		value_add_text(result, &out);
	if (template_condition(env, &scope, &arena, value_view(&arena, text), &is_true, &err))
		str_add_char(&out, is_true ? 'y' : 'n');
	template_env_set_native(env, true);
	if (template_evaluate(env, &scope, &arena, source, &result, &err))
		value_add_repr(result, &out);
	if (template_render_value(env, &scope, &arena, text, "fuzz.j2", &template_options_default,
		    true, size % 2, &result, &err))
		value_add_text(result, &out);
	template_env_set_native(env, false);
	if (!template_render(env, &scope, text, "fuzz.j2", NULL, &out, &err))
		str_clear(&out);
	if (json_parse(&arena, text, &result, &err))
		json_add(result, &(struct json_style){ .indent = 4, .sort_keys = true }, &out);
	if (yaml_parse(&arena, text, &result, &err))
		yaml_add(result, &(struct yaml_style){ .is_block = true }, &out);
	str_release(&out);
	arena_release(&arena);
	template_env_free(env);
	return 0;
}
