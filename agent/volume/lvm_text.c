// SPDX-License-Identifier: Apache-2.0
#include <ctype.h>
#include <errno.h>

#include "base/err.h"
#include "volume/lvm_text.h"

struct parser {
	struct lvm_text *t;
	const char *p, *end;
	uint32_t open[LVM_TEXT_DEPTH_MAX + 1]; /* sections and lists */
	uint32_t last[LVM_TEXT_DEPTH_MAX + 1]; /* their last member */
	unsigned depth;
};

static int add_node(struct parser *s, const struct lvm_node *node, struct err *e)
{
	struct lvm_text *t = s->t;
	uint32_t at = t->n;

	if (at == LVM_TEXT_NODES_MAX)
		return err_set(
			e, -EBADMSG, "more than %d values", LVM_TEXT_NODES_MAX);
	if (at == t->cap) {
		uint32_t cap = t->cap ? 2 * t->cap : 64;
		struct lvm_node *nodes =
			reallocarray(t->nodes, cap, sizeof(*nodes));

		if (!nodes)
			return err_set(
				e, -ENOMEM, "no memory for %u values", cap);
		t->nodes = nodes;
		t->cap = cap;
	}
	t->nodes[t->n++] = *node;
	if (!at)
		return 0;
	if (s->last[s->depth])
		t->nodes[s->last[s->depth]].next = at;
	else
		t->nodes[s->open[s->depth]].first = at;
	s->last[s->depth] = at;
	return 0;
}

static void skip_blanks(struct parser *s)
{
	for (; s->p < s->end; s->p++)
		if (*s->p == '#') {
			const char *eol =
				memchr(s->p, '\n', (size_t)(s->end - s->p));

			s->p = eol ? eol : s->end - 1;
		} else if (*s->p && !strchr(" \t\r\n,", *s->p)) {
			break;
		} else if (!*s->p) {
			s->p = s->end; /* a text ends with a NUL */
			break;
		}
}

/* The next byte, when it is ${c}. */
static bool take(struct parser *s, char c)
{
	skip_blanks(s);
	if (s->p == s->end || *s->p != c)
		return false;
	s->p++;
	return true;
}

static int bad(struct parser *s, const char *what, struct err *e)
{
	return err_set(e, -EBADMSG, "%s at byte %zu from the end of the text",
		what, (size_t)(s->end - s->p));
}

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("._-+/", c));
}

static struct slice word(struct parser *s)
{
	struct slice w = { s->p, 0 };

	while (s->p < s->end && is_name(*s->p))
		s->p++;
	w.len = (size_t)(s->p - w.p);
	return w;
}

static int open_node(struct parser *s, struct lvm_node *node,
	enum lvm_kind kind, struct err *e)
{
	int r;

	node->kind = kind;
	if (s->depth == LVM_TEXT_DEPTH_MAX)
		return bad(s, "too deep", e);
	r = add_node(s, node, e);
	if (r < 0)
		return r;
	s->depth++;
	s->open[s->depth] = s->t->n - 1;
	s->last[s->depth] = 0;
	return 0;
}

static int string(struct parser *s, struct lvm_node *node, struct err *e)
{
	node->kind = LVM_STRING;
	node->text.p = s->p;
	for (; s->p < s->end && *s->p != '"'; s->p++)
		if (*s->p == '\\' && ++s->p == s->end)
			break;
	if (s->p == s->end)
		return bad(s, "a string without an end", e);
	node->text.len = (size_t)(s->p++ - node->text.p);
	return add_node(s, node, e);
}

static int number(struct parser *s, struct lvm_node *node, struct err *e)
{
	struct slice w = word(s);

	if (!w.len)
		return bad(s, "no value", e);
	node->kind = LVM_NUMBER;
	for (size_t i = 0; i < w.len; i++)
		if (!isdigit((unsigned char)w.p[i]) ||
			__builtin_mul_overflow(node->number, 10, &node->number) ||
			__builtin_add_overflow(node->number,
				(unsigned)(w.p[i] - '0'), &node->number)) {
			node->number = 0;
			break;
		}
	return add_node(s, node, e);
}

/* What is after the "=", or in a list. */
static int value(struct parser *s, struct slice name, struct err *e)
{
	struct lvm_node node = { .name = name };

	if (take(s, '['))
		return open_node(s, &node, LVM_LIST, e);
	if (take(s, '"'))
		return string(s, &node, e);
	return number(s, &node, e);
}

static int member(struct parser *s, struct err *e)
{
	struct slice name = word(s);
	struct lvm_node node = { .name = name };

	if (!name.len)
		return bad(s, "no name", e);
	if (take(s, '{'))
		return open_node(s, &node, LVM_SECTION, e);
	return take(s, '=') ? value(s, name, e) : bad(s, "no value", e);
}

int lvm_text_parse(struct lvm_text *ret, struct slice text, struct err *e)
{
	static const char closing[] = { [LVM_SECTION] = '}', [LVM_LIST] = ']' };
	const struct lvm_node top = { .kind = LVM_SECTION };
	struct lvm_text t = { 0 };
	struct parser s = { .t = &t, .p = text.p, .end = text.p + text.len };
	int r = add_node(&s, &top, e);

	for (skip_blanks(&s); r == 0 && s.p < s.end; skip_blanks(&s)) {
		enum lvm_kind in = t.nodes[s.open[s.depth]].kind;

		if (s.depth && take(&s, closing[in]))
			s.depth--;
		else if (in == LVM_LIST)
			r = value(&s, (struct slice){ 0 }, e);
		else
			r = member(&s, e);
	}
	if (r == 0 && s.depth)
		r = bad(&s, "something without an end", e);
	if (r < 0)
		lvm_text_done(&t);
	else
		*ret = t;
	return r;
}

void lvm_text_done(struct lvm_text *t)
{
	free(t->nodes);
	*t = (struct lvm_text){ 0 };
}

uint32_t lvm_text_find(const struct lvm_text *t, uint32_t in,
	enum lvm_kind kind, struct slice name)
{
	for (uint32_t i = t->nodes[in].first; i; i = t->nodes[i].next) {
		const struct lvm_node *node = &t->nodes[i];

		if (node->kind == kind && node->name.len == name.len &&
			memcmp(node->name.p, name.p, name.len) == 0)
			return i;
	}
	return 0;
}

uint64_t lvm_text_number(const struct lvm_text *t, uint32_t in, const char *name)
{
	uint32_t at = lvm_text_find(t, in, LVM_NUMBER, slice_of(name));

	return at ? t->nodes[at].number : 0;
}

struct slice lvm_text_string(
	const struct lvm_text *t, uint32_t in, const char *name)
{
	uint32_t at = lvm_text_find(t, in, LVM_STRING, slice_of(name));

	return at ? t->nodes[at].text : (struct slice){ "", 0 };
}
