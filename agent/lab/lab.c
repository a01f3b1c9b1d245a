// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "lab/escape.h"
#include "lab/lab.h"
#include "lab/reader.h"
#include "lab/sandbox.h"

static int add_key(struct lab_keys *keys, const char *line, struct err *e)
{
	if (keys->n == LAB_IDENTITIES_MAX)
		return err_set(
			e, -E2BIG, "more than %d keys", LAB_IDENTITIES_MAX);
	return age_identity_decode(&keys->v[keys->n++], line, e);
}

int lab_keys_load(struct lab_keys *keys, const char *path, struct err *e)
{
	AUTO_BUF struct buf b = { 0 };
	size_t before = keys->n;
	char *text, *next;
	int r;

	buf_init(&b, LAB_KEY_FILE_BYTES);
	r = io_slurp(AT_FDCWD, path, &b, e);
	text = r == 0 ? buf_string(&b, e) : NULL;
	if (r == 0 && !text)
		r = -ENOMEM;
	for (; r == 0 && text && *text; text = next) {
		next = text + strcspn(text, "\n");
		if (*next)
			*next++ = 0;
		if (*text && *text != '#' && *text != '\r')
			r = add_key(keys, text, e);
	}
	if (b.data)
		explicit_bzero(b.data, b.cap);
	if (r == 0 && keys->n == before)
		r = err_set(e, -EINVAL, "no AGE-SECRET-KEY-1... in it");
	return r < 0 ? err_wrap(e, r, "key file %s", path) : 0;
}

void lab_keys_done(struct lab_keys *keys)
{
	explicit_bzero(keys, sizeof(*keys));
}

int lab_confine(const struct sandbox *s, struct err *e)
{
	int r = sandbox_enter(s, e);

	if (r > 0)
		(void)fputs("note: this kernel has no Landlock: whoever takes "
			    "icelab over by evidence could read other files\n",
			stderr);
	return r < 0 ? err_wrap(e, r, "sandbox") : 0;
}

int lab_usage(const char *text)
{
	(void)fputs(text, stderr);
	return LAB_USAGE;
}

int lab_failed(const struct err *e)
{
	(void)fprintf(stderr, "icelab: %s\n", e->msg);
	return LAB_FAILED;
}

static bool partial(const struct reader *r)
{
	return !r->ending ||
	       r->ending->outcome != ICECORE__V1__OUTCOME__OUTCOME_COMPLETE;
}

const char *lab_verdict(const struct reader *r)
{
	if (r->findings_n)
		return "damaged";
	if (partial(r))
		return "partial";
	return r->ending->gaps ? "complete with gaps" : "complete";
}

/* Text that who made the evidence may have chosen. */
static void tell_text(const char *before, const char *text, const char *after)
{
	(void)fputs(before, stderr);
	escape_print(stderr, text);
	if (after)
		(void)fputs(after, stderr);
}

static void tell_ending(const struct reader *r)
{
	const Icecore__V1__Ending *end = r->ending;

	if (r->unlisted || r->leftovers)
		(void)fprintf(stderr,
			"partial: %zu segments are in no manifest, %zu puts "
			"broke off\n",
			r->unlisted, r->leftovers);
	if (!end) {
		(void)fprintf(stderr,
			"partial: no final manifest; good up to "
			"manifest-%06u.pb\n",
			r->manifests[r->manifests_n - 1].number);
		return;
	}
	if (end->outcome != ICECORE__V1__OUTCOME__OUTCOME_COMPLETE)
		tell_text("partial: the capture ended early: ", end->reason,
			"\n");
	(void)fprintf(stderr,
		"%" PRIu64 " segments, %" PRIu64 " bytes sealed; memory: %" PRIu64
		" bytes held, %" PRIu64 " bytes missing, %" PRIu64
		" bytes of doubtful zeros; %" PRIu64 " gaps\n",
		end->segments, end->sealed_bytes, end->memory_bytes,
		end->memory_gap_bytes, end->memory_doubtful_bytes, end->gaps);
}

int lab_tell(const struct reader *r)
{
	size_t told = r->findings_n < READER_FINDINGS_MAX ? r->findings_n
							  : READER_FINDINGS_MAX;

	for (size_t i = 0; i < told; i++)
		tell_text("damage: ", r->findings[i].text, "\n");
	if (told < r->findings_n)
		(void)fprintf(
			stderr, "damage: and %zu more\n", r->findings_n - told);
	if (r->beginning) {
		const Icecore__V1__Host *host = r->beginning->host;

		tell_text("case ", r->beginning->case_name, NULL);
		tell_text(", host ", host ? host->name : NULL, NULL);
		tell_text(", capture ", r->capture_id, NULL);
		tell_text(", kernel ", host ? host->kernel_release : NULL, "\n");
	}
	tell_ending(r);
	if (r->findings_n)
		return LAB_FAILED;
	return partial(r) || r->ending->gaps ? LAB_GAPS : LAB_COMPLETE;
}
