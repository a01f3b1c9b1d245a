// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <getopt.h>

#include "base/err.h"
#include "base/json.h"
#include "base/num.h"
#include "lab/lab.h"
#include "lab/message_json.h"
#include "lab/reader.h"
#include "lab/records.h"
#include "lab/sandbox.h"
#include "lab/show_filter.h"
#include "lab/show_rank.h"
#include "lab/show_table.h"
#include "lab/show_tree.h"

enum { HELP = 100, MISUSED }; /* of parse() */

static const char usage[] =
	"usage: icelab show EVIDENCE -i KEY [--kind KIND] [--tree]\n"
	"                   [--pid PID] [--container ID] [--pod POD] [--netns INODE]\n"
	"                   [--format table|jsonl]\n"
	"\n"
	"Print the records of the capture in EVIDENCE, decrypted with the key file\n"
	"KEY, in the order of the segments; bulk bytes are told by their number.\n"
	"\n"
	"  --kind KIND      one kind as a table, a row for each: ";
static const char usage_rest[] =
	"\n"
	"                   or another record of icecore.v1, such as memory_map,\n"
	"                   live_view, gap or file\n"
	"  --tree           processes, each below its parent\n"
	"  --pid PID        only what belongs to this process,\n"
	"  --container ID   to the processes of a container, by how its id begins,\n"
	"  --pod POD        of a pod, by its uid or as NAMESPACE/NAME,\n"
	"  --netns INODE    or to this network namespace\n"
	"  --format jsonl   one JSON object a line\n"
	"\n"
	"Text of the host is printable UTF-8; every other byte of it, and the\n"
	"backslash, is \\xNN. SEEN is by whom: i an iterator inside the kernel,\n"
	"p /proc.\n";

struct show {
	unsigned kind; /* 0 = all */
	const struct show_table *table; /* of that kind; NULL = none */
	struct show_filter filter;
	struct show_tree tree;
	struct show_rank rank;
	int is_tree;
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

static int print_buf(void *arg, const struct buf *line, struct err *e)
{
	(void)arg;
	(void)e;
	(void)printf("%.*s\n", (int)line->len, line->data);
	return 0;
}

static int format_line(
	struct buf *ret, json_t *j, unsigned segment, struct err *e)
{
	if (json_object_set_new(j, "segment", json_integer(segment)) < 0)
		return err_set(e, -ENOMEM, "no memory to print");
	return json_encode(ret, j, JSON_COMPACT, e);
}

static int print_item(
	struct show *sh, const Icecore__V1__Record *m, size_t i, struct err *e)
{
	AUTO_BUF struct buf line = { 0 };
	AUTO_JSON json_t *j = NULL;
	int r;

	buf_init(&line, JSON_TEXT_BYTES);
	if (sh->jsonl) {
		j = show_table_json(sh->table, m, i);
		r = j ? format_line(&line, j, sh->segment, e)
		      : err_set(e, -ENOMEM, "no memory to print");
	} else {
		r = sh->table->row(&line, m, i, e);
	}
	if (r < 0)
		return r;
	return show_rank_is_wanted(sh->table->body)
		       ? show_rank_add(&sh->rank, show_rank_of(m), &line, e)
		       : print_buf(NULL, &line, e);
}

static int print_table(
	struct show *sh, const Icecore__V1__Record *m, struct err *e)
{
	const ProtobufCMessage *body = show_body(m);
	size_t n = show_table_rows(sh->table, m);
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		if (!show_filter_passes(&sh->filter, body,
			    show_table_item(sh->table, m, i)))
			continue;
		r = sh->is_tree ? show_tree_add(&sh->tree, m->process, e)
				: print_item(sh, m, i, e);
	}
	return r;
}

static int print_record(
	struct show *sh, const Icecore__V1__Record *m, struct err *e)
{
	const char *kind = record_kind_name((unsigned)m->body_case);
	AUTO_BUF struct buf line = { 0 };
	AUTO_JSON json_t *j = NULL;
	int r = show_filter_see(&sh->filter, m, e);

	if (r < 0 || (sh->kind && sh->kind != (unsigned)m->body_case))
		return r;
	if (!kind) {
		(void)printf("unknown          segment=%u\n", sh->segment);
		return 0;
	}
	if (sh->table)
		return print_table(sh, m, e);
	if (!show_filter_passes(&sh->filter, show_body(m), show_body(m)))
		return 0;
	j = message_json(&m->base);
	if (!j)
		return err_set(e, -ENOMEM, "no memory to print");
	if (sh->jsonl) {
		buf_init(&line, JSON_TEXT_BYTES);
		r = format_line(&line, j, sh->segment, e);
		return r < 0 ? r : print_buf(NULL, &line, e);
	}
	return print_row(kind, json_object_get(j, kind), sh->segment, e);
}

static int see(void *arg, const struct reader_segment *s,
	const Icecore__V1__Record *m, struct err *e)
{
	struct show *sh = arg;

	sh->segment = s->number;
	return print_record(sh, m, e);
}

static int show(const char *path, const struct lab_keys *keys, struct show *sh,
	struct err *e)
{
	const struct records_pass pass = { .keys = keys, .see = see, .arg = sh };
	struct reader *r = NULL;
	int status = LAB_FAILED, rc;

	rc = lab_confine(&(struct sandbox){ .read = { path } }, e);
	if (rc == 0)
		rc = records_open(&r, path, keys, e);
	if (rc == 0)
		rc = records_each(r, &pass, e);
	if (rc == 0 && sh->is_tree)
		rc = show_tree_print(&sh->tree, print_buf, NULL, e);
	if (rc == 0)
		rc = show_rank_print(&sh->rank, print_buf, NULL, e);
	if (rc == 0)
		status = lab_tell(r);
	reader_close(r);
	return rc < 0 ? rc : status;
}

static int help(void)
{
	(void)fputs(usage, stdout);
	show_table_names(stdout);
	(void)fputs(usage_rest, stdout);
	return LAB_COMPLETE;
}

static int misused(void)
{
	(void)fputs(usage, stderr);
	show_table_names(stderr);
	return lab_usage(usage_rest);
}

/* 0 when there is no such kind. */
static int choose(struct show *sh, const char *kind)
{
	if (sh->is_tree && kind && strcmp(kind, "process") != 0)
		return 0;
	if (sh->is_tree)
		kind = "process";
	if (!kind)
		return 1;
	sh->table = show_table_find(kind);
	sh->kind = sh->table ? sh->table->body : record_kind_find(kind);
	return sh->kind != 0;
}

static int parse(struct show *sh, struct lab_keys *keys, const char **kind,
	int argc, char **argv, struct err *e)
{
	static const struct option options[] = {
		{ "identity", required_argument, NULL, 'i' },
		{ "kind", required_argument, NULL, 'k' },
		{ "tree", no_argument, NULL, 't' },
		{ "pid", required_argument, NULL, 'p' },
		{ "container", required_argument, NULL, 'c' },
		{ "pod", required_argument, NULL, 'o' },
		{ "netns", required_argument, NULL, 'n' },
		{ "format", required_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int c, r = 0;

	while (r == 0 &&
		(c = getopt_long(argc, argv, "i:h", options, NULL)) != -1) {
		if (c == 'i')
			r = lab_keys_load(keys, optarg, e);
		else if (c == 'k')
			*kind = optarg;
		else if (c == 't')
			sh->is_tree = 1;
		else if (c == 'p')
			r = num_u64(&sh->filter.pid, optarg, e);
		else if (c == 'c')
			sh->filter.container = optarg;
		else if (c == 'o')
			sh->filter.pod = optarg;
		else if (c == 'n')
			r = num_u64(&sh->filter.netns, optarg, e);
		else if (c == 'f' && strcmp(optarg, "jsonl") == 0)
			sh->jsonl = 1;
		else if (c == 'f' && strcmp(optarg, "table") == 0)
			sh->jsonl = 0;
		else
			return c == 'h' ? HELP : MISUSED;
	}
	return r;
}

static int run(struct show *sh, int argc, char **argv)
{
	AUTO_KEYS struct lab_keys keys = { .n = 0 };
	const char *kind = NULL;
	struct err e = { 0 };
	int r = parse(sh, &keys, &kind, argc, argv, &e);

	if (r == HELP)
		return help();
	if (r == MISUSED ||
		(r == 0 && (optind + 1 != argc || !keys.n || !choose(sh, kind) ||
				   (sh->is_tree && sh->jsonl))))
		return misused();
	if (r == 0 && sh->table && !sh->jsonl)
		(void)puts(sh->is_tree ? show_tree_header : sh->table->header);
	if (r == 0)
		r = show(argv[optind], &keys, sh, &e);
	return r < 0 ? lab_failed(&e) : r;
}

int cmd_show(int argc, char **argv)
{
	struct show sh = { 0 };
	int status;

	show_filter_init(&sh.filter);
	show_tree_init(&sh.tree);
	show_rank_init(&sh.rank);
	status = run(&sh, argc, argv);
	show_tree_done(&sh.tree);
	show_rank_done(&sh.rank);
	show_filter_done(&sh.filter);
	return status;
}
