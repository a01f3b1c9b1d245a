// SPDX-License-Identifier: Apache-2.0
/* Types, by what BTF says of them. */
#include <inttypes.h>
#include <string.h>

#include <bpf/btf.h>

#include "symbols/isf_internal.h"

enum { NESTING_MAX = 24, BASES_MAX = 256, MEMBER_CHARS = 64 };

static void named(struct json_out *j, const char *kind, const char *name)
{
	json_out_open(j, '{');
	json_out_key(j, "kind");
	json_out_text(j, kind);
	if (name) {
		json_out_key(j, "name");
		json_out_text(j, name);
	}
	json_out_close(j, '}');
}

static const char *kind_of(const struct btf_type *t)
{
	if (btf_is_any_enum(t))
		return "enum";
	if (btf_is_fwd(t))
		return btf_kflag(t) ? "union" : "struct";
	return btf_is_union(t) ? "union" : "struct";
}

static void user(struct isf *x, struct btf_at at, const struct btf_type *t)
{
	char name[BTF_SET_NAME_CHARS];

	btf_set_name(&x->types, name, at);
	named(x->out, kind_of(t), name);
}

/* Pointers and arrays open an object each, that is closed at the end. */
void isf_descriptor(struct isf *x, struct btf_at at)
{
	int open = 0;

	for (;;) {
		const struct btf_type *t;

		at = btf_set_strip(&x->types, at);
		t = btf_set_type(&x->types, at);
		if (!t || open == NESTING_MAX) {
			named(x->out, "base", "void");
		} else if (btf_is_ptr(t) || btf_is_array(t)) {
			json_out_open(x->out, '{');
			json_out_key(x->out, "kind");
			json_out_text(
				x->out, btf_is_ptr(t) ? "pointer" : "array");
			if (btf_is_array(t)) {
				json_out_key(x->out, "count");
				json_out_u64(x->out, btf_array(t)->nelems);
			}
			json_out_key(x->out, "subtype");
			at.id = btf_is_ptr(t) ? t->type : btf_array(t)->type;
			open++;
			continue;
		} else if (btf_is_int(t) || btf_is_float(t)) {
			named(x->out, "base",
				btf_set_string(&x->types, at.part, t->name_off));
		} else if (btf_is_composite(t) || btf_is_any_enum(t) ||
			   btf_is_fwd(t)) {
			user(x, at, t);
		} else {
			named(x->out, "function", NULL);
		}
		break;
	}
	while (open--)
		json_out_close(x->out, '}');
}

/* --- base types --- */

static void base(struct json_out *j, const char *name, uint64_t bytes,
	bool is_signed, const char *kind)
{
	json_out_key(j, name);
	json_out_open(j, '{');
	json_out_key(j, "size");
	json_out_u64(j, bytes);
	json_out_key(j, "signed");
	json_out_bool(j, is_signed);
	json_out_key(j, "kind");
	json_out_text(j, kind);
	json_out_key(j, "endian");
	json_out_text(j, "little");
	json_out_close(j, '}');
}

static const char *base_kind(const struct btf_type *t, const char *name)
{
	if (btf_is_float(t))
		return "float";
	if (btf_int_encoding(t) & BTF_INT_BOOL)
		return "bool";
	return strcmp(name, "char") == 0 || strcmp(name, "unsigned char") == 0 ||
			       strcmp(name, "signed char") == 0
		       ? "char"
		       : "int";
}

/* The names that plugins know; a kernel built by clang has others. */
static const struct {
	const char *name;
	uint8_t bytes;
	bool is_signed;
	const char *kind;
} expected[] = {
	{ "char", 1, true, "char" },
	{ "unsigned char", 1, false, "char" },
	{ "short int", 2, true, "int" },
	{ "short unsigned int", 2, false, "int" },
	{ "int", 4, true, "int" },
	{ "unsigned int", 4, false, "int" },
	{ "long int", 8, true, "int" },
	{ "long unsigned int", 8, false, "int" },
	{ "long long int", 8, true, "int" },
	{ "long long unsigned int", 8, false, "int" },
	{ "void", 0, false, "void" },
	{ "pointer", 8, false, "int" },
};

struct bases {
	const char *v[BASES_MAX];
	size_t n;
};

/* Whether the name is new. */
static bool add_base(struct bases *b, const char *name)
{
	for (size_t i = 0; i < b->n; i++)
		if (strcmp(b->v[i], name) == 0)
			return false;
	if (b->n == BASES_MAX)
		return false;
	b->v[b->n++] = name;
	return true;
}

static void base_types(struct isf *x)
{
	struct bases bases = { .n = 0 };

	json_out_key(x->out, "base_types");
	json_out_open(x->out, '{');
	for (size_t part = 0; part < x->types.parts_n; part++) {
		const struct btf_part *p = &x->types.parts[part];

		for (uint32_t id = p->first; id < p->end; id++) {
			const struct btf_type *t = btf_set_type(
				&x->types, (struct btf_at){ part, id });
			const char *name;

			if (!t || !(btf_is_int(t) || btf_is_float(t)))
				continue;
			name = btf_set_string(&x->types, part, t->name_off);
			if (add_base(&bases, name))
				base(x->out, name, t->size,
					btf_is_int(t) && btf_int_encoding(t) &
								 BTF_INT_SIGNED,
					base_kind(t, name));
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(expected); i++)
		if (add_base(&bases, expected[i].name))
			base(x->out, expected[i].name, expected[i].bytes,
				expected[i].is_signed, expected[i].kind);
	json_out_close(x->out, '}');
}

/* --- structs and unions --- */

/*
 * A bit field is counted from the unit of its type that it begins in; where
 * that is longer than the rest of a packed struct, from the last one.
 */
static uint64_t bit_field(struct isf *x, struct btf_at type, uint32_t bits,
	uint32_t bit_offset, uint32_t struct_bytes)
{
	uint64_t unit = 8 * btf_set_bytes(&x->types, type);
	const struct btf_type *t;
	uint64_t start;

	type = btf_set_strip(&x->types, type);
	t = btf_set_type(&x->types, type);
	unit = unit ? unit : 8;
	start = bit_offset / unit * unit;
	if (start + unit > 8ULL * struct_bytes && unit <= 8ULL * struct_bytes)
		start = 8ULL * struct_bytes - unit;
	json_out_open(x->out, '{');
	json_out_key(x->out, "kind");
	json_out_text(x->out, "bitfield");
	json_out_key(x->out, "bit_position");
	json_out_u64(x->out, bit_offset - start);
	json_out_key(x->out, "bit_length");
	json_out_u64(x->out, bits);
	json_out_key(x->out, "type");
	if (t && (btf_is_int(t) || btf_is_any_enum(t)))
		isf_descriptor(x, type);
	else
		named(x->out, "base", "unsigned int");
	json_out_close(x->out, '}');
	return start / 8;
}

static void field(struct isf *x, size_t part, const struct btf_type *t, int i)
{
	const struct btf_member *m = &btf_members(t)[i];
	const char *name = btf_set_string(&x->types, part, m->name_off);
	uint32_t at = btf_member_bit_offset(t, (uint32_t)i);
	uint32_t bits = btf_member_bitfield_size(t, (uint32_t)i);
	struct btf_at type = { part, m->type };
	char unnamed[MEMBER_CHARS];
	uint64_t offset = at / 8;

	(void)snprintf(unnamed, sizeof(unnamed), "unnamed_field_%d", i);
	json_out_key(x->out, *name ? name : unnamed);
	json_out_open(x->out, '{');
	json_out_key(x->out, "type");
	if (bits)
		offset = bit_field(x, type, bits, at, t->size);
	else
		isf_descriptor(x, type);
	json_out_key(x->out, "offset");
	json_out_u64(x->out, offset);
	if (!*name) {
		json_out_key(x->out, "anonymous");
		json_out_bool(x->out, true);
	}
	json_out_close(x->out, '}');
}

static void user_type(struct isf *x, struct btf_at at, const struct btf_type *t)
{
	char name[BTF_SET_NAME_CHARS];
	int n = btf_is_fwd(t) ? 0 : btf_vlen(t);

	btf_set_name(&x->types, name, at);
	json_out_key(x->out, name);
	json_out_open(x->out, '{');
	json_out_key(x->out, "kind");
	json_out_text(x->out, kind_of(t));
	json_out_key(x->out, "size");
	json_out_u64(x->out, btf_is_fwd(t) ? 0 : t->size);
	json_out_key(x->out, "fields");
	json_out_open(x->out, '{');
	for (int i = 0; i < n; i++)
		field(x, at.part, t, i);
	json_out_close(x->out, '}');
	json_out_close(x->out, '}');
	x->result.types++;
}

/* --- enums --- */

static const char *enum_base(const struct btf_type *t)
{
	switch (t->size) {
	case 1:
		return "unsigned char";
	case 2:
		return "short unsigned int";
	case 8:
		return btf_kflag(t) ? "long int" : "long unsigned int";
	default:
		return btf_kflag(t) ? "int" : "unsigned int";
	}
}

static void constant(struct isf *x, size_t part, const struct btf_type *t, int i)
{
	if (btf_is_enum64(t)) {
		const struct btf_enum64 *v = &btf_enum64(t)[i];

		json_out_key(
			x->out, btf_set_string(&x->types, part, v->name_off));
		if (btf_kflag(t))
			json_out_i64(x->out, (int64_t)btf_enum64_value(v));
		else
			json_out_u64(x->out, btf_enum64_value(v));
		return;
	}
	json_out_key(x->out,
		btf_set_string(&x->types, part, btf_enum(t)[i].name_off));
	if (btf_kflag(t))
		json_out_i64(x->out, btf_enum(t)[i].val);
	else
		json_out_u64(x->out, (uint32_t)btf_enum(t)[i].val);
}

static void enum_type(struct isf *x, struct btf_at at, const struct btf_type *t)
{
	char name[BTF_SET_NAME_CHARS];

	btf_set_name(&x->types, name, at);
	json_out_key(x->out, name);
	json_out_open(x->out, '{');
	json_out_key(x->out, "size");
	json_out_u64(x->out, t->size);
	json_out_key(x->out, "base");
	json_out_text(x->out, enum_base(t));
	json_out_key(x->out, "constants");
	json_out_open(x->out, '{');
	for (int i = 0; i < btf_vlen(t); i++)
		constant(x, at.part, t, i);
	json_out_close(x->out, '}');
	json_out_close(x->out, '}');
	x->result.enums++;
}

/* A declaration is there only when nobody defines its name, and once. */
static bool is_told(
	const struct isf *x, struct btf_at at, const struct btf_type *t)
{
	char name[BTF_SET_NAME_CHARS];
	struct btf_at owner;

	if (!btf_is_fwd(t))
		return true;
	btf_set_name(&x->types, name, at);
	owner = btf_set_find(&x->types, BTF_NAMES_USER, name);
	return owner.part == at.part && owner.id == at.id;
}

static void each(struct isf *x, const char *key, bool enums)
{
	json_out_key(x->out, key);
	json_out_open(x->out, '{');
	for (size_t part = 0; part < x->types.parts_n; part++) {
		const struct btf_part *p = &x->types.parts[part];

		for (uint32_t id = p->first; id < p->end; id++) {
			struct btf_at at = { part, id };
			const struct btf_type *t = btf_set_type(&x->types, at);

			if (t && enums && btf_is_any_enum(t))
				enum_type(x, at, t);
			if (t && !enums &&
				(btf_is_composite(t) || btf_is_fwd(t)) &&
				is_told(x, at, t))
				user_type(x, at, t);
		}
	}
	json_out_close(x->out, '}');
}

void isf_types(struct isf *x)
{
	base_types(x);
	each(x, "user_types", false);
	each(x, "enums", true);
}
