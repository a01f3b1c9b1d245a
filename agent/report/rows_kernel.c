// SPDX-License-Identifier: Apache-2.0
/* The kernel's own state. */
#include "report/model.h"

enum { OWNERS_MAX = 16 };

static int add_module(struct row *t, const Icecore__V1__Record *m, struct err *e)
{
	const Icecore__V1__KernelModule *k = m->kernel_module;

	if (!row_begin(t, e))
		return 0;
	row_text(t, &k->name);
	row_u64(t, k->has_seen_by, k->seen_by);
	row_u64(t, k->has_asked, k->asked);
	row_address(t, k->n_parts > 0, k->n_parts ? k->parts[0]->start : 0);
	row_u64(t, k->has_bytes, k->bytes);
	row_u64(t, k->has_references, k->references);
	row_text(t, &k->taints);
	row_hex(t, &k->build_id);
	return row_end(t);
}

static int add_hook(struct row *t, const Icecore__V1__Record *m, struct err *e)
{
	const Icecore__V1__KernelHook *h = m->kernel_hook;

	if (!row_begin(t, e))
		return 0;
	row_string(t, h->place);
	row_text(t, &h->slot);
	row_address(t, h->has_at, h->at);
	row_address(t, h->has_target, h->target);
	row_text(t, &h->symbol);
	row_u64(t, h->has_offset, h->offset);
	row_u64(t, h->has_region, (uint64_t)h->region);
	row_text(t, &h->module);
	return row_end(t);
}

static int add_bpf(struct row *t, const Icecore__V1__Record *m, struct err *e)
{
	const Icecore__V1__BpfObject *o = m->bpf_object;

	if (!row_begin(t, e))
		return 0;
	row_u64(t, o->has_kind, (uint64_t)o->kind);
	row_u64(t, o->has_id, o->id);
	row_u64(t, o->has_type, o->type);
	row_text(t, &o->name);
	row_u64(t, o->has_seen_by, o->seen_by);
	row_u64(t, o->has_asked, o->asked);
	row_u64(t, o->has_uid, o->uid);
	row_us(t, o->has_loaded_boot_ns, o->loaded_boot_ns);
	row_u64(t, o->has_helpers, o->helpers);
	row_u64(t, o->has_prog_id, o->prog_id);
	row_u64(t, o->has_attach_type, o->attach_type);
	row_open(t);
	for (size_t i = 0; i < o->n_owner_pids && i < OWNERS_MAX; i++)
		row_u64(t, 1, o->owner_pids[i]);
	row_close(t);
	return row_end(t);
}

static int add_fact(struct row *t, const Icecore__V1__Record *m, struct err *e)
{
	const Icecore__V1__KernelFact *f = m->kernel_fact;

	if (!row_begin(t, e))
		return 0;
	row_string(t, f->name);
	row_text(t, &f->path);
	row_text(t, &f->value);
	row_strings(t, f->n_meaning, f->meaning);
	return row_end(t);
}

static int add_session(struct row *t, const Icecore__V1__Record *m, struct err *e)
{
	const Icecore__V1__UserSession *s = m->user_session;

	if (!row_begin(t, e))
		return 0;
	row_u64(t, s->has_type, s->type);
	row_u64(t, s->has_pid, s->pid);
	row_text(t, &s->line);
	row_text(t, &s->user);
	row_text(t, &s->host);
	row_us(t, s->has_time_ns, s->time_ns);
	return row_end(t);
}

const struct model_table model_kernel_tables[] = {
	{ "module", "name seen asked address bytes references taints buildId",
		ICECORE__V1__RECORD__BODY_KERNEL_MODULE, 4000, 2 << 20,
		add_module },
	{ "hook", "place slot at target symbol offset region module",
		ICECORE__V1__RECORD__BODY_KERNEL_HOOK, 20000, 4 << 20, add_hook },
	{ "bpf", "kind id type name seen asked uid loaded helpers program attach owners",
		ICECORE__V1__RECORD__BODY_BPF_OBJECT, 20000, 4 << 20, add_bpf },
	{ "fact", "name path value meaning",
		ICECORE__V1__RECORD__BODY_KERNEL_FACT, 2000, 4 << 20, add_fact },
	{ "session", "type pid line user host at",
		ICECORE__V1__RECORD__BODY_USER_SESSION, 2000, 1 << 20,
		add_session },
	{ 0 },
};
