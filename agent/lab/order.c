// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "evidence/order.h"
#include "lab/lab.h"

enum { ORDER_MINUTES = 60 };

static const char usage[] =
	"usage: icelab order --key FILE --host NAME --case CASE [options]\n"
	"       icelab order --new-key FILE\n"
	"\n"
	"Sign an order that an icecore watch obeys, and print it: a text for a tag, an\n"
	"attribute, an annotation, a file, or icecore trigger --order.\n"
	"\n"
	"  --new-key FILE       make a key pair: FILE, which must not exist, gets the\n"
	"                       secret key (PEM); the public key is printed, for key =\n"
	"                       in the section [orders] of the watch's configuration\n"
	"  --key FILE           the secret key, Ed25519 as PEM\n"
	"  --host NAME          who shall obey: host name, machine id, the cloud's\n"
	"                       instance id, or a name that its configuration says\n"
	"  --any-host           whoever has the public key\n"
	"  --case CASE          name of the case\n"
	"  --plan NAME          a plan of the watch's configuration\n"
	"  --to DEST            where the evidence goes\n"
	"  --recipient age1...  for whom it is sealed; up to 4; --to and --recipient are\n"
	"                       as the watch has them where they are not given\n"
	"  --minutes N          good from now on for so long (60); at most 30 days\n"
	"\n"
	"An order is obeyed once by a host. Exit status: 0 signed, 1 failed, 2 usage.\n";

struct order_options {
	struct order order;
	const char *new_key, *key, *host;
	uint64_t minutes;
};

static void pkey_freep(EVP_PKEY **p)
{
	EVP_PKEY_free(*p);
}

static int print_public(EVP_PKEY *key, struct err *e)
{
	uint8_t public_key[ORDER_KEY_BYTES];
	size_t len = sizeof(public_key);

	if (EVP_PKEY_get_raw_public_key(key, public_key, &len) != 1 ||
		len != sizeof(public_key))
		return err_set(e, -EIO, "an Ed25519 key without public half");
	for (size_t i = 0; i < len; i++)
		(void)printf("%02x", public_key[i]);
	(void)printf("\n");
	return 0;
}

static int new_key(const char *path, struct err *e)
{
	CLEANUP(pkey_freep)
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	AUTO_CLOSE int fd = -1;
	AUTO_FCLOSE FILE *out = NULL;

	if (!key)
		return err_set(e, -EIO, "new Ed25519 key");
	fd = io_open(AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL, 0600, e);
	if (fd < 0)
		return fd;
	out = fdopen(fd, "w");
	if (!out)
		return err_sys(e, "write %s", path);
	(void)TAKE_FD(fd);
	if (PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL) != 1 ||
		fflush(out) != 0 || fsync(fileno(out)) < 0) {
		(void)unlink(path);
		return err_sys(e, "write %s", path);
	}
	return print_public(key, e);
}

static int load_key(EVP_PKEY **ret, const char *path, struct err *e)
{
	AUTO_FCLOSE FILE *in = fopen(path, "re");

	if (!in)
		return err_sys(e, "open %s", path);
	*ret = PEM_read_PrivateKey(in, NULL, NULL, NULL);
	if (!*ret || EVP_PKEY_get_base_id(*ret) != EVP_PKEY_ED25519)
		return err_set(
			e, -EINVAL, "%s is no secret Ed25519 key (PEM)", path);
	return 0;
}

static int set_text(char *ret, size_t cap, const char *name, struct err *e)
{
	if (strlen(optarg) >= cap)
		return err_set(e, -EINVAL, "--%s has %zu characters at most",
			name, cap - 1);
	(void)snprintf(ret, cap, "%s", optarg);
	return 0;
}

static int set_option(struct order_options *o, int c, struct err *e)
{
	struct order *order = &o->order;

	switch (c) {
	case 'N':
		o->new_key = optarg;
		return 0;
	case 'k':
		o->key = optarg;
		return 0;
	case 'H':
		o->host = optarg;
		return order_host(order->host, optarg, e);
	case 'a':
		order->is_for_any = 1;
		return 0;
	case 'c':
		return set_text(
			order->case_name, sizeof(order->case_name), "case", e);
	case 'p':
		return set_text(order->plan, sizeof(order->plan), "plan", e);
	case 't':
		return set_text(order->destination, sizeof(order->destination),
			"to", e);
	case 'r':
		if (order->recipients_n == ORDER_RECIPIENTS_MAX)
			return err_set(e, -EINVAL, "more than %d recipients",
				ORDER_RECIPIENTS_MAX);
		return age_recipient_decode(
			&order->recipients[order->recipients_n++], optarg, e);
	case 'm':
		if (num_u64(&o->minutes, optarg, e) < 0 || o->minutes == 0 ||
			o->minutes > ORDER_SECONDS_MAX / 60)
			return err_set(e, -EINVAL,
				"--minutes '%.20s' is not 1 to %d", optarg,
				ORDER_SECONDS_MAX / 60);
		return 0;
	default:
		return err_set(e, -EINVAL, "see --help");
	}
}

static int check(const struct order_options *o, struct err *e)
{
	if (o->new_key)
		return 0;
	if (!o->key)
		return err_set(e, -EINVAL, "no key given: --key FILE");
	if (!o->host == !o->order.is_for_any)
		return err_set(e, -EINVAL, "either --host NAME or --any-host");
	if (!o->order.case_name[0])
		return err_set(e, -EINVAL, "no case given: --case NAME");
	return 0;
}

static int print_order(struct order_options *o, struct err *e)
{
	CLEANUP(pkey_freep) EVP_PKEY *key = NULL;
	AUTO_BUF struct buf text = { 0 };
	time_t now = time(NULL);
	int r;

	o->order.not_before = (uint32_t)now;
	o->order.not_after = (uint32_t)(now + (time_t)(60 * o->minutes));
	if (RAND_bytes((uint8_t *)&o->order.id, sizeof(o->order.id)) != 1)
		return err_set(e, -EIO, "no random bytes");
	buf_init(&text, ORDER_TEXT_CHARS);
	r = load_key(&key, o->key, e);
	if (r == 0)
		r = order_sign(&text, &o->order, key, e);
	if (r < 0)
		return r;
	(void)printf("%.*s\n", (int)text.len, (const char *)text.data);
	if (text.len > ORDER_TAG_CHARS)
		(void)fprintf(stderr,
			"icelab: %zu characters do not fit a tag of %d: leave "
			"--to or --recipient to the watch, or use an annotation\n",
			text.len, ORDER_TAG_CHARS);
	return 0;
}

int cmd_order(int argc, char **argv)
{
	static const struct option options[] = {
		{ "new-key", required_argument, NULL, 'N' },
		{ "key", required_argument, NULL, 'k' },
		{ "host", required_argument, NULL, 'H' },
		{ "any-host", no_argument, NULL, 'a' },
		{ "case", required_argument, NULL, 'c' },
		{ "plan", required_argument, NULL, 'p' },
		{ "to", required_argument, NULL, 't' },
		{ "recipient", required_argument, NULL, 'r' },
		{ "minutes", required_argument, NULL, 'm' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct order_options o = { .minutes = ORDER_MINUTES };
	struct err e = { 0 };
	int c, r = 0;

	while (r == 0 &&
		(c = getopt_long(argc, argv, "r:h", options, NULL)) != -1) {
		if (c == 'h')
			return (void)fputs(usage, stdout), LAB_COMPLETE;
		r = set_option(&o, c, &e);
	}
	if (r == 0 && optind != argc)
		r = err_set(&e, -EINVAL, "what is '%.60s'?", argv[optind]);
	if (r == 0)
		r = check(&o, &e);
	if (r < 0) {
		(void)fprintf(stderr, "icelab: %s\n", e.msg);
		return LAB_USAGE;
	}
	r = o.new_key ? new_key(o.new_key, &e) : print_order(&o, &e);
	return r < 0 ? lab_failed(&e) : LAB_COMPLETE;
}
