// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "base/err.h"
#include "base/num.h"
#include "kernel/layout.h"

enum { NESTING_MAX = 8, MODIFIERS_MAX = 32, POINTER_BYTES = 8 };

struct layout {
	struct btf *btf;
	unsigned steps; /* left of this question */
};

int layout_open(struct layout **ret, struct err *e)
{
	struct layout *l = calloc(1, sizeof(*l));

	if (!l)
		return err_set(e, -ENOMEM, "no memory for types");
	l->btf = btf__load_vmlinux_btf();
	if (!l->btf) {
		int r = err_sys(e, "the kernel's types (CONFIG_DEBUG_INFO_BTF)");

		free(l);
		return r;
	}
	*ret = l;
	return 0;
}

/* struct btf_header; libbpf takes it that the sections lie behind 24 bytes,
 * whatever hdr_len says, and turns the bytes of the other order round. */
static int check_header(const uint8_t *btf, size_t len, struct err *e)
{
	uint64_t header, rest;

	if (len < sizeof(struct btf_header) || len > LAYOUT_BYTES_MAX ||
		num_le16(btf) != BTF_MAGIC || btf[2] != BTF_VERSION)
		return err_set(e, -EBADMSG, "types: no BTF");
	header = num_le32(btf + 4);
	if (header < sizeof(struct btf_header) || header > len)
		return err_set(e, -EBADMSG, "types: no header of BTF");
	rest = len - header;
	if ((uint64_t)num_le32(btf + 8) + num_le32(btf + 12) > rest ||
		(uint64_t)num_le32(btf + 16) + num_le32(btf + 20) > rest)
		return err_set(e, -EBADMSG, "types: BTF is cut off");
	return 0;
}

int layout_open_bytes(
	struct layout **ret, const uint8_t *btf, size_t len, struct err *e)
{
	int r = check_header(btf, len, e);
	struct layout *l;

	if (r < 0)
		return r;
	l = calloc(1, sizeof(*l));
	if (!l)
		return err_set(e, -ENOMEM, "no memory for types");
	/* What it says of a malformed one is said here, too. */
	(void)libbpf_set_print(NULL);
	l->btf = btf__new(btf, (uint32_t)len);
	if (!l->btf) {
		free(l);
		return errno == ENOMEM
			       ? err_set(e, -ENOMEM, "no memory for types")
			       : err_set(e, -EBADMSG, "types: BTF is malformed");
	}
	(void)btf__set_pointer_size(l->btf, POINTER_BYTES);
	*ret = l;
	return 0;
}

void layout_close(struct layout *l)
{
	if (!l)
		return;
	btf__free(l->btf);
	free(l);
}

/* Without typedefs, const and the like. */
static const struct btf_type *strip(const struct layout *l, uint32_t id)
{
	const struct btf_type *t = btf__type_by_id(l->btf, id);

	for (int i = 0; t && (btf_is_mod(t) || btf_is_typedef(t)); i++)
		t = i < MODIFIERS_MAX ? btf__type_by_id(l->btf, t->type) : NULL;
	return t;
}

/* One name of a path; anonymous members are looked into. */
static const struct btf_type *find_member(struct layout *l,
	const struct btf_type *t, const char *name, size_t len, uint32_t *bytes,
	int nesting)
{
	const struct btf_member *m = btf_members(t);

	for (int i = 0; i < btf_vlen(t) && l->steps; i++, l->steps--) {
		const char *has = btf__name_by_offset(l->btf, m[i].name_off);
		const struct btf_type *inner = strip(l, m[i].type);
		uint32_t at = btf_member_bit_offset(t, (uint32_t)i) / 8;

		if (!inner || !has)
			continue;
		if (strlen(has) == len && memcmp(has, name, len) == 0) {
			*bytes += at;
			return inner;
		}
		if (!*has && btf_is_composite(inner) && nesting < NESTING_MAX) {
			uint32_t below = 0;

			inner = find_member(
				l, inner, name, len, &below, nesting + 1);
			if (!l->steps)
				return NULL;
			if (inner) {
				*bytes += at + below;
				return inner;
			}
		}
	}
	return NULL;
}

static const char *name_of(const struct layout *l, uint32_t offset)
{
	const char *name = btf__name_by_offset(l->btf, offset);

	return name ? name : "?";
}

static const struct btf_type *find_type(const struct layout *l, const char *type)
{
	int id = btf__find_by_name_kind(l->btf, type, BTF_KIND_STRUCT);

	return id < 0 ? NULL : btf__type_by_id(l->btf, (uint32_t)id);
}

/* What an array, also one of arrays, is made of. */
static const struct btf_type *element(
	const struct layout *l, const struct btf_type *t)
{
	for (int i = 0; t && btf_is_array(t); i++)
		t = i < NESTING_MAX ? strip(l, btf_array(t)->type) : NULL;
	return t;
}

/* The type of the member, and where it is. */
static const struct btf_type *find_path(
	struct layout *l, uint32_t *ret, const char *type, const char *path)
{
	const struct btf_type *t = find_type(l, type);
	uint32_t bytes = 0;

	l->steps = LAYOUT_STEPS_MAX;
	while (t && *path) {
		size_t len = strcspn(path, ".");

		t = element(l, t);
		if (!t || !btf_is_composite(t))
			return NULL;
		t = find_member(l, t, path, len, &bytes, 0);
		path += len + (path[len] == '.');
	}
	*ret = bytes;
	return t;
}

static int no_member(struct err *e, const char *type, const char *path)
{
	return err_set(e, -ENOENT, "this kernel has no struct %s%s%s", type,
		*path ? " with " : "", path);
}

int layout_offset(struct layout *l, uint32_t *ret, const char *type,
	const char *path, struct err *e)
{
	uint32_t bytes = 0;

	if (!find_path(l, &bytes, type, path))
		return no_member(e, type, path);
	*ret = bytes;
	return 0;
}

int layout_find(struct layout *l, const struct layout_want *wants, size_t n,
	struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		r = layout_offset(
			l, wants[i].ret, wants[i].type, wants[i].path, e);
	return r;
}

int layout_size(struct layout *l, uint32_t *ret, const char *type, struct err *e)
{
	const struct btf_type *t = find_type(l, type);

	if (!t)
		return no_member(e, type, "");
	*ret = t->size;
	return 0;
}

int layout_count(struct layout *l, uint32_t *ret, const char *type,
	const char *path, struct err *e)
{
	uint32_t bytes = 0;
	const struct btf_type *t = find_path(l, &bytes, type, path);

	if (!t || !btf_is_array(t))
		return no_member(e, type, path);
	*ret = btf_array(t)->nelems;
	return 0;
}

int layout_functions(struct layout *l, const char *type, layout_see *see,
	void *arg, struct err *e)
{
	const struct btf_type *t = find_type(l, type);
	const struct btf_member *m;
	int r = 0;

	if (!t)
		return no_member(e, type, "");
	m = btf_members(t);
	for (int i = 0; r == 0 && i < btf_vlen(t); i++) {
		const struct btf_type *inner = strip(l, m[i].type);

		if (!inner || !btf_is_ptr(inner))
			continue;
		inner = strip(l, inner->type);
		if (inner && btf_is_func_proto(inner))
			r = see(arg, name_of(l, m[i].name_off),
				btf_member_bit_offset(t, (uint32_t)i) / 8, e);
	}
	return r;
}
