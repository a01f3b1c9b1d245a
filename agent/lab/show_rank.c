// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdlib.h>

#include "base/err.h"
#include "lab/show_rank.h"

static uint64_t score(const Icecore__V1__Record *m)
{
	return m->binary->score;
}

static const struct {
	unsigned body;
	uint64_t (*rank)(const Icecore__V1__Record *m);
} ranks[] = {
	{ ICECORE__V1__RECORD__BODY_BINARY, score },
};

bool show_rank_is_wanted(unsigned body)
{
	for (size_t i = 0; i < ARRAY_LEN(ranks); i++)
		if (ranks[i].body == body)
			return true;
	return false;
}

uint64_t show_rank_of(const Icecore__V1__Record *m)
{
	for (size_t i = 0; i < ARRAY_LEN(ranks); i++)
		if (ranks[i].body == (unsigned)m->body_case)
			return ranks[i].rank(m);
	return 0;
}

void show_rank_init(struct show_rank *s)
{
	*s = (struct show_rank){ 0 };
	buf_init(&s->text, SHOW_RANKED_BYTES);
}

void show_rank_done(struct show_rank *s)
{
	free(s->v);
	buf_done(&s->text);
	*s = (struct show_rank){ 0 };
}

int show_rank_add(struct show_rank *s, uint64_t rank, const struct buf *line,
	struct err *e)
{
	size_t at = s->text.len;
	int r;

	if (s->n == SHOW_RANKED_MAX)
		return err_set(e, -E2BIG, "more than %d rows", SHOW_RANKED_MAX);
	if (s->n == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 256;
		struct show_ranked *v = reallocarray(s->v, cap, sizeof(*v));

		if (!v)
			return err_set(e, -ENOMEM, "no memory to print");
		s->v = v;
		s->cap = cap;
	}
	r = buf_append(&s->text, line->data, line->len, e);
	if (r == 0)
		s->v[s->n++] = (struct show_ranked){ rank, at, line->len };
	return r;
}

/* Of one rank: in the order in which they came. */
static int compare(const void *a, const void *b)
{
	const struct show_ranked *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank > y->rank ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

int show_rank_print(
	struct show_rank *s, show_rank_line *print, void *arg, struct err *e)
{
	int r = 0;

	if (s->n)
		qsort(s->v, s->n, sizeof(*s->v), compare);
	for (size_t i = 0; r == 0 && i < s->n; i++) {
		struct buf line = { .data = s->text.data + s->v[i].at,
			.len = s->v[i].len };

		r = print(arg, &line, e);
	}
	return r;
}
