// SPDX-License-Identifier: Apache-2.0
#include "trace/trace_facts.h"

#include <errno.h>
#include <stdlib.h>

#include "base/err.h"

#define NS     1000000000LL
#define AROUND (900 * NS) /* a clock may be set as a host boots */
#define LOGIN  (10 * NS) /* between two logs of one login */

/* What somebody told a shell; both texts. */
static const struct {
	enum trace_oddity what;
	const char *text;
	const char *and;
} commands[] = {
	{ TRACE_WIPES, "history -c", NULL },
	{ TRACE_WIPES, "unset HISTFILE", NULL },
	{ TRACE_WIPES, "HISTFILE=/dev/null", NULL },
	{ TRACE_WIPES, "HISTSIZE=0", NULL },
	{ TRACE_WIPES, "rm ", "_history" },
	{ TRACE_WIPES, "rm ", "/var/log" },
	{ TRACE_WIPES, "shred ", "/var/log" },
	{ TRACE_WIPES, "> /var/log/", NULL },
	{ TRACE_WIPES, ">/var/log/", NULL },
	{ TRACE_WIPES, "/dev/null /var/log/", NULL },
	{ TRACE_WIPES, "truncate ", "/var/log" },
	{ TRACE_WIPES, "journalctl ", "--vacuum" },
	{ TRACE_WIPES, "auditctl ", "-e 0" },
	{ TRACE_WIPES, "auditctl ", "-D" },
	{ TRACE_FETCHES, "curl ", "| sh" },
	{ TRACE_FETCHES, "curl ", "|sh" },
	{ TRACE_FETCHES, "curl ", "bash" },
	{ TRACE_FETCHES, "wget ", "| sh" },
	{ TRACE_FETCHES, "wget ", "|sh" },
	{ TRACE_FETCHES, "wget ", "bash" },
	{ TRACE_FETCHES, "/dev/tcp/", NULL },
	{ TRACE_FETCHES, "nc ", "-e " },
	{ TRACE_FETCHES, "base64 -d", "sh" },
};

/* "system", "user-1000" of ".../system@...journal". */
static struct facts_family *family_of(struct trace_facts *f, const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	size_t len = strcspn(name, "@.");

	for (size_t i = 0; i < f->families_n; i++)
		if (strlen(f->families[i].name) == len &&
			memcmp(f->families[i].name, name, len) == 0)
			return &f->families[i];
	if (f->families_n == FACTS_SERIES_MAX ||
		len >= sizeof(f->families[0].name))
		return NULL;
	memcpy(f->families[f->families_n].name, name, len);
	f->families[f->families_n].least = UINT64_MAX;
	return &f->families[f->families_n++];
}

/* The number of a series; -1 past the most. */
static int series_of(struct trace_facts *f, const uint8_t id[16])
{
	for (size_t i = 0; i < f->series_n; i++)
		if (memcmp(f->series[i], id, 16) == 0)
			return (int)i;
	if (f->series_n == FACTS_SERIES_MAX)
		return -1;
	memcpy(f->series[f->series_n], id, 16);
	return (int)f->series_n++;
}

int trace_facts_seqnum(struct trace_log *log, const uint8_t id[16],
	uint64_t seqnum, struct err *e)
{
	struct trace_facts *f = trace_facts_of(log);
	struct facts_family *family = family_of(f, log->path);
	int series = series_of(f, id);
	struct facts_range *last =
		f->ranges_n ? &f->ranges[f->ranges_n - 1] : NULL;

	(void)snprintf(f->journal, sizeof(f->journal), "%s", log->path);
	if (!f->ranges)
		f->ranges = calloc(FACTS_RANGES_MAX, sizeof(*f->ranges));
	if (!f->ranges)
		return err_set(e, -ENOMEM, "no memory for a journal");
	if (!family || series < 0 || !seqnum) {
		f->ranges_lost = true;
		return 0;
	}
	if (seqnum < family->least)
		family->least = seqnum;
	if (last && last->series == series && last->last + 1 == seqnum)
		last->last = seqnum;
	else if (f->ranges_n < FACTS_RANGES_MAX)
		f->ranges[f->ranges_n++] =
			(struct facts_range){ (uint16_t)series, seqnum, seqnum };
	else
		f->ranges_lost = true;
	return 0;
}

static void add_time(struct facts_times *t, int64_t ns)
{
	if (t->n < FACTS_TIMES_MAX)
		t->v[t->n++] = ns;
	else
		t->lost = true;
}

static bool has_time(const struct facts_times *t, int64_t ns, int64_t around)
{
	for (size_t i = 0; i < t->n; i++)
		if (llabs(t->v[i] - ns) <= around)
			return true;
	return t->lost;
}

static struct facts_address *address_of(
	struct trace_facts *f, const char *source, struct slice text)
{
	struct facts_address *a;

	if (!text.len || text.len >= sizeof(a->text))
		return NULL;
	for (size_t i = 0; i < f->addresses_n; i++)
		if (strcmp(f->addresses[i].source, source) == 0 &&
			slice_is(text, f->addresses[i].text))
			return &f->addresses[i];
	if (f->addresses_n == FACTS_ADDRESSES_MAX)
		return NULL;
	a = &f->addresses[f->addresses_n++];
	*a = (struct facts_address){ .source = source };
	memcpy(a->text, text.p, text.len);
	return a;
}

/* A password that was found by trying. */
static int see_sshd(struct trace_facts *f, const struct trace_event *v,
	const struct trace_config *config, struct err *e)
{
	bool failed = slice_begins(v->text, "Failed ");
	struct facts_address *a = NULL;
	uint32_t failures;
	char detail[256];

	if (failed || slice_begins(v->text, "Accepted "))
		a = address_of(f, v->source, trace_sshd_address(v->text));
	if (!a)
		return 0;
	if (failed) {
		a->failures++;
		return 0;
	}
	failures = a->failures;
	a->failures = 0;
	if (failures < FACTS_FAILURES || a->told)
		return 0;
	a->told = true;
	(void)snprintf(detail, sizeof(detail), "%s: %u failures, then %.*s",
		a->text, failures, (int)(v->text.len < 120 ? v->text.len : 120),
		v->text.p);
	return config->odd(config->arg, TRACE_GUESSED, v->path, detail, e);
}

static int see_command(const struct trace_event *v,
	const struct trace_config *config, struct err *e)
{
	char detail[256];

	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		if (!slice_holds(v->text, commands[i].text) ||
			(commands[i].and &&!slice_holds(v->text, commands[i].and)))
			continue;
		(void)snprintf(detail, sizeof(detail), "line %llu: %.*s",
			(unsigned long long)v->number,
			(int)(v->text.len < 200 ? v->text.len : 200), v->text.p);
		return config->odd(
			config->arg, commands[i].what, v->path, detail, e);
	}
	return 0;
}

/* Events come in the order of their times. */
static void see_boot(struct trace_facts *f, const struct trace_event *v)
{
	if (f->journal_from_ns == 0 || v->time_ns < f->journal_from_ns)
		f->journal_from_ns = v->time_ns;
	if (v->time_ns > f->journal_to_ns)
		f->journal_to_ns = v->time_ns;
	for (size_t i = f->boots.n; i-- && f->boots.v[i] + AROUND >= v->time_ns;)
		f->heard[i] = true;
}

int trace_facts_event(struct trace_facts *f, const struct trace_event *v,
	const struct trace_config *config, struct err *e)
{
	int r = 0;

	if (v->has_boot)
		see_boot(f, v);
	if (strcmp(v->source, "wtmp") == 0) {
		if (!f->wtmp_from_ns)
			f->wtmp_from_ns = v->time_ns;
		if (slice_is(v->text, "boot"))
			add_time(&f->boots, v->time_ns);
		if (slice_is(v->text, "login"))
			add_time(&f->logins, v->time_ns);
	} else if (strcmp(v->source, "lastlog") == 0) {
		add_time(&f->lastlog, v->time_ns);
	} else if (strcmp(v->source, "history") == 0) {
		r = see_command(v, config, e);
	} else if (slice_begins(v->program, "sshd")) {
		r = see_sshd(f, v, config, e);
	}
	return r;
}

static int by_first(const void *a, const void *b)
{
	const struct facts_range *x = a, *y = b;

	if (x->series != y->series)
		return x->series < y->series ? -1 : 1;
	return x->first < y->first ? -1 : x->first > y->first;
}

/* Behind the least number of each family: what lies before may have been cleared
 * away in order, as old journals are. */
static uint64_t firm_from(const struct trace_facts *f)
{
	uint64_t from = 0;

	for (size_t i = 0; i < f->families_n; i++)
		if (f->families[i].least > from)
			from = f->families[i].least;
	return from;
}

static int tell_holes(
	struct trace_facts *f, const struct trace_config *config, struct err *e)
{
	uint64_t from = firm_from(f), missing = 0, after = 0, end = 0;
	char detail[256];

	if (f->ranges_lost || f->ranges_n < 2)
		return 0;
	qsort(f->ranges, f->ranges_n, sizeof(*f->ranges), by_first);
	end = f->ranges[0].last;
	for (size_t i = 1; i < f->ranges_n; i++) {
		const struct facts_range *g = &f->ranges[i];

		if (g->series != g[-1].series) {
			end = g->last;
			continue;
		}
		if (g->first > end + 1 && end >= from) {
			after = after ? after : end;
			missing += g->first - end - 1;
		}
		end = g->last > end ? g->last : end;
	}
	if (!missing)
		return 0;
	(void)snprintf(detail, sizeof(detail),
		"%llu entries, the first behind number %llu",
		(unsigned long long)missing, (unsigned long long)after);
	return config->odd(config->arg, TRACE_HOLE, f->journal, detail, e);
}

static int tell_boots(const struct trace_facts *f,
	const struct trace_config *config, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < f->boots.n; i++) {
		int64_t at = f->boots.v[i];
		char detail[128];

		if (at < f->journal_from_ns + AROUND ||
			at > f->journal_to_ns - AROUND || f->heard[i])
			continue;
		(void)snprintf(detail, sizeof(detail), "%lld s since 1970",
			(long long)(at / NS));
		r = config->odd(
			config->arg, TRACE_BOOT_MISSING, f->journal, detail, e);
	}
	return r;
}

static int tell_logins(const struct trace_facts *f,
	const struct trace_config *config, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && f->wtmp_from_ns && i < f->lastlog.n; i++) {
		int64_t at = f->lastlog.v[i];
		char detail[128];

		if (at < f->wtmp_from_ns || has_time(&f->logins, at, LOGIN))
			continue;
		(void)snprintf(detail, sizeof(detail), "%lld s since 1970",
			(long long)(at / NS));
		r = config->odd(config->arg, TRACE_LOGIN_MISSING,
			"/var/log/wtmp", detail, e);
	}
	return r;
}

int trace_facts_end(
	struct trace_facts *f, const struct trace_config *config, struct err *e)
{
	int r = tell_holes(f, config, e);

	if (r == 0)
		r = tell_boots(f, config, e);
	return r < 0 ? r : tell_logins(f, config, e);
}

void trace_facts_done(struct trace_facts *f)
{
	free(f->ranges);
	f->ranges = NULL;
}
