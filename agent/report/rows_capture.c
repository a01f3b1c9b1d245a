// SPDX-License-Identifier: Apache-2.0
/* The capture itself: why it was made, who was asked, and what is missing. */
#include "report/model.h"

static const char *source_name(int v)
{
	static const char *const names[] = { NULL, "kmod", "bpf", "kcore",
		"devmem" };

	return v >= 0 && (size_t)v < ARRAY_LEN(names) ? names[v] : NULL;
}

static int add_trigger(struct row *t, const Icecore__V1__Record *m, struct err *e)
{
	const Icecore__V1__Trigger *x = m->trigger;

	if (!row_begin(t, e))
		return 0;
	row_string(t, x->source);
	row_string(t, x->key);
	row_string(t, x->reason);
	row_u64(t, 1, x->order != NULL);
	row_string(t, x->pod);
	row_us(t, x->has_seen_realtime_ns, x->seen_realtime_ns);
	row_us(t, x->has_seen_boot_ns, x->seen_boot_ns);
	row_us(t, x->has_host_goes_realtime_ns, x->host_goes_realtime_ns);
	return row_end(t);
}

static int add_gap(struct row *t, const Icecore__V1__Record *m, struct err *e)
{
	static const char *const kinds[] = { NULL, "memory", "file",
		"collector", "live", "process" };
	const Icecore__V1__Gap *g = m->gap;
	const ProtobufCEnumValue *status = protobuf_c_enum_descriptor_get_value(
		&icecore__v1__page_status__descriptor, (int)g->page_status);

	if (!row_begin(t, e))
		return 0;
	row_string(t,
		(unsigned)g->kind < ARRAY_LEN(kinds) ? kinds[g->kind] : NULL);
	row_string(t, g->what);
	row_address(t, g->range != NULL, g->range ? g->range->start : 0);
	row_u64(t, g->range && g->range->end >= g->range->start,
		g->range ? g->range->end - g->range->start : 0);
	row_string(t, status && g->page_status
			      ? status->name + strlen("PAGE_STATUS_")
			      : NULL);
	row_string(t, source_name((int)g->source));
	row_string(t, g->reason);
	return row_end(t);
}

static int add_sources(struct row *t, const Icecore__V1__Record *m, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < m->memory_map->n_sources; i++) {
		const Icecore__V1__SourceTried *s = m->memory_map->sources[i];

		if (!row_begin(t, e))
			continue;
		row_string(t, source_name((int)s->source));
		row_u64(t, 1, s->opened != 0);
		row_string(t, s->reason);
		r = row_end(t);
	}
	return r;
}

static int add_witnesses(
	struct row *t, const Icecore__V1__Record *m, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < m->live_view->n_witnesses; i++) {
		const Icecore__V1__WitnessTried *w = m->live_view->witnesses[i];

		if (!row_begin(t, e))
			continue;
		row_u64(t, w->has_witness, (uint64_t)w->witness);
		row_u64(t, w->has_worked, w->worked != 0);
		row_string(t, w->reason);
		row_u64(t, w->has_tasks, w->tasks);
		row_u64(t, w->has_lost, w->lost);
		row_string(t, w->touched);
		r = row_end(t);
	}
	return r;
}

static int add_clock(struct row *t, const Icecore__V1__Record *m, struct err *e)
{
	const Icecore__V1__LiveView *v = m->live_view;

	if (!row_begin(t, e))
		return 0;
	row_us(t, v->has_clock_realtime_ns, v->clock_realtime_ns);
	row_us(t, v->has_clock_monotonic_ns, v->clock_monotonic_ns);
	row_us(t, v->has_clock_boottime_ns, v->clock_boottime_ns);
	row_u64(t, v->has_own_pid, v->own_pid);
	return row_end(t);
}

const struct model_table model_capture_tables[] = {
	{ "trigger", "source key reason signed pod seen seenBoot hostGoes",
		ICECORE__V1__RECORD__BODY_TRIGGER, 1000, 1 << 20, add_trigger },
	{ "gap", "kind what start bytes status source reason",
		ICECORE__V1__RECORD__BODY_GAP, 20000, 8 << 20, add_gap },
	{ "source", "name opened reason", ICECORE__V1__RECORD__BODY_MEMORY_MAP,
		100, 256 << 10, add_sources },
	{ "witness", "witness worked reason tasks lost touched",
		ICECORE__V1__RECORD__BODY_LIVE_VIEW, 100, 256 << 10,
		add_witnesses },
	/* Of a walk of the captured memory: inspected.h. */
	{ "inspected", "tasks sockets findings lost gaps", 0, 1, 4096, NULL },
	{ "clock", "realtime monotonic boottime ownPid",
		ICECORE__V1__RECORD__BODY_LIVE_VIEW, 100, 64 << 10, add_clock },
	{ 0 },
};
