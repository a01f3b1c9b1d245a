// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <limits.h>

#include "base/err.h"
#include "base/num.h"
#include "cloud/store_options.h"

const char store_options_usage[] =
	"Destinations:\n"
	"  DIR, file:///DIR              a directory that exists\n"
	"  s3://BUCKET[/PREFIX]          Amazon S3, or with --endpoint another's\n"
	"  gs://BUCKET[/PREFIX]          Google Cloud Storage, with an HMAC key\n"
	"  azure://ACCOUNT/CONTAINER[/PREFIX]\n"
	"  https://HOST[:PORT][/PREFIX]  PUT to a collector or WebDAV; http:// on\n"
	"                                loopback only\n"
	"\n"
	"How the destination is reached, and by which right:\n"
	"  --ticket FILE        the right to add: '-' is standard input. What the clouds'\n"
	"                       own tools print: session keys (aws sts assume-role), an\n"
	"                       S3 POST policy, presigned PUTs by object name, an Azure\n"
	"                       SAS, a bearer token. When it expires the file is read\n"
	"                       again, or the descriptor goes on with the next one\n"
	"  --ticket-fd N        the same from an open descriptor\n"
	"  --role NAME          of the machine, instead of a ticket: ec2, container,\n"
	"                       web-identity, azure\n"
	"  --endpoint URL       of a store that is not the provider's own\n"
	"  --region REGION      of an S3 bucket (us-east-1)\n"
	"  --virtual-style      with --endpoint: the bucket's name is in the host's\n"
	"  --bucket-owner-control  give S3 objects to the bucket's owner (x-amz-acl), as\n"
	"                       a bucket with ACLs needs it of another account's keys\n"
	"  --ca-file FILE       PEM: the authorities to trust, instead of the system's\n"
	"  --pin sha256//B64    the server's public key\n"
	"  --client-cert FILE, --client-key FILE   PEM, for mutual TLS\n"
	"  --proxy URL          the environment's is not used\n"
	"  --metadata URL       of the cloud's metadata service, if not the usual\n";

void store_options_init(struct store_config *config)
{
	*config = (struct store_config){ .ticket_fd = -1, .role = -1 };
}

static int set_fd(struct store_config *c, const char *text, struct err *e)
{
	uint64_t v;

	if (num_u64(&v, text, e) < 0 || v > INT_MAX)
		return err_set(e, -EINVAL, "no descriptor '%.20s'", text);
	c->ticket_fd = (int)v;
	return 0;
}

static int set_role(struct store_config *c, const char *name, struct err *e)
{
	c->role = role_find(name);
	if (c->role < 0)
		return err_set(e, -EINVAL,
			"no role '%.40s' (ec2, container, web-identity, azure)",
			name);
	return 0;
}

/* Somebody's ticket in the place of its file: no message may repeat it. */
static int set_ticket(struct store_config *c, const char *value, struct err *e)
{
	if (value[0] == '{' || strstr(value, "sig="))
		return err_set(e, -EINVAL,
			"--ticket takes the name of a file, not the ticket "
			"itself, which is now known to every process here");
	if (strcmp(value, "-") == 0)
		c->ticket_fd = STDIN_FILENO;
	else
		c->ticket_file = value;
	return 0;
}

/* What libcurl says of another kind has all of it, its password too. */
static int set_proxy(struct store_config *c, const char *value, struct err *e)
{
	static const char *const schemes[] = { "http://", "https://",
		"socks5://", "socks5h://" };

	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		if (strncmp(value, schemes[i], strlen(schemes[i])) == 0) {
			c->http.proxy = value;
			return 0;
		}
	return err_set(e, -EINVAL,
		"a proxy is http://, https://, socks5:// or socks5h://"
		"HOST[:PORT]");
}

int store_option(
	struct store_config *c, int code, const char *value, struct err *e)
{
	const char **const texts[] = {
		[STORE_OPTION_ENDPOINT - STORE_OPTION_TICKET] = &c->url.endpoint,
		[STORE_OPTION_REGION - STORE_OPTION_TICKET] = &c->url.region,
		[STORE_OPTION_CA_FILE - STORE_OPTION_TICKET] = &c->http.ca_file,
		[STORE_OPTION_PIN - STORE_OPTION_TICKET] = &c->http.pin,
		[STORE_OPTION_CLIENT_CERT - STORE_OPTION_TICKET] =
			&c->http.client_cert,
		[STORE_OPTION_CLIENT_KEY - STORE_OPTION_TICKET] =
			&c->http.client_key,
		[STORE_OPTION_METADATA - STORE_OPTION_TICKET] = &c->metadata,
	};
	int i = code - STORE_OPTION_TICKET;

	switch (code) {
	case STORE_OPTION_TICKET:
		return set_ticket(c, value, e);
	case STORE_OPTION_TICKET_FD:
		return set_fd(c, value, e);
	case STORE_OPTION_PROXY:
		return set_proxy(c, value, e);
	case STORE_OPTION_ROLE:
		return set_role(c, value, e);
	case STORE_OPTION_VIRTUAL_STYLE:
		c->url.virtual_style = true;
		return 0;
	case STORE_OPTION_BUCKET_OWNER:
		c->bucket_owner_control = true;
		return 0;
	default:
		if (i < 0 || i >= (int)ARRAY_LEN(texts) || !texts[i])
			return err_set(e, -EINVAL, "see --help");
		*texts[i] = value;
		return 0;
	}
}
