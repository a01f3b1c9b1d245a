// SPDX-License-Identifier: Apache-2.0
/* A URL that is taken is safe in a request line, and means the same again. */
#undef NDEBUG
#include <assert.h>
#include <errno.h>
#include <stdint.h>

#include "base/err.h"
#include "cloud/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void is_safe(const char *s)
{
	for (; *s; s++)
		assert(*s > ' ' && *s < 0x7f && !strchr("?#%\\\"<>{}|^`", *s));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE char *text = malloc(size + 1);
	char encoded[3 * URL_PREFIX_CHARS + 1];
	struct url_options o = { 0 };
	struct err e = { "" };
	struct url u, again;
	char *endpoint;
	int r;

	assert(text);
	memcpy(text, data, size);
	text[size] = 0;
	/* "URL\nENDPOINT" */
	endpoint = strchr(text, '\n');
	if (endpoint) {
		*endpoint++ = 0;
		o.endpoint = endpoint;
		o.virtual_style = size & 1;
	}
	r = url_parse(&u, text, &o, &e);
	assert(r == 0 || r == -EINVAL || r == -EPERM);
	if (r < 0) {
		assert(e.msg[0]);
		return 0;
	}
	assert(url_has_scheme(text));
	is_safe(u.root);
	is_safe(u.host);
	is_safe(u.prefix);
	assert(strstr(u.root, u.host));
	assert(u.prefix[0] != '/' && !strstr(u.prefix, "//"));
	assert(strncmp(u.root, "https://", 8) == 0 ||
		strncmp(u.root, "http://127.", 11) == 0 ||
		strncasecmp(u.root, "http://localhost", 16) == 0 ||
		strncmp(u.root, "http://[::1]", 12) == 0 || o.virtual_style);
	assert(url_encode(encoded, sizeof(encoded), u.prefix) >= 0);
	assert(url_parse(&again, text, &o, &e) == 0);
	assert(strcmp(again.root, u.root) == 0);
	return 0;
}
