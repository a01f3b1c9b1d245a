// SPDX-License-Identifier: Apache-2.0
#include "disk/persist_text.h"
#include "base/err.h"
#include "disk/suspect.h"

enum { CRON_TIMES = 5 };

/* NAME=value, as crontab(5) has it before the times. */
static bool is_setting(struct slice line)
{
	struct slice word = { "", 0 };

	return slice_word(&word, &line) &&
	       (slice_holds(word, "=") || slice_begins(line, " =") ||
		       slice_begins(line, "="));
}

static void parse_cron(struct persist_item *item, size_t skip)
{
	struct slice rest = item->text, word = { "", 0 };

	if (is_setting(rest))
		return;
	/* "@daily" stands for all times. */
	if (rest.len && *rest.p == '@')
		skip -= CRON_TIMES - 1;
	for (size_t i = 0; i < skip; i++)
		if (!slice_word(&word, &rest))
			return;
	(void)slice_word(&item->runs, &rest);
}

static void parse_unit(struct persist_item *item)
{
	const char *equals = memchr(item->text.p, '=', item->text.len);
	struct slice rest;

	if (!equals || !slice_begins(item->text, "Exec"))
		return;
	rest.p = equals + 1;
	rest.len = item->text.len - (size_t)(rest.p - item->text.p);
	rest = slice_trim(rest);
	while (rest.len && *rest.p && strchr("@-:+!", *rest.p))
		rest.p++, rest.len--;
	(void)slice_word(&item->runs, &rest);
}

/* The first word that is a path. */
static void parse_line(struct persist_item *item)
{
	struct slice rest = item->text, word = { "", 0 };

	while (slice_word(&word, &rest))
		if (*word.p == '/') {
			item->runs = word;
			return;
		}
}

/* The next field of ${rest}, which colons part. */
static struct slice take_field(struct slice *rest)
{
	const char *end = memchr(rest->p, ':', rest->len);
	struct slice field = { rest->p,
		end ? (size_t)(end - rest->p) : rest->len };

	rest->p += field.len + (end ? 1 : 0);
	rest->len -= field.len + (end ? 1 : 0);
	return field;
}

/* name:password:uid:... */
static void parse_passwd(struct persist_item *item)
{
	struct slice rest = item->text, name = take_field(&rest);
	bool open = rest.len && !take_field(&rest).len;
	struct slice uid = take_field(&rest);

	while (uid.len > 1 && *uid.p == '0')
		uid.p++, uid.len--;
	if (slice_is(uid, "0") && !slice_is(name, "root"))
		item->reason = "another user has the rights of root";
	else if (open)
		item->reason = "no password is asked";
}

static void parse_shadow(struct persist_item *item)
{
	struct slice rest = item->text;

	item->text = take_field(&rest);
	if (!item->text.len)
		item->text.len = 1; /* the colon */
	if (rest.len && !take_field(&rest).len)
		item->reason = "no password is asked";
}

static void parse_item(const struct place *place, struct persist_item *item)
{
	switch (place->form) {
	case PLACE_SYSTEM_CRON:
		parse_cron(item, CRON_TIMES + 1);
		break;
	case PLACE_USER_CRON:
		parse_cron(item, CRON_TIMES);
		break;
	case PLACE_UNIT:
		parse_unit(item);
		break;
	case PLACE_PRELOAD:
		item->runs = item->text;
		item->reason = "loaded into every program";
		break;
	case PLACE_PTH:
		if (slice_begins(item->text, "import ") ||
			slice_begins(item->text, "import\t"))
			item->reason = "python runs this line at each start";
		break;
	case PLACE_PASSWD:
		parse_passwd(item);
		break;
	case PLACE_SHADOW:
		parse_shadow(item);
		break;
	case PLACE_KEYS:
	case PLACE_OPAQUE:
	case PLACE_CODE:
		break;
	case PLACE_LINES:
	case PLACE_FILE:
		parse_line(item);
		break;
	}
}

static bool is_comment(const struct place *place, struct slice line)
{
	return *line.p == '#' || (place->form == PLACE_UNIT && *line.p == ';') ||
	       (place->form == PLACE_CODE && slice_begins(line, "//")) ||
	       (strcmp(place->kind, "apt-hook") == 0 && slice_begins(line, "//"));
}

int persist_parse(const struct place *place, struct slice text,
	persist_see *see, void *arg, struct err *e)
{
	struct slice line;
	int r = 0;

	for (unsigned n = 1;
		r == 0 && n <= PERSIST_LINES_MAX && slice_line(&line, &text);
		n++) {
		struct persist_item item = {
			.line = n, .text = slice_trim(line), .runs = { "", 0 }
		};

		if (!item.text.len || is_comment(place, item.text))
			continue;
		parse_item(place, &item);
		if (!item.reason)
			item.reason = suspect_line(place, item.text);
		r = see(arg, &item, e);
	}
	return r;
}
