// SPDX-License-Identifier: Apache-2.0
/* What a metadata service, or a stranger, says of a host.  By the first byte:
 * EC2 (the document, a NUL, its signature), Azure, or GCE. */
#include "base/err.h"
#include "fuzz/fuzz_certs.h"
#include "lab/identity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fill(Icecore__V1__IdentityProof *p, uint8_t *data, size_t size)
{
	uint8_t *nul = data[0] == 'e' ? memchr(data, 0, size) : NULL;

	p->kind = data[0] == 'e'
			  ? ICECORE__V1__IDENTITY_KIND__IDENTITY_KIND_EC2_RSA2048
		  : data[0] == 'a'
			  ? ICECORE__V1__IDENTITY_KIND__IDENTITY_KIND_AZURE_ATTESTED
			  : ICECORE__V1__IDENTITY_KIND__IDENTITY_KIND_GCE_TOKEN;
	p->document.data = data + 1;
	p->document.len = size - 1;
	if (!nul)
		return;
	p->document.len = (size_t)(nul - data) - 1;
	p->signature.data = nul + 1;
	p->signature.len = size - 2 - p->document.len;
}

static int check(const Icecore__V1__IdentityProof *p, STACK_OF(X509) * list)
{
	const struct identity_context c = {
		.capture_id = "seed", .at = 1800000000, .authorities = list
	};
	AUTO_JSON json_t *j = NULL;
	struct err e = { 0 };
	int r = identity_check(&j, p, &c, &e);

	if (r < 0 ? j || !e.msg[0] : !j)
		abort();
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Icecore__V1__IdentityProof p = ICECORE__V1__IDENTITY_PROOF__INIT;
	AUTO_FREE uint8_t *copy = NULL;

	if (!size || size > 64 << 10)
		return 0;
	copy = malloc(size);
	if (!copy)
		abort();
	memcpy(copy, data, size);
	fill(&p, copy, size);
	(void)check(&p, NULL);
	/* Nobody has the key of these. */
	if (check(&p, fuzz_certs()) == 0)
		abort();
	return 0;
}
