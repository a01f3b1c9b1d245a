// SPDX-License-Identifier: Apache-2.0
#include <linux/filter.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "net/cbpf.h"

enum { MAGIC_MIN = 0x1000 };

static const char *const alu_names[] = { "add", "sub", "mul", "div", "or",
	"and", "lsh", "rsh", "neg", "mod", "xor" };
static const char *const jump_names[] = { "ja", "jeq", "jgt", "jge", "jset" };

static const char *size_name(unsigned code)
{
	switch (BPF_SIZE(code)) {
	case BPF_H:
		return "ldh";
	case BPF_B:
		return "ldb";
	default:
		return "ld";
	}
}

/* The operand of a load into A or X. */
static int put_load(struct buf *ret, const struct sock_filter *i, struct err *e)
{
	int is_x = BPF_CLASS(i->code) == BPF_LDX;
	const char *name = is_x ? "ldx" : size_name(i->code);

	switch (BPF_MODE(i->code)) {
	case BPF_IMM:
		return buf_text(ret, e, "%-8s #%#x", name, i->k);
	case BPF_ABS:
		return buf_text(ret, e, "%-8s [%u]", name, i->k);
	case BPF_IND:
		return buf_text(ret, e, "%-8s [x + %u]", name, i->k);
	case BPF_MEM:
		return buf_text(ret, e, "%-8s M[%u]", name, i->k);
	case BPF_LEN:
		return buf_text(ret, e, "%-8s #pktlen", name);
	case BPF_MSH:
		return buf_text(ret, e, "%-8s 4*([%u]&0xf)", "ldxb", i->k);
	default:
		return buf_text(ret, e, "unknown  %#x, %#x", i->code, i->k);
	}
}

static int put_jump(
	struct buf *ret, const struct sock_filter *i, size_t at, struct err *e)
{
	unsigned op = BPF_OP(i->code) >> 4;

	if (op >= ARRAY_LEN(jump_names))
		return buf_text(ret, e, "unknown  %#x, %#x", i->code, i->k);
	if (op == 0)
		return buf_text(ret, e, "%-8s %llu", jump_names[op],
			(unsigned long long)at + 1 + i->k);
	if (BPF_SRC(i->code) == BPF_X)
		return buf_text(ret, e, "%-8s x               jt %zu\tjf %zu",
			jump_names[op], at + 1 + i->jt, at + 1 + i->jf);
	return buf_text(ret, e, "%-8s #%#-14x jt %zu\tjf %zu", jump_names[op],
		i->k, at + 1 + i->jt, at + 1 + i->jf);
}

static int put_alu(struct buf *ret, const struct sock_filter *i, struct err *e)
{
	unsigned op = BPF_OP(i->code) >> 4;

	if (op >= ARRAY_LEN(alu_names))
		return buf_text(ret, e, "unknown  %#x, %#x", i->code, i->k);
	if (BPF_OP(i->code) == BPF_NEG)
		return buf_text(ret, e, "neg");
	if (BPF_SRC(i->code) == BPF_X)
		return buf_text(ret, e, "%-8s x", alu_names[op]);
	return buf_text(ret, e, "%-8s #%#x", alu_names[op], i->k);
}

static int put_return(struct buf *ret, const struct sock_filter *i, struct err *e)
{
	switch (BPF_RVAL(i->code)) {
	case BPF_K:
		return buf_text(ret, e, "%-8s #%u", "ret", i->k);
	case BPF_X:
		return buf_text(ret, e, "%-8s x", "ret");
	case BPF_A:
		return buf_text(ret, e, "%-8s a", "ret");
	default:
		return buf_text(ret, e, "unknown  %#x, %#x", i->code, i->k);
	}
}

static int put_one(
	struct buf *ret, const struct sock_filter *i, size_t at, struct err *e)
{
	switch (BPF_CLASS(i->code)) {
	case BPF_LD:
	case BPF_LDX:
		return put_load(ret, i, e);
	case BPF_ST:
		return buf_text(ret, e, "%-8s M[%u]", "st", i->k);
	case BPF_STX:
		return buf_text(ret, e, "%-8s M[%u]", "stx", i->k);
	case BPF_ALU:
		return put_alu(ret, i, e);
	case BPF_JMP:
		return put_jump(ret, i, at, e);
	case BPF_RET:
		return put_return(ret, i, e);
	default:
		return buf_text(ret, e, "%s",
			BPF_MISCOP(i->code) == BPF_TXA ? "txa" : "tax");
	}
}

int cbpf_text(struct buf *ret, const uint8_t *code, size_t len, struct err *e)
{
	size_t n = len / CBPF_INSN_BYTES;
	int r = 0;

	if (n > CBPF_MAX)
		n = CBPF_MAX;
	for (size_t at = 0; r == 0 && at < n; at++) {
		struct sock_filter i;

		memcpy(&i, code + at * CBPF_INSN_BYTES, sizeof(i));
		r = buf_text(ret, e, "(%03zu) ", at);
		if (r == 0)
			r = put_one(ret, &i, at, e);
		if (r == 0)
			r = buf_text(ret, e, "\n");
	}
	return r;
}

int cbpf_magic(uint32_t *ret, const uint8_t *code, size_t len)
{
	struct sock_filter load = { 0 };

	for (size_t at = 0; at < len / CBPF_INSN_BYTES; at++) {
		struct sock_filter i;

		memcpy(&i, code + at * CBPF_INSN_BYTES, sizeof(i));
		if (BPF_CLASS(i.code) == BPF_LD)
			load = i;
		/* A port is loaded at [x + 14], [x + 16] or less; what is
		 * farther is data. */
		if (i.code != (BPF_JMP | BPF_JEQ | BPF_K) ||
			BPF_CLASS(load.code) != BPF_LD ||
			BPF_MODE(load.code) != BPF_IND ||
			BPF_SIZE(load.code) == BPF_B || i.k < MAGIC_MIN)
			continue;
		if (BPF_SIZE(load.code) == BPF_H && load.k <= 16)
			continue;
		*ret = i.k;
		return 1;
	}
	return 0;
}
