/* What a template writes, and how the pieces become one value. */
#include "template/evaluation.h"
#include "template/literal.h"

void
output_init(struct output *out)
{
	*out = (struct output){ 0 };
	str_init_max(&out->text, OUTPUT_MOST);
}

void
output_release(struct output *out)
{
	str_release(&out->text);
}

static bool
output_check(struct evaluation *run)
{
	return run->out->text.is_full
		       ? run_fail(run, ERR_LIMIT, "template output is larger than 64 MiB")
		       : true;
}

bool
output_add_text(struct evaluation *run, struct view text)
{
	run->out->count++;
	run->out->only = NULL;
	str_add_view(&run->out->text, text);
	return output_check(run);
}

bool
output_add_value(struct evaluation *run, const struct value *value)
{
	if (undefined_is_lenient(value))
		value = &value_empty_string;
	if (!value_plain(run, value, &value))
		return false;
	if (run->out->is_strict && !value_is_string(value))
		return run_fail(run, ERR_TYPE, "sequence item %u: expected str instance, %s found",
			run->out->count, value_type_name(value));
	run->out->only = run->out->count++ ? NULL : value;
	value_add_text(value, &run->out->text);
	return output_check(run);
}

static bool
is_kept(const struct value *value)
{
	return value_is_string(value) && (value->flags & VALUE_KEPT);
}

/* jinja2_native: any literal is read, but a lone value that is no text stays what it is. A text
 * that spells a text keeps its quotes. */
static const struct value *
native_concat(struct evaluation *run, const struct output *out)
{
	struct arena *into = run->session->into;
	struct view text = str_view(&out->text);
	const struct value *value;

	if (!out->count)
		return &value_none;
	if (out->only && (out->only->type != VALUE_STRING || is_kept(out->only)))
		return out->only;
	value = literal_parse(into, text, false);
	if (!value)
		return value_view(into, text);
	if (value_is_string(value))
		return value_format(
			into, "%c%s%c", text.data[0], value_string(value), text.data[0]);
	return value;
}

const struct value *
output_concat(struct evaluation *run, const struct output *out)
{
	if (run->is_text)
		return value_view(run->session->into, str_view(&out->text));
	if (run->session->env->is_native)
		return native_concat(run, out);
	if (out->only && is_kept(out->only))
		return out->only;
	return native_convert(run->session->into, str_view(&out->text));
}
