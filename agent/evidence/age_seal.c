// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include <openssl/rand.h>

#include "base/err.h"
#include "evidence/age_stream.h"

struct age_sealer {
	struct age_recipient recipients[AGE_RECIPIENTS_MAX];
	size_t n;
	struct age_stream stream;
};

int age_sealer_new(struct age_sealer **ret,
	const struct age_recipient *recipients, size_t n, struct err *e)
{
	struct age_sealer *s;
	int r;

	if (n == 0 || n > AGE_RECIPIENTS_MAX)
		return err_set(e, -EINVAL, "%zu recipients, not 1 to %d", n,
			AGE_RECIPIENTS_MAX);
	s = calloc(1, sizeof(*s));
	if (!s)
		return err_set(e, -ENOMEM, "no memory to seal");
	memcpy(s->recipients, recipients, n * sizeof(*recipients));
	s->n = n;
	r = age_stream_init(&s->stream, e);
	if (r < 0) {
		age_sealer_free(s);
		return r;
	}
	*ret = s;
	return 0;
}

void age_sealer_free(struct age_sealer *s)
{
	if (!s)
		return;
	age_stream_done(&s->stream);
	free(s);
}

/* "-> X25519 SHARE\n" and the wrapped key on a line of its own. */
static int put_stanza(char *ret, const struct age_recipient *to,
	const uint8_t file_key[AGE_FILE_KEY_BYTES], struct err *e)
{
	uint8_t share[AGE_KEY_BYTES], body[AGE_WRAPPED_BYTES];
	char share64[TEXT_KEY_B64_CHARS + 1], body64[TEXT_KEY_B64_CHARS + 1];
	int r = age_wrap(share, body, to, file_key, e);

	if (r < 0)
		return r;
	(void)text_b64_encode(share64, share, sizeof(share));
	(void)text_b64_encode(body64, body, sizeof(body));
	return snprintf(ret, AGE_BEGIN_MAX_BYTES / AGE_RECIPIENTS_MAX,
		"-> X25519 %s\n%s\n", share64, body64);
}

static int put_header(uint8_t *ret, size_t *ret_len, struct age_sealer *s,
	const uint8_t file_key[AGE_FILE_KEY_BYTES], struct err *e)
{
	static const char intro[] = "age-encryption.org/v1\n";
	char mac64[TEXT_KEY_B64_CHARS + 1];
	uint8_t mac[AGE_MAC_BYTES];
	size_t n = sizeof(intro) - 1;
	int r;

	memcpy(ret, intro, n);
	for (size_t i = 0; i < s->n; i++) {
		r = put_stanza((char *)ret + n, &s->recipients[i], file_key, e);
		if (r < 0)
			return r;
		n += (size_t)r;
	}
	memcpy(ret + n, "---", 3);
	n += 3;
	r = age_header_mac(mac, file_key, ret, n, e);
	if (r < 0)
		return r;
	(void)text_b64_encode(mac64, mac, sizeof(mac));
	n += (size_t)snprintf((char *)ret + n, sizeof(mac64) + 2, " %s\n", mac64);
	*ret_len = n;
	return 0;
}

int age_sealer_begin(
	struct age_sealer *s, uint8_t *ret, size_t *ret_len, struct err *e)
{
	uint8_t file_key[AGE_FILE_KEY_BYTES], nonce[AGE_NONCE_BYTES];
	size_t n = 0;
	int r;

	if (RAND_bytes(file_key, sizeof(file_key)) != 1 ||
		RAND_bytes(nonce, sizeof(nonce)) != 1)
		return err_set(e, -EIO, "no random bytes");
	r = put_header(ret, &n, s, file_key, e);
	if (r == 0)
		r = age_stream_begin(&s->stream, file_key, nonce, 1, e);
	explicit_bzero(file_key, sizeof(file_key));
	if (r < 0)
		return r;
	memcpy(ret + n, nonce, sizeof(nonce));
	*ret_len = n + sizeof(nonce);
	return 0;
}

int age_sealer_chunk(struct age_sealer *s, uint8_t *chunk, size_t len, int last,
	struct err *e)
{
	return age_stream_seal(&s->stream, chunk, len, last, e);
}
