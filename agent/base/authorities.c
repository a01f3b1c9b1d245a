// SPDX-License-Identifier: Apache-2.0
#include <stddef.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/authorities.h"
#include "base/cleanup.h"

/* Of Debian, Fedora, SUSE, Alpine. */
static const char *const places[] = {
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/ssl/ca-bundle.pem",
	"/etc/ssl/cert.pem",
};

/* Since 7.84 a libcurl says it; one before that was not built by us. */
static int libcurl_has_them(void)
{
#if LIBCURL_VERSION_NUM >= 0x075400
	const curl_version_info_data *v = curl_version_info(CURLVERSION_NOW);

	return v->cainfo || v->capath;
#else
	return 1;
#endif
}

const char *authorities_find(void)
{
	if (libcurl_has_them())
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (access(places[i], R_OK) == 0)
			return places[i];
	return NULL;
}
