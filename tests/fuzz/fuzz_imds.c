// SPDX-License-Identifier: Apache-2.0
/* Any bytes as each of the answers of a metadata service. */
#undef NDEBUG
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "trigger/imds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_notice(const struct imds_notice *n)
{
	assert(memchr(n->id, 0, sizeof(n->id)));
	assert(n->what[0] && memchr(n->what, 0, sizeof(n->what)));
}

static void lists(const char *text, size_t len)
{
	char macs[IMDS_MACS_MAX][IMDS_MAC_CHARS];
	size_t n = imds_macs(macs, text, len);

	assert(n <= IMDS_MACS_MAX);
	for (size_t i = 0; i < n; i++) {
		assert(strlen(macs[i]) == IMDS_MAC_CHARS - 1);
		assert(!strpbrk(macs[i], "/%?"));
	}
	(void)imds_lists(text, len, "icecore");
	if (imds_list(text, len, NULL) == 0)
		assert(!memchr(text, '<', len));
}

static void tags(const char *text, size_t len)
{
	AUTO_JSON json_t *list = NULL;
	const json_t *tag;
	struct err e = { "" };
	size_t i;
	int r = imds_azure_tags(&list, text, len, &e);

	assert(r == 0 || (r == -EBADMSG && e.msg[0] && !list));
	json_array_foreach(list, i, tag)
		assert(json_string_value(json_object_get(tag, "name")) &&
			json_string_value(json_object_get(tag, "value")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct imds_notice notices[IMDS_NOTICES_MAX];
	const char *text = (const char *)data;
	struct err e = { "" };
	int n;

	if (size)
		lists(text, size);
	tags(text, size);
	n = imds_spot(notices, text, size, &e);
	assert(n == 0 || n == -EBADMSG || n == -EPROTO);
	n = imds_azure_events(notices, text, size, "web-1", &e);
	assert(n <= IMDS_NOTICES_MAX);
	for (int i = 0; i < n; i++)
		check_notice(&notices[i]);
	return 0;
}
