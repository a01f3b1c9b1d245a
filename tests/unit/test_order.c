// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/buf.h"
#include "evidence/order.h"
#include "unit/unit.h"

enum { NOW = 1800000000 };

static EVP_PKEY *pkey;
static uint8_t keys[2][ORDER_KEY_BYTES]; /* the second is the one */

static int set_up(void **state)
{
	size_t len = ORDER_KEY_BYTES;

	(void)state;
	pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	assert_non_null(pkey);
	assert_int_equal(EVP_PKEY_get_raw_public_key(pkey, keys[1], &len), 1);
	memset(keys[0], 7, ORDER_KEY_BYTES);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	EVP_PKEY_free(pkey);
	return 0;
}

static struct order sample(void)
{
	struct order o = { .id = 0x1122334455667788,
		.not_before = NOW,
		.not_after = NOW + 3600,
		.case_name = "INC-2026-7",
		.plan = "quick",
		.destination = "s3://evidence/in",
		.recipients_n = 1 };

	memset(o.recipients[0].key, 9, AGE_KEY_BYTES);
	assert_int_equal(order_host(o.host, "I-0123", NULL), 0);
	return o;
}

static const char *sign(struct buf *b, const struct order *o)
{
	struct err e = { 0 };

	buf_init(b, ORDER_TEXT_CHARS);
	assert_ok(order_sign(b, o, pkey, &e), &e);
	return buf_string(b, &e);
}

static void round_trip(void **state)
{
	const char *const names[] = { "web-1", "i-0123" };
	AUTO_BUF struct buf b = { 0 };
	struct order o = sample(), back;
	struct err e = { 0 };
	const char *text = sign(&b, &o);

	(void)state;
	print_message("# %zu characters\n", strlen(text));
	assert_true(strlen(text) <= ORDER_TAG_CHARS);
	assert_ok(order_open(&back, text, keys, 2, &e), &e);
	assert_true(back.id == o.id && back.not_before == o.not_before &&
		    back.not_after == o.not_after && !back.is_for_any);
	assert_string_equal(back.case_name, o.case_name);
	assert_string_equal(back.plan, o.plan);
	assert_string_equal(back.destination, o.destination);
	assert_int_equal(back.recipients_n, 1);
	assert_memory_equal(
		back.recipients[0].key, o.recipients[0].key, AGE_KEY_BYTES);
	assert_ok(order_check(&back, NOW + 1, names, 2, &e), &e);
	assert_ok(order_check(&back, NOW - ORDER_SKEW_SECONDS, names, 2, &e), &e);
	assert_err(order_check(&back, NOW - ORDER_SKEW_SECONDS - 1, names, 2, &e),
		-ESTALE, &e, "is good in");
	assert_err(order_check(&back, NOW + 3601, names, 2, &e), -ESTALE, &e,
		"1 seconds ago");
	assert_err(order_check(&back, NOW, names, 1, &e), -EXDEV, &e,
		"another host");
}

static void for_any_host(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	struct order o = sample(), back;
	struct err e = { 0 };

	(void)state;
	o.is_for_any = 1;
	o.case_name[0] = o.plan[0] = o.destination[0] = 0;
	o.recipients_n = 0;
	assert_ok(order_open(&back, sign(&b, &o), keys, 2, &e), &e);
	assert_true(back.is_for_any && !back.recipients_n);
	assert_ok(order_check(&back, NOW, NULL, 0, &e), &e);
}

/* One changed character is seen, wherever it is. */
static void changed(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	struct order o = sample(), back = { .id = 5 };
	struct err e = { 0 };
	const char *signed_text = sign(&b, &o);
	char text[ORDER_TEXT_CHARS];

	(void)state;
	for (size_t i = 0; i < strlen(signed_text); i++) {
		int r;

		(void)snprintf(text, sizeof(text), "%s", signed_text);
		text[i] = text[i] == 'A' ? 'B' : 'A';
		r = order_open(&back, text, keys, 2, &e);
		assert_true(r == -EBADMSG || r == -EKEYREJECTED);
	}
	for (size_t i = 0; i < strlen(signed_text); i++) {
		(void)snprintf(text, sizeof(text), "%.*s", (int)i, signed_text);
		assert_true(order_open(&back, text, keys, 2, &e) < 0);
	}
	assert_err(order_open(&back, signed_text, keys, 1, &e), -EKEYREJECTED,
		&e, "nobody who may order");
	assert_err(order_open(&back, "INC-7", keys, 2, &e), -EBADMSG, &e,
		"no order begins so");
	assert_true(back.id == 5);
}

static void not_signed(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	struct order o = sample();
	struct err e = { 0 };

	(void)state;
	buf_init(&b, ORDER_TEXT_CHARS);
	o.not_after = o.not_before;
	assert_err(order_sign(&b, &o, pkey, &e), -EINVAL, &e, "1 second");
	o.not_after = o.not_before + ORDER_SECONDS_MAX + 1;
	assert_err(order_sign(&b, &o, pkey, &e), -EINVAL, &e, "30 days");
	o = sample();
	o.case_name[0] = ' ';
	assert_err(order_sign(&b, &o, pkey, &e), -EINVAL, &e, "printable");
	assert_int_equal(b.len, 0);
	assert_err(order_host(o.host, "", &e), -EINVAL, &e, "0 characters");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(for_any_host),
		cmocka_unit_test(changed),
		cmocka_unit_test(not_signed),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
