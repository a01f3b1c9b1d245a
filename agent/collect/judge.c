// SPDX-License-Identifier: Apache-2.0
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "collect/finding.h"
#include "collect/judge.h"
#include "live/maps.h"
#include "stream/writer.h"

/* What a rule found: where, and in which words. */
struct match {
	struct finding_ref ref;
	char detail[FINDING_DETAIL_BYTES];
};

static const Icecore__V1__Thread *leader_of(const Icecore__V1__Process *p)
{
	for (size_t i = 0; i < p->n_threads; i++)
		if (p->threads[i]->tid == p->pid)
			return p->threads[i];
	return NULL;
}

bool judge_is_kernel_name(const char *name, size_t len)
{
	static const char *const names[] = { "kworker/", "ksoftirqd/",
		"migration/", "rcu_", "kthreadd", "kswapd", "kcompactd",
		"khugepaged", "jbd2/", "irq/", "cpuhp/", "idle_inject/" };

	if (len >= 2 && name[0] == '[' && memchr(name, ']', len))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (len >= strlen(names[i]) &&
			memcmp(name, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

static bool is_kernel_name(const ProtobufCBinaryData *b)
{
	return judge_is_kernel_name((const char *)b->data, b->len);
}

static bool lookalike(const Icecore__V1__Record *m, struct match *ret)
{
	const Icecore__V1__Process *p = m->process;
	const Icecore__V1__Thread *t = leader_of(p);

	/* One that ended has no file, but is no kernel thread. */
	if (!t || !t->has_kernel_thread || t->kernel_thread || !p->exe)
		return false;
	(void)snprintf(ret->detail, sizeof(ret->detail), "its name is %.*s",
		(int)t->comm.len, t->comm.data);
	return is_kernel_name(&t->comm) ||
	       (p->n_argv && is_kernel_name(&p->argv[0]));
}

static bool exe_memfd(const Icecore__V1__Record *m, struct match *ret)
{
	const Icecore__V1__Process *p = m->process;

	(void)ret;
	return p->exe && p->exe->memfd;
}

static bool exe_deleted(const Icecore__V1__Record *m, struct match *ret)
{
	const Icecore__V1__Process *p = m->process;

	(void)ret;
	return p->exe && p->exe->deleted && !p->exe->memfd;
}

/* The first mapping that has one of ${flags} and is executable. */
static bool find_mapping(
	const Icecore__V1__Record *m, uint32_t flags, struct match *ret)
{
	const Icecore__V1__ProcessMaps *maps = m->process_maps;
	size_t found = 0;

	for (size_t i = maps->n_mappings; i-- > 0;) {
		const Icecore__V1__Mapping *v = maps->mappings[i];

		if (!(v->flags & flags) || !strchr(v->protection, 'x'))
			continue;
		ret->ref.id = v->start;
		found++;
	}
	(void)snprintf(ret->detail, sizeof(ret->detail), "%zu mappings", found);
	return found;
}

static bool code_memfd(const Icecore__V1__Record *m, struct match *ret)
{
	return find_mapping(m, MAPPING_MEMFD, ret);
}

static bool stack_or_heap(const Icecore__V1__Record *m, struct match *ret)
{
	return find_mapping(m, MAPPING_EXEC_STACK | MAPPING_EXEC_HEAP, ret);
}

static const struct {
	enum rule_id rule;
	unsigned kind;
	bool (*matches)(const Icecore__V1__Record *m, struct match *ret);
} table[] = {
	{ RULE_KERNEL_THREAD_LOOKALIKE, ICECORE__V1__RECORD__BODY_PROCESS,
		lookalike },
	{ RULE_EXE_MEMFD, ICECORE__V1__RECORD__BODY_PROCESS, exe_memfd },
	{ RULE_EXE_DELETED, ICECORE__V1__RECORD__BODY_PROCESS, exe_deleted },
	{ RULE_CODE_IN_MEMFD, ICECORE__V1__RECORD__BODY_PROCESS_MAPS, code_memfd },
	{ RULE_STACK_OR_HEAP_EXECUTABLE, ICECORE__V1__RECORD__BODY_PROCESS_MAPS,
		stack_or_heap },
};

/* What any record of ${m}'s kind says of itself; one line for each kind. */
static void name_record(struct finding_ref *ret, const Icecore__V1__Record *m)
{
	ret->kind = (unsigned)m->body_case;
	if (m->body_case == ICECORE__V1__RECORD__BODY_PROCESS) {
		ret->pid = m->process->pid;
		ret->start_boot_ns = m->process->start_boot_ns;
	}
	if (m->body_case == ICECORE__V1__RECORD__BODY_PROCESS_MAPS) {
		ret->pid = m->process_maps->pid;
		ret->start_boot_ns = m->process_maps->start_boot_ns;
	}
}

int judge_put(struct writer *w, const Icecore__V1__Record *m, struct err *e)
{
	int r = writer_put(w, &(struct record){ .message = m }, e);

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(table); i++) {
		struct match match = { 0 };

		if (table[i].kind != (unsigned)m->body_case ||
			!table[i].matches(m, &match))
			continue;
		name_record(&match.ref, m);
		r = finding_put(w, table[i].rule, &match.ref, 1,
			match.detail[0] ? match.detail : NULL, e);
	}
	return r;
}
