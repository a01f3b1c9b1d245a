// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "evidence/certs.h"

static void bio_freep(BIO **b)
{
	(void)BIO_free(*b);
}

/* An encrypted file is refused, not asked about on the terminal. */
static int no_password(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

/* Where it has no memory OpenSSL may find no more to say of a chain. */
static bool unspecified(const char *data)
{
	const char *text = X509_verify_cert_error_string(X509_V_ERR_UNSPECIFIED);

	return data && strstr(data, text);
}

int certs_error(struct err *e, int code, const char *what)
{
	const char *data = NULL, *reason = NULL;
	char told[512] = "";
	unsigned long v;
	int flags;

	while ((v = ERR_get_error_all(NULL, NULL, NULL, &data, &flags))) {
		if (ERR_GET_REASON(v) == ERR_R_MALLOC_FAILURE ||
			((flags & ERR_TXT_STRING) && unspecified(data)))
			code = -ENOMEM;
		reason = ERR_reason_error_string(v);
		(void)snprintf(told, sizeof(told), ": %s%s%s",
			reason ? reason : "refused",
			(flags & ERR_TXT_STRING) && data && *data ? ", " : "",
			(flags & ERR_TXT_STRING) && data ? data : "");
	}
	if (code == -ENOMEM)
		return err_set(e, code, "%s: no memory", what);
	return err_set(e, code, "%s%s", what, told);
}

bool certs_no_memory(void)
{
	bool found = false;
	unsigned long v;

	while ((v = ERR_get_error()))
		found |= ERR_GET_REASON(v) == ERR_R_MALLOC_FAILURE;
	return found;
}

static bool at_end(void)
{
	unsigned long v = ERR_peek_last_error();

	return ERR_GET_LIB(v) == ERR_LIB_PEM &&
	       ERR_GET_REASON(v) == PEM_R_NO_START_LINE;
}

static int read_all(STACK_OF(X509) * list, BIO *bio, struct err *e)
{
	X509 *cert;

	ERR_clear_error();
	while ((cert = PEM_read_bio_X509(bio, NULL, no_password, NULL))) {
		if (sk_X509_num(list) == CERTS_MAX) {
			X509_free(cert);
			return err_set(e, -E2BIG, "more than %d certificates",
				CERTS_MAX);
		}
		if (!sk_X509_push(list, cert)) {
			X509_free(cert);
			return certs_error(e, -ENOMEM, "certificates");
		}
	}
	if (!at_end())
		return certs_error(e, -EINVAL, "not a PEM certificate");
	ERR_clear_error();
	if (!sk_X509_num(list))
		return err_set(e, -EINVAL, "no certificate in it");
	return 0;
}

int certs_load(STACK_OF(X509) * *ret, const char *path, struct err *e)
{
	CLEANUP(bio_freep) BIO *bio = NULL;
	STACK_OF(X509) *list = NULL;
	AUTO_BUF struct buf b = { 0 };
	int r;

	buf_init(&b, CERTS_FILE_BYTES);
	r = io_slurp(AT_FDCWD, path, &b, e);
	if (r < 0)
		return err_wrap(e, r, "%s", path);
	bio = BIO_new_mem_buf(b.data ? b.data : (const uint8_t *)"", (int)b.len);
	list = sk_X509_new_null();
	r = bio && list ? read_all(list, bio, e)
			: certs_error(e, -ENOMEM, "certificates");
	if (r < 0) {
		certs_free(list);
		return err_wrap(e, r, "%s", path);
	}
	*ret = list;
	return 0;
}

void certs_free(STACK_OF(X509) * list)
{
	sk_X509_pop_free(list, X509_free);
}

int certs_store(X509_STORE **ret, const STACK_OF(X509) * list, int64_t at,
	struct err *e)
{
	X509_STORE *store = X509_STORE_new();
	X509_VERIFY_PARAM *param = store ? X509_STORE_get0_param(store) : NULL;
	bool good = param != NULL;

	for (int i = 0; good && i < sk_X509_num(list); i++)
		good = X509_STORE_add_cert(store, sk_X509_value(list, i)) == 1;
	if (!good || X509_VERIFY_PARAM_set_flags(
			     param, X509_V_FLAG_PARTIAL_CHAIN) != 1) {
		X509_STORE_free(store);
		return certs_error(e, -ENOMEM, "certificates");
	}
	X509_VERIFY_PARAM_set_time(param, (time_t)at);
	*ret = store;
	return 0;
}

int certs_name(char ret[CERTS_NAME_CHARS], const X509_NAME *name, struct err *e)
{
	CLEANUP(bio_freep) BIO *bio = BIO_new(BIO_s_mem());
	int n;

	ret[0] = 0;
	if (!bio || X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) < 0)
		return certs_error(e, -ENOMEM, "name of a certificate");
	n = BIO_read(bio, ret, CERTS_NAME_CHARS - 1);
	ret[n > 0 ? n : 0] = 0;
	return 0;
}
