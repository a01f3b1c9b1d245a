// SPDX-License-Identifier: Apache-2.0
/* What a ticket holds can go into a header; what it is not says nothing. */
#undef NDEBUG
#include <assert.h>
#include <errno.h>
#include <stdint.h>

#include "base/err.h"
#include "cloud/ticket.h"
#include "cloud/time.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void is_plain(const char *s, int required)
{
	assert(s && (!required || *s));
	for (; *s; s++)
		assert(*s > ' ' && *s < 0x7f);
}

static void check(const struct ticket *t)
{
	switch (t->kind) {
	case TICKET_KEYS:
		is_plain(t->access_key, 1);
		is_plain(t->secret_key, 1);
		is_plain(t->token, 0);
		break;
	case TICKET_POST:
		is_plain(t->url, 1);
		assert(t->policy && ticket_find(t, "policy"));
		assert(t->pairs_n && t->pairs_n <= TICKET_FIELDS_MAX);
		break;
	case TICKET_PRESIGNED:
		assert(t->pairs_n && t->pairs_n <= TICKET_OBJECTS_MAX);
		break;
	case TICKET_SAS:
	case TICKET_BEARER:
		is_plain(t->token, 1);
		break;
	}
	for (size_t i = 0; i < t->pairs_n; i++) {
		is_plain(t->pairs[i].name, 1);
		is_plain(t->pairs[i].value, 0);
	}
	assert(ticket_kind_name(t->kind));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ticket *t = NULL;
	struct err e = { "" };
	char time[64];
	int64_t when;
	int r = ticket_parse(&t, (const char *)data, size, &e);

	assert(r == 0 || r == -EBADMSG);
	assert((r == 0) == (t != NULL));
	assert(r == 0 || e.msg[0]);
	if (t)
		check(t);
	ticket_free(t);
	(void)snprintf(time, sizeof(time), "%.*s", (int)(size > 63 ? 63 : size),
		(const char *)data);
	r = time_parse(&when, time);
	assert(r == 0 || r == -EBADMSG);
	return 0;
}
