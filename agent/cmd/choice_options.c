// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "base/err.h"
#include "base/num.h"
#include "cmd/choice_options.h"
#include "collect/collector.h"
#include "coredump/freeze.h"

const char choice_options_usage[] =
	"  --pid PID               take only this process: what it is, its open files,\n"
	"                          and its memory, which icelab extract writes as a core\n"
	"                          that gdb reads; several allowed\n"
	"  --container ID          the same of all processes of a container: the first 8\n"
	"                          digits of its id or more, or its name in its pod\n"
	"  --pod NAME              the same of a pod: its uid, NAME or NAMESPACE/NAME\n"
	"  --freeze[=SECONDS]      let them, and all else in their cgroups, stand still\n"
	"                          meanwhile, 30 seconds at most; they go on even if the\n"
	"                          agent dies\n";

static int add_name(const char **names, size_t *n, const char *name,
	const char *option, struct err *e)
{
	if (*n == CHOOSE_NAMES_MAX)
		return err_set(e, -EINVAL, "more than %d times %s",
			CHOOSE_NAMES_MAX, option);
	if (!name[0])
		return err_set(e, -EINVAL, "%s is empty", option);
	names[(*n)++] = name;
	return 0;
}

static int add_pid(struct choice *c, const char *text, struct err *e)
{
	uint64_t pid;

	if (num_u64(&pid, text, NULL) < 0 || pid == 0 || pid > INT32_MAX)
		return err_set(
			e, -EINVAL, "--pid '%.20s' is no process id", text);
	if (c->pids_n == CHOOSE_NAMES_MAX)
		return err_set(e, -EINVAL, "more than %d times --pid",
			CHOOSE_NAMES_MAX);
	c->pids[c->pids_n++] = (uint32_t)pid;
	return 0;
}

static int set_freeze(struct capture_plan *plan, const char *text, struct err *e)
{
	uint64_t seconds = FREEZE_SECONDS;

	if (text && (num_u64(&seconds, text, NULL) < 0 || seconds == 0 ||
			    seconds > FREEZE_SECONDS_MAX))
		return err_set(e, -EINVAL,
			"--freeze '%.20s' is not 1 to %d seconds", text,
			FREEZE_SECONDS_MAX);
	plan->freeze_seconds = (unsigned)seconds;
	return 0;
}

int choice_option(
	struct capture_plan *plan, int c, const char *arg, struct err *e)
{
	struct choice *choice = &plan->choice;

	switch (c) {
	case CHOICE_OPTION_PID:
		return add_pid(choice, arg, e);
	case CHOICE_OPTION_CONTAINER:
		return add_name(choice->containers, &choice->containers_n, arg,
			"--container", e);
	case CHOICE_OPTION_POD:
		return add_name(choice->pods, &choice->pods_n, arg, "--pod", e);
	case CHOICE_OPTION_FREEZE:
		return set_freeze(plan, arg, e);
	default:
		return 1;
	}
}

int choice_check(struct capture_plan *plan, bool listed, struct err *e)
{
	static const char *const names[] = { "process", "file", "core", "binary" };

	if (choice_is_empty(&plan->choice)) {
		if (plan->freeze_seconds)
			return err_set(e, -EINVAL,
				"--freeze goes with --pid, --container or "
				"--pod");
		return 0;
	}
	if (listed)
		return 0;
	plan->collectors_n = 0;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		plan->collectors[plan->collectors_n++] = collector_find(names[i]);
	return 0;
}
