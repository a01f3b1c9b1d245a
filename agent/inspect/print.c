// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "inspect/print.h"
#include "lab/message_json.h"
#include "lab/show_table.h"

enum { ROW_BYTES = 1 << 20 };

static const struct print_kind kinds[] = {
	{ "tasks", print_tasks },
	{ "modules", print_modules },
	{ "hooks", print_hooks },
	{ "bpf", print_bpf },
	{ "sockets", print_sockets },
	{ "maps", print_maps },
	{ "findings", print_findings },
	{ "smear", print_smear },
	{ "gaps", print_gaps },
};

const struct print_kind *print_kind_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

const char *print_kind_names(void)
{
	return "tasks, modules, hooks, bpf, sockets, maps, findings, smear, gaps";
}

void print_header(const struct print *p, const char *text)
{
	if (!p->jsonl)
		(void)puts(text);
}

static int print_json(json_t *j, struct err *e)
{
	AUTO_BUF struct buf line = { 0 };
	int r;

	buf_init(&line, JSON_TEXT_BYTES);
	r = json_encode(&line, j, JSON_COMPACT, e);
	if (r == 0)
		(void)printf("%.*s\n", (int)line.len, (const char *)line.data);
	return r;
}

int print_record(const struct print *p, const char *kind,
	const Icecore__V1__Record *m, struct err *e)
{
	const struct show_table *t = show_table_find(kind);
	size_t n = show_table_rows(t, m);
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		AUTO_BUF struct buf line = { 0 };
		AUTO_JSON json_t *j = NULL;

		if (p->jsonl) {
			j = show_table_json(t, m, i);
			r = j ? print_json(j, e)
			      : err_set(e, -ENOMEM, "no memory to print");
			continue;
		}
		buf_init(&line, ROW_BYTES);
		r = t->row(&line, m, i, e);
		if (r == 0)
			(void)printf("%.*s\n", (int)line.len,
				(const char *)line.data);
	}
	return r;
}

int print_line(const struct print *p, const char *kind,
	const ProtobufCMessage *m, const struct buf *row, struct err *e)
{
	AUTO_JSON json_t *j = NULL;
	json_t *inner;

	if (!p->jsonl) {
		(void)printf("%.*s\n", (int)row->len, (const char *)row->data);
		return 0;
	}
	j = json_object();
	inner = message_json(m);
	/* It takes what it is given, also where it cannot keep it. */
	if (!j || json_object_set_new(j, kind, inner) < 0) {
		if (!j)
			json_decref(inner);
		return err_set(e, -ENOMEM, "no memory to print");
	}
	return print_json(j, e);
}
