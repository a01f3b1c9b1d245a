// SPDX-License-Identifier: Apache-2.0
/* The kernel's own state as rows. */
#include <inttypes.h>

#include "base/buf.h"
#include "lab/show_cell.h"
#include "lab/show_table.h"

static int put_hex(struct buf *ret, int has, uint64_t v, struct err *e)
{
	return has ? buf_text(ret, e, "%016" PRIx64 " ", v)
		   : buf_text(ret, e, "%-16s ", "-");
}

static int module_row(
	struct buf *ret, const Icecore__V1__Record *m, size_t i, struct err *e)
{
	static const char *const views[] = { "proc", "sysfs", "kallsyms",
		"list", "tree", "kset", "vmap" };
	const Icecore__V1__KernelModule *k = m->kernel_module;
	int r = put_hex(
		ret, k->n_parts > 0, k->n_parts ? k->parts[0]->start : 0, e);

	(void)i;
	if (r == 0)
		r = cell_u64(ret, 9, k->has_bytes, k->bytes, e);
	if (r == 0)
		r = cell_u32(ret, 4, k->has_references, k->references, e);
	if (r == 0)
		r = cell_bytes(ret, &k->taints, 6, e);
	if (r == 0)
		r = cell_flags(ret, k->seen_by, views, ARRAY_LEN(views), 40, e);
	return r < 0 ? r : cell_bytes(ret, &k->name, 0, e);
}

static const char *region_name(const Icecore__V1__KernelHook *h)
{
	static const char *const names[] = { "-", "core", "module", "hidden",
		"bpf", "trampoline", "data", "unknown" };

	return h->has_region && (unsigned)h->region < ARRAY_LEN(names)
		       ? names[h->region]
		       : "-";
}

static int hook_row(
	struct buf *ret, const Icecore__V1__Record *m, size_t i, struct err *e)
{
	const Icecore__V1__KernelHook *h = m->kernel_hook;
	int r = cell_string(ret, h->place, 18, e);

	(void)i;
	if (r == 0)
		r = put_hex(ret, h->has_target, h->target, e);
	if (r == 0)
		r = cell_string(ret, region_name(h), 10, e);
	if (r == 0)
		r = cell_u32(ret, 10, h->has_netns, h->netns, e);
	if (r == 0)
		r = cell_bytes(ret, &h->slot, 40, e);
	if (r == 0)
		r = cell_bytes(ret, &h->symbol, 0, e);
	if (r == 0 && h->offset)
		r = buf_text(ret, e, "+%#" PRIx64 " ", h->offset);
	return r < 0 || !h->has_module ? r : cell_bytes(ret, &h->module, 0, e);
}

static int bpf_row(
	struct buf *ret, const Icecore__V1__Record *m, size_t i, struct err *e)
{
	static const char *const kinds[] = { "-", "prog", "map", "link" };
	static const char *const views[] = { "syscall", "idr", "fdinfo" };
	static const char *const helpers[] = { "probe_write_user",
		"override_return", "send_signal" };
	const Icecore__V1__BpfObject *o = m->bpf_object;
	int r = cell_string(ret,
		(unsigned)o->kind < ARRAY_LEN(kinds) ? kinds[o->kind] : "-", 4,
		e);

	(void)i;
	if (r == 0)
		r = cell_u32(ret, 6, o->has_id, o->id, e);
	if (r == 0)
		r = cell_u32(ret, 4, o->has_type, o->type, e);
	if (r == 0)
		r = cell_u32(ret, 6, o->has_uid, o->uid, e);
	if (r == 0)
		r = cell_seconds(
			ret, o->has_loaded_boot_ns, o->loaded_boot_ns, e);
	if (r == 0)
		r = cell_u32(ret, 7, o->n_owner_pids > 0,
			o->n_owner_pids ? o->owner_pids[0] : 0, e);
	if (r == 0)
		r = cell_flags(ret, o->seen_by, views, ARRAY_LEN(views), 18, e);
	if (r == 0)
		r = cell_bytes(ret, &o->name, 16, e);
	return r < 0 ? r
		     : cell_flags(ret, o->helpers, helpers, ARRAY_LEN(helpers),
			       0, e);
}

static int fact_row(
	struct buf *ret, const Icecore__V1__Record *m, size_t i, struct err *e)
{
	const Icecore__V1__KernelFact *f = m->kernel_fact;
	ProtobufCBinaryData line = f->value;
	const uint8_t *end = line.len ? memchr(line.data, '\n', line.len) : NULL;
	int r = cell_string(ret, f->name, 34, e);

	(void)i;
	/* The first line; the others are told by --format jsonl. */
	if (end)
		line.len = (size_t)(end - line.data);
	if (r == 0)
		r = cell_bytes(ret, &line, 0, e);
	for (size_t n = 0; r == 0 && n < f->n_meaning; n++)
		r = buf_text(ret, e, "%s%s", n ? ", " : "= ", f->meaning[n]);
	return r;
}

static int mount_row(
	struct buf *ret, const Icecore__V1__Record *m, size_t i, struct err *e)
{
	const Icecore__V1__MountNamespace *n = m->mount_namespace;
	uint64_t lines = 0;
	int r = cell_u32(ret, 10, n->has_inode, n->inode, e);

	(void)i;
	for (size_t at = 0; at < n->mountinfo.len; at++)
		lines += n->mountinfo.data[at] == '\n';
	if (r == 0)
		r = cell_u32(ret, 7, n->has_pid, n->pid, e);
	return r < 0 ? r : cell_u64(ret, 6, 1, lines, e);
}

static int session_row(
	struct buf *ret, const Icecore__V1__Record *m, size_t i, struct err *e)
{
	const Icecore__V1__UserSession *s = m->user_session;
	int r = cell_u32(ret, 4, s->has_type, s->type, e);

	(void)i;
	if (r == 0)
		r = cell_u32(ret, 7, s->has_pid, s->pid, e);
	if (r == 0)
		r = cell_bytes(ret, &s->line, 12, e);
	if (r == 0)
		r = cell_bytes(ret, &s->user, 16, e);
	return r < 0 ? r : cell_bytes(ret, &s->host, 0, e);
}

const struct show_table show_kernel_tables[] = {
	{ "module", ICECORE__V1__RECORD__BODY_KERNEL_MODULE,
		"CODE                 BYTES REFS TAINTS SEEN BY                                  NAME",
		NULL, NULL, module_row },
	{ "hook", ICECORE__V1__RECORD__BODY_KERNEL_HOOK,
		"PLACE              TARGET           REGION          NETNS SLOT                                     SYMBOL",
		NULL, NULL, hook_row },
	{ "bpf", ICECORE__V1__RECORD__BODY_BPF_OBJECT,
		"KIND     ID TYPE    UID     LOADED     PID SEEN BY            NAME             HELPERS",
		NULL, NULL, bpf_row },
	{ "fact", ICECORE__V1__RECORD__BODY_KERNEL_FACT,
		"NAME                               VALUE", NULL, NULL, fact_row },
	{ "mount", ICECORE__V1__RECORD__BODY_MOUNT_NAMESPACE,
		" NAMESPACE     PID MOUNTS", NULL, NULL, mount_row },
	{ "session", ICECORE__V1__RECORD__BODY_USER_SESSION,
		"TYPE     PID LINE         USER             HOST", NULL, NULL,
		session_row },
	{ 0 },
};
