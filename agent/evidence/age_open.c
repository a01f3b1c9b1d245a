// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdbool.h>

#include <openssl/crypto.h>

#include "base/err.h"
#include "evidence/age_stream.h"

enum { B64_LINE_CHARS = 64, ARGS_MAX = 8 };

struct age_opener {
	struct age_stream stream;
};

struct span {
	const char *p;
	size_t len;
};

struct stanza {
	struct span args[ARGS_MAX]; /* type first */
	size_t n;
	uint8_t body[AGE_WRAPPED_BYTES + 1];
	size_t body_len; /* up to sizeof(body), which means too long */
};

/* What is left of the header. */
struct cursor {
	const char *p, *end;
};

static bool next_line(struct cursor *c, struct span *ret)
{
	const char *nl = memchr(c->p, '\n', (size_t)(c->end - c->p));

	if (!nl)
		return false;
	*ret = (struct span){ c->p, (size_t)(nl - c->p) };
	c->p = nl + 1;
	return true;
}

/* Arguments are one or more characters from 33 to 126, one blank between. */
static int split_args(struct stanza *ret, struct span line)
{
	const char *p = line.p, *end = line.p + line.len;

	ret->n = 0;
	for (;;) {
		const char *start = p;

		while (p<end && * p> ' ' && *p <= '~')
			p++;
		if (p == start)
			return -EBADMSG;
		if (ret->n < ARGS_MAX)
			ret->args[ret->n] =
				(struct span){ start, (size_t)(p - start) };
		ret->n++;
		if (p == end)
			return 0;
		if (*p++ != ' ')
			return -EBADMSG;
	}
}

/* Lines of 64 characters, and one shorter, maybe empty, at the end. */
static int read_body(struct stanza *ret, struct cursor *c)
{
	uint8_t bytes[B64_LINE_CHARS];
	struct span line;
	int n;

	ret->body_len = 0;
	do {
		if (!next_line(c, &line) || line.len > B64_LINE_CHARS)
			return -EBADMSG;
		n = text_b64_decode(bytes, sizeof(bytes), line.p, line.len);
		if (n < 0)
			return -EBADMSG;
		for (int i = 0; i < n && ret->body_len < sizeof(ret->body); i++)
			ret->body[ret->body_len++] = bytes[i];
	} while (line.len == B64_LINE_CHARS);
	return 0;
}

static bool is(struct span s, const char *text)
{
	return s.len == strlen(text) && memcmp(s.p, text, s.len) == 0;
}

/* 0 = the file key, -ENOKEY = for somebody else, -EBADMSG = malformed. */
static int try_stanza(uint8_t ret[AGE_FILE_KEY_BYTES], const struct stanza *st,
	const struct age_identity *ids, size_t n, struct err *e)
{
	uint8_t share[AGE_KEY_BYTES];
	int r = -ENOKEY;

	if (!is(st->args[0], "X25519"))
		return -ENOKEY;
	if (st->n != 2 || st->body_len != AGE_WRAPPED_BYTES ||
		text_b64_decode(share, sizeof(share), st->args[1].p,
			st->args[1].len) != AGE_KEY_BYTES)
		return err_set(e, -EBADMSG, "malformed X25519 stanza");
	for (size_t i = 0; i < n && r == -ENOKEY; i++)
		r = age_unwrap(ret, share, st->body, &ids[i], e);
	return r;
}

/* The line "--- MAC"; ${start} is where the header began. */
static int check_mac(const uint8_t key[AGE_FILE_KEY_BYTES], struct span line,
	const char *start, struct err *e)
{
	uint8_t said[AGE_MAC_BYTES], mac[AGE_MAC_BYTES];
	int r;

	if (line.len != 4 + TEXT_KEY_B64_CHARS || line.p[3] != ' ' ||
		text_b64_decode(said, sizeof(said), line.p + 4,
			TEXT_KEY_B64_CHARS) != AGE_MAC_BYTES)
		return err_set(e, -EBADMSG, "malformed age MAC line");
	r = age_header_mac(mac, key, (const uint8_t *)start,
		(size_t)(line.p + 3 - start), e);
	if (r < 0)
		return r;
	if (CRYPTO_memcmp(mac, said, sizeof(mac)) != 0)
		return err_set(e, -EBADMSG, "age header was changed");
	return 0;
}

/* Walk the stanzas up to the MAC line, which ${ret_line} is then. */
static int read_stanzas(uint8_t ret[AGE_FILE_KEY_BYTES], struct span *ret_line,
	struct cursor *c, const struct age_identity *ids, size_t n, struct err *e)
{
	bool found = false;

	for (int count = 0; count <= AGE_STANZAS_MAX; count++) {
		struct stanza st = { 0 };
		int r;

		if (!next_line(c, ret_line))
			break;
		if (ret_line->len >= 3 && memcmp(ret_line->p, "---", 3) == 0)
			return found ? 0
				     : err_set(e, -ENOKEY,
					       "sealed for other recipients");
		if (ret_line->len < 4 || memcmp(ret_line->p, "-> ", 3) != 0 ||
			split_args(&st, (struct span){ ret_line->p + 3,
						ret_line->len - 3 }) < 0 ||
			read_body(&st, c) < 0)
			return err_set(e, -EBADMSG, "malformed age stanza");
		if (found)
			continue;
		r = try_stanza(ret, &st, ids, n, e);
		if (r < 0 && r != -ENOKEY)
			return r;
		found = r == 0;
	}
	return err_set(e, -EBADMSG, "age header without an end");
}

static int read_header(uint8_t ret[AGE_FILE_KEY_BYTES], size_t *ret_len,
	const struct age_identity *ids, size_t n, const uint8_t *buf,
	size_t len, struct err *e)
{
	const char *start = (const char *)buf;
	struct cursor c = { start, start };
	struct span line = { 0 };
	int r;

	if (!len)
		return err_set(e, -EBADMSG, "not an age v1 file: it is empty");
	c.end += len < AGE_HEADER_MAX_BYTES ? len : AGE_HEADER_MAX_BYTES;
	if (!next_line(&c, &line) || !is(line, "age-encryption.org/v1"))
		return err_set(e, -EBADMSG, "not an age v1 file");
	r = read_stanzas(ret, &line, &c, ids, n, e);
	if (r == 0)
		r = check_mac(ret, line, start, e);
	*ret_len = (size_t)(c.p - start);
	return r;
}

int age_opener_new(struct age_opener **ret, size_t *ret_header,
	const struct age_identity *ids, size_t n, const uint8_t *buf,
	size_t len, struct err *e)
{
	uint8_t key[AGE_FILE_KEY_BYTES];
	struct age_opener *o = NULL;
	size_t header = 0;
	int r = read_header(key, &header, ids, n, buf, len, e);

	if (r < 0)
		return r;
	if (len - header < AGE_NONCE_BYTES)
		return err_set(e, -EBADMSG, "cut off in the age nonce");
	o = calloc(1, sizeof(*o));
	if (!o)
		return err_set(e, -ENOMEM, "no memory to open an age file");
	r = age_stream_init(&o->stream, e);
	if (r == 0)
		r = age_stream_begin(&o->stream, key, buf + header, 0, e);
	explicit_bzero(key, sizeof(key));
	if (r < 0) {
		age_opener_free(o);
		return r;
	}
	*ret = o;
	*ret_header = header + AGE_NONCE_BYTES;
	return 0;
}

void age_opener_free(struct age_opener *o)
{
	if (!o)
		return;
	age_stream_done(&o->stream);
	free(o);
}

int age_opener_chunk(struct age_opener *o, uint8_t *ret, const uint8_t *chunk,
	size_t len, int last, struct err *e)
{
	return age_stream_open(&o->stream, ret, chunk, len, last, e);
}
