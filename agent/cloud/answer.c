// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "base/err.h"
#include "base/http.h"
#include "base/num.h"
#include "cloud/answer.h"

enum { RETRY_AFTER_MAX = 3600 };

/* The text of the first element ${tag}, which has no children. */
static void element(
	char *ret, size_t cap, const char *text, size_t len, const char *tag)
{
	size_t n = strlen(tag), k = 0;
	const char *p = memmem(text, len, tag, n), *end = text + len;

	ret[0] = 0;
	if (!p)
		return;
	for (p += n; p < end && *p != '<' && k + 1 < cap; p++)
		ret[k++] = *p >= ' ' && *p < 0x7f ? *p : ' ';
	ret[k] = 0;
}

void answer_parse_error(struct answer_error *ret, const char *text, size_t len)
{
	len = !text ? 0 : len > ANSWER_BYTES ? ANSWER_BYTES : len;
	if (!text)
		text = "";
	element(ret->code, sizeof(ret->code), text, len, "<Code>");
	element(ret->message, sizeof(ret->message), text, len, "<Message>");
	element(ret->region, sizeof(ret->region), text, len, "<Region>");
}

/* Where the code says more than the status does. */
static const struct {
	const char *code;
	int result;
} codes[] = {
	{ "ExpiredToken", -EKEYEXPIRED },
	{ "ExpiredTokenException", -EKEYEXPIRED },
	{ "TokenRefreshRequired", -EKEYEXPIRED },
	{ "InvalidToken", -EKEYEXPIRED },
	{ "RequestTimeTooSkewed", -ETIME },
	{ "RequestTimeout", -EAGAIN },
	{ "BadDigest", -EAGAIN },
	{ "XAmzContentSHA256Mismatch", -EAGAIN },
	{ "Md5Mismatch", -EAGAIN },
	{ "Crc64Mismatch", -EAGAIN },
	{ "IncompleteBody", -EAGAIN },
	{ "OperationAborted", -EAGAIN },
	{ "ConditionalRequestConflict", -EAGAIN },
	{ "BlobAlreadyExists", -EEXIST },
	{ "UnauthorizedBlobOverwrite", -EEXIST },
	{ "NotImplemented", -EOPNOTSUPP },
};

static int by_status(int status)
{
	switch (status) {
	case 401:
	case 403:
		return -EACCES;
	case 404:
		return -ENOENT;
	case 408:
	case 429:
		return -EAGAIN;
	case 412:
		return -EEXIST;
	case 501:
		return -EOPNOTSUPP;
	default:
		if (status >= 500)
			return -EAGAIN;
		return status >= 300 && status < 400 ? -EXDEV : -EPROTO;
	}
}

/* A signature, a policy or a token past its time, in each store's words. */
static bool says_expired(const struct answer_error *x)
{
	return strcasestr(x->message, "expired") ||
	       strcasestr(x->message, "not valid in the specified time frame");
}

static int classify(int status, const struct answer_error *x)
{
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (strcmp(x->code, codes[i].code) == 0)
			return codes[i].result;
	if ((status == 400 || status == 401 || status == 403) && says_expired(x))
		return -EKEYEXPIRED;
	return by_status(status);
}

int answer_result(const struct http_answer *a, struct err *e)
{
	struct answer_error x = { 0 };
	char value[HTTP_VALUE_CHARS];

	if (a->status >= 200 && a->status < 300)
		return 0;
	answer_parse_error(&x, (const char *)a->body.data, a->body.len);
	if (!x.code[0] && http_header(a, value, "x-ms-error-code"))
		(void)snprintf(x.code, sizeof(x.code), "%.63s", value);
	if (a->status >= 300 && a->status < 400) {
		if (!http_header(a, value, "x-amz-bucket-region"))
			(void)snprintf(value, sizeof(value), "%s", x.region);
		return err_set(e, -EXDEV,
			"status %d: the store sends us elsewhere, which is "
			"not followed%s%.60s",
			a->status, value[0] ? "; the bucket is in region " : "",
			value);
	}
	return err_set(e, classify(a->status, &x), "status %d%s%s%s%s",
		a->status, x.code[0] ? " " : "", x.code,
		x.message[0] ? ": " : "", x.message);
}

unsigned answer_retry_after(const struct http_answer *a)
{
	char value[HTTP_VALUE_CHARS];
	uint64_t v = 0;

	if (!http_header(a, value, "retry-after") || num_u64(&v, value, NULL) < 0)
		return 0;
	return v > RETRY_AFTER_MAX ? RETRY_AFTER_MAX : (unsigned)v;
}
