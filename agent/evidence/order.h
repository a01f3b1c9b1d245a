/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signed orders: what the forensic account tells a host to capture, in a text
 * that fits a tag (proto/FORMAT.md section 8).  Signed with Ed25519 (RFC 8032);
 * the host has the public key only.
 */
#ifndef EVIDENCE_ORDER_H
#define EVIDENCE_ORDER_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "evidence/age.h"

struct buf;
struct err;
struct evp_pkey_st;

#define ORDER_BEGIN "ico1."

enum {
	ORDER_TEXT_CHARS = 1025, /* with its NUL */
	ORDER_TAG_CHARS = 256, /* what fits a tag */
	ORDER_KEY_BYTES = 32,
	ORDER_KEYS_MAX = 8,
	ORDER_HOST_BYTES = 8,
	ORDER_CASE_CHARS = 65,
	ORDER_PLAN_CHARS = 33,
	ORDER_DESTINATION_CHARS = 257,
	ORDER_RECIPIENTS_MAX = 4,
	ORDER_SECONDS_MAX = 30 * 24 * 3600, /* from not_before to not_after */
	ORDER_SKEW_SECONDS = 300, /* a host's clock may be behind by so much */
};

struct order {
	uint64_t id;
	uint32_t not_before, not_after; /* seconds since 1970 */
	int is_for_any; /* else for host alone */
	uint8_t host[ORDER_HOST_BYTES];
	/* "" and none = as the host's own plan has it. */
	char case_name[ORDER_CASE_CHARS];
	char plan[ORDER_PLAN_CHARS];
	char destination[ORDER_DESTINATION_CHARS];
	struct age_recipient recipients[ORDER_RECIPIENTS_MAX];
	size_t recipients_n;
};

/*
 * order_host(ret, name, e):
 * The host of that name, as orders call it; case does not matter.
 */
int order_host(uint8_t ret[ORDER_HOST_BYTES], const char *name,
	struct err *e) MUST_CHECK;

/*
 * order_sign(ret, o, key, e):
 * Append the text of ${o}, signed with ${key}, an EVP_PKEY of Ed25519.
 * -EINVAL: it says what no host would obey; -EMSGSIZE: the text is too long.
 */
int order_sign(struct buf *ret, const struct order *o, struct evp_pkey_st *key,
	struct err *e) MUST_CHECK;

/*
 * order_open(ret, text, keys, n, e):
 * -EBADMSG: it is no order; -EKEYREJECTED: none of ${keys} signed it.
 */
int order_open(struct order *ret, const char *text,
	const uint8_t (*keys)[ORDER_KEY_BYTES], size_t n,
	struct err *e) MUST_CHECK;

/*
 * order_check(o, now, names, n, e):
 * Whether a host that is called ${names} obeys it at ${now}, seconds since
 * 1970.  -ESTALE: too late, or too early; -EXDEV: it is for another host.
 */
int order_check(const struct order *o, uint64_t now, const char *const *names,
	size_t n, struct err *e) MUST_CHECK;

#endif
