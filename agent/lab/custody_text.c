// SPDX-License-Identifier: Apache-2.0
/* The custody report: numbered statements, and how to check each again. */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "lab/custody.h"
#include "lab/escape.h"
#include "lab/wrap.h"

/* What is being written, and how far it is numbered. */
struct text {
	struct buf *ret;
	const json_t *custody;
	unsigned statement;
	int r;
	struct err *e;
};

static void say(struct text *t, const char *s)
{
	if (t->r == 0)
		t->r = buf_append(t->ret, s, strlen(s), t->e);
}

static void say_number(struct text *t, uint64_t v)
{
	if (t->r == 0)
		t->r = buf_text(t->ret, t->e, "%" PRIu64, v);
}

static void begin(struct text *t, const char *s)
{
	if (t->r == 0)
		t->r = buf_text(t->ret, t->e, "\n%3u. ", ++t->statement);
	say(t, s);
}

static void part(struct text *t, const char *title)
{
	say(t, "\n\n");
	say(t, title);
	say(t, "\n");
}

/* A value of the model as text; what is not there is said to be so. */
static void say_value(struct text *t, const json_t *v)
{
	const char *s = json_string_value(v);

	if (json_is_integer(v))
		say_number(t, (uint64_t)json_integer_value(v));
	else if (!s || !*s)
		say(t, "(not told)");
	else if (t->r == 0)
		t->r = escape(t->ret, (const uint8_t *)s, strlen(s), t->e);
}

static void say_of(struct text *t, const json_t *j, const char *key)
{
	say_value(t, json_object_get(j, key));
}

static bool is(const json_t *j, const char *key, const char *value)
{
	const char *s = json_string_value(json_object_get(j, key));

	return s && strcmp(s, value) == 0;
}

static json_int_t integer(const json_t *j, const char *key)
{
	return json_integer_value(json_object_get(j, key));
}

/*
 * Sentences with values in them: "%" stands for the value of the next key of
 * ${keys}, which are parted by blanks.
 */
static void tell(
	struct text *t, const json_t *j, const char *sentence, const char *keys)
{
	char key[40];

	for (; *sentence; sentence++) {
		size_t n = strcspn(keys, " ");

		if (*sentence != '%') {
			if (t->r == 0)
				t->r = buf_append(t->ret, sentence, 1, t->e);
			continue;
		}
		(void)snprintf(key, sizeof(key), "%.*s", (int)n, keys);
		keys += n + (keys[n] == ' ');
		say_of(t, j, key);
	}
}

static void say_list(struct text *t, const json_t *list)
{
	const json_t *v;
	size_t i;

	if (!json_array_size(list))
		say(t, "(none)");
	json_array_foreach(list, i, v)
	{
		say(t, i ? ", " : "");
		say_value(t, v);
	}
}

static void tell_what(struct text *t)
{
	const json_t *c = t->custody;
	const json_t *host = json_object_get(c, "host");
	const json_t *clock = json_object_get(c, "clock");

	part(t, "A. What the evidence says of itself");
	if (!json_object_get(c, "case")) {
		begin(t, "Manifest 0, which names case and host, is missing or not valid.");
		return;
	}
	begin(t, "");
	tell(t, c, "Case %, capture %, taken by icecore %.",
		"case capture agent_version");
	begin(t, "");
	tell(t, host, "Host %, machine id %, boot id %, kernel % (%), %.",
		"name machine_id boot_id kernel_release kernel_version architecture");
	begin(t, "");
	tell(t, c, "The reason that was given for the capture: %", "trigger");
	begin(t, "");
	tell(t, c, "By the clock of the host it began at % and ended at %.",
		"began ended");
	begin(t, json_is_true(json_object_get(clock, "synchronized"))
			 ? "The host's kernel said that its clock was synchronised"
			 : "The host's kernel said that its clock was not synchronised");
	tell(t, clock,
		", with an error of at most % microseconds; % was then % ns of its monotonic clock.",
		"max_error_us realtime monotonic_ns");
	begin(t, "Collectors that were asked: ");
	say_list(t, json_object_get(c, "collectors"));
	begin(t, "Sealed for the age recipients: ");
	say_list(t, json_object_get(c, "recipients"));
	begin(t, "");
	tell(t, c, "Physical memory that the kernel called System RAM: % bytes.",
		"system_ram_bytes");
}

static void tell_ending(struct text *t)
{
	const json_t *end = json_object_get(t->custody, "ending");
	const json_t *v;
	const char *key;

	if (!json_is_object(end)) {
		begin(t, "There is no valid final manifest: the capture was cut off, and is told of up to its last valid manifest.");
	} else {
		begin(t, "");
		tell(t, end, "It ended: %; reason: %.", "outcome reason");
		begin(t, "");
		tell(t, end,
			"Totals that were signed for: % segments, % records, % bytes sealed; % bytes of memory held, % bytes of memory missing, % bytes of zeros that the source does not vouch for; % records of gaps, which say what is missing and why.",
			"segments records sealed_bytes memory_bytes memory_gap_bytes memory_doubtful_bytes gaps");
	}
	begin(t, "Records by kind, as the manifests tell them:");
	json_object_foreach(
		(json_t *)(uintptr_t)json_object_get(t->custody, "kinds"), key, v)
	{
		say(t, "\n     ");
		say(t, key);
		say(t, " ");
		say_value(t, v);
	}
}

static size_t count_state(const json_t *list, const char *state)
{
	const json_t *v;
	size_t i, n = 0;

	json_array_foreach(list, i, v) n += is(v, "state", state);
	return n;
}

static void tell_checked(struct text *t)
{
	const json_t *c = t->custody, *v;
	const json_t *segments = json_object_get(c, "segments");
	json_int_t further = integer(c, "segments_number") -
			     (json_int_t)json_array_size(segments);
	size_t i;

	part(t, "B. What was checked, and what came of it");
	begin(t, "Each manifest: that its encoding is the canonical one, its Ed25519 signature (RFC 8032) by the key ");
	say_of(t, c, "signed_by");
	say(t, ", and that it names the SHA-256 of the manifest before it. Valid: ");
	say_number(t, count_state(json_object_get(c, "manifests"), "valid"));
	say(t, " of ");
	say_number(t, json_array_size(json_object_get(c, "manifests")));
	say(t, ".");
	begin(t, json_is_string(json_object_get(c, "expected_signer"))
			 ? "That key was compared with the one that the examiner gave: "
			 : "That key was compared with none: whether it is the one that the agent reported when it ran was not checked.");
	if (json_is_string(json_object_get(c, "expected_signer")))
		say_of(t, c, "expected_signer");
	begin(t, "Each segment: its size and its SHA-256 against the manifest that lists it. As listed: ");
	say_number(t, count_state(segments, "good"));
	say(t, "; missing: ");
	say_number(t, count_state(segments, "missing"));
	say(t, "; different: ");
	say_number(t, count_state(segments, "damaged"));
	say(t, further > 0 ? "; not told here, by their number: " : ".");
	if (further > 0)
		say_number(t, (uint64_t)further);
	begin(t, "Segments that no valid manifest lists, and nobody vouches for: ");
	say_of(t, c, "unlisted_segments");
	begin(t, "What differs from what was signed: ");
	say_of(t, c, "damage_number");
	json_array_foreach(json_object_get(c, "damage"), i, v)
	{
		say(t, "\n     ");
		say_value(t, v);
	}
	begin(t, "Result: ");
	say_of(t, c, "verdict");
}

static void tell_stamp(struct text *t, const json_t *v)
{
	begin(t, "");
	if (is(v, "state", "verified"))
		tell(t, v,
			"Manifest %: a time stamp (RFC 3161) of % says that it was there at %; serial %, policy %. Its signature leads to a certificate that the examiner gave.",
			"manifest authority time serial policy");
	else if (is(v, "state", "not checked"))
		tell(t, v,
			"Manifest %: a time stamp that names % and claims %; serial %. It was not checked, since no certificate was given.",
			"manifest authority time serial");
	else if (is(v, "state", "bad"))
		tell(t, v, "Manifest %: its time stamp does not hold: %",
			"manifest why");
	else
		tell(t, v, "Manifest %: no time stamp of a third party.",
			"manifest");
}

static void tell_identity(struct text *t, const json_t *v)
{
	json_t *claims = json_object_get(v, "claims");
	const json_t *claim;
	const char *key;

	begin(t, "");
	if (!claims) {
		tell(t, v, "Identity document of a cloud: %: %", "signature why");
		return;
	}
	tell(t, v, "Identity document of the cloud %, signature: %.",
		"cloud signature");
	json_object_foreach(claims, key, claim)
	{
		say(t, "\n     ");
		say(t, key);
		say(t, " = ");
		say_value(t, claim);
	}
	if (json_array_size(json_object_get(v, "not_checked"))) {
		say(t, "\n     not checked: ");
		say_list(t, json_object_get(v, "not_checked"));
	}
}

static void tell_proofs(struct text *t)
{
	const json_t *v;
	size_t i;

	part(t, "C. What third parties say");
	json_array_foreach(json_object_get(t->custody, "timestamps"), i, v)
		tell_stamp(t, v);
	json_array_foreach(json_object_get(t->custody, "identity"), i, v)
		tell_identity(t, v);
	if (!json_array_size(json_object_get(t->custody, "identity")))
		begin(t, "There is no identity document of a cloud.");
}

static void tell_limits(struct text *t)
{
	static const char *const limits[] = {
		"The content of the segments was not read for this report: that takes the forensic key. Sizes and hashes are of the sealed objects.",
		"Certificates were not asked after for revocation: nothing here uses a network.",
		"The signing key is made on the host for one capture and never stored. A signature proves that the manifests were made by who held that key, and not who that was; compare the key with the one that the agent reported, or with the time stamps.",
		"Times without a time stamp are of the host's clock, which who controls the host can set.",
		"The capture holds what the host's kernel gave. Who controls the kernel can change what it gives.",
		"Who stored the evidence between its arrival and this report is not in it: that is for the records of the storage.",
	};

	part(t, "D. What was not checked, and what this does not prove");
	for (size_t i = 0; i < ARRAY_LEN(limits); i++)
		begin(t, limits[i]);
}

static void tell_commands(struct text *t, const json_t *m)
{
	json_int_t at = integer(m, "manifest_at");
	json_int_t len = integer(m, "manifest_bytes");
	json_int_t token = integer(m, "token_bytes");
	const char *name = json_string_value(json_object_get(m, "name"));

	if (t->r == 0)
		t->r = buf_text(t->ret, t->e,
			"\n     $ (printf 'icecore.v1.Manifest\\0'; tail -c +%lld %s | head -c %lld) >/tmp/signed"
			"\n     $ tail -c +%lld %s | head -c 64 >/tmp/signature"
			"\n     $ (printf '\\060\\052\\060\\005\\006\\003\\053\\145\\160\\003\\041\\000'; tail -c +%lld %s | head -c 32) >/tmp/key.der"
			"\n     $ openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey /tmp/key.der -in /tmp/signed -sigfile /tmp/signature",
			at + 1, name, len, at + len + 3, name, at + len + 69,
			name);
	if (t->r == 0 && token)
		t->r = buf_text(t->ret, t->e,
			"\n     $ tail -c %lld %s >/tmp/token; openssl ts -reply -token_in -in /tmp/token -text"
			"\n       and, with the authority's certificates in CA.pem:"
			"\n       openssl ts -verify -token_in -in /tmp/token -data /tmp/signature -CAfile CA.pem",
			token, name);
}

static void tell_how(struct text *t)
{
	const json_t *manifests = json_object_get(t->custody, "manifests"), *m;
	size_t i;

	part(t, "E. How to check it again, in the directory of the evidence");
	begin(t, "The hash of each object, to be compared with the list below:"
		 "\n     $ sha256sum manifest-*.pb segment-*.age");
	json_array_foreach(manifests, i, m)
	{
		if (!is(m, "state", "valid"))
			continue;
		begin(t, "");
		tell(t, m, "The signature of %:", "name");
		tell_commands(t, m);
	}
	begin(t, "The content of a segment, by who holds the forensic key, as"
		 " length-delimited messages of icecore.v1.Record:"
		 "\n       age -d -i KEY segment-000000.age | zstd -d");
}

static void tell_objects(struct text *t)
{
	const json_t *c = t->custody, *v;
	size_t i;

	part(t, "F. The objects, in the form of sha256sum");
	json_array_foreach(json_object_get(c, "manifests"), i,
		v) if (is(v, "state", "valid"))
		tell(t, v, "\n%  %", "sha256 name");
	json_array_foreach(json_object_get(c, "segments"), i,
		v) if (json_object_get(v, "sha256"))
		tell(t, v, "\n%  %", "sha256 name");
	say(t, "\n\nOf the manifests: number, when it was written, by the host's monotonic clock (ns), segments, their bytes, SHA-256 of the one before:\n");
	json_array_foreach(json_object_get(c, "manifests"), i, v) tell(t, v,
		"\n%  %  %  %  %  %",
		"number written monotonic_ns segments sealed_bytes previous_sha256");
	say(t, "\n");
}

int custody_text(struct buf *ret, const json_t *custody, struct err *e)
{
	AUTO_BUF struct buf text = { 0 };
	struct text t = { .ret = &text, .custody = custody, .e = e };

	if (!custody)
		return err_set(e, -ENOMEM, "no memory for the custody report");
	buf_init(&text, CUSTODY_TEXT_BYTES);
	say(&t, "CHAIN OF CUSTODY\n\nicelab ");
	say(&t, ICECORE_VERSION);
	say(&t, ", evidence format 1\nverdict: ");
	say_of(&t, custody, "verdict");
	tell_what(&t);
	tell_ending(&t);
	tell_checked(&t);
	tell_proofs(&t);
	tell_limits(&t);
	tell_how(&t);
	tell_objects(&t);
	return t.r < 0 ? t.r : wrap_statements(ret, &text, e);
}
