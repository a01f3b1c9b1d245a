// SPDX-License-Identifier: Apache-2.0
/* Symbols, and the types of those that plugins ask for. */
#include <string.h>

#include <bpf/btf.h>
#include <openssl/evp.h>

#include "symbols/global_types.h"
#include "symbols/isf_internal.h"
#include "symbols/kernel_files.h"

/* arch/x86/include/asm/page_64_types.h: __START_KERNEL_map */
#define X86_IMAGES_AT 0xffffffff80000000ULL

enum { PREFIXES_MAX = 8, PREFIX_CHARS = 8, POINTER_BYTES = 8 };

/* A type of global_types.h, taken apart. */
struct spec {
	struct {
		bool array;
		uint64_t count; /* 0 = "?" */
	} prefix[PREFIXES_MAX];
	int prefixes;
	bool function;
	const char *base; /* "int" */
	struct btf_at at; /* of what is no base type */
};

static bool has_member(const struct isf *x, const struct btf_type *t,
	const char *name, size_t len)
{
	for (int i = 0; i < btf_vlen(t); i++) {
		const char *has =
			btf_set_string(&x->types, 0, btf_members(t)[i].name_off);

		if (strlen(has) == len && memcmp(has, name, len) == 0)
			return true;
	}
	return false;
}

/* "{A,B}" */
static struct btf_at find_unnamed(const struct isf *x, const char *members)
{
	const struct btf_part *p = &x->types.parts[0];
	size_t first = strcspn(members, ",");
	const char *second = members + first + 1;

	for (uint32_t id = p->first; id < p->end; id++) {
		struct btf_at at = { 0, id };
		const struct btf_type *t = btf_set_type(&x->types, at);

		if (t && btf_is_struct(t) && !t->name_off &&
			has_member(x, t, members, first) &&
			has_member(x, t, second, strcspn(second, "}")))
			return at;
	}
	return (struct btf_at){ 0, 0 };
}

static const struct {
	const char *word;
	enum btf_names names;
} words[] = {
	{ "struct ", BTF_NAMES_USER },
	{ "union ", BTF_NAMES_USER },
	{ "enum ", BTF_NAMES_ENUM },
};

/* Whether this kernel has the type. */
static bool read_base(const struct isf *x, struct spec *s, const char *text)
{
	const struct btf_type *t;

	if (strcmp(text, "()") == 0)
		return s->function = true;
	if (*text == '{') {
		s->at = find_unnamed(x, text + 1);
		return s->at.id;
	}
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		size_t len = strlen(words[i].word);

		if (strncmp(text, words[i].word, len) != 0)
			continue;
		s->at = btf_set_find(&x->types, words[i].names, text + len);
		t = btf_set_type(&x->types, s->at);
		return t && !btf_is_fwd(t);
	}
	s->base = text;
	return true;
}

static bool read_spec(const struct isf *x, struct spec *s, const char *text)
{
	*s = (struct spec){ 0 };
	for (; *text == '*' || *text == '['; s->prefixes++) {
		if (s->prefixes == PREFIXES_MAX)
			return false;
		if (*text++ == '*')
			continue;
		s->prefix[s->prefixes].array = true;
		for (; *text >= '0' && *text <= '9'; text++)
			s->prefix[s->prefixes].count =
				s->prefix[s->prefixes].count * 10 +
				(uint64_t)(*text - '0');
		text += strcspn(text, "]") + 1;
	}
	return read_base(x, s, text);
}

/* How many there is room for: of pointers, or of what is as long as an int. */
static uint64_t room(const struct spec *s, const struct table_symbol *symbol)
{
	bool pointers =
		s->prefixes > 1 || !s->base || strstr(s->base, "long") != NULL;

	return symbol->room_bytes / (pointers ? POINTER_BYTES : sizeof(int));
}

static void put_spec(
	struct isf *x, const struct spec *s, const struct table_symbol *symbol)
{
	for (int i = 0; i < s->prefixes; i++) {
		json_out_open(x->out, '{');
		json_out_key(x->out, "kind");
		json_out_text(x->out, s->prefix[i].array ? "array" : "pointer");
		if (s->prefix[i].array) {
			json_out_key(x->out, "count");
			json_out_u64(x->out, s->prefix[i].count
						     ? s->prefix[i].count
						     : room(s, symbol));
		}
		json_out_key(x->out, "subtype");
	}
	if (s->at.id) {
		isf_descriptor(x, s->at);
	} else {
		json_out_open(x->out, '{');
		json_out_key(x->out, "kind");
		json_out_text(x->out, s->function ? "function" : "base");
		if (!s->function) {
			json_out_key(x->out, "name");
			json_out_text(x->out, s->base);
		}
		json_out_close(x->out, '}');
	}
	for (int i = 0; i < s->prefixes; i++)
		json_out_close(x->out, '}');
}

/* "Linux version ...\n" and its NUL, as it is in memory. */
static void banner(struct isf *x)
{
	const char *text = x->kernel->banner;
	uint8_t b64[(KERNEL_BANNER_BYTES + 2) / 3 * 4 + 1];

	(void)EVP_EncodeBlock(b64, (const uint8_t *)text, (int)strlen(text) + 1);
	json_out_key(x->out, "constant_data");
	json_out_text(x->out, (const char *)b64);
	json_out_key(x->out, "type");
	json_out_open(x->out, '{');
	json_out_key(x->out, "kind");
	json_out_text(x->out, "array");
	json_out_key(x->out, "count");
	json_out_u64(x->out, strlen(text) + 1);
	json_out_key(x->out, "subtype");
	json_out_open(x->out, '{');
	json_out_key(x->out, "kind");
	json_out_text(x->out, "base");
	json_out_key(x->out, "name");
	json_out_text(x->out, "char");
	json_out_close(x->out, '}');
	json_out_close(x->out, '}');
}

/* Of a variable that each processor has: BTF has the types of those. */
static struct btf_at variable(const struct isf *x, const char *name)
{
	for (uint32_t id = x->variables; id < x->variables_end; id++) {
		const struct btf_type *t =
			btf_set_type(&x->types, (struct btf_at){ 0, id });

		if (t && btf_is_var(t) &&
			strcmp(btf_set_string(&x->types, 0, t->name_off),
				name) == 0)
			return (struct btf_at){ 0, t->type };
	}
	return (struct btf_at){ 0, 0 };
}

static void find_variables(struct isf *x)
{
	const struct btf_part *p = &x->types.parts[0];

	for (uint32_t id = p->first; id < p->end; id++) {
		const struct btf_type *t =
			btf_set_type(&x->types, (struct btf_at){ 0, id });

		if (!t || !btf_is_var(t))
			continue;
		x->variables = x->variables ? x->variables : id;
		x->variables_end = id + 1;
	}
}

static void put_type(
	struct isf *x, const struct table_symbol *symbol, const char *name)
{
	const char *text = global_type_find(name);
	struct btf_at at = { 0, 0 };
	struct spec spec;

	if (strcmp(name, "linux_banner") == 0) {
		banner(x);
		x->result.typed++;
		return;
	}
	/* Addresses of these are distances, and small. */
	if (!text && symbol->address < X86_IMAGES_AT)
		at = variable(x, name);
	if (at.id)
		spec = (struct spec){ .at = at };
	else if (!text || !read_spec(x, &spec, text))
		return;
	json_out_key(x->out, "type");
	put_spec(x, &spec, symbol);
	x->result.typed++;
}

static uint64_t unmoved(const struct kernel_files *k, uint64_t address)
{
	bool in_image = k->arch == KERNEL_ARCH_X86_64 ? address >= X86_IMAGES_AT
						      : address >> 63 != 0;

	return in_image ? address - k->kaslr_bytes : address;
}

void isf_symbols(struct isf *x)
{
	find_variables(x);
	json_out_key(x->out, "symbols");
	json_out_open(x->out, '{');
	for (size_t i = 0; i < x->symbols.n; i++) {
		const struct table_symbol *s = &x->symbols.v[i];
		const char *name = x->symbols.names + s->name;

		/* Which of several is meant, nobody can say. */
		if (s->ambiguous && !global_type_find(name))
			continue;
		json_out_key(x->out, name);
		json_out_open(x->out, '{');
		json_out_key(x->out, "address");
		json_out_u64(x->out, unmoved(x->kernel, s->address));
		put_type(x, s, name);
		json_out_close(x->out, '}');
		x->result.symbols++;
	}
	json_out_close(x->out, '}');
}
