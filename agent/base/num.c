// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "base/err.h"
#include "base/num.h"

enum { HEX_DIGITS_MAX = 16 };

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int num_hex(uint64_t *ret, const char *text)
{
	uint64_t v = 0;
	int n = 0, d;

	for (; (d = hex_digit(text[n])) >= 0; n++) {
		if (n == HEX_DIGITS_MAX)
			return -ERANGE;
		v = v << 4 | (uint64_t)d;
	}
	if (n)
		*ret = v;
	return n;
}

/* Decimal digits at the start; the count, 0 if none, -ERANGE on overflow. */
static int decimal(uint64_t *ret, const char *text)
{
	uint64_t v = 0;
	int n = 0;

	for (; text[n] >= '0' && text[n] <= '9'; n++) {
		if (n == 1 && text[0] == '0')
			return 0;
		if (__builtin_mul_overflow(v, 10, &v) ||
			__builtin_add_overflow(v, (uint64_t)(text[n] - '0'), &v))
			return -ERANGE;
	}
	if (n)
		*ret = v;
	return n;
}

int num_u64(uint64_t *ret, const char *text, struct err *e)
{
	uint64_t v;
	int n;

	if (text[0] == '0' && text[1] == 'x') {
		n = num_hex(&v, text + 2);
		n = n > 0 ? n + 2 : n;
	} else {
		n = decimal(&v, text);
	}
	if (n < 0)
		return err_set(e, n, "number too large: %s", text);
	if (n == 0 || text[n])
		return err_set(e, -EINVAL, "not a number: '%s'", text);
	*ret = v;
	return 0;
}

int num_bytes(uint64_t *ret, const char *text, struct err *e)
{
	static const struct {
		const char *name;
		unsigned shift;
	} units[] = {
		{ "", 0 },
		{ "K", 10 },
		{ "KiB", 10 },
		{ "M", 20 },
		{ "MiB", 20 },
		{ "G", 30 },
		{ "GiB", 30 },
		{ "T", 40 },
		{ "TiB", 40 },
	};
	uint64_t v;
	int n = decimal(&v, text);

	if (n < 0)
		return err_set(e, n, "number too large: %s", text);
	for (size_t i = 0; n > 0 && i < ARRAY_LEN(units); i++) {
		if (strcmp(text + n, units[i].name) != 0)
			continue;
		if (__builtin_mul_overflow(v, 1ULL << units[i].shift, &v))
			return err_set(e, -ERANGE, "size too large: %s", text);
		*ret = v;
		return 0;
	}
	return err_set(e, -EINVAL, "not a size: '%s' (say 64MiB)", text);
}
