// SPDX-License-Identifier: Apache-2.0
/* The state of the running kernel. */
#include <errno.h>

#include "kernel/layout.h"
#include "kernel/state_internal.h"

static void open_peek(struct kstate *s, unsigned without)
{
	for (int kind = 0; kind < PEEK_KINDS && !s->peek; kind++) {
		struct err *why = &s->peek_why[kind];

		if (without >> kind & 1)
			(void)err_set(why, -EPERM, "left out");
		else if (peek_open(&s->peek, kind, why) < 0)
			s->peek = NULL;
	}
}

int kstate_open(struct kstate **ret, unsigned without, struct err *e)
{
	struct kstate *s = NULL;
	int r = kstate_new(&s, "/proc/kallsyms", e);

	if (r < 0)
		return r;
	open_peek(s, without);
	if (layout_open(&s->layout, &s->layout_why) < 0)
		s->layout = NULL;
	*ret = s;
	return 0;
}

/* What was seen goes to ${before}, whose room is seen into next. */
static int keep(struct kmodules *before, struct kmodules *now, struct err *e)
{
	struct kmodules was = *before;
	int r = was.v ? 0 : kmodules_init(&was, e);

	if (r < 0)
		return r;
	*before = *now;
	*now = was;
	return 0;
}

int kstate_modules(struct kstate *s, struct err *e)
{
	const struct kmodule_places places = {
		.proc = "/proc/modules",
		.sysfs = "/sys/module",
		.symbols = &s->symbols,
		.peek = s->peek,
		.layout = s->layout,
	};
	struct kmodules before = { 0 };
	int r = 0;

	for (int i = 0; r == 0 && i < KSTATE_TRIES; i++) {
		kstate_scan(s);
		r = kmodules_see(&s->modules, &places, e);
		if (r < 0 || !kmodules_compare(&s->modules, i ? &before : NULL))
			break;
		if (i + 1 < KSTATE_TRIES)
			r = keep(&before, &s->modules, e);
	}
	kmodules_done(&before);
	text_init(&s->text, &s->symbols, &s->modules);
	return r;
}
