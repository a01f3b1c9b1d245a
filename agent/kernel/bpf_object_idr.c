// SPDX-License-Identifier: Apache-2.0
/* BPF objects as the kernel's own tables have them. */
#include <errno.h>
#include <string.h>

#include "kernel/bpf_object_internal.h"
#include "kernel/layout.h"
#include "kernel/state.h"
#include "kernel/walk.h"

struct idr {
	struct bpf_objects *os;
	struct peek *peek;
	const struct bpf_object_helpers *helpers;
	enum bpf_object_kind kind;
	uint32_t prog_type, prog_tag, prog_len, prog_insns, prog_aux;
	uint32_t aux_name, aux_time;
	uint32_t map_type, map_name, map_entries;
	uint32_t link_type, link_prog, aux_id;
	uint32_t idr_root;
	struct walk_xarray_layout xarray;
};

static int find_layout(struct idr *i, struct layout *l, struct err *e)
{
	uint32_t head;
	const struct layout_want wants[] = {
		{ "bpf_prog", "type", &i->prog_type },
		{ "bpf_prog", "tag", &i->prog_tag },
		{ "bpf_prog", "len", &i->prog_len },
		{ "bpf_prog", "insnsi", &i->prog_insns },
		{ "bpf_prog", "aux", &i->prog_aux },
		{ "bpf_prog_aux", "id", &i->aux_id },
		{ "bpf_prog_aux", "name", &i->aux_name },
		{ "bpf_prog_aux", "load_time", &i->aux_time },
		{ "bpf_map", "map_type", &i->map_type },
		{ "bpf_map", "name", &i->map_name },
		{ "bpf_map", "max_entries", &i->map_entries },
		{ "bpf_link", "type", &i->link_type },
		{ "bpf_link", "prog", &i->link_prog },
		{ "idr", "idr_rt", &i->idr_root },
		{ "xarray", "xa_head", &head },
		{ "xa_node", "shift", &i->xarray.shift },
		{ "xa_node", "slots", &i->xarray.slots },
	};
	int r = layout_find(l, wants, ARRAY_LEN(wants), e);

	/* idr_rt is a struct radix_tree_root, which is an xarray. */
	i->xarray.head = i->idr_root + head;
	return r;
}

static int see_code(
	struct idr *i, struct bpf_object *o, uint64_t at, struct err *e)
{
	AUTO_FREE uint8_t *code = NULL;
	uint32_t n = 0;

	if (peek_u32(i->peek, &n, at + i->prog_len) < 0 || !n)
		return 0;
	n = n < BPF_OBJECT_CODE_BYTES / 8 ? n * 8 : BPF_OBJECT_CODE_BYTES;
	code = malloc(n);
	if (!code)
		return err_set(e, -ENOMEM, "no memory for BPF instructions");
	if (peek_read(i->peek, code, at + i->prog_insns, n) < 0)
		return 0;
	return bpf_object_take_code(o, i->helpers, code, n, e);
}

/* What cannot be read is not told. */
static void take(const struct idr *i, void *ret, uint64_t at, size_t len)
{
	if (peek_read(i->peek, ret, at, len) < 0)
		memset(ret, 0, len);
}

static void take_name(const struct idr *i, struct bpf_object *o, uint64_t at)
{
	take(i, o->name, at, sizeof(o->name));
	o->name[sizeof(o->name) - 1] = 0;
}

static int see_prog(
	struct idr *i, struct bpf_object *o, uint64_t at, struct err *e)
{
	uint64_t aux;

	take(i, &o->type, at + i->prog_type, sizeof(o->type));
	take(i, o->tag, at + i->prog_tag, sizeof(o->tag));
	if (peek_u64(i->peek, &aux, at + i->prog_aux) == 0) {
		take_name(i, o, aux + i->aux_name);
		take(i, &o->loaded_boot_ns, aux + i->aux_time,
			sizeof(o->loaded_boot_ns));
	}
	return see_code(i, o, at, e);
}

static void see_link(struct idr *i, struct bpf_object *o, uint64_t at)
{
	uint64_t prog, aux;

	take(i, &o->type, at + i->link_type, sizeof(o->type));
	if (peek_u64(i->peek, &prog, at + i->link_prog) == 0 &&
		peek_u64(i->peek, &aux, prog + i->prog_aux) == 0)
		take(i, &o->prog_id, aux + i->aux_id, sizeof(o->prog_id));
}

static int see_object(void *arg, uint64_t at, uint64_t id, struct err *e)
{
	struct idr *i = arg;
	struct bpf_object *o;

	o = bpf_object_get(i->os, i->kind, (uint32_t)id, e);
	if (!o)
		return i->os->lost ? 0 : -ENOMEM;
	o->views |= BPF_OBJECT_BY_IDR;
	o->at = at;
	if (i->kind == BPF_OBJECT_PROG)
		return see_prog(i, o, at, e);
	if (i->kind == BPF_OBJECT_LINK) {
		see_link(i, o, at);
		return 0;
	}
	take(i, &o->type, at + i->map_type, sizeof(o->type));
	take(i, &o->max_entries, at + i->map_entries, sizeof(o->max_entries));
	take_name(i, o, at + i->map_name);
	return 0;
}

int bpf_objects_by_idr(struct bpf_objects *os, struct kstate *state,
	const struct bpf_object_helpers *h, struct err *e)
{
	static const struct {
		const char *symbol;
		enum bpf_object_kind kind;
	} tables[] = {
		{ "prog_idr", BPF_OBJECT_PROG },
		{ "map_idr", BPF_OBJECT_MAP },
		{ "link_idr", BPF_OBJECT_LINK },
	};
	struct idr i = { .os = os, .peek = state->peek, .helpers = h };
	int r;

	if (!state->peek || !state->layout)
		return err_set(
			e, -EOPNOTSUPP, "the kernel's memory cannot be read");
	r = find_layout(&i, state->layout, e);
	for (size_t t = 0; r == 0 && t < ARRAY_LEN(tables); t++) {
		uint64_t at = symbols_address(&state->symbols, tables[t].symbol);

		if (!at)
			return err_set(
				e, -ENOENT, "no symbol %s", tables[t].symbol);
		i.kind = tables[t].kind;
		r = walk_xarray(state->peek, at, &i.xarray, see_object, &i, e);
	}
	return r;
}

int bpf_objects_captured(
	struct bpf_objects *os, struct kstate *state, struct err *e)
{
	struct bpf_object_helpers h = { .n = 0 };
	int r;

	*os = (struct bpf_objects){ 0 };
	bpf_object_helpers_find(&h, &state->symbols);
	r = bpf_objects_by_idr(os, state, &h, &os->why[1]);
	if (r == 0)
		os->asked |= BPF_OBJECT_BY_IDR;
	return r == -ENOMEM ? err_set(e, r, "%s", os->why[1].msg) : 0;
}
