// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "inspect/captured.h"
#include "inspect/compare.h"
#include "inspect/snapshot.h"
#include "inspect/task.h"
#include "kernel/hook.h"
#include "kernel/state.h"

enum { VIEWS_CHARS = 128 };

/* Lists from which all tasks go together as they end. */
enum {
	POINTERS = TASK_BY_LIST | TASK_BY_IDS | TASK_BY_CHILDREN | TASK_BY_CGROUPS,
};

static void name_views(char ret[VIEWS_CHARS], unsigned views)
{
	size_t len = 0;

	ret[0] = 0;
	for (int i = 0; i < TASK_VIEWS; i++)
		if (views >> i & 1)
			len += (size_t)snprintf(ret + len, VIEWS_CHARS - len,
				"%s%s", len ? ", " : "", task_view_name(1U << i));
	if (!len)
		(void)snprintf(ret, VIEWS_CHARS, "none");
}

/* Which of those that the live picture lacks have a reason for it: the agent's
 * own threads, and what began after it.  Nothing begins after the last page was
 * read; and what is ending lived when the live picture was taken. */
static bool is_churn(struct churn *churn, const struct captured *c,
	const struct task *t, const struct snapshot *s)
{
	uint64_t last = c->ram ? ram_totals(c->ram)->last_ns +
					 (uint64_t)s->boot_minus_monotonic_ns
			       : UINT64_MAX;
	bool began = s->first_boot_ns && t->start_boot_ns >= s->first_boot_ns &&
		     t->start_boot_ns <= last;

	if (t->pid != s->own_pid && !began)
		return false;
	churn->began++;
	return true;
}

/* Of a process that nobody tells one finding is enough. */
static bool is_told(const struct snapshot *s, const struct task *t)
{
	return t->leader || snapshot_has_pid(s, t->pid);
}

static int find_task(struct verdicts *vs, const struct captured *c,
	const struct task *t, enum rule_id rule, struct err *e)
{
	const struct finding_ref ref = {
		.kind = ICECORE__V1__RECORD__BODY_PROCESS,
		.pid = t->pid,
		.tid = t->leader ? 0 : t->tid,
		.start_boot_ns = t->start_boot_ns,
		.id = t->at,
		.name = t->comm,
	};
	char seen[VIEWS_CHARS], missing[VIEWS_CHARS], exe[TASK_PATH_CHARS];

	name_views(seen, t->views);
	name_views(missing, t->missing);
	task_exe(exe, c, t);
	return verdicts_add(vs, rule_of(rule), &ref, e,
		"%.15s, child of %u, uid %u%s%.150s; in memory by %s; not by %s",
		t->comm, t->ppid, t->uid, exe[0] ? ", runs " : "", exe, seen,
		missing);
}

int compare_tasks(struct verdicts *vs, struct churn *churn,
	const struct captured *c, const struct tasks *ts, struct snapshot *s,
	struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < ts->n; i++) {
		const struct task *t = &ts->v[i];
		struct snapshot_task *live =
			snapshot_task(s, t->tid, t->start_boot_ns);

		if (live)
			live->in_memory = true;
		if (!t->tid || (s->tasks_n && !live && is_churn(churn, c, t, s)))
			continue;
		if (s->tasks_n && !live && is_told(s, t))
			r = find_task(
				vs, c, t, RULE_TASK_HIDDEN_FROM_SNAPSHOT, e);
		if (!t->missing || (s->tasks_n && !live))
			continue;
		/* It ended while memory was read: off all of them at once. */
		if (task_is_ending(t) || (live && !(t->views & POINTERS)))
			churn->ending++;
		else if (r == 0)
			r = find_task(
				vs, c, t, RULE_TASK_HIDDEN_FROM_KERNEL_LIST, e);
	}
	for (size_t i = 0; i < s->tasks_n; i++)
		churn->ended += !s->tasks[i].in_memory;
	return r;
}

/* The one that memory was read by came after the live picture. */
static bool is_own(const struct captured *c, const struct kmodule *m)
{
	return strcmp(m->name, "icecore") == 0 && ram_totals(c->ram)->by_module;
}

static int find_module(struct verdicts *vs, const struct kmodule *m,
	enum rule_id rule, struct err *e)
{
	const struct finding_ref ref = {
		.kind = ICECORE__V1__RECORD__BODY_KERNEL_MODULE,
		.name = m->name,
		.id = m->at,
	};
	char detail[FINDING_DETAIL_BYTES];

	kmodule_describe(detail, sizeof(detail), m);
	return verdicts_add(
		vs, rule_of(rule), &ref, e, "in memory %.400s", detail);
}

static const struct kmodule *find_by_name(
	const struct kmodules *ms, const char *name)
{
	for (size_t i = 0; i < ms->n; i++)
		if (strcmp(ms->v[i].name, name) == 0 &&
			ms->v[i].views & ~(unsigned)KMODULE_BY_KALLSYMS)
			return &ms->v[i];
	return NULL;
}

/* Whether memory can tell that a module is not there. */
static bool knows_modules(const struct kmodules *ms)
{
	return ms->asked & (KMODULE_BY_LIST | KMODULE_BY_TREE);
}

int compare_modules(struct verdicts *vs, const struct captured *c,
	const struct snapshot *s, struct err *e)
{
	const struct kmodules *ms = &c->state->modules;
	int r = 0;

	for (size_t i = 0; r == 0 && i < ms->n; i++) {
		const struct kmodule *m = &ms->v[i];
		bool in_lists = m->views & ~(unsigned)KMODULE_BY_KALLSYMS;

		if (is_own(c, m))
			continue;
		if (in_lists && s->modules_n && !snapshot_module(s, m->name))
			r = find_module(
				vs, m, RULE_MODULE_HIDDEN_FROM_SNAPSHOT, e);
		if (r == 0 && m->missing)
			r = find_module(vs, m,
				in_lists ? RULE_MODULE_HIDDEN
					 : RULE_MODULE_ONLY_IN_KALLSYMS,
				e);
	}
	for (size_t i = 0; r == 0 && knows_modules(ms) && i < s->modules_n; i++) {
		const struct finding_ref ref = {
			.kind = ICECORE__V1__RECORD__BODY_KERNEL_MODULE,
			.name = s->modules[i].name,
			.id = s->modules[i].at,
		};

		if (!find_by_name(ms, s->modules[i].name))
			r = verdicts_add(vs, rule_of(RULE_MODULE_NOT_IN_MEMORY),
				&ref, e, "no list of modules in memory has it");
	}
	return r;
}

static int find_hook(struct verdicts *vs, const struct hook *h, bool told,
	bool asked, struct err *e)
{
	const struct finding_ref ref = {
		.kind = ICECORE__V1__RECORD__BODY_KERNEL_HOOK,
		.id = h->at,
		.netns = h->netns,
		.name = h->slot,
	};
	const struct rule *rule = rule_find(hook_place_rule(h->place));

	if (asked && !told)
		rule = rule_of(RULE_HOOK_HIDDEN_FROM_SNAPSHOT);
	return verdicts_add(vs, rule, &ref, e, "%s: %s calls %#llx%s%s%s%s",
		hook_place_name(h->place), h->slot, (unsigned long long)h->target,
		h->module ? " in module " : "", h->module ? h->module->name : "",
		h->region == TEXT_HIDDEN_MODULE ? ", which is hidden" : "",
		told ? "; the live picture tells it, too" : "");
}

/* One finding for each module, or page, that a place calls. */
static bool is_first(const struct hooks *hs, size_t i)
{
	bool first = hook_is_foreign(&hs->v[i]);

	for (size_t k = 0; first && k < i; k++)
		first = !hook_is_foreign(&hs->v[k]) ||
			!hook_same_cause(&hs->v[k], &hs->v[i]);
	return first;
}

static bool in_memory(const struct hooks *hs, const struct snapshot_hook *h)
{
	for (size_t i = 0; i < hs->n; i++)
		if (hs->v[i].at == h->at && hs->v[i].target == h->target)
			return true;
	return false;
}

/* Of a record: whether that code must not be called at that place. */
static bool was_foreign(const struct hooks *hs, const struct snapshot_hook *h)
{
	for (enum hook_place p = 0; p < HOOK_PLACES; p++) {
		const struct hook as = { .place = p,
			.region = (enum text_region)h->region };

		/* What was not walked to its end can lack anything. */
		if (strcmp(hook_place_name(p), h->place) == 0)
			return !hs->why[p].msg[0] && h->region >= TEXT_CORE &&
			       h->region <= TEXT_UNKNOWN && hook_is_foreign(&as);
	}
	return false;
}

int compare_hooks(struct verdicts *vs, const struct hooks *hs,
	const struct snapshot *s, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < hs->n; i++)
		if (is_first(hs, i))
			r = find_hook(vs, &hs->v[i],
				snapshot_hook(s, hs->v[i].at, hs->v[i].target),
				s->hooks_n, e);
	for (size_t i = 0; r == 0 && i < s->hooks_n; i++) {
		const struct snapshot_hook *h = &s->hooks[i];
		const struct finding_ref ref = {
			.kind = ICECORE__V1__RECORD__BODY_KERNEL_HOOK,
			.id = h->at,
		};

		if (was_foreign(hs, h) && !in_memory(hs, h))
			r = verdicts_add(vs, rule_of(RULE_HOOK_NOT_IN_MEMORY),
				&ref, e, "%s called %#llx", h->place,
				(unsigned long long)h->target);
	}
	return r;
}
