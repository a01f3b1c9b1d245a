// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "cmd/options.h"
#include "cmd/recorder_option.h"
#include "collect/collector.h"

static int set_size(struct capture_options *o, const char *text, struct err *e)
{
	uint64_t bytes;

	if (num_bytes(&bytes, text, e) < 0 || bytes < RECORDER_SIZE_MIN_BYTES ||
		bytes > RECORDER_SIZE_MAX_BYTES)
		return err_set(e, -EINVAL,
			"--recorder-size '%.20s' is not 1MiB to 1GiB", text);
	o->recorder.size_bytes = bytes;
	return 0;
}

static int set_seconds(struct capture_options *o, const char *text, struct err *e)
{
	uint64_t seconds;

	if (num_u64(&seconds, text, e) < 0 || seconds == 0 ||
		seconds > RECORDER_SECONDS_MAX)
		return err_set(e, -EINVAL,
			"--recorder-seconds '%.20s' is not 1 to %d", text,
			RECORDER_SECONDS_MAX);
	o->recorder.seconds = seconds;
	return 0;
}

int recorder_option(
	struct capture_options *o, int c, const char *arg, struct err *e)
{
	switch (c) {
	case 'f':
		o->with_recorder = true;
		return 0;
	case 'z':
		o->recorder_off = true;
		return 0;
	case 'F':
		return set_size(o, arg, e);
	case 'Y':
		return set_seconds(o, arg, e);
	case 'k':
		o->socket = arg;
		return 0;
	default:
		return -ENOENT;
	}
}

int recorder_absent(struct capture_plan *plan, struct err *e)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->collectors_n; i++)
		if (strcmp(plan->collectors[i]->name, "event") != 0)
			plan->collectors[n++] = plan->collectors[i];
	plan->collectors_n = n;
	return n ? 0
		 : err_set(e, -EINVAL,
			   "the collector event needs --recorder, or icecore "
			   "watch");
}
