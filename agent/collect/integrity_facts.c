// SPDX-License-Identifier: Apache-2.0
/* What the kernel says of itself. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "collect/finding.h"
#include "collect/integrity_internal.h"
#include "kernel/fact.h"
#include "live/timed.h"
#include "stream/writer.h"

int integrity_put_fact(
	struct integrity *it, const struct integrity_fact *fact, struct err *e)
{
	Icecore__V1__KernelFact out = ICECORE__V1__KERNEL_FACT__INIT;
	Icecore__V1__Record record = ICECORE__V1__RECORD__INIT;

	out.has_path = out.has_value = 1;
	out.name = (char *)(uintptr_t)fact->name;
	out.path.data = (uint8_t *)(uintptr_t)fact->path;
	out.path.len = strlen(fact->path);
	out.value.data = (uint8_t *)(uintptr_t)fact->value;
	out.value.len = fact->len;
	out.meaning = (char **)(uintptr_t)fact->meaning;
	out.n_meaning = fact->n;
	record.body_case = ICECORE__V1__RECORD__BODY_KERNEL_FACT;
	record.kernel_fact = &out;
	return writer_put(it->w, &(struct record){ .message = &record }, e);
}

static int judge_fact(struct integrity *it, const struct fact_place *place,
	const struct buf *value, struct err *e)
{
	struct finding_ref ref = {
		.kind = ICECORE__V1__RECORD__BODY_KERNEL_FACT,
		.name = place->name,
	};
	char program[FACT_PATH_CHARS], detail[FINDING_DETAIL_BYTES];
	const char *trouble;

	if (fact_program(program, place->role, (char *)value->data, value->len) <
		0)
		return 0;
	trouble = fact_program_trouble(program);
	if (!trouble)
		return 0;
	(void)snprintf(detail, sizeof(detail), "%s: %s", program, trouble);
	return finding_put(it->w,
		place->role == FACT_CORE_PATTERN ? RULE_CORE_PATTERN
						 : RULE_USERMODE_HELPER,
		&ref, 1, detail, e);
}

static int see_fact(struct integrity *it, struct timed *timed, int root,
	const struct fact_place *place, struct err *e)
{
	const char *meaning[FACT_MEANINGS_MAX];
	AUTO_BUF struct buf value = { 0 };
	struct err why = { 0 };
	size_t n = 0;
	int r;

	/* Most hosts lack some of them. */
	if (access(place->path, F_OK) < 0)
		return 0;
	buf_init(&value, FACT_BYTES);
	r = timed_read(timed, root, place->path, 0, &value, &why);
	if (r < 0)
		return integrity_gap(it, place->path, why.msg, e);
	if (place->role == FACT_TAINT)
		n = fact_taint(meaning, (char *)value.data, value.len);
	if (r > 0 && integrity_gap(it, place->path, "longer than 256 KiB", e) < 0)
		return -EIO;
	r = integrity_put_fact(it,
		&(struct integrity_fact){ place->name, place->path, value.data,
			value.len, meaning, n },
		e);
	return r < 0 ? r : judge_fact(it, place, &value, e);
}

int integrity_facts(struct integrity *it, struct err *e)
{
	AUTO_CLOSE int root =
		io_open(AT_FDCWD, "/", O_RDONLY | O_DIRECTORY, 0, e);
	struct timed *timed = NULL;
	int r = root < 0 ? root : timed_new(&timed, FACT_WAIT_NS, e);

	for (size_t i = 0; r == 0 && fact_places[i].name; i++)
		r = see_fact(it, timed, root, &fact_places[i], e);
	timed_free(timed);
	return r;
}
