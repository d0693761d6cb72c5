/*
 * `ertc inventory doctor`: every host is tried by the road a play would take; who is not reached is
 * explained, by the transport and by who knows the host's cloud. With playbooks: the ports that
 * their roles need are compared with what the cloud admits.
 */
#include "orchestrator/delivery/probe.h"
#include "orchestrator/run/start.h"
#include "roles/role.h"

struct patient {
	struct doctor *doctor;
	struct run_host *host;
	struct link_settings link;
	struct probe *probe;
	char *road;
	struct error why; /* kind ERR_NONE: reached */
	bool is_done;
	struct value *needs;
};

struct doctor {
	struct run *run;
	struct patient *patients;
	size_t count, done;
	size_t lost, lacking;
};

/* ---- what roles need ---- */

static bool
template_true(struct task_scope *scope, struct arena *into, const char *text)
{
	struct value *source;
	const struct value *value;
	struct error err;
	bool flag;

	if (!text)
		return true;
	source = value_text(into, text);
	source->flags |= VALUE_TEMPLATE;
	/* What depends on facts cannot be said before a run. */
	return evaluate_value(scope, into, source, &value, &err) && value_to_bool(value, &flag) &&
	       flag;
}

static void
need_add(struct patient *patient, struct task_scope *scope, const struct role *role,
	const struct role_port *port)
{
	struct arena *into = &patient->doctor->run->arena;
	struct value *source = value_text(into, port->port), *need;
	const struct value *value;
	struct error err;
	int64_t number;

	source->flags |= VALUE_TEMPLATE;
	if (!template_true(scope, into, port->when) ||
		!evaluate_value(scope, into, source, &value, &err) || !value_to_int(value, &number))
		return;
	need = value_map(into);
	value_set(into, need, "protocol", value_text(into, port->protocol));
	value_set(into, need, "port", value_int(into, number));
	value_set(into, need, "by",
		value_format(into, "the role %s (%s)", role->table->name, port->doc));
	value_add(into, patient->needs, need);
}

static void
needs_of_play(struct doctor *doctor, const struct node *play, struct run_host *host)
{
	for (size_t i = 0; i < doctor->count; i++) {
		if (doctor->patients[i].host != host)
			continue;
		for (size_t j = 0; j < play->role_count; j++) {
			const struct role *role = play->roles[j];
			struct task_scope scope;

			if (!role->table || !role->table->ports)
				continue;
			task_scope_init(&scope, host, role->node, NULL, 0, NULL);
			for (const struct role_port *port = role->table->ports; port->protocol;
				port++)
				need_add(&doctor->patients[i], &scope, role, port);
		}
	}
}

static bool
needs_of_playbook(struct doctor *doctor, const char *path, struct error *err)
{
	struct run *run = doctor->run;
	struct playbook *playbook;

	if (!playbook_read(&run->reader, path, &playbook, err))
		return false;
	for (size_t i = 0; i < playbook->plays.count; i++) {
		const struct node *node = playbook->plays.nodes[i];
		struct play_run play = { .run = run, .node = node };
		bool ok;

		if (!node->role_count)
			continue;
		arena_init(&play.arena);
		ok = inventory_finish(run->inventory, node->directory, err) &&
		     play_choose_hosts(&play, err);
		for (size_t j = 0; ok && j < play.all_count; j++) {
			play.all[j]->play = &play;
			needs_of_play(doctor, node, play.all[j]);
			play.all[j]->play = NULL;
		}
		arena_release(&play.arena);
		if (!ok)
			return false;
	}
	return true;
}

/* ---- trying ---- */

static void
patient_done(struct patient *patient, const char *road, const struct error *err)
{
	patient->is_done = true;
	patient->road = memory_text(road);
	if (err)
		patient->why = *err;
	if (++patient->doctor->done == patient->doctor->count)
		loop_stop(patient->doctor->run->loop);
}

static void
on_probe(void *context, const char *road, const struct error *err)
{
	patient_done(context, road, err);
}

static void
patients_try(struct doctor *doctor)
{
	size_t tried = 0;

	for (size_t i = 0; i < doctor->count; i++) {
		struct patient *patient = &doctor->patients[i];
		struct task_scope scope;
		struct error err;

		error_clear(&err);
		task_scope_init(&scope, patient->host, NULL, NULL, 0, NULL);
		if (!inventory_host_check(patient->host->inventory, &err) ||
			!link_settings_read(&scope, &doctor->run->arena, patient->host->name,
				&patient->link, &err)) {
			patient_done(patient, "", &err);
			continue;
		}
		patient->probe =
			probe_open(doctor->run->transport, &patient->link, on_probe, patient);
		tried++;
	}
	if (tried && doctor->done < doctor->count)
		loop_run(doctor->run->loop);
}

/* ---- telling ---- */

static void
sentences_tell(struct doctor *doctor, const struct value *sentences)
{
	VALUE_EACH (sentence, sentences)
		report_text(doctor->run->report, "        - %s", value_string(sentence));
}

static void
patient_tell(struct doctor *doctor, const struct patient *patient)
{
	struct report *report = doctor->run->report;
	struct value *sentences = value_list(&doctor->run->arena);
	bool is_lost = patient->why.kind != ERR_NONE;

	inventory_explain(doctor->run->inventory, patient->host->inventory, is_lost, patient->needs,
		sentences);
	if (is_lost) {
		doctor->lost++;
		report_text(report, "FAIL  %s: %s%s%s", patient->host->name, patient->why.what,
			patient->why.why[0] ? ": " : "", patient->why.why);
		if (patient->road[0])
			report_text(report, "        %s", patient->road);
		if (patient->why.hint[0])
			report_text(report, "        hint: %s", patient->why.hint);
	} else {
		doctor->lacking += sentences->list.count > 0;
		report_text(report, "%s  %s: %s", sentences->list.count ? "WARN" : "ok  ",
			patient->host->name, patient->road);
	}
	sentences_tell(doctor, sentences);
}

static bool
patients_choose(struct doctor *doctor, const char *pattern, struct error *err)
{
	struct run *run = doctor->run;
	struct host_list hosts = { 0 };

	if (!inventory_match(run->inventory, pattern, &run->arena, &hosts, err))
		return false;
	if (!hosts.count)
		return fail(err, ERR_MISSING, "there is no host '%s' in this inventory", pattern);
	doctor->patients = arena_array(&run->arena, hosts.count, struct patient);
	doctor->count = hosts.count;
	for (size_t i = 0; i < hosts.count; i++)
		doctor->patients[i] = (struct patient){ .doctor = doctor,
			.host = run_host_get(run, hosts.hosts[i]),
			.needs = value_list(&run->arena) };
	return true;
}

static bool
examine(struct doctor *doctor, const char *pattern, const char *const *playbooks, struct error *err)
{
	if (!patients_choose(doctor, pattern, err))
		return false;
	for (; *playbooks; playbooks++)
		if (!needs_of_playbook(doctor, *playbooks, err))
			return false;
	if (!inventory_finish(doctor->run->inventory, ".", err))
		return false;
	patients_try(doctor);
	for (size_t i = 0; i < doctor->count; i++)
		patient_tell(doctor, &doctor->patients[i]);
	report_text(doctor->run->report, "%zu of %zu reached", doctor->count - doctor->lost,
		doctor->count);
	return true;
}

int
run_doctor(const struct run_settings *settings, struct inventory *inventory, struct report *report,
	const char *pattern, const char *const *playbooks)
{
	struct doctor doctor = { .run = run_start(settings, inventory, report) };
	struct error err;
	bool ok;

	error_clear(&err);
	ok = examine(&doctor, pattern, playbooks, &err);
	if (!ok)
		report_error(report, &err);
	for (size_t i = 0; i < doctor.count; i++) {
		probe_free(doctor.patients[i].probe);
		free(doctor.patients[i].road);
	}
	run_stop(doctor.run);
	if (!ok)
		return RUN_ERROR;
	return doctor.lost ? RUN_UNREACHABLE : doctor.lacking ? RUN_FAILED : RUN_OK;
}
