// SPDX-License-Identifier: Apache-2.0
#include "collect/finding.h"
#include "evidence/record.h"
#include "stream/writer.h"

int finding_put_rule(struct writer *w, const struct rule *rule,
	const struct finding_ref *refs, size_t n, const char *detail,
	struct err *e)
{
	struct finding_message message;
	Icecore__V1__Record m = ICECORE__V1__RECORD__INIT;

	finding_message(&message, rule, refs, n, detail);
	m.body_case = ICECORE__V1__RECORD__BODY_FINDING;
	m.finding = &message.finding;
	return writer_put(w, &(struct record){ .message = &m }, e);
}

int finding_put(struct writer *w, enum rule_id id, const struct finding_ref *refs,
	size_t n, const char *detail, struct err *e)
{
	return finding_put_rule(w, rule_of(id), refs, n, detail, e);
}
