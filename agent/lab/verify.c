// SPDX-License-Identifier: Apache-2.0
#include <getopt.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "lab/lab.h"
#include "lab/parallel.h"
#include "lab/reader.h"

static const char usage[] =
	"usage: icelab verify [--json] [--signed-by HEX] EVIDENCE\n"
	"\n"
	"Check the capture in the directory EVIDENCE: the signatures, the chain of\n"
	"manifests, and size and SHA-256 of every segment. No key is needed.\n"
	"\n"
	"  --signed-by HEX  the Ed25519 key that icecore capture reported: evidence\n"
	"                   signed anew by somebody else is then told as damage\n"
	"  --json           one JSON object on stdout\n"
	"\n"
	"Exit status: 0 complete, 3 complete with gaps or partial, 1 damaged.\n";

static void hex(char ret[HASH_HEX_CHARS], const uint8_t *v)
{
	for (size_t i = 0; i < HASH_BYTES; i++)
		(void)snprintf(ret + 2 * i, 3, "%02x", v[i]);
}

static json_t *to_json(const struct reader *r)
{
	json_t *findings = json_array();
	char key[HASH_HEX_CHARS];

	for (size_t i = 0;
		findings && i < r->findings_n && i < READER_FINDINGS_MAX; i++)
		findings = json_append(findings, json_text(r->findings[i].text));
	hex(key, r->public_key);
	return json_pack("{s:s, s:o, s:s, s:I, s:I, s:b, s:o}", "verdict",
		lab_verdict(r), "capture", json_text(r->capture_id),
		"signed_by", key, "segments", (json_int_t)r->segments_n,
		"unlisted_segments", (json_int_t)r->unlisted, "final",
		r->ending != NULL, "findings", findings);
}

static int verify(const char *path, const char *signer, int json, struct err *e)
{
	struct reader *r = NULL;
	char key[HASH_HEX_CHARS];
	int rc, status = LAB_FAILED;

	rc = reader_open(&r, path, e);
	if (rc < 0)
		return rc;
	hex(key, r->public_key);
	if (signer && strcasecmp(signer, key) != 0)
		reader_finding(r, "manifests: signed by %s", key);
	rc = reader_check(r, parallel_threads(), e);
	if (rc == 0) {
		status = lab_tell(r);
		(void)fprintf(stderr, "signed by %s\n%s\n", key, lab_verdict(r));
		if (json) {
			AUTO_JSON json_t *j = to_json(r);

			rc = json_print(STDOUT_FILENO, j, e);
		}
	}
	reader_close(r);
	return rc < 0 ? rc : status;
}

int cmd_verify(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "signed-by", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	const char *signer = NULL;
	struct err e = { 0 };
	int c, json = 0, r;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 'j':
			json = 1;
			break;
		case 's':
			signer = optarg;
			break;
		case 'h':
			(void)fputs(usage, stdout);
			return LAB_COMPLETE;
		default:
			return lab_usage(usage);
		}
	}
	if (optind + 1 != argc)
		return lab_usage(usage);
	r = verify(argv[optind], signer, json, &e);
	return r < 0 ? lab_failed(&e) : r;
}
