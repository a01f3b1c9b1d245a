// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/err.h"
#include "disk/unpack.h"
#include "trace/trace_facts.h"

enum { FILES_FIRST = 64, BOOTS_MAX = 4096, TEXTS = 6, ZONE_BYTES = 1 << 20 };

/* An event until all are there; its texts lie one behind the other. */
struct kept {
	int64_t time_ns;
	uint64_t number;
	uint32_t text; /* in the arena */
	uint32_t file;
	uint32_t pid;
	uint32_t uid;
	uint16_t lens[TEXTS];
	uint16_t boot; /* its number, from 1; 0 = not told */
	uint8_t source; /* in trace_sources */
	uint8_t certainty;
	bool has_pid, has_uid;
};

struct tracing {
	const struct trace_config *config;
	uint64_t until_ns;
	struct zone zone;
	struct kept *kept;
	size_t n;
	struct buf text;
	uint8_t boots[BOOTS_MAX][16];
	size_t boots_n;
	uint32_t *files; /* of one source */
	size_t files_n, files_cap;
	size_t of_source; /* kept */
	uint64_t lost; /* of one log: events there was no room for */
	struct trace_facts facts;
};

struct trace_facts *trace_facts_of(const struct trace_log *log)
{
	return &log->t->facts;
}

int trace_gap(struct trace_log *log, const char *reason, struct err *e)
{
	return log->t->config->miss(log->t->config->arg, log->path, reason, e);
}

bool trace_over(const struct trace_log *log)
{
	const struct trace_config *c = log->t->config;

	return (c->interrupted && *c->interrupted) ||
	       clock_ns(CLOCK_MONOTONIC) > log->t->until_ns;
}

int trace_odd(struct trace_log *log, enum trace_oddity what, struct err *e,
	const char *format, ...)
{
	char detail[256];
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(detail, sizeof(detail), format, ap);
	va_end(ap);
	return log->t->config->odd(
		log->t->config->arg, what, log->path, detail, e);
}

/* Its number, from 1; 0 past the most. */
static uint16_t boot_number(struct tracing *t, const uint8_t boot[16])
{
	for (size_t i = t->boots_n; i--;)
		if (memcmp(t->boots[i], boot, 16) == 0)
			return (uint16_t)(i + 1);
	if (t->boots_n == BOOTS_MAX)
		return 0;
	memcpy(t->boots[t->boots_n++], boot, 16);
	return (uint16_t)t->boots_n;
}

static bool keep_texts(
	struct tracing *t, struct kept *k, const struct trace_event *v)
{
	const struct slice texts[TEXTS] = { v->host, v->program, v->user,
		v->terminal, v->address, v->text };
	size_t before = t->text.len;

	k->text = (uint32_t)before;
	for (size_t i = 0; i < TEXTS; i++) {
		size_t len = texts[i].len < TRACE_SHOWN_BYTES
				     ? texts[i].len
				     : TRACE_SHOWN_BYTES;

		k->lens[i] = (uint16_t)len;
		if (len && buf_append(&t->text, texts[i].p, len, NULL) < 0) {
			t->text.len = before;
			return false;
		}
	}
	return true;
}

int trace_put(struct trace_log *log, struct trace_event *v, struct err *e)
{
	struct tracing *t = log->t;
	struct kept k = { .time_ns = v->time_ns,
		.number = v->number ? v->number : log->number,
		.file = log->file,
		.pid = v->pid,
		.uid = v->uid,
		.source = (uint8_t)(log->source - trace_sources),
		.certainty = (uint8_t)v->certainty,
		.has_pid = v->has_pid,
		.has_uid = v->has_uid };

	(void)e;
	if (t->n == TRACE_EVENTS_MAX || t->of_source == TRACE_SOURCE_EVENTS ||
		!keep_texts(t, &k, v)) {
		t->lost++;
		return 0;
	}
	if (v->has_boot)
		k.boot = boot_number(t, v->boot);
	t->kept[t->n++] = k;
	t->of_source++;
	return 0;
}

/* What stands in ${piece} behind the last line is left at its beginning. */
static int give_lines(struct trace_log *log, uint8_t *piece, size_t *len,
	bool end, struct err *e)
{
	struct slice rest = { (const char *)piece, *len }, line;
	int r = 0;

	while (r == 0 && rest.len) {
		const char *stop = memchr(rest.p, '\n', rest.len);

		if (!stop && !end && rest.len < TRACE_LINE_BYTES)
			break;
		(void)slice_line(&line, &rest);
		if (line.len > TRACE_LINE_BYTES)
			line.len = TRACE_LINE_BYTES;
		/* Who writes long lines may not choose where one begins. */
		if (!log->in_long) {
			log->number++;
			r = log->source->line(log, line, e);
		}
		log->in_long = !stop && !end;
	}
	memmove(piece, rest.p, rest.len);
	*len = rest.len;
	return r;
}

static int read_lines(struct trace_log *log, int fd, uint64_t offset,
	uint64_t bytes_max, struct err *e)
{
	static const size_t cap = (size_t)4 * TRACE_LINE_BYTES;
	AUTO_FREE uint8_t *piece = malloc(cap);
	struct unpack *u = NULL;
	struct err why = { 0 };
	uint64_t done = 0;
	size_t len = 0;
	ssize_t got = 1;
	int r;

	if (!piece)
		return err_set(e, -ENOMEM, "no memory for a log");
	r = unpack_open(&u, fd, offset, &why);
	while (r == 0 && got > 0 && done < bytes_max && !trace_over(log)) {
		got = unpack_read(u, piece + len, cap - len, &why);
		if (got < 0)
			break;
		done += (uint64_t)got;
		len += (size_t)got;
		r = give_lines(log, piece, &len, len < cap, e);
	}
	unpack_close(u);
	if (why.msg[0])
		return r == -ENOMEM || got == -ENOMEM
			       ? err_set(e, -ENOMEM, "%s", why.msg)
			       : trace_gap(log, why.msg, e);
	if (r == 0 && got > 0)
		r = trace_gap(log, "what follows is left out", e);
	return r;
}

/* What was kept before a log was read. */
struct mark {
	size_t n;
	size_t of_source;
	size_t text_len;
};

/*
 * Where to begin instead, so that the newest events have room and not the oldest
 * of what was read; false where all had, or none has.
 */
static bool later_offset(const struct trace_log *log, const struct mark *mark,
	uint64_t bytes, uint64_t *offset)
{
	enum { SPARE = 32 }; /* a part of what fits, since lines differ */
	uint64_t kept = log->t->n - mark->n, all = kept + log->t->lost;
	uint64_t fits;

	if (!log->t->lost || !kept || trace_over(log))
		return false;
	fits = (bytes - *offset) * kept / all;
	*offset = bytes - (fits - fits / SPARE);
	return fits > TRACE_LINE_BYTES;
}

/* Of a text the last bytes, which are the newest; of what is packed the first. */
static int read_text(struct trace_log *log, int fd, uint64_t bytes, struct err *e)
{
	uint8_t magic[4] = { 0 };
	uint64_t offset = 0;
	const struct trace_log begun = *log;
	const struct mark mark = { log->t->n, log->t->of_source,
		log->t->text.len };
	bool plain;
	int r;

	plain = pread(fd, magic, sizeof(magic), 0) < (ssize_t)sizeof(magic) ||
		(magic[0] >= '\t' && magic[0] < 0x7f && magic[1] < 0x80);
	if (plain && bytes > TRACE_TAIL_BYTES)
		offset = bytes - TRACE_TAIL_BYTES;
	r = read_lines(log, fd, offset,
		plain ? TRACE_TAIL_BYTES : TRACE_PACKED_BYTES, e);
	while (r == 0 && plain && later_offset(log, &mark, bytes, &offset)) {
		log->t->n = mark.n;
		log->t->of_source = mark.of_source;
		log->t->text.len = mark.text_len;
		log->t->lost = 0;
		*log = begun;
		r = read_lines(log, fd, offset, TRACE_TAIL_BYTES, e);
	}
	return r < 0 || !offset ? r : trace_gap(log, "only its end is read", e);
}

static int tell_lost(struct trace_log *log, struct err *e)
{
	struct err text = { 0 };

	if (!log->t->lost)
		return 0;
	(void)err_set(&text, 0, "%llu of its events are left out",
		(unsigned long long)log->t->lost);
	log->t->lost = 0;
	return trace_gap(log, text.msg, e);
}

static int read_log(struct tracing *t, const struct trace_source *source,
	uint32_t file, struct err *e)
{
	const struct picture *p = t->config->picture;
	const struct walk_file *f = &p->walk.files[file];
	char path[WALK_PATH_BYTES];
	struct trace_log log = { .t = t,
		.source = source,
		.path = path,
		.file = file,
		.changed_ns = f->time_ns[WALK_MTIME],
		.zone = &t->zone };
	struct err why = { 0 };
	AUTO_CLOSE int fd = -1;
	struct stat st;
	int r;

	if (walk_path(path, &p->walk, file) < 0)
		return 0;
	if (S_ISLNK(f->mode))
		return strcmp(walk_text(&p->walk, f->target), "/dev/null") == 0
			       ? trace_odd(&log, TRACE_TO_NOWHERE, e,
					 "a link to /dev/null")
			       : 0;
	if (!S_ISREG(f->mode) || !f->size_bytes)
		return 0;
	if (trace_over(&log))
		return trace_gap(&log, "the time for logs was up", e);
	fd = root_file(&p->root, path, &st, &why);
	if (fd < 0)
		return trace_gap(&log, why.msg, e);
	r = source->read ? source->read(&log, fd, e)
			 : read_text(&log, fd, (uint64_t)st.st_size, e);
	if (r == 0 && source->end)
		r = source->end(&log, e);
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	return r < 0 ? r : tell_lost(&log, e);
}

static int add_file(void *arg, uint32_t file, struct err *e)
{
	struct tracing *t = arg;

	if (t->files_n == t->files_cap) {
		size_t cap = t->files_cap ? t->files_cap * 2 : FILES_FIRST;
		uint32_t *more = reallocarray(t->files, cap, sizeof(*more));

		if (!more)
			return err_set(e, -ENOMEM, "no memory for logs");
		t->files = more;
		t->files_cap = cap;
	}
	t->files[t->files_n++] = file;
	return 0;
}

/* The newest first: what does not fit is the oldest. */
static int by_age(const void *a, const void *b, void *walk)
{
	const struct walk_file *files = ((const struct walk *)walk)->files;
	int64_t x = files[*(const uint32_t *)a].time_ns[WALK_MTIME];
	int64_t y = files[*(const uint32_t *)b].time_ns[WALK_MTIME];

	return x > y ? -1 : x < y;
}

static int read_source(
	struct tracing *t, const struct trace_source *s, struct err *e)
{
	struct walk *w = (struct walk *)(uintptr_t)&t->config->picture->walk;
	int r = 0;

	t->files_n = 0;
	t->of_source = 0;
	for (size_t i = 0; r == 0 && s->patterns[i]; i++)
		r = s->patterns[i][0] == '~'
			    ? trace_homes(t->config->picture,
				      s->patterns[i] + 1, add_file, t, e)
			    : walk_glob(w, s->patterns[i], add_file, t, e);
	if (t->files_n)
		qsort_r(t->files, t->files_n, sizeof(*t->files), by_age, w);
	for (size_t i = 0; r == 0 && i < t->files_n; i++)
		r = read_log(t, s, t->files[i], e);
	return r;
}

static int by_time(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;

	if (x->time_ns != y->time_ns)
		return x->time_ns < y->time_ns ? -1 : 1;
	if (x->source != y->source)
		return x->source < y->source ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

static void unkeep(
	struct trace_event *v, const struct tracing *t, const struct kept *k)
{
	const char *p = (const char *)t->text.data + k->text;
	struct slice *const texts[TEXTS] = { &v->host, &v->program, &v->user,
		&v->terminal, &v->address, &v->text };

	*v = (struct trace_event){ .time_ns = k->time_ns,
		.certainty = (enum trace_time)k->certainty,
		.source = trace_sources[k->source].name,
		.number = k->number,
		.has_boot = k->boot,
		.has_pid = k->has_pid,
		.has_uid = k->has_uid,
		.pid = k->pid,
		.uid = k->uid };
	if (k->boot)
		memcpy(v->boot, t->boots[k->boot - 1], sizeof(v->boot));
	for (size_t i = 0; i < TEXTS; i++) {
		*texts[i] = (struct slice){ k->lens[i] ? p : "", k->lens[i] };
		p += k->lens[i];
	}
}

static int give_all(struct tracing *t, struct err *e)
{
	const struct trace_config *c = t->config;
	char path[WALK_PATH_BYTES];
	int r = 0;

	qsort(t->kept, t->n, sizeof(*t->kept), by_time);
	for (size_t i = 0; r == 0 && i < t->n; i++) {
		struct trace_event v;

		unkeep(&v, t, &t->kept[i]);
		if (walk_path(path, &c->picture->walk, t->kept[i].file) < 0)
			continue;
		v.path = path;
		r = c->event(c->arg, &v, e);
		if (r == 0)
			r = trace_facts_event(&t->facts, &v, c, e);
	}
	return r < 0 ? r : trace_facts_end(&t->facts, c, e);
}

/* A disk without a zone keeps UTC. */
static int load_zone(struct tracing *t, struct err *e)
{
	const struct trace_config *c = t->config;
	AUTO_BUF struct buf b = { 0 };
	struct err why = { 0 };
	int r;

	if (walk_find(&c->picture->walk, "/etc/localtime", WALK_FOLLOW) ==
		WALK_NONE)
		return 0;
	buf_init(&b, ZONE_BYTES);
	r = root_slurp(&c->picture->root, "/etc/localtime", &b, &why);
	if (r == 0)
		r = zone_parse(&t->zone, b.data, b.len, &why);
	if (r == -ENOMEM)
		return err_set(e, r, "%s", why.msg);
	return r < 0 ? c->miss(c->arg, "/etc/localtime", why.msg, e) : 0;
}

int trace_run(const struct trace_config *config, struct err *e)
{
	struct tracing *t = calloc(1, sizeof(*t));
	int r;

	if (t)
		t->kept = calloc(TRACE_EVENTS_MAX, sizeof(*t->kept));
	if (!t || !t->kept) {
		free(t);
		return err_set(e, -ENOMEM, "no memory for logs");
	}
	t->config = config;
	t->until_ns = clock_ns(CLOCK_MONOTONIC) + TRACE_SECONDS * 1000000000ULL;
	buf_init(&t->text, TRACE_TEXT_BYTES);
	r = load_zone(t, e);
	for (const struct trace_source *s = trace_sources; r == 0 && s->name; s++)
		r = read_source(t, s, e);
	if (r == 0)
		r = give_all(t, e);
	trace_facts_done(&t->facts);
	buf_done(&t->text);
	free(t->files);
	free(t->kept);
	free(t);
	return r;
}
