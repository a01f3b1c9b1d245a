// SPDX-License-Identifier: Apache-2.0
/* Any bytes as the text of an order, and as the message of one that is signed:
 * what is taken has strings that end, and signed again says the same. */
#undef NDEBUG
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/buf.h"
#include "base/err.h"
#include "evidence/order.h"
#include "evidence/text.h"

static const char context[] = "icecore.v1.Order";
static uint8_t keys[1][ORDER_KEY_BYTES];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static EVP_PKEY *the_key(void)
{
	static const uint8_t seed[32] = { 1 };
	static EVP_PKEY *key;
	size_t len = sizeof(keys[0]);

	if (!key) {
		key = EVP_PKEY_new_raw_private_key(
			EVP_PKEY_ED25519, NULL, seed, sizeof(seed));
		assert(EVP_PKEY_get_raw_public_key(key, keys[0], &len) == 1);
	}
	return key;
}

static void as_text(const uint8_t *data, size_t size)
{
	char text[2048];
	struct order o;
	struct err e = { "" };

	(void)snprintf(text, sizeof(text), "%.*s", (int)size, (const char *)data);
	assert(order_open(&o, text, keys, 1, &e) < 0 && e.msg[0]);
}

static void as_message(const uint8_t *data, size_t size)
{
	uint8_t said[1024], bytes[1024];
	char text[2048] = ORDER_BEGIN;
	AUTO_BUF struct buf again = { 0 };
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len = 64;
	struct order o, back;
	struct err e = { "" };

	memcpy(said, context, sizeof(context));
	memcpy(said + sizeof(context), data, size);
	assert(EVP_DigestSignInit(ctx, NULL, NULL, NULL, the_key()) == 1);
	assert(EVP_DigestSign(ctx, bytes, &len, said, sizeof(context) + size) ==
		1);
	EVP_MD_CTX_free(ctx);
	memcpy(bytes + 64, data, size);
	(void)text_b64_encode(text + strlen(text), bytes, 64 + size);
	if (order_open(&o, text, keys, 1, &e) < 0) {
		assert(e.msg[0]);
		return;
	}
	buf_init(&again, ORDER_TEXT_CHARS);
	assert(order_sign(&again, &o, the_key(), &e) == 0);
	assert(order_open(&back, buf_string(&again, &e), keys, 1, &e) == 0);
	assert(back.id == o.id && back.recipients_n == o.recipients_n);
	assert(strcmp(back.case_name, o.case_name) == 0);
	assert(strcmp(back.destination, o.destination) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	(void)the_key();
	if (size > 700)
		size = 700;
	as_text(data, size);
	as_message(data, size);
	return 0;
}
