// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdlib.h>

#include <yara.h>

#include "base/err.h"
#include "lab/scan.h"

enum { TAGS_CHARS = 512 };

struct scan {
	YR_RULES *rules;
	YR_SCANNER *scanner;
	bool begun; /* yr_initialize() */
};

/* One item that is looked at. */
struct looking {
	scan_see *see;
	void *arg;
	int result; /* of ->see */
	struct err *e;
};

static void on_error(int level, const char *file, int line, const YR_RULE *rule,
	const char *message, void *e)
{
	(void)rule;
	if (level == YARA_ERROR_LEVEL_ERROR && !((struct err *)e)->msg[0])
		(void)err_set(e, -EINVAL, "%s:%d: %s", file ? file : "rules",
			line, message);
}

static int add_file(YR_COMPILER *c, const char *path, struct err *e)
{
	AUTO_FCLOSE FILE *f = fopen(path, "re");

	if (!f)
		return err_sys(e, "open %s", path);
	e->msg[0] = 0;
	if (yr_compiler_add_file(c, f, NULL, path) == 0)
		return 0;
	return e->msg[0] ? -EINVAL : err_set(e, -EINVAL, "%s: no rules", path);
}

static int compile(
	struct scan *s, const char *const *files, size_t n, struct err *e)
{
	YR_COMPILER *c = NULL;
	int r = 0;

	if (yr_compiler_create(&c) != ERROR_SUCCESS)
		return err_set(e, -ENOMEM, "no memory for rules");
	yr_compiler_set_callback(c, on_error, e);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = add_file(c, files[i], e);
	if (r == 0 && yr_compiler_get_rules(c, &s->rules) != ERROR_SUCCESS)
		r = err_set(e, -ENOMEM, "no memory for rules");
	yr_compiler_destroy(c);
	return r;
}

int scan_new(struct scan **ret, const char *const *files, size_t n,
	unsigned seconds, struct err *e)
{
	struct scan *s = calloc(1, sizeof(*s));
	struct err why = { 0 };
	int r;

	if (!s)
		return err_set(e, -ENOMEM, "no memory for rules");
	s->begun = yr_initialize() == ERROR_SUCCESS;
	r = s->begun ? compile(s, files, n, &why)
		     : err_set(&why, -ENOMEM, "no memory for rules");
	if (r == 0 && yr_scanner_create(s->rules, &s->scanner) != ERROR_SUCCESS)
		r = err_set(&why, -ENOMEM, "no memory for rules");
	if (r < 0) {
		scan_free(s);
		return err_set(e, r, "%s", why.msg);
	}
	yr_scanner_set_timeout(s->scanner, (int)seconds);
	yr_scanner_set_flags(s->scanner, SCAN_FLAGS_REPORT_RULES_MATCHING);
	*ret = s;
	return 0;
}

void scan_free(struct scan *s)
{
	if (!s)
		return;
	if (s->scanner)
		yr_scanner_destroy(s->scanner);
	if (s->rules)
		(void)yr_rules_destroy(s->rules);
	if (s->begun)
		(void)yr_finalize();
	free(s);
}

static int on_match(YR_SCAN_CONTEXT *context, YR_RULE *rule, struct looking *l)
{
	struct scan_match m = { .rule = rule->identifier,
		.namespace = rule->ns->name };
	char tags[TAGS_CHARS] = "";
	size_t at = 0;
	const char *tag;
	YR_STRING *string;
	YR_MATCH *match;

	yr_rule_tags_foreach(rule, tag)
	{
		if (at < sizeof(tags))
			at += (size_t)snprintf(tags + at, sizeof(tags) - at,
				"%s%s", at ? " " : "", tag);
	}
	m.tags = tags;
	yr_rule_strings_foreach(rule, string)
	{
		yr_string_matches_foreach(context, string, match)
		{
			if (m.strings_n == SCAN_STRINGS_TOLD)
				break;
			m.strings[m.strings_n] = string->identifier;
			m.offsets[m.strings_n++] =
				(uint64_t)(match->base + match->offset);
			break; /* the first of each */
		}
	}
	l->result = l->see(l->arg, &m, l->e);
	return l->result < 0 ? CALLBACK_ABORT : CALLBACK_CONTINUE;
}

static int on_message(YR_SCAN_CONTEXT *context, int message, void *data, void *arg)
{
	return message == CALLBACK_MSG_RULE_MATCHING
		       ? on_match(context, data, arg)
		       : CALLBACK_CONTINUE;
}

int scan_bytes(struct scan *s, const void *p, size_t len, scan_see *see,
	void *arg, struct err *e)
{
	struct looking l = { .see = see, .arg = arg, .e = e };
	int r;

	yr_scanner_set_callback(s->scanner, on_message, &l);
	r = yr_scanner_scan_mem(s->scanner, p, len);
	if (l.result < 0)
		return l.result;
	if (r == ERROR_SCAN_TIMEOUT)
		return err_set(e, -ETIMEDOUT, "it took too long");
	if (r == ERROR_INSUFFICIENT_MEMORY)
		return err_set(e, -ENOMEM, "no memory to scan");
	return r == ERROR_SUCCESS ? 0 : err_set(e, -EIO, "libyara: error %d", r);
}
