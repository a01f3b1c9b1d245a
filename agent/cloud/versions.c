// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "cloud/versions.h"

/* The text of the first element ${tag} in [p, end), and its length. */
static const char *element(
	const char *p, const char *end, const char *tag, size_t *ret_len)
{
	const char *at = memmem(p, (size_t)(end - p), tag, strlen(tag));
	const char *stop;

	if (!at)
		return NULL;
	at += strlen(tag);
	stop = memchr(at, '<', (size_t)(end - at));
	if (!stop)
		return NULL;
	*ret_len = (size_t)(stop - at);
	return at;
}

/* The id of one <Version>, into ${ret}; 0 if it is of another key. */
static int read_id(char ret[VERSIONS_ID_CHARS], const char *p, const char *end,
	const char *key)
{
	size_t key_len = 0, id_len = 0;
	const char *k = element(p, end, "<Key>", &key_len);
	const char *id = element(p, end, "<VersionId>", &id_len);

	if (!k || !id || key_len != strlen(key) || memcmp(k, key, key_len) != 0 ||
		id_len == 0 || id_len >= VERSIONS_ID_CHARS)
		return 0;
	for (size_t i = 0; i < id_len; i++) {
		if (id[i] <= ' ' || id[i] >= 0x7f)
			return 0;
		ret[i] = id[i];
	}
	ret[id_len] = 0;
	return 1;
}

/* The answer has the newest first; of too many the oldest are kept. */
static void reverse(struct versions *v)
{
	char t[VERSIONS_ID_CHARS];

	for (size_t i = 0; i < v->n / 2; i++) {
		char *a = v->ids[i], *b = v->ids[v->n - 1 - i];

		memcpy(t, a, sizeof(t));
		memcpy(a, b, sizeof(t));
		memcpy(b, t, sizeof(t));
	}
}

void versions_parse(
	struct versions *ret, const char *key, const char *text, size_t len)
{
	static const char open[] = "<Version>", close[] = "</Version>";
	const char *p = text, *end = text + len;

	*ret = (struct versions){ 0 };
	while (p && (p = memmem(p, (size_t)(end - p), open, sizeof(open) - 1))) {
		const char *stop =
			memmem(p, (size_t)(end - p), close, sizeof(close) - 1);

		if (!stop)
			break;
		if (ret->n == VERSIONS_MAX) {
			memmove(ret->ids[0], ret->ids[1],
				sizeof(ret->ids) - sizeof(ret->ids[0]));
			ret->n--;
			ret->more++;
		}
		ret->n += (size_t)read_id(ret->ids[ret->n], p, stop, key);
		p = stop;
	}
	reverse(ret);
}
