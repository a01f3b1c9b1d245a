// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "base/num.h"
#include "kernel/bpf_object_internal.h"
#include "kernel/symbols.h"

enum { INSTRUCTION_BYTES = 8 };

void bpf_objects_done(struct bpf_objects *os)
{
	for (size_t i = 0; i < os->n; i++)
		free(os->v[i].code);
	free(os->v);
	*os = (struct bpf_objects){ 0 };
}

struct bpf_object *bpf_object_get(struct bpf_objects *os,
	enum bpf_object_kind kind, uint32_t id, struct err *e)
{
	for (size_t i = 0; i < os->n; i++)
		if (os->v[i].kind == kind && os->v[i].id == id)
			return &os->v[i];
	if (os->n == BPF_OBJECTS_MAX) {
		os->lost++;
		return NULL;
	}
	if (os->n == os->cap) {
		size_t cap = os->cap ? 2 * os->cap : 64;
		struct bpf_object *v = reallocarray(os->v, cap, sizeof(*os->v));

		if (!v) {
			(void)err_set(e, -ENOMEM, "no memory for BPF objects");
			return NULL;
		}
		os->v = v;
		os->cap = cap;
	}
	os->v[os->n] = (struct bpf_object){ .kind = kind, .id = id };
	return &os->v[os->n++];
}

size_t bpf_objects_compare(
	struct bpf_objects *os, const struct bpf_objects *before)
{
	size_t found = 0;

	for (size_t i = 0; i < os->n; i++) {
		struct bpf_object *o = &os->v[i];
		unsigned was = 0;

		for (size_t k = 0; before && k < before->n; k++)
			if (before->v[k].kind == o->kind &&
				before->v[k].id == o->id)
				was = before->v[k].missing;
		o->missing = os->asked &
			     (BPF_OBJECT_BY_SYSCALL | BPF_OBJECT_BY_IDR) &
			     ~o->views;
		if (before)
			o->missing &= was;
		found += o->missing != 0;
	}
	return found;
}

/* Each is 8 bytes: the operation, registers, an offset, and "imm". */
unsigned bpf_object_calls(
	const struct bpf_object_helpers *h, const uint8_t *code, size_t len)
{
	unsigned found = 0;

	for (size_t at = 0; at + INSTRUCTION_BYTES <= len;
		at += INSTRUCTION_BYTES) {
		int32_t imm = (int32_t)num_le32(code + at + 4);

		/* With source 0 it is a helper: BPF_PSEUDO_CALL is another. */
		if (code[at] != (BPF_JMP | BPF_CALL) || code[at + 1] >> 4)
			continue;
		for (size_t i = 0; i < h->n; i++)
			if (imm == h->imm[i])
				found |= h->flag[i];
	}
	return found;
}

int bpf_object_take_code(struct bpf_object *o, const struct bpf_object_helpers *h,
	const uint8_t *code, size_t len, struct err *e)
{
	size_t keep = len < BPF_OBJECT_KEPT_BYTES ? len : BPF_OBJECT_KEPT_BYTES;

	o->helpers |= bpf_object_calls(h, code, len);
	if (o->code || !keep)
		return 0;
	o->code = malloc(keep);
	if (!o->code)
		return err_set(e, -ENOMEM, "no memory for BPF instructions");
	memcpy(o->code, code, keep);
	o->code_bytes = (uint32_t)len;
	return 0;
}

/* "prog_id:\t12" and the like, at the beginning of a line. */
static int find_number(
	uint32_t *ret, const char *text, size_t len, const char *key)
{
	size_t n = strlen(key), at = 0;

	while (at < len) {
		const char *end = memchr(text + at, '\n', len - at);
		size_t line = end ? (size_t)(end - text) - at : len - at;

		if (line > n && line - n < 12 && memcmp(text + at, key, n) == 0) {
			char digits[16];
			uint64_t v;

			(void)snprintf(digits, sizeof(digits), "%.*s",
				(int)(line - n), text + at + n);
			if (num_u64(&v, digits, NULL) < 0 || v > UINT32_MAX)
				return -EBADMSG;
			*ret = (uint32_t)v;
			return 0;
		}
		at += line + 1;
	}
	return -ENOENT;
}

int bpf_object_fdinfo(
	enum bpf_object_kind *kind, uint32_t *id, const char *text, size_t len)
{
	/* That of a link has the id of its program as well. */
	static const struct {
		const char *key;
		enum bpf_object_kind kind;
	} keys[] = { { "link_id:\t", BPF_OBJECT_LINK },
		{ "map_id:\t", BPF_OBJECT_MAP },
		{ "prog_id:\t", BPF_OBJECT_PROG } };

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (find_number(id, text, len, keys[i].key) == 0) {
			*kind = keys[i].kind;
			return 0;
		}
	return -ENOENT;
}

void bpf_object_helpers_find(
	struct bpf_object_helpers *h, const struct symbols *symbols)
{
	static const struct {
		const char *name;
		unsigned flag;
	} names[] = {
		{ "bpf_probe_write_user", BPF_OBJECT_WRITES_USER },
		{ "bpf_override_return", BPF_OBJECT_OVERRIDES_RETURN },
		{ "bpf_send_signal", BPF_OBJECT_SENDS_SIGNAL },
		{ "bpf_send_signal_thread", BPF_OBJECT_SENDS_SIGNAL },
	};
	uint64_t base = symbols_address(symbols, "__bpf_call_base");

	for (size_t i = 0; base && i < ARRAY_LEN(names); i++) {
		uint64_t at = symbols_address(symbols, names[i].name);

		if (!at)
			continue;
		h->imm[h->n] = (int32_t)(at - base);
		h->flag[h->n++] = names[i].flag;
	}
}
