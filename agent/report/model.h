/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a report shows of the records of a capture: tables of rows, each with
 * a limit of its own, filled as the records go by.  None of it is trusted.
 */
#ifndef REPORT_MODEL_H
#define REPORT_MODEL_H

#include "icecore/v1/record.pb-c.h"
#include "report/row.h"

struct err;

enum { MODEL_TABLES_MAX = 40 };

/* A table, made of one kind of record; or of none, and then filled by hand. */
struct model_table {
	const char *name;
	const char *columns; /* parted by blanks */
	unsigned body; /* body_case of the records; 0 = none */
	uint64_t rows_max;
	size_t bytes_max;
	/* Add the rows of ${m}; what has no room is counted.  NULL: of none. */
	int (*add)(struct row *t, const Icecore__V1__Record *m, struct err *e);
};

/* Each array ends with an empty line. */
extern const struct model_table model_process_tables[];
extern const struct model_table model_net_tables[];
extern const struct model_table model_event_tables[];
extern const struct model_table model_binary_tables[];
extern const struct model_table model_kernel_tables[];
extern const struct model_table model_capture_tables[];

struct model {
	struct row rows[MODEL_TABLES_MAX];
	const struct model_table *tables[MODEL_TABLES_MAX];
	size_t n;
};

/*
 * model_init(ret):
 * All tables, empty.  End with model_done().
 */
void model_init(struct model *ret);
void model_done(struct model *m);

/*
 * model_kinds(m):
 * The kinds of records that the tables are made of, as RECORDS_KIND() bits.
 */
uint64_t model_kinds(const struct model *m);

/*
 * model_add(m, record, e):
 * Add what ${record} has for any table.
 */
int model_add(struct model *m, const Icecore__V1__Record *record,
	struct err *e) MUST_CHECK;

/*
 * model_rows(m, name):
 * The rows of a table; NULL = there is none of that name.
 */
struct row *model_rows(struct model *m, const char *name);

#endif
