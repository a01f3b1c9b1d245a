// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "base/err.h"
#include "base/io.h"
#include "symbols/btf_set.h"
#include "symbols/kernel_files.h"

enum { POINTER_BYTES = 8 };

struct btf_owner {
	struct btf_at at;
	uint32_t names; /* enum btf_names */
};

static int quiet(enum libbpf_print_level level, const char *fmt, va_list args)
{
	(void)level;
	(void)fmt;
	(void)args;
	return 0;
}

const struct btf_type *btf_set_type(const struct btf_set *set, struct btf_at at)
{
	if (!at.id || at.part >= set->parts_n)
		return NULL;
	return btf__type_by_id(set->parts[at.part].btf, at.id);
}

struct btf_at btf_set_strip(const struct btf_set *set, struct btf_at at)
{
	for (int i = 0; i < BTF_SET_CHAIN_MAX; i++) {
		const struct btf_type *t = btf_set_type(set, at);

		if (!t)
			break;
		if (!btf_is_mod(t) && !btf_is_typedef(t) && !btf_is_type_tag(t))
			return at;
		at.id = t->type;
	}
	return (struct btf_at){ at.part, 0 };
}

const char *btf_set_string(const struct btf_set *set, size_t part, uint32_t offset)
{
	const char *s = btf__name_by_offset(set->parts[part].btf, offset);

	return s ? s : "";
}

uint64_t btf_set_bytes(const struct btf_set *set, struct btf_at at)
{
	uint64_t count = 1, bytes = 0;

	for (int i = 0; i < BTF_SET_CHAIN_MAX; i++) {
		const struct btf_type *t;

		at = btf_set_strip(set, at);
		t = btf_set_type(set, at);
		if (!t)
			return 0;
		if (btf_is_array(t)) {
			count *= btf_array(t)->nelems;
			at.id = btf_array(t)->type;
			continue;
		}
		if (btf_is_ptr(t))
			bytes = POINTER_BYTES;
		else if (btf_is_int(t) || btf_is_float(t) ||
			 btf_is_composite(t) || btf_is_any_enum(t))
			bytes = t->size;
		return count * bytes;
	}
	return 0;
}

/* The part that has the type itself, so that it has one place only. */
static struct btf_at home(const struct btf_set *set, struct btf_at at)
{
	if (at.part && at.id < set->parts[at.part].first)
		at.part = 0;
	return at;
}

/* The name before it is made to mean one thing; at is home. */
static void plain_name(const struct btf_set *set, char ret[BTF_SET_NAME_CHARS],
	struct btf_at at)
{
	const struct btf_part *p = &set->parts[at.part];
	const struct btf_type *t = btf_set_type(set, at);
	const char *name = t ? btf_set_string(set, at.part, t->name_off) : "";

	if (t && !*name && at.id >= p->first && p->typedef_of[at.id - p->first])
		name = btf_set_string(
			set, at.part, p->typedef_of[at.id - p->first]);
	if (*name)
		(void)snprintf(ret, BTF_SET_NAME_CHARS, "%.200s", name);
	else
		(void)snprintf(ret, BTF_SET_NAME_CHARS, "unnamed_%.60s%s%x",
			p->name, *p->name ? "_" : "", at.id);
}

static uint32_t hash(const char *name, enum btf_names names)
{
	uint32_t h = 2166136261U ^ names;

	for (; *name; name++)
		h = (h ^ (uint8_t)*name) * 16777619U;
	return h ^ h >> 15;
}

static struct btf_owner *slot(
	const struct btf_set *set, enum btf_names names, const char *name)
{
	size_t mask = ((size_t)1 << set->owners_log) - 1;
	size_t i = hash(name, names) & mask;
	char has[BTF_SET_NAME_CHARS];

	for (;; i = (i + 1) & mask) {
		struct btf_owner *o = &set->owners[i];

		if (!o->at.id)
			return o;
		if (o->names != names)
			continue;
		plain_name(set, has, o->at);
		if (strcmp(has, name) == 0)
			return o;
	}
}

struct btf_at btf_set_find(
	const struct btf_set *set, enum btf_names names, const char *name)
{
	return slot(set, names, name)->at;
}

static enum btf_names names_of(const struct btf_type *t)
{
	return btf_is_any_enum(t) ? BTF_NAMES_ENUM : BTF_NAMES_USER;
}

void btf_set_name(const struct btf_set *set, char ret[BTF_SET_NAME_CHARS],
	struct btf_at at)
{
	const struct btf_type *t;
	struct btf_at owner;
	size_t len;

	at = home(set, at);
	t = btf_set_type(set, at);
	plain_name(set, ret, at);
	if (!t)
		return;
	owner = btf_set_find(set, names_of(t), ret);
	/* A declaration means what has its name. */
	if (btf_is_fwd(t) || (owner.part == at.part && owner.id == at.id))
		return;
	len = strlen(ret);
	(void)snprintf(ret + len, BTF_SET_NAME_CHARS - len, "___%.30s%s%x",
		set->parts[at.part].name, *set->parts[at.part].name ? "_" : "",
		at.id);
}

static void name_typedefs(struct btf_set *set, size_t part)
{
	struct btf_part *p = &set->parts[part];

	for (uint32_t id = p->first; id < p->end; id++) {
		const struct btf_type *t =
			btf_set_type(set, (struct btf_at){ part, id });
		const struct btf_type *to;

		if (!t || !btf_is_typedef(t) || t->type < p->first ||
			t->type >= p->end)
			continue;
		to = btf_set_type(set, (struct btf_at){ part, t->type });
		if (to && !to->name_off &&
			(btf_is_composite(to) || btf_is_any_enum(to)) &&
			!p->typedef_of[t->type - p->first])
			p->typedef_of[t->type - p->first] = t->name_off;
	}
}

/* Who has a name first, owns it; declarations only what nobody defines. */
static void own(struct btf_set *set, size_t part, bool declarations)
{
	const struct btf_part *p = &set->parts[part];
	char name[BTF_SET_NAME_CHARS];

	for (uint32_t id = p->first; id < p->end; id++) {
		struct btf_at at = { part, id };
		const struct btf_type *t = btf_set_type(set, at);
		struct btf_owner *o;

		if (!t || (declarations ? !btf_is_fwd(t)
					: !btf_is_composite(t) &&
						  !btf_is_any_enum(t)))
			continue;
		plain_name(set, name, at);
		o = slot(set, names_of(t), name);
		if (!o->at.id)
			*o = (struct btf_owner){ at, names_of(t) };
	}
}

/*
 * libbpf has btf__new_split(), but its libraries do not give it out before
 * 1.6: through a file that has no name.
 */
static struct btf *open_split(const struct kernel_bytes *bytes, struct btf *base)
{
	AUTO_CLOSE int fd = memfd_create("types", MFD_CLOEXEC);
	char path[KERNEL_PATH_CHARS];

	if (fd < 0 || io_write(fd, bytes->data, bytes->len, NULL) < 0)
		return NULL;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return btf__parse_raw_split(path, base);
}

static int open_part(struct btf_set *set, const char *name,
	const struct kernel_bytes *bytes, struct err *e)
{
	struct btf_part *p = &set->parts[set->parts_n];
	struct btf *base = set->parts_n ? set->parts[0].btf : NULL;
	uint32_t total = 0;

	if (bytes->len > UINT32_MAX)
		return err_set(e, -EBADMSG, "types of an impossible size");
	p->btf = base ? open_split(bytes, base)
		      : btf__new(bytes->data, (uint32_t)bytes->len);
	if (!p->btf)
		return err_set(e, errno == ENOMEM ? -ENOMEM : -EBADMSG,
			"types of %s make no sense", *name ? name : "the kernel");
	p->name = name;
	p->first = base ? set->parts[0].end : 1;
	p->end = btf__type_cnt(p->btf);
	for (size_t i = 0; i <= set->parts_n; i++)
		total += set->parts[i].end - set->parts[i].first;
	p->typedef_of = calloc(p->end - p->first + 1, sizeof(*p->typedef_of));
	set->parts_n++;
	if (total > BTF_SET_TYPES_MAX)
		return err_set(
			e, -E2BIG, "more than %d types", BTF_SET_TYPES_MAX);
	return p->typedef_of ? 0 : err_set(e, -ENOMEM, "no memory for types");
}

static int make_owners(struct btf_set *set, struct err *e)
{
	size_t total = 0;

	for (size_t i = 0; i < set->parts_n; i++)
		total += set->parts[i].end - set->parts[i].first;
	set->owners_log = 4;
	while ((size_t)1 << set->owners_log < total)
		set->owners_log++;
	set->owners = calloc((size_t)2 << set->owners_log, sizeof(*set->owners));
	if (!set->owners)
		return err_set(e, -ENOMEM, "no memory for names of types");
	set->owners_log++;
	for (size_t i = 0; i < set->parts_n; i++)
		name_typedefs(set, i);
	for (size_t i = 0; i < 2 * set->parts_n; i++)
		own(set, i % set->parts_n, i >= set->parts_n);
	return 0;
}

int btf_set_open(struct btf_set *set, const struct kernel_files *k, struct err *e)
{
	int r;

	*set = (struct btf_set){ 0 };
	if (!k->btf.len)
		return err_set(e, -ENOENT,
			"the evidence has no types (CONFIG_DEBUG_INFO_BTF)");
	libbpf_set_print(quiet);
	set->parts = calloc(k->modules_n + 1, sizeof(*set->parts));
	if (!set->parts)
		return err_set(e, -ENOMEM, "no memory for types");
	r = open_part(set, "", &k->btf, e);
	for (size_t i = 0; r == 0 && i < k->modules_n; i++) {
		r = open_part(set, k->modules[i].name, &k->modules[i].btf, e);
		set->refused += r == -EBADMSG;
		r = r == -EBADMSG ? 0 : r;
	}
	if (r == 0)
		r = make_owners(set, e);
	if (r < 0)
		btf_set_close(set);
	return r;
}

void btf_set_close(struct btf_set *set)
{
	/* Those of modules first: they point into the kernel's. */
	while (set->parts_n--) {
		free(set->parts[set->parts_n].typedef_of);
		btf__free(set->parts[set->parts_n].btf);
	}
	free(set->parts);
	free(set->owners);
	*set = (struct btf_set){ 0 };
}
