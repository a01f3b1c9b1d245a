/* SPDX-License-Identifier: Apache-2.0 */
/* Between isf.c and the parts of the document. */
#ifndef SYMBOLS_ISF_INTERNAL_H
#define SYMBOLS_ISF_INTERNAL_H

#include <stdbool.h>

#include "symbols/btf_set.h"
#include "symbols/isf.h"
#include "symbols/json_out.h"
#include "symbols/symbol_table.h"

struct isf {
	struct json_out *out;
	const struct kernel_files *kernel;
	struct btf_set types;
	struct symbol_table symbols;
	struct isf_result result;
	/* Ids of vmlinux' types, between which its variables are. */
	uint32_t variables;
	uint32_t variables_end;
};

/*
 * isf_put(ret, k, put, arg, e):
 * isf_write() without compression.
 */
int isf_put(struct isf_result *ret, const struct kernel_files *k,
	json_out_put *put, void *arg, struct err *e) MUST_CHECK;

/*
 * isf_descriptor(x, at): what refers to a type, {"kind": ...}.
 * isf_types(x): "base_types", "user_types" and "enums".
 * isf_symbols(x): "symbols".
 */
void isf_descriptor(struct isf *x, struct btf_at at);
void isf_types(struct isf *x);
void isf_symbols(struct isf *x);

#endif
