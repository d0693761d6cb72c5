#ifndef ORCHESTRATOR_ACTIONS_ARGUMENT_SPEC_H
#define ORCHESTRATOR_ACTIONS_ARGUMENT_SPEC_H
/*
 * Argument specifications of roles (meta/argument_specs.yml): types, choices, what is required, in
 * dictionaries and lists of them too. The words are Ansible's, since playbooks compare them.
 */
#include "value/value.h"

/* Adds a text to `errors` (a list under construction) for all that is wrong. `spec` maps names to
 * { type, required, choices, elements, options, default, aliases }; `arguments` holds evaluated
 * values. With `is_strict`, names that the spec does not know are wrong. */
void argument_spec_validate(struct arena *into, const struct value *spec,
	const struct value *arguments, bool is_strict, struct value *errors);

#endif
