// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <getopt.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "evidence/timestamp.h"
#include "lab/lab.h"
#include "lab/proofs.h"
#include "lab/reader.h"
#include "lab/sandbox.h"

static const char usage[] =
	"usage: icelab timestamp EVIDENCE -o DIR\n"
	"\n"
	"Write the time-stamp requests (RFC 3161) of the manifests that have no time\n"
	"stamp to DIR, as manifest-NNNNNN.tsq: of the first, the final, and for a\n"
	"capture that was cut off the last one. DIR must exist. Any authority can\n"
	"answer them:\n"
	"\n"
	"  curl -H 'Content-Type: application/timestamp-query' --data-binary \\\n"
	"      @manifest-000000.tsq -o manifest-000000.tsr http://tsa.example/\n"
	"\n"
	"icelab verify --timestamp-replies DIR --tsa-ca FILE then checks the answers.\n"
	"\n"
	"Exit status: 0 the requests are there, 1 failed, 2 usage.\n";

static int write_request(int dir, const struct reader_manifest *m, struct err *e)
{
	AUTO_BUF struct buf request = { 0 };
	char name[PROOFS_NAME_CHARS];
	AUTO_CLOSE int fd = -1;
	int r;

	buf_init(&request, MANIFEST_REQUEST_MAX_BYTES);
	r = timestamp_request(&request, m->m.signature, e);
	if (r < 0)
		return r;
	proofs_name(name, m->number, "tsq");
	fd = io_open(dir, name, O_WRONLY | O_CREAT | O_EXCL, 0644, e);
	if (fd < 0)
		return fd;
	r = io_write(fd, request.data, request.len, e);
	if (r < 0)
		return err_wrap(e, r, "%s", name);
	(void)printf("%s\n", name);
	return 0;
}

static int write_all(const char *evidence, const char *out, struct err *e)
{
	AUTO_CLOSE int dir = -1;
	struct reader *r = NULL;
	size_t n = 0;
	int rc;

	dir = io_open(AT_FDCWD, out, O_RDONLY | O_DIRECTORY, 0, e);
	if (dir < 0)
		return dir;
	rc = lab_confine(
		&(struct sandbox){ .read = { evidence }, .write = { out } }, e);
	if (rc == 0)
		rc = reader_open(&r, evidence, e);
	if (rc < 0)
		return rc;
	for (size_t i = 0; rc == 0 && i < r->manifests_n; i++) {
		if (!proofs_stampable(r, i) || r->manifests[i].m.token.len)
			continue;
		rc = write_request(dir, &r->manifests[i], e);
		n++;
	}
	if (rc == 0)
		(void)fprintf(stderr, "%zu requests\n", n);
	reader_close(r);
	return rc;
}

int cmd_timestamp(int argc, char **argv)
{
	static const struct option options[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	const char *out = NULL;
	struct err e = { 0 };
	int c;

	while ((c = getopt_long(argc, argv, "o:h", options, NULL)) != -1) {
		switch (c) {
		case 'o':
			out = optarg;
			break;
		case 'h':
			(void)fputs(usage, stdout);
			return LAB_COMPLETE;
		default:
			return lab_usage(usage);
		}
	}
	if (optind + 1 != argc || !out)
		return lab_usage(usage);
	return write_all(argv[optind], out, &e) < 0 ? lab_failed(&e)
						    : LAB_COMPLETE;
}
