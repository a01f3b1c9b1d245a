// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <getopt.h>

#include "base/err.h"
#include "base/json.h"
#include "base/num.h"
#include "lab/lab.h"
#include "lab/message_json.h"
#include "lab/parallel.h"
#include "lab/reader.h"
#include "lab/show_live.h"

static const char usage[] =
	"usage: icelab show EVIDENCE -i KEY [--kind KIND] [--pid PID]\n"
	"                   [--format table|jsonl]\n"
	"\n"
	"Print the records of the capture in EVIDENCE, decrypted with the key file\n"
	"KEY, in the order of the segments; bulk bytes are told by their number.\n"
	"KIND is process, thread or mapping, each a table, or another record of\n"
	"icecore.v1, such as memory_map, memory_extent, live_view, gap or file; --pid\n"
	"leaves other processes out. Text of the host is printable UTF-8; every other\n"
	"byte of it, and the backslash, is \\xNN. SEEN is by whom: i an iterator inside\n"
	"the kernel, p /proc.\n";

struct show {
	unsigned kind; /* 0 = all */
	enum show_view view;
	uint64_t pid; /* UINT64_MAX = all */
	int jsonl;
	unsigned segment;
};

/* "key=value" for each field, nested ones as compact JSON. */
static int print_row(
	const char *kind, json_t *body, unsigned segment, struct err *e)
{
	AUTO_BUF struct buf line = { 0 };
	const char *key;
	json_t *v;
	int r;

	buf_init(&line, JSON_TEXT_BYTES);
	r = buf_text(&line, e, "%-16s segment=%u", kind, segment);
	json_object_foreach(body, key, v)
	{
		if (r == 0)
			r = buf_text(&line, e, " %s=", key);
		if (r == 0)
			r = json_encode(&line, v,
				JSON_ENCODE_ANY | JSON_COMPACT | JSON_ENSURE_ASCII,
				e);
	}
	if (r == 0)
		(void)printf("%.*s\n", (int)line.len, line.data);
	return r;
}

static int print_line(json_t *j, unsigned segment, struct err *e)
{
	AUTO_BUF struct buf line = { 0 };
	int r;

	buf_init(&line, JSON_TEXT_BYTES);
	if (json_object_set_new(j, "segment", json_integer(segment)) < 0)
		return err_set(e, -ENOMEM, "no memory to print");
	r = json_encode(&line, j, JSON_COMPACT, e);
	if (r == 0)
		(void)printf("%.*s\n", (int)line.len, line.data);
	return r;
}

static int print_buf(const struct buf *line)
{
	(void)printf("%.*s\n", (int)line->len, line->data);
	return 0;
}

static int print_thread(const struct show *sh, const Icecore__V1__Process *p,
	size_t i, struct err *e)
{
	AUTO_BUF struct buf line = { 0 };
	AUTO_JSON json_t *j = NULL;
	int r;

	if (sh->jsonl) {
		j = show_thread_json(p, i);
		return j ? print_line(j, sh->segment, e)
			 : err_set(e, -ENOMEM, "no memory to print");
	}
	buf_init(&line, JSON_TEXT_BYTES);
	r = show_thread_row(&line, p, i, e);
	return r < 0 ? r : print_buf(&line);
}

/* As a row, where that is asked for; 1: print it as any other record. */
static int print_process(
	const struct show *sh, const Icecore__V1__Process *p, struct err *e)
{
	AUTO_BUF struct buf line = { 0 };
	int r = 0;

	if (sh->pid != UINT64_MAX && sh->pid != p->pid)
		return 0;
	if (sh->view == SHOW_THREADS) {
		for (size_t i = 0; r == 0 && i < p->n_threads; i++)
			r = print_thread(sh, p, i, e);
		return r;
	}
	/* What goes on from a record before is in --kind thread. */
	if (sh->view == SHOW_RECORDS || sh->jsonl)
		return 1;
	if (p->continued)
		return 0;
	buf_init(&line, JSON_TEXT_BYTES);
	r = show_process_row(&line, p, e);
	return r < 0 ? r : print_buf(&line);
}

static int print_mapping(const struct show *sh,
	const Icecore__V1__ProcessMaps *p, size_t i, struct err *e)
{
	AUTO_BUF struct buf line = { 0 };
	AUTO_JSON json_t *j = NULL;
	int r;

	if (sh->jsonl) {
		j = show_mapping_json(p, i);
		return j ? print_line(j, sh->segment, e)
			 : err_set(e, -ENOMEM, "no memory to print");
	}
	buf_init(&line, JSON_TEXT_BYTES);
	r = show_mapping_row(&line, p, i, e);
	return r < 0 ? r : print_buf(&line);
}

/* As print_process(). */
static int print_maps(
	const struct show *sh, const Icecore__V1__ProcessMaps *p, struct err *e)
{
	int r = 0;

	if (sh->pid != UINT64_MAX && sh->pid != p->pid)
		return 0;
	if (sh->view != SHOW_MAPPINGS)
		return 1;
	for (size_t i = 0; r == 0 && i < p->n_mappings; i++)
		r = print_mapping(sh, p, i, e);
	return r;
}

/* 1: it is none of the live picture, or to be printed as it is. */
static int print_live(
	const struct show *sh, const Icecore__V1__Record *m, struct err *e)
{
	if (m->body_case == ICECORE__V1__RECORD__BODY_PROCESS)
		return print_process(sh, m->process, e);
	if (m->body_case == ICECORE__V1__RECORD__BODY_PROCESS_MAPS)
		return print_maps(sh, m->process_maps, e);
	return sh->pid == UINT64_MAX;
}

static int print_record(
	const struct show *sh, const Icecore__V1__Record *m, struct err *e)
{
	const char *kind = record_kind_name((unsigned)m->body_case);
	AUTO_JSON json_t *j = NULL;
	int r;

	if (sh->kind && sh->kind != (unsigned)m->body_case)
		return 0;
	if (!kind) {
		(void)printf("unknown          segment=%u\n", sh->segment);
		return 0;
	}
	r = print_live(sh, m, e);
	if (r <= 0)
		return r;
	j = message_json(&m->base);
	if (!j)
		return err_set(e, -ENOMEM, "no memory to print");
	if (sh->jsonl)
		return print_line(j, sh->segment, e);
	return print_row(kind, json_object_get(j, kind), sh->segment, e);
}

static int see(void *arg, const uint8_t *buf, size_t len, struct err *e)
{
	Icecore__V1__Record *m = NULL;
	int r = record_decode(&m, buf, len, e);

	if (r < 0)
		return r;
	r = print_record(arg, m, e);
	record_free(m);
	return r;
}

static int show(const char *path, const struct lab_keys *keys, struct show *sh,
	struct err *e)
{
	AUTO_BUF struct buf sealed = { 0 };
	struct reader *r = NULL;
	int status = LAB_FAILED, rc;

	rc = reader_open(&r, path, e);
	if (rc == 0)
		rc = reader_check(r, parallel_threads(), e);
	buf_init(&sealed, SEGMENT_BYTES + 1);
	for (size_t i = 0; rc == 0 && i < r->segments_n; i++) {
		const struct reader_segment *s = &r->segments[i];

		if (s->state != SEGMENT_GOOD)
			continue;
		sh->segment = s->number;
		rc = reader_load(r, s, &sealed, e);
		if (rc == 0)
			rc = segment_read(sealed.data, sealed.len, keys->v,
				keys->n, see, sh, e);
		if (rc == -EBADMSG) {
			reader_finding(
				r, "segment-%06u.age: %s", s->number, e->msg);
			rc = 0;
		}
	}
	if (rc == 0)
		status = lab_tell(r);
	reader_close(r);
	return rc < 0 ? rc : status;
}

static unsigned find_kind(const char *name, enum show_view *view)
{
	if (strcmp(name, "process") == 0)
		*view = SHOW_PROCESSES;
	if (strcmp(name, "thread") == 0) {
		*view = SHOW_THREADS;
		name = "process";
	}
	if (strcmp(name, "mapping") == 0) {
		*view = SHOW_MAPPINGS;
		name = "process_maps";
	}
	return record_kind_find(name);
}

int cmd_show(int argc, char **argv)
{
	static const struct option options[] = {
		{ "identity", required_argument, NULL, 'i' },
		{ "kind", required_argument, NULL, 'k' },
		{ "pid", required_argument, NULL, 'p' },
		{ "format", required_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	AUTO_KEYS struct lab_keys keys = { .n = 0 };
	const char *format = "table", *kind = NULL;
	struct show sh = { .pid = UINT64_MAX };
	struct err e = { 0 };
	int c, r = 0;

	while (r == 0 &&
		(c = getopt_long(argc, argv, "i:h", options, NULL)) != -1) {
		switch (c) {
		case 'i':
			r = lab_keys_load(&keys, optarg, &e);
			break;
		case 'k':
			kind = optarg;
			break;
		case 'p':
			r = num_u64(&sh.pid, optarg, &e);
			break;
		case 'f':
			format = optarg;
			break;
		case 'h':
			(void)fputs(usage, stdout);
			return LAB_COMPLETE;
		default:
			return lab_usage(usage);
		}
	}
	sh.jsonl = strcmp(format, "jsonl") == 0;
	sh.kind = kind ? find_kind(kind, &sh.view) : 0;
	if (r == 0 && (optind + 1 != argc || !keys.n || (kind && !sh.kind) ||
			      (!sh.jsonl && strcmp(format, "table") != 0)))
		return lab_usage(usage);
	if (r == 0 && sh.view != SHOW_RECORDS && !sh.jsonl)
		(void)puts(show_live_header(sh.view));
	if (r == 0)
		r = show(argv[optind], &keys, &sh, &e);
	return r < 0 ? lab_failed(&e) : r;
}
