// SPDX-License-Identifier: Apache-2.0
/*
 * bench_stages [--mib N] [--rounds N] [--level N] [--zeros PERCENT] FILE ...
 *
 * Each stage of a capture alone on one core, and then all of them together
 * through the floors of the agent, one worker on one core and two on two.  The
 * memory is made up of the FILEs; the sink takes segments and forgets them.
 * Prints a table; every figure is a median.
 */
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "bench/bench_data.h"
#include "bench/bench_pipeline.h"
#include "bench/bench_stage.h"
#include "evidence/segment.h"

enum { ROUNDS_MAX = 15, FIGURES_MAX = 16 };

struct options {
	uint64_t mib;
	uint64_t rounds;
	uint64_t zeros; /* percent */
	int level;
	char **files;
	size_t files_n;
};

enum figure {
	COPY,
	SCAN,
	ZSTD,
	AGE,
	SHA,
	STAGES, /* so many of them */
	ONE = STAGES,
	TWO,
	FIGURES,
};

static const char *const names[FIGURES] = {
	[COPY] = "copy (the source's part)",
	[SCAN] = "zero scan",
	[ZSTD] = "zstd",
	[AGE] = "age (ChaCha20-Poly1305)",
	[SHA] = "SHA-256",
	[ONE] = "pipeline, one core",
	[TWO] = "pipeline, two cores",
};

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), compare);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static int pin(unsigned cores, struct err *e)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	for (unsigned i = 0; i < cores; i++)
		CPU_SET(i, &set);
	if (sched_setaffinity(0, sizeof(set), &set) < 0)
		return err_sys(e, "pin to %u cores", cores);
	return 0;
}

static int one_round(double *seconds, struct bench_stage *st,
	const struct options *o, struct err *e)
{
	const struct bench_data *d = bench_stage_data(st);
	int r = pin(1, e);

	if (r == 0)
		seconds[COPY] = bench_stage_copy(st);
	if (r == 0)
		seconds[SCAN] = bench_stage_scan(st);
	if (r == 0)
		r = bench_stage_zstd(st, &seconds[ZSTD], o->level, e);
	if (r == 0)
		r = bench_stage_age(st, &seconds[AGE], e);
	if (r == 0)
		r = bench_stage_sha(st, &seconds[SHA], e);
	if (r == 0)
		r = bench_pipeline(&seconds[ONE], d, 1, o->level, e);
	if (r == 0)
		r = pin(2, e);
	if (r == 0)
		r = bench_pipeline(&seconds[TWO], d, 2, o->level, e);
	return r;
}

static void print(
	const struct bench_stage *st, const struct options *o, const double *s)
{
	const struct bench_data *d = bench_stage_data(st);
	double mib = (double)d->bytes / (1 << 20);
	double data = mib - (double)d->zero_pages * 4096 / (1 << 20);
	double sealed = (double)bench_stage_packed(st) / (1 << 20);
	const double own[STAGES] = { mib, mib, data, sealed, sealed };
	double sum = 0, slowest = 0;

	(void)printf("memory of %.0f MiB, %.1f %% zero pages; zstd level %d makes "
		     "%.0f MiB of the rest %.0f (ratio %.2f); %llu rounds\n",
		mib, 100 - 100 * data / mib, o->level, data, sealed,
		data / sealed, (unsigned long long)o->rounds);
	(void)printf("%-26s %14s %14s %8s\n", "", "MiB/s of its", "MiB/s of",
		"of the");
	(void)printf("%-26s %14s %14s %8s\n", "stage", "own input", "memory",
		"time");
	for (int i = 0; i < STAGES; i++) {
		sum += s[i];
		slowest = s[i] > slowest ? s[i] : slowest;
	}
	for (int i = 0; i < STAGES; i++)
		(void)printf("%-26s %14.0f %14.0f %6.1f %%\n", names[i],
			own[i] / s[i], mib / s[i], 100 * s[i] / sum);
	(void)printf("%-26s %14s %14.0f\n", "slowest stage", "", mib / slowest);
	(void)printf(
		"%-26s %14s %14.0f\n", "bound: all, one core", "", mib / sum);
	(void)printf("%-26s %14s %14.0f   %.0f %% of the bound, %.0f %% of the "
		     "slowest stage\n",
		names[ONE], "", mib / s[ONE], 100 * sum / s[ONE],
		100 * slowest / s[ONE]);
	(void)printf("%-26s %14s %14.0f   %.2f times one core\n\n", names[TWO],
		"", mib / s[TWO], s[ONE] / s[TWO]);
}

static int bench(const struct options *o, struct err *e)
{
	double seconds[FIGURES], all[FIGURES][ROUNDS_MAX], medians[FIGURES];
	struct bench_data data = { 0 };
	struct bench_stage *st = NULL;
	int r = bench_data_make(&data, (size_t)o->mib << 20, (unsigned)o->zeros,
		o->files, o->files_n, e);

	if (r == 0)
		r = bench_stage_new(&st, &data, e);
	/* The first round warms up and is not counted. */
	for (size_t i = 0; r == 0 && i <= o->rounds; i++) {
		r = one_round(seconds, st, o, e);
		for (int f = 0; r == 0 && i && f < FIGURES; f++)
			all[f][i - 1] = seconds[f];
	}
	for (int f = 0; r == 0 && f < FIGURES; f++)
		medians[f] = median(all[f], (size_t)o->rounds);
	if (r == 0)
		print(st, o, medians);
	bench_stage_free(st);
	bench_data_done(&data);
	return r;
}

static int parse(struct options *ret, int argc, char **argv, struct err *e)
{
	static const struct option options[] = {
		{ "mib", required_argument, NULL, 'm' },
		{ "rounds", required_argument, NULL, 'r' },
		{ "level", required_argument, NULL, 'l' },
		{ "zeros", required_argument, NULL, 'z' },
		{ 0 },
	};
	struct options o = {
		.mib = 512, .rounds = 3, .zeros = 12, .level = SEGMENT_LEVEL_FAST
	};
	uint64_t level = 0;
	int c, r = 0;

	while (r == 0 && (c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		bool negative = c == 'l' && optarg[0] == '-';

		if (c == 'm')
			r = num_u64(&o.mib, optarg, e);
		else if (c == 'r')
			r = num_u64(&o.rounds, optarg, e);
		else if (c == 'z')
			r = num_u64(&o.zeros, optarg, e);
		else if (c == 'l')
			r = num_u64(&level, optarg + negative, e);
		else
			r = -EINVAL;
		if (c == 'l')
			o.level = negative ? -(int)level : (int)level;
	}
	if (r == 0 && (!o.rounds || o.rounds > ROUNDS_MAX || !o.mib ||
			      o.zeros > 99 || optind == argc))
		r = err_set(e, -EINVAL, "bad numbers, or no files");
	o.files = argv + optind;
	o.files_n = (size_t)(argc - optind);
	*ret = o;
	return r;
}

int main(int argc, char **argv)
{
	struct options o;
	struct err e = { 0 };

	if (parse(&o, argc, argv, &e) == 0 && bench(&o, &e) == 0)
		return 0;
	(void)fprintf(stderr, "bench_stages: %s\n", e.msg);
	return 1;
}
