/* SPDX-License-Identifier: Apache-2.0 */
/* cmocka, with what it wants included before it. */
#ifndef UNIT_UNIT_H
#define UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"

/* ${r} is ${code}, and the sentence in ${e} holds ${part}. */
#define assert_err(r, code, e, part)                                           \
	do {                                                                   \
		assert_int_equal(r, code);                                     \
		if (!strstr((e)->msg, part))                                   \
			fail_msg("'%s' lacks '%s'", (e)->msg, part);           \
	} while (0)

/* ${r} is 0, or the sentence in ${e} is what fails. */
#define assert_ok(r, e)                                                        \
	do {                                                                   \
		if ((r) < 0)                                                   \
			fail_msg("%s", (e)->msg);                              \
	} while (0)

#endif
