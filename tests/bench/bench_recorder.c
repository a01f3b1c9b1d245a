// SPDX-License-Identifier: Apache-2.0
/*
 * bench_recorder: runs the recorder until its input ends, and prints what it
 * counted: lines "KIND HAPPENED RECORDED LOST OVERWRITTEN", and "missed N".
 * When it begins and at each line of input it prints "cpu-us N", what it used
 * up to then.
 */
#include <inttypes.h>
#include <sys/resource.h>

#include "base/err.h"
#include "recorder/recorder.h"

static void print_usage(void)
{
	struct rusage u;

	(void)getrusage(RUSAGE_SELF, &u);
	(void)printf("cpu-us %ld\n",
		(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000 +
			u.ru_utime.tv_usec + u.ru_stime.tv_usec);
	(void)fflush(stdout);
}

int main(void)
{
	struct recorder_config config = { .size_bytes = RECORDER_SIZE_BYTES,
		.seconds = RECORDER_SECONDS };
	static struct recorder_state s;
	struct recorder *r;
	struct err e = { 0 };
	char line[16];

	if (recorder_open(&r, &config, &e) < 0) {
		(void)fprintf(stderr, "%s\n", e.msg);
		return 1;
	}
	print_usage();
	while (fgets(line, sizeof(line), stdin))
		print_usage();
	recorder_flush(r);
	recorder_state(r, &s);
	for (unsigned k = 1; k < RECORDER_PAGE; k++)
		(void)printf("%s %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
			     "\n",
			recorder_kind_name(k), s.counts[k].happened,
			s.counts[k].recorded, s.counts[k].lost,
			s.counts[k].overwritten);
	(void)printf("missed %" PRIu64 "\n", s.missed);
	for (size_t i = 0; i < s.programs_n; i++)
		(void)printf("program %s: %s\n", s.programs[i].name,
			s.programs[i].way ? s.programs[i].way : "none");
	recorder_close(r);
	return 0;
}
