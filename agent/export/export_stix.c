// SPDX-License-Identifier: Apache-2.0
/*
 * A STIX 2.1 bundle of indicators: contents of binaries that have reasons to
 * be suspected, and who the host spoke with.  The latter are "unknown": most
 * are nobody's infrastructure but the host's own.  Ids are UUIDs of version 5
 * (RFC 9562) of the pattern, so that two captures name the same thing alike.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/err.h"
#include "export/export.h"
#include "export/item.h"
#include "export/lines.h"
#include "lab/reader.h"

enum { INDICATORS_MAX = 65536, PATTERN_CHARS = 512, UUID_CHARS = 37 };

struct stix {
	json_t *objects;
	json_t *seen; /* patterns */
	uint64_t dropped;
};

/* The namespace that STIX gives for ids (section 2.9). */
static const uint8_t name_space[16] = { 0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42,
	0x46, 0x6c, 0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7 };

static int uuid(char ret[UUID_CHARS], const char *text)
{
	uint8_t in[sizeof(name_space) + PATTERN_CHARS], h[EVP_MAX_MD_SIZE];
	size_t len = strnlen(text, PATTERN_CHARS);

	memcpy(in, name_space, sizeof(name_space));
	memcpy(in + sizeof(name_space), text, len);
	if (EVP_Digest(in, sizeof(name_space) + len, h, NULL, EVP_sha1(),
		    NULL) != 1)
		return -ENOMEM;
	h[6] = (h[6] & 0x0f) | 0x50;
	h[8] = (h[8] & 0x3f) | 0x80;
	(void)snprintf(ret, UUID_CHARS,
		"%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
		"%02x%02x%02x%02x%02x%02x",
		h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7], h[8], h[9],
		h[10], h[11], h[12], h[13], h[14], h[15]);
	return 0;
}

/* STIX times have a Z and at least milliseconds. */
static int add(struct stix *x, const struct item *it, const char *pattern,
	json_t *name, const char *type)
{
	char id[UUID_CHARS], time[ITEM_TIME_CHARS], full[64];
	json_t *o = json_object();

	if (!name || uuid(id, pattern) < 0) {
		json_decref(name);
		json_decref(o);
		return -ENOMEM;
	}
	item_time(time, it->host->captured_ns);
	(void)snprintf(full, sizeof(full), "indicator--%s", id);
	item_put(&o, "type", json_string("indicator"));
	item_put(&o, "spec_version", json_string("2.1"));
	item_put(&o, "id", json_string(full));
	item_put(&o, "created", json_string(time));
	item_put(&o, "modified", json_string(time));
	item_put(&o, "name", name);
	item_put(&o, "indicator_types", json_pack("[s]", type));
	item_put(&o, "pattern", json_text(pattern));
	item_put(&o, "pattern_type", json_string("stix"));
	item_put(&o, "valid_from", json_string(time));
	item_put(&o, "labels",
		json_pack("[o, o]",
			json_text(it->host->case_name[0] ? it->host->case_name
							 : "case"),
			json_text(it->host->capture)));
	if (!o || json_object_set_new(x->seen, pattern, json_true()) < 0) {
		json_decref(o);
		return -ENOMEM;
	}
	return json_array_append_new(x->objects, o) < 0 ? -ENOMEM : 0;
}

static int put(struct stix *x, const struct item *it, const char *pattern,
	json_t *name, const char *type, struct err *e)
{
	int r = 0;

	if (json_object_get(x->seen, pattern)) {
		json_decref(name);
		return 0;
	}
	if (json_array_size(x->objects) == INDICATORS_MAX) {
		x->dropped++;
		json_decref(name);
		return 0;
	}
	r = add(x, it, pattern, name, type);
	return r < 0 ? err_set(e, r, "no memory for indicators") : 0;
}

static int put_hash(struct stix *x, const struct item *it, struct err *e)
{
	const Icecore__V1__Binary *b = it->binary;
	char pattern[PATTERN_CHARS], hex[65] = "";

	if (!b->n_reasons || !b->has_sha256 || b->sha256.len != 32)
		return 0;
	for (size_t i = 0; i < 32; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", b->sha256.data[i]);
	(void)snprintf(pattern, sizeof(pattern),
		"[file:hashes.'SHA-256' = '%s']", hex);
	return put(x, it, pattern,
		b->n_paths ? item_text(&b->paths[0]) : json_string(hex),
		"anomalous-activity", e);
}

/* Of this host, or of the link alone: nobody else's. */
static bool is_local(const char *address, bool *v6)
{
	uint8_t a[16] = { 0 };
	static const uint8_t none[16], loopback[16] = { [15] = 1 },
				       mapped[12] = { [10] = 0xff, [11] = 0xff };

	*v6 = inet_pton(AF_INET6, address, a) == 1;
	if (*v6 && memcmp(a, mapped, sizeof(mapped)) != 0)
		return memcmp(a, none, 16) == 0 || memcmp(a, loopback, 16) == 0 ||
		       (a[0] == 0xfe && (a[1] & 0xc0) == 0x80) || a[0] == 0xff;
	if (*v6)
		memmove(a, a + 12, 4);
	else if (inet_pton(AF_INET, address, a) != 1)
		return true;
	return a[0] == 0 || a[0] == 127 || a[0] >= 224 ||
	       (a[0] == 169 && a[1] == 254);
}

static int put_address(struct stix *x, const struct item *it,
	const char *address, struct err *e)
{
	char pattern[PATTERN_CHARS];
	bool v6 = false;

	if (!address || is_local(address, &v6))
		return 0;
	(void)snprintf(pattern, sizeof(pattern), "[ipv%c-addr:value = '%.64s']",
		v6 ? '6' : '4', address);
	return put(x, it, pattern, json_text(address), "unknown", e);
}

/* Names of letters, digits, dots, dashes and underscores; nothing else is put
 * between quotes. */
static int put_domain(
	struct stix *x, const struct item *it, const char *name, struct err *e)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789.-_";
	char pattern[PATTERN_CHARS];

	if (!name || !*name || name[strspn(name, allowed)])
		return 0;
	(void)snprintf(pattern, sizeof(pattern),
		"[domain-name:value = '%.253s']", name);
	return put(x, it, pattern, json_text(name), "unknown", e);
}

static int see(void *arg, const struct item *it, struct err *e)
{
	const Icecore__V1__EventNet *n;
	int r;

	if (it->kind == ITEM_BINARY)
		return put_hash(arg, it, e);
	if (it->kind == ITEM_SOCKET)
		return put_address(arg, it, it->socket->remote_address, e);
	if (it->kind != ITEM_EVENT ||
		it->event->what_case != ICECORE__V1__EVENT__WHAT_NET)
		return 0;
	n = it->event->net;
	r = put_address(arg, it, n->remote, e);
	return r < 0 ? r : put_domain(arg, it, n->question, e);
}

static json_t *bundle_of(const struct reader *r, json_t *objects)
{
	char id[UUID_CHARS], full[64];

	if (uuid(id, r->capture_id) < 0)
		return NULL;
	(void)snprintf(full, sizeof(full), "bundle--%s", id);
	/* A bundle without objects has no such member (section 8). */
	if (!json_array_size(objects))
		return json_pack("{s:s, s:s}", "type", "bundle", "id", full);
	return json_pack("{s:s, s:s, s:O}", "type", "bundle", "id", full,
		"objects", objects);
}

int export_stix(struct export_job *job, struct err *e)
{
	AUTO_JSON json_t *objects = json_array();
	AUTO_JSON json_t *seen = json_object();
	struct stix x = { .objects = objects, .seen = seen };
	AUTO_LINES struct lines l = { .fd = -1 };
	int r;

	if (!objects || !seen)
		return err_set(e, -ENOMEM, "no memory for indicators");
	r = items_each(job, see, &x, e);
	if (r == 0)
		r = lines_init(&l, job->fd, e);
	if (r == 0)
		r = lines_json(&l, bundle_of(job->r, objects), e);
	if (r == 0)
		r = lines_finish(&l, e);
	if (r < 0)
		return r;
	(void)fprintf(stderr, "%zu indicators\n", json_array_size(objects));
	if (x.dropped) {
		job->has_gaps = true;
		(void)fprintf(stderr,
			"warning: %" PRIu64 " more than %d are left out\n",
			x.dropped, INDICATORS_MAX);
	}
	return 0;
}
