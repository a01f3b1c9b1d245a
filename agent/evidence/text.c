// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdbool.h>

#include "evidence/text.h"

enum {
	CHECKSUM_DIGITS = 6,
	KEY_DIGITS = (TEXT_KEY_BYTES * 8 + 4) / 5,
	PREFIX_MAX = 20,
};

static const char bech32_digits[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
static const char b64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static uint32_t polymod(uint32_t sum, uint8_t v)
{
	static const uint32_t gen[] = { 0x3b6a57b2, 0x26508e6d, 0x1ea119fa,
		0x3d4233dd, 0x2a1462b3 };
	uint32_t top = sum >> 25;

	sum = (sum & 0x1ffffff) << 5 ^ v;
	for (int i = 0; i < 5; i++)
		if (top >> i & 1)
			sum ^= gen[i];
	return sum;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static uint32_t prefix_sum(const char *prefix)
{
	uint32_t sum = 1;

	for (const char *p = prefix; *p; p++)
		sum = polymod(sum, (uint8_t)lower(*p) >> 5);
	sum = polymod(sum, 0);
	for (const char *p = prefix; *p; p++)
		sum = polymod(sum, lower(*p) & 31);
	return sum;
}

/* The 5-bit digit ${i} of ${key}, padded with zero bits at the end. */
static uint8_t key_digit(const uint8_t key[TEXT_KEY_BYTES], int i)
{
	uint8_t v = 0;

	for (int bit = i * 5; bit < i * 5 + 5; bit++) {
		int on = bit < TEXT_KEY_BYTES * 8 &&
			 key[bit / 8] >> (7 - bit % 8) & 1;

		v = (uint8_t)(v << 1 | on);
	}
	return v;
}

void text_bech32_encode(char ret[TEXT_KEY_CHARS], const char *prefix,
	const uint8_t key[TEXT_KEY_BYTES])
{
	uint32_t sum = prefix_sum(prefix);
	size_t n = strlen(prefix);

	for (size_t i = 0; i < n; i++)
		ret[i] = lower(prefix[i]);
	ret[n++] = '1';
	for (int i = 0; i < KEY_DIGITS; i++) {
		uint8_t v = key_digit(key, i);

		sum = polymod(sum, v);
		ret[n++] = bech32_digits[v];
	}
	for (int i = 0; i < CHECKSUM_DIGITS; i++)
		sum = polymod(sum, 0);
	sum ^= 1;
	for (int i = 0; i < CHECKSUM_DIGITS; i++)
		ret[n++] = bech32_digits[sum >> 5 * (5 - i) & 31];
	ret[n] = 0;
}

/* Fold to lower case; false when both cases are there, or it is too long. */
static bool one_case(char ret[TEXT_KEY_CHARS], const char *text, size_t len)
{
	bool has_upper = false, has_lower = false;

	if (len >= TEXT_KEY_CHARS)
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		has_upper |= c >= 'A' && c <= 'Z';
		has_lower |= c >= 'a' && c <= 'z';
		ret[i] = lower(c);
	}
	ret[len] = 0;
	return !(has_upper && has_lower);
}

int text_bech32_decode(
	uint8_t ret[TEXT_KEY_BYTES], const char *prefix, const char *text)
{
	size_t len = strcspn(text, "\r\n"), n = strlen(prefix);
	uint8_t key[TEXT_KEY_BYTES + 1] = { 0 };
	char s[TEXT_KEY_CHARS];
	uint32_t sum;

	if (!one_case(s, text, len) || strncmp(text, prefix, n) != 0 ||
		s[n] != '1' || len != n + 1 + KEY_DIGITS + CHECKSUM_DIGITS)
		return -EBADMSG;
	sum = prefix_sum(prefix);
	for (int i = 0; i < KEY_DIGITS + CHECKSUM_DIGITS; i++) {
		const char *d = strchr(bech32_digits, s[n + 1 + (size_t)i]);
		int v = d ? (int)(d - bech32_digits) : 0;

		if (!d)
			return -EBADMSG;
		sum = polymod(sum, (uint8_t)v);
		for (int b = 0; i < KEY_DIGITS && b < 5; b++)
			if (v >> (4 - b) & 1)
				key[(i * 5 + b) / 8] |=
					(uint8_t)(1 << (7 - (i * 5 + b) % 8));
	}
	if (sum != 1 || key[TEXT_KEY_BYTES])
		return -EBADMSG;
	memcpy(ret, key, TEXT_KEY_BYTES);
	explicit_bzero(key, sizeof(key));
	explicit_bzero(s, sizeof(s));
	return 0;
}

size_t text_b64_encode(char *ret, const uint8_t *buf, size_t len)
{
	uint32_t acc = 0;
	int bits = 0;
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		acc = acc << 8 | buf[i];
		for (bits += 8; bits >= 6; bits -= 6)
			ret[n++] = b64_digits[acc >> (bits - 6) & 63];
	}
	if (bits)
		ret[n++] = b64_digits[acc << (6 - bits) & 63];
	ret[n] = 0;
	return n;
}

int text_b64_decode(uint8_t *ret, size_t cap, const char *text, size_t len)
{
	uint32_t acc = 0;
	int bits = 0;
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		const char *d = text[i] ? strchr(b64_digits, text[i]) : NULL;

		if (!d)
			return -EBADMSG;
		acc = acc << 6 | (uint32_t)(d - b64_digits);
		bits += 6;
		if (bits < 8)
			continue;
		if (n == cap)
			return -EBADMSG;
		bits -= 8;
		ret[n++] = (uint8_t)(acc >> bits);
	}
	if (bits == 6 || acc & ((1U << bits) - 1))
		return -EBADMSG;
	return (int)n;
}
