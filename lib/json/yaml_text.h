#ifndef LIB_JSON_YAML_TEXT_H
#define LIB_JSON_YAML_TEXT_H
/* YAML as data: written as PyYAML's safe dumper writes it, read as its safe loader reads it. The
 * reader of playbooks, with places and templates, is another (lib/yaml): here strings never get
 * VALUE_TEMPLATE. */
#include "value/value.h"

struct yaml_style {
	int indent; /* 0: 2 */
	int width;  /* 0: 80; -1: lines are never broken */
	bool sort_keys;
	bool is_block;
	bool is_flow; /* all in braces and brackets */ /* default_flow_style=False; else lists and dicts of scalars are written in
			  one line */
	bool explicit_start;
	bool is_literal;  /* texts of several lines as blocks (|-), without what ends them */
	bool keeps_data;  /* a text that is no template, and would be read as one, gets !unsafe */
	bool has_aliases; /* a list or map that stands in several places is written once (&id001) */
};

void yaml_add(const struct value *value, const struct yaml_style *style, struct str *out);

/* A list with one value for each document. */
bool yaml_parse(struct arena *into, struct view text, const struct value **out,
	struct error *err) MUST_CHECK;

#endif
