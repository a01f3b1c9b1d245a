// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <getopt.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "lab/lab.h"

static const char usage[] =
	"usage: icelab keygen -o FILE\n"
	"\n"
	"Make a forensic key pair (age X25519). FILE, which must not exist, gets\n"
	"the secret key, readable by its owner only: keep it where no suspect\n"
	"host can reach it. The public key is printed: give it to\n"
	"icecore capture --recipient.\n";

static int key_text(struct buf *ret, const struct age_identity *id,
	const char *recipient, struct err *e)
{
	char secret[TEXT_KEY_CHARS];
	time_t now = time(NULL);
	char when[32] = "";
	struct tm tm;
	int r;

	if (gmtime_r(&now, &tm))
		(void)strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	age_identity_encode(secret, id);
	r = buf_text(ret, e, "# created: %s\n# public key: %s\n%s\n", when,
		recipient, secret);
	explicit_bzero(secret, sizeof(secret));
	return r;
}

static int write_key(const char *path, const struct buf *text, struct err *e)
{
	AUTO_CLOSE int fd =
		io_open(AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL, 0600, e);
	int r;

	if (fd < 0)
		return fd;
	r = io_write(fd, text->data, text->len, e);
	if (r == 0)
		r = io_fsync(fd, e);
	if (r < 0)
		(void)unlink(path);
	return r < 0 ? err_wrap(e, r, "%s", path) : 0;
}

int cmd_keygen(int argc, char **argv)
{
	struct age_identity id = { 0 };
	char recipient[TEXT_KEY_CHARS];
	struct buf text = { 0 };
	const char *out = NULL;
	struct err e = { 0 };
	int c, r;

	while ((c = getopt(argc, argv, "o:h")) != -1) {
		if (c == 'h')
			return (void)fputs(usage, stdout), LAB_COMPLETE;
		if (c != 'o')
			return lab_usage(usage);
		out = optarg;
	}
	if (!out || optind != argc)
		return lab_usage(usage);
	buf_init(&text, LAB_KEY_FILE_BYTES);
	r = age_identity_new(&id, &e);
	if (r == 0) {
		age_recipient_encode(recipient, &id.recipient);
		r = key_text(&text, &id, recipient, &e);
	}
	if (r == 0)
		r = write_key(out, &text, &e);
	if (text.data)
		explicit_bzero(text.data, text.cap);
	buf_done(&text);
	age_identity_done(&id);
	if (r < 0)
		return lab_failed(&e);
	(void)printf("%s\n", recipient);
	return LAB_COMPLETE;
}
