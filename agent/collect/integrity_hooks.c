// SPDX-License-Identifier: Apache-2.0
/* What the kernel calls: a record for each, and a finding for each place where
 * it is code that is not to be called there. */
#include <errno.h>
#include <stdbool.h>

#include "base/err.h"
#include "collect/finding.h"
#include "collect/integrity_internal.h"
#include "kernel/hook.h"
#include "kernel/message.h"
#include "kernel/state.h"
#include "stream/writer.h"

static int put_hook(struct integrity *it, const struct hook *h, struct err *e)
{
	Icecore__V1__KernelHook out;
	Icecore__V1__Record record = ICECORE__V1__RECORD__INIT;

	hook_message(&out, h);
	record.body_case = ICECORE__V1__RECORD__BODY_KERNEL_HOOK;
	record.kernel_hook = &out;
	return writer_put(it->w, &(struct record){ .message = &record }, e);
}

/* One finding for each module, or page, that a place calls; the slots that do
 * are its evidence. */
static int find(struct integrity *it, const struct hooks *hs, size_t first,
	struct err *e)
{
	const struct hook *h = &hs->v[first];
	struct finding_ref refs[FINDING_REFS_MAX];
	char detail[FINDING_DETAIL_BYTES];
	size_t n = 0;

	if (!hook_is_foreign(h))
		return 0;
	for (size_t i = 0; i < first; i++)
		if (hook_same_cause(h, &hs->v[i]))
			return 0;
	for (size_t i = first; i < hs->n && n < FINDING_REFS_MAX; i++)
		if (hook_same_cause(h, &hs->v[i]))
			refs[n++] = (struct finding_ref){
				.kind = ICECORE__V1__RECORD__BODY_KERNEL_HOOK,
				.id = hs->v[i].at,
				.netns = hs->v[i].netns,
				.name = hs->v[i].slot,
			};
	(void)snprintf(detail, sizeof(detail), "%s calls %#llx%s%s%s", h->slot,
		(unsigned long long)h->target, h->module ? " in module " : "",
		h->module ? h->module->name : "",
		h->region == TEXT_HIDDEN_MODULE ? ", which is hidden" : "");
	return finding_put_rule(it->w, rule_find(hook_place_rule(h->place)),
		refs, n, detail, e);
}

static int put_gaps(struct integrity *it, const struct hooks *hs, struct err *e)
{
	struct err why = { 0 };
	int r = 0;

	for (int i = 0; r == 0 && i < HOOK_PLACES; i++) {
		char what[64];

		if (!hs->why[i].msg[0])
			continue;
		(void)snprintf(
			what, sizeof(what), "hooks: %s", hook_place_name(i));
		r = integrity_gap(it, what, hs->why[i].msg, e);
	}
	if (r < 0 || !hs->lost)
		return r;
	(void)err_set(&why, -E2BIG, "%llu past %d",
		(unsigned long long)hs->lost, HOOKS_MAX);
	return integrity_gap(it, "hooks", why.msg, e);
}

static bool any_foreign(const struct hooks *hs)
{
	for (size_t i = 0; i < hs->n; i++)
		if (hook_is_foreign(&hs->v[i]))
			return true;
	return false;
}

/* Code that is nobody's may be that of a module which came meanwhile: look at
 * the modules again, and at what is called. */
static int see(struct integrity *it, struct hooks *hs, struct err *e)
{
	int r = hooks_see(hs, it->state, e);

	if (r < 0 || !any_foreign(hs))
		return r;
	hooks_done(hs);
	r = kstate_modules(it->state, e);
	return r < 0 ? r : hooks_see(hs, it->state, e);
}

int integrity_hooks(struct integrity *it, struct err *e)
{
	const struct kstate *s = it->state;
	struct hooks hs = { 0 };
	int r;

	/* Without them nothing can be walked, which is said already. */
	if (!s->peek || !s->layout || !s->symbols.lines || s->symbols.hidden)
		return 0;
	r = see(it, &hs, e);
	for (size_t i = 0; r == 0 && i < hs.n; i++) {
		r = put_hook(it, &hs.v[i], e);
		if (r == 0)
			r = find(it, &hs, i, e);
	}
	if (r == 0)
		r = put_gaps(it, &hs, e);
	hooks_done(&hs);
	return r;
}
