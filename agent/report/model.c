// SPDX-License-Identifier: Apache-2.0
#include <assert.h>
#include <string.h>

#include "report/model.h"

static const struct model_table *const all[] = {
	model_capture_tables,
	model_process_tables,
	model_net_tables,
	model_event_tables,
	model_binary_tables,
	model_kernel_tables,
};

void model_init(struct model *ret)
{
	*ret = (struct model){ .n = 0 };
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		for (const struct model_table *t = all[i]; t->name; t++) {
			assert(ret->n < MODEL_TABLES_MAX);
			row_init(&ret->rows[ret->n], t->rows_max, t->bytes_max);
			ret->tables[ret->n++] = t;
		}
	}
}

void model_done(struct model *m)
{
	for (size_t i = 0; i < m->n; i++)
		row_done(&m->rows[i]);
	m->n = 0;
}

uint64_t model_kinds(const struct model *m)
{
	uint64_t kinds = 0;

	for (size_t i = 0; i < m->n; i++)
		if (m->tables[i]->add)
			kinds |= 1ULL << m->tables[i]->body;
	return kinds;
}

int model_add(struct model *m, const Icecore__V1__Record *record, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < m->n; i++)
		if (m->tables[i]->add &&
			m->tables[i]->body == (unsigned)record->body_case)
			r = m->tables[i]->add(&m->rows[i], record, e);
	return r;
}

struct row *model_rows(struct model *m, const char *name)
{
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->tables[i]->name, name) == 0)
			return &m->rows[i];
	return NULL;
}
