/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The types of those of the kernel's variables that Volatility's plugins ask
 * for: BTF has types of functions and of per-processor variables, of others
 * none.
 */
#ifndef SYMBOLS_GLOBAL_TYPES_H
#define SYMBOLS_GLOBAL_TYPES_H

/*
 * A type is written
 *
 *	struct NAME, union NAME, enum NAME
 *	{A,B}		the struct without a name that has these members
 *	int, long unsigned int and such
 *	*TYPE		a pointer to it
 *	[N]TYPE		an array; N "?" = as many as there is room for
 *	()		a function
 */
struct global_type {
	const char *symbol;
	const char *type;
};

/* Sorted by symbol; ends with NULL. */
extern const struct global_type global_types[];

/*
 * global_type_find(symbol): its type as text; NULL = not told.
 */
const char *global_type_find(const char *symbol);

#endif
