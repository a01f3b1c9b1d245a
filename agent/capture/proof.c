// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "base/err.h"
#include "base/log.h"
#include "capture/proof.h"

enum { PATH_CHARS = 512 };

static int get_aws(
	struct proof *p, struct metadata *m, const char *id, struct err *e)
{
	int r = metadata_get(&p->document, m,
		"/latest/dynamic/instance-identity/document", e);

	(void)id;
	if (r == 0)
		r = metadata_get(&p->signature, m,
			"/latest/dynamic/instance-identity/rsa2048", e);
	return r;
}

static int get_azure(
	struct proof *p, struct metadata *m, const char *id, struct err *e)
{
	char path[PATH_CHARS], nonce[MANIFEST_NONCE_CHARS];
	int r = manifest_nonce(nonce, id, e);

	if (r < 0)
		return r;
	(void)snprintf(p->nonce, sizeof(p->nonce), "%s", nonce);
	(void)snprintf(path, sizeof(path),
		"/metadata/attested/document?api-version=2020-09-01&nonce=%s",
		nonce);
	return metadata_get(&p->document, m, path, e);
}

static int get_gce(
	struct proof *p, struct metadata *m, const char *id, struct err *e)
{
	char path[PATH_CHARS];

	(void)snprintf(p->nonce, sizeof(p->nonce), "%s", id);
	(void)snprintf(path, sizeof(path),
		"/computeMetadata/v1/instance/service-accounts/default/identity"
		"?audience=%s&format=full",
		id);
	return metadata_get(&p->document, m, path, e);
}

static const struct getter {
	Icecore__V1__IdentityKind kind;
	int (*get)(struct proof *p, struct metadata *m, const char *capture_id,
		struct err *e);
} getters[] = {
	[METADATA_AWS] = { ICECORE__V1__IDENTITY_KIND__IDENTITY_KIND_EC2_RSA2048,
		get_aws },
	[METADATA_AZURE] = { ICECORE__V1__IDENTITY_KIND__IDENTITY_KIND_AZURE_ATTESTED,
		get_azure },
	[METADATA_GCE] = { ICECORE__V1__IDENTITY_KIND__IDENTITY_KIND_GCE_TOKEN,
		get_gce },
};

static void fill(struct proof *p)
{
	Icecore__V1__IdentityProof *m = &p->message;

	icecore__v1__identity_proof__init(m);
	m->kind = getters[p->cloud].kind;
	m->document = (ProtobufCBinaryData){ p->document.len, p->document.data };
	m->signature =
		(ProtobufCBinaryData){ p->signature.len, p->signature.data };
	m->nonce = p->nonce;
	m->error = p->error;
}

int proof_get(struct proof *ret, enum metadata_kind cloud, const char *url,
	const char *capture_id, struct err *e)
{
	struct metadata *m = NULL;
	struct err why = { 0 };
	int r;

	*ret = (struct proof){ .cloud = cloud };
	if (cloud == METADATA_NONE)
		return 0;
	buf_init(&ret->document, MANIFEST_DOCUMENT_MAX_BYTES);
	buf_init(&ret->signature, MANIFEST_DOCUMENT_MAX_BYTES);
	r = metadata_open(&m, cloud, url, e);
	if (r < 0)
		return r;
	r = getters[cloud].get(ret, m, capture_id, &why);
	metadata_close(m);
	if (r == -ENOMEM)
		return err_set(e, r, "%s", why.msg);
	if (r == 0 && !ret->document.len)
		r = err_set(&why, -EPROTO, "an empty answer");
	if (r < 0) {
		ret->document.len = ret->signature.len = 0;
		(void)snprintf(ret->error, sizeof(ret->error), "%.500s", why.msg);
		log_warn("the cloud does not say who this host is cloud=%s error=\"%s\"",
			metadata_kind_name(cloud), ret->error);
	} else {
		log_info("identity signed by the cloud cloud=%s",
			metadata_kind_name(cloud));
	}
	fill(ret);
	return 0;
}

void proof_done(struct proof *p)
{
	if (!p)
		return;
	buf_done(&p->document);
	buf_done(&p->signature);
}
