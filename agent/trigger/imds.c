// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "cloud/time.h"
#include "trigger/imds.h"

/* The next line of [p, end), without its end and a '/' before that. */
static const char *next_line(const char **p, const char *end, size_t *len)
{
	const char *line = *p, *eol;

	if (line == end)
		return NULL;
	eol = memchr(line, '\n', (size_t)(end - line));
	*p = eol ? eol + 1 : end;
	*len = (size_t)((eol ? eol : end) - line);
	if (*len && line[*len - 1] == '\r')
		--*len;
	if (*len && line[*len - 1] == '/')
		--*len;
	return line;
}

int imds_list(const char *text, size_t len, struct err *e)
{
	static const char chars[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789+-=.,_:@/\r\n";

	for (size_t i = 0; i < len; i++)
		if (!text[i] || !strchr(chars, text[i]))
			return err_set(e, -EPROTO, "that is no list");
	return 0;
}

bool imds_lists(const char *text, size_t len, const char *word)
{
	const char *p = text, *line;
	size_t n;

	while (len && (line = next_line(&p, text + len, &n)))
		if (n == strlen(word) && memcmp(line, word, n) == 0)
			return true;
	return false;
}

static bool is_mac(const char *s, size_t len)
{
	if (len != IMDS_MAC_CHARS - 1)
		return false;
	for (size_t i = 0; i < len; i++) {
		bool digit = s[i] && strchr("0123456789abcdefABCDEF", s[i]);

		if (i % 3 == 2 ? s[i] != ':' : !digit)
			return false;
	}
	return true;
}

size_t imds_macs(
	char ret[IMDS_MACS_MAX][IMDS_MAC_CHARS], const char *text, size_t len)
{
	const char *p = text, *line;
	size_t n = 0, chars;

	while (len && n < IMDS_MACS_MAX &&
		(line = next_line(&p, text + len, &chars)))
		if (is_mac(line, chars))
			(void)snprintf(ret[n++], IMDS_MAC_CHARS, "%.*s",
				(int)chars, line);
	return n;
}

/* A string of ${j}, cut to what ${ret} holds; false = there is none. */
static bool get_text(char *ret, size_t cap, const json_t *j, const char *key)
{
	const char *s = json_string_value(json_object_get(j, key));

	(void)snprintf(ret, cap, "%s", s ? s : "");
	return s != NULL;
}

static uint64_t ns_of(int64_t seconds)
{
	return seconds > 0 && seconds < INT64_MAX / 1000000000
		       ? (uint64_t)seconds * 1000000000
		       : 0;
}

int imds_spot(
	struct imds_notice *ret, const char *text, size_t len, struct err *e)
{
	AUTO_JSON json_t *j = NULL;
	struct imds_notice n = { "", "", 0 };
	char when[64];
	int64_t seconds;
	int r = json_decode(&j, text, len, e);

	if (r < 0)
		return r == -EBADMSG ? -EPROTO : r;
	if (!get_text(n.what, sizeof(n.what), j, "action"))
		return err_set(e, -EBADMSG, "a spot notice without an action");
	if (get_text(when, sizeof(when), j, "time") &&
		time_parse(&seconds, when) == 0)
		n.realtime_ns = ns_of(seconds);
	*ret = n;
	return 0;
}

static bool ends_host(const char *type)
{
	static const char *const types[] = { "Preempt", "Terminate", "Reboot",
		"Redeploy" };

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (strcmp(type, types[i]) == 0)
			return true;
	return false;
}

static bool concerns(const json_t *event, const char *vm)
{
	const json_t *list = json_object_get(event, "Resources"), *one;
	size_t i;

	json_array_foreach(list, i, one) if (json_is_string(one) &&
					     strcasecmp(json_string_value(one),
						     vm) == 0) return true;
	return false;
}

int imds_azure_events(struct imds_notice ret[IMDS_NOTICES_MAX],
	const char *text, size_t len, const char *vm, struct err *e)
{
	AUTO_JSON json_t *j = NULL;
	const json_t *list, *event;
	int r = json_decode(&j, text, len, e), n = 0;
	size_t i;

	if (r < 0)
		return r;
	list = json_object_get(j, "Events");
	if (!json_is_array(list))
		return err_set(e, -EBADMSG, "no list of events");
	json_array_foreach(list, i, event)
	{
		struct imds_notice *to = &ret[n];
		char when[64];
		int64_t seconds;

		if (n == IMDS_NOTICES_MAX)
			break;
		*to = (struct imds_notice){ "", "", 0 };
		if (!get_text(to->what, sizeof(to->what), event, "EventType") ||
			!get_text(to->id, sizeof(to->id), event, "EventId") ||
			!ends_host(to->what) || !concerns(event, vm))
			continue;
		/* Empty once the event has begun. */
		if (get_text(when, sizeof(when), event, "NotBefore") &&
			(time_parse_http(&seconds, when) == 0 ||
				time_parse(&seconds, when) == 0))
			to->realtime_ns = ns_of(seconds);
		n++;
	}
	return n;
}

int imds_azure_tags(json_t **ret, const char *text, size_t len, struct err *e)
{
	AUTO_JSON json_t *j = NULL;
	const json_t *tag;
	size_t i;
	int r = json_decode_list(&j, text, len, e);

	if (r < 0)
		return r;
	json_array_foreach(
		j, i, tag) if (!json_is_string(json_object_get(tag, "name")) ||
			       !json_is_string(json_object_get(
				       tag, "value"))) return err_set(e,
		-EBADMSG, "tag %zu is none", i);
	*ret = TAKE_PTR(j);
	return 0;
}
