// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdarg.h>

#include "base/err.h"
#include "inspect/verdict.h"

int verdicts_add(struct verdicts *vs, const struct rule *rule,
	const struct finding_ref *ref, struct err *e, const char *fmt, ...)
{
	struct verdict *v = vs->v;
	va_list ap;

	if (vs->n == VERDICTS_MAX) {
		vs->lost++;
		return 0;
	}
	if ((vs->n & (vs->n - 1)) == 0) {
		v = reallocarray(v, vs->n ? 2 * vs->n : 1, sizeof(*v));
		if (!v)
			return err_set(e, -ENOMEM, "no memory for findings");
		vs->v = v;
	}
	v += vs->n++;
	*v = (struct verdict){ .rule = rule, .ref = *ref };
	if (ref->name)
		(void)snprintf(v->name, sizeof(v->name), "%s", ref->name);
	v->ref.name = NULL;
	va_start(ap, fmt);
	(void)vsnprintf(v->detail, sizeof(v->detail), fmt, ap);
	va_end(ap);
	return 0;
}

void verdicts_done(struct verdicts *vs)
{
	free(vs->v);
	*vs = (struct verdicts){ 0 };
}
