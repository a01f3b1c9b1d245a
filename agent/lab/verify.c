// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <getopt.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "base/json.h"
#include "lab/custody.h"
#include "lab/lab.h"
#include "lab/out_file.h"
#include "lab/parallel.h"
#include "lab/proofs.h"
#include "lab/reader.h"
#include "lab/sandbox.h"

static const char usage[] =
	"usage: icelab verify [options] EVIDENCE\n"
	"\n"
	"Check the capture in the directory EVIDENCE: the signatures, the chain of\n"
	"manifests, and size and SHA-256 of every segment; and offline what others say\n"
	"of when and where it was taken. No key is needed.\n"
	"\n"
	"  --signed-by HEX  the Ed25519 key that icecore capture reported: evidence\n"
	"                   signed anew by somebody else is then told as damage\n"
	"  --tsa-ca FILE    PEM certificates of time-stamp authorities (RFC 3161): each\n"
	"                   token must lead to one of them\n"
	"  --tsa-untrusted FILE\n"
	"                   certificates on the way there, if the tokens lack them\n"
	"  --timestamp-replies DIR\n"
	"                   where the answers to icelab timestamp are,\n"
	"                   manifest-NNNNNN.tsr; by default beside the manifests\n"
	"  --require-timestamp\n"
	"                   the first and the final manifest without a good time stamp\n"
	"                   are told as damage\n"
	"  --identity-ca FILE\n"
	"                   PEM certificates for the cloud's identity document: EC2's of\n"
	"                   that region (not an authority), an authority of Azure's, or\n"
	"                   those of Google's keys\n"
	"  --report FILE    write a report of the chain of custody, as text: what was\n"
	"                   checked, by which commands it is checked again, what was not\n"
	"                   checked; - for stdout\n"
	"  --json           one JSON object on stdout, with the same in \"custody\"\n"
	"\n"
	"Exit status: 0 complete, 3 complete with gaps or partial, 1 damaged.\n";

static void hex(char ret[HASH_HEX_CHARS], const uint8_t *v)
{
	for (size_t i = 0; i < HASH_BYTES; i++)
		(void)snprintf(ret + 2 * i, 3, "%02x", v[i]);
}

struct verify_options {
	const char *signer; /* hexadecimal, NULL = not known */
	bool json;
	const char *report; /* NULL = none */
	struct proofs_options proofs;
};

static json_t *to_json(const struct reader *r, const struct proofs *p,
	const struct verify_options *o)
{
	json_t *findings = json_array();
	char key[HASH_HEX_CHARS];

	for (size_t i = 0;
		findings && i < r->findings_n && i < READER_FINDINGS_MAX; i++)
		findings = json_append(findings, json_text(r->findings[i].text));
	hex(key, r->public_key);
	return json_pack("{s:s, s:o, s:s, s:I, s:I, s:b, s:o, s:O, s:O, s:o}",
		"verdict", lab_verdict(r), "capture", json_text(r->capture_id),
		"signed_by", key, "segments", (json_int_t)r->segments_n,
		"unlisted_segments", (json_int_t)r->unlisted, "final",
		r->ending != NULL, "findings", findings, "timestamps",
		p->timestamps, "identity", p->identity, "custody",
		custody_json(r, p, o->signer));
}

/* The one line that another day changes is the last. */
static int write_report(const struct out_file *report, const struct reader *r,
	const struct proofs *p, const struct verify_options *o, struct err *e)
{
	AUTO_JSON json_t *custody = custody_json(r, p, o->signer);
	AUTO_BUF struct buf text = { 0 };
	char when[CUSTODY_TIME_CHARS];
	int rc;

	buf_init(&text, CUSTODY_TEXT_BYTES);
	rc = custody_text(&text, custody, e);
	custody_time(when, (uint64_t)time(NULL) * 1000000000);
	if (rc == 0)
		rc = buf_text(&text, e,
			"\nBy the clock of this machine it was %s as this was checked.\n",
			when);
	if (rc < 0)
		return rc;
	return io_write(report->fd, text.data, text.len, e);
}

static int tell(const struct reader *r, const struct proofs *p,
	const struct verify_options *o, const struct out_file *report,
	struct err *e)
{
	AUTO_JSON json_t *j = NULL;
	char key[HASH_HEX_CHARS];
	int status = lab_tell(r), rc = 0;

	hex(key, r->public_key);
	proofs_tell(p);
	(void)fprintf(stderr, "signed by %s\n%s\n", key, lab_verdict(r));
	if (o->report)
		rc = write_report(report, r, p, o, e);
	if (rc == 0 && o->json) {
		j = to_json(r, p, o);
		rc = json_print(STDOUT_FILENO, j, e);
	}
	return rc < 0 ? rc : status;
}

static int verify(const char *path, const struct verify_options *o, struct err *e)
{
	struct reader *r = NULL;
	struct proofs proofs = { 0 };
	const struct sandbox s = {
		.read = { path, o->proofs.tsa_ca, o->proofs.tsa_untrusted,
			o->proofs.replies, o->proofs.identity_ca }
	};
	struct out_file report;
	int rc = out_file_open(&report, o->report, e);

	if (rc < 0)
		return rc;
	rc = lab_confine(&s, e);
	if (rc == 0)
		rc = reader_open(&r, path, e);
	if (rc == 0)
		reader_check_signer(r, o->signer);
	if (rc == 0)
		rc = reader_check(r, parallel_threads(), e);
	if (rc == 0)
		rc = proofs_check(&proofs, r, &o->proofs, e);
	if (rc == 0)
		rc = tell(r, &proofs, o, &report, e);
	proofs_done(&proofs);
	reader_close(r);
	return out_file_close(&report, rc, e);
}

int cmd_verify(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "report", required_argument, NULL, 'r' },
		{ "signed-by", required_argument, NULL, 's' },
		{ "tsa-ca", required_argument, NULL, 'T' },
		{ "tsa-untrusted", required_argument, NULL, 'U' },
		{ "timestamp-replies", required_argument, NULL, 'R' },
		{ "require-timestamp", no_argument, NULL, 'q' },
		{ "identity-ca", required_argument, NULL, 'I' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct verify_options o = { 0 };
	struct err e = { 0 };
	int c, r;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 'j':
			o.json = true;
			break;
		case 'r':
			o.report = optarg;
			break;
		case 's':
			o.signer = optarg;
			break;
		case 'T':
			o.proofs.tsa_ca = optarg;
			break;
		case 'U':
			o.proofs.tsa_untrusted = optarg;
			break;
		case 'R':
			o.proofs.replies = optarg;
			break;
		case 'q':
			o.proofs.require_timestamp = true;
			break;
		case 'I':
			o.proofs.identity_ca = optarg;
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
	if (o.proofs.require_timestamp && !o.proofs.tsa_ca) {
		(void)fputs(
			"icelab: --require-timestamp needs --tsa-ca\n", stderr);
		return LAB_USAGE;
	}
	if (o.json && o.report && strcmp(o.report, "-") == 0) {
		(void)fputs("icelab: --json and --report - both want stdout\n",
			stderr);
		return LAB_USAGE;
	}
	r = verify(argv[optind], &o, &e);
	return r < 0 ? lab_failed(&e) : r;
}
