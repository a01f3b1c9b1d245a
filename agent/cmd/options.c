// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <unistd.h>

#include "base/err.h"
#include "base/num.h"
#include "cloud/metadata.h"
#include "cloud/store_options.h"
#include "cmd/choice_options.h"
#include "cmd/options.h"
#include "cmd/recipient_option.h"
#include "cmd/recorder_option.h"
#include "collect/collector.h"
#include "memory/source.h"
#include "stream/stream.h"
#include "trigger/request.h"

/* Above the letters, and those of other files. */
enum { OPTION_DISK_MAX = 3072, OPTION_DISK_SECONDS };

static int set_source(struct capture_options *o, const char *name, struct err *e)
{
	if (strcmp(name, "auto") == 0)
		return o->plan.source = 0;
	o->plan.source = source_kind_find(name);
	if (!o->plan.source)
		return err_set(e, -EINVAL,
			"no source '%.40s' (auto, kmod, bpf, kcore, devmem)",
			name);
	return 0;
}

static int set_level(struct capture_options *o, const char *text, struct err *e)
{
	bool negative = text[0] == '-';
	uint64_t v;

	if (strcmp(text, "auto") == 0) {
		o->plan.level = STREAM_LEVEL_AUTO;
		return 0;
	}
	if (num_u64(&v, text + negative, e) < 0 ||
		v > (negative ? -STREAM_LEVEL_MIN : STREAM_LEVEL_MAX))
		return err_set(e, -EINVAL,
			"level '%.20s' is not auto or %d to %d", text,
			STREAM_LEVEL_MIN, STREAM_LEVEL_MAX);
	o->plan.level = negative ? -(int)v : (int)v;
	return 0;
}

static int set_manifest_every(
	struct capture_options *o, const char *text, struct err *e)
{
	uint64_t seconds;

	if (num_u64(&seconds, text, e) < 0 ||
		seconds > STREAM_MANIFEST_SECONDS_MAX)
		return err_set(e, -EINVAL,
			"--manifest-every '%.20s' is not 0 to %d seconds", text,
			STREAM_MANIFEST_SECONDS_MAX);
	o->plan.manifest_ns = seconds * 1000000000;
	return 0;
}

static int set_seconds(
	unsigned *ret, const char *option, const char *text, struct err *e)
{
	uint64_t seconds;

	if (num_u64(&seconds, text, e) < 0 || seconds == 0 ||
		seconds > OPTIONS_DEADLINE_SECONDS_MAX)
		return err_set(e, -EINVAL, "%s '%.20s' is not 1 to %d seconds",
			option, text, OPTIONS_DEADLINE_SECONDS_MAX);
	*ret = (unsigned)seconds;
	return 0;
}

static bool is_named(const struct collector *c, const char *name, size_t n)
{
	return strlen(c->name) == n && memcmp(c->name, name, n) == 0;
}

/* "memory,kernel"; the registry's order stands.  A command line may be parsed
 * more than once, so it stays as it is. */
static int set_collectors(
	struct capture_options *o, const char *list, struct err *e)
{
	bool wanted[CAPTURE_COLLECTORS_MAX] = { false };
	size_t n;

	for (const char *name = list;; name += n + 1) {
		bool found = false;

		n = strcspn(name, ",");
		for (size_t i = 0; collectors[i]; i++)
			if (is_named(collectors[i], name, n))
				found = wanted[i] = true;
		if (!found)
			return err_set(e, -EINVAL, "no collector '%.*s'",
				(int)(n < 40 ? n : 40), name);
		if (!name[n])
			break;
	}
	o->listed = true;
	o->plan.collectors_n = 0;
	for (size_t i = 0; collectors[i]; i++)
		if (wanted[i])
			o->plan.collectors[o->plan.collectors_n++] =
				collectors[i];
	return 0;
}

static int set_cloud(struct capture_options *o, const char *name, struct err *e)
{
	if (strcmp(name, "auto") == 0) {
		o->plan.cloud = CAPTURE_CLOUD_AUTO;
		return 0;
	}
	o->plan.cloud = metadata_kind_find(name);
	if (o->plan.cloud < 0)
		return err_set(e, -EINVAL,
			"no cloud '%.40s' (auto, aws, azure, gcp, none)", name);
	return 0;
}

static bool set_leave_out(struct capture_options *o, int c)
{
	static const struct {
		int c;
		enum collect_leave_out what;
	} table[] = {
		{ 'V', COLLECT_NO_ENVIRONMENT },
		{ 'I', COLLECT_NO_ITERATOR },
		{ 'G', COLLECT_NO_DIAG },
		{ 'P', COLLECT_NO_PEEK_BPF },
		{ 'K', COLLECT_NO_PEEK_KCORE },
	};

	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (table[i].c == c) {
			o->plan.leave_out |= table[i].what;
			return true;
		}
	return false;
}

static int set_binaries(
	struct capture_options *o, const char *name, struct err *e)
{
	static const char *const names[] = {
		[COLLECT_BINARIES_SUSPICIOUS] = "suspicious",
		[COLLECT_BINARIES_ALL] = "all",
		[COLLECT_BINARIES_NONE] = "none",
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i], name) == 0) {
			o->plan.binaries = (int)i;
			return 0;
		}
	return err_set(e, -EINVAL,
		"--binaries '%.20s' is not all, suspicious or none", name);
}

#define AT(field) offsetof(struct capture_options, field)

/* What is kept as it is given. */
static const struct {
	int c;
	size_t offset;
} texts[] = {
	{ 'c', AT(plan.case_name) },
	{ 't', AT(plan.destination) },
	{ 'n', AT(plan.name) },
	{ 'm', AT(plan.module_path) },
	{ 'T', AT(plan.tsa.url) },
	{ 'A', AT(plan.tsa.ca_file) },
	{ 'S', AT(plan.spool) },
	{ 'o', AT(plan.disk.dir) },
	{ 'g', AT(config) },
};

static const struct {
	int c;
	size_t offset;
} switches[] = {
	{ 'j', AT(json) },
	{ 'q', AT(quiet) },
	{ 'h', AT(help) },
	{ 'y', AT(check) },
};

static bool set_as_given(struct capture_options *o, int c)
{
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (texts[i].c == c) {
			*(const char **)(void *)((uint8_t *)o + texts[i].offset) =
				optarg;
			return true;
		}
	for (size_t i = 0; i < ARRAY_LEN(switches); i++)
		if (switches[i].c == c) {
			*(bool *)((uint8_t *)o + switches[i].offset) = true;
			return true;
		}
	return set_leave_out(o, c);
}

static int set_option(struct capture_options *o, int c, struct err *e)
{
	int r;

	switch (c) {
	case 'r':
		return recipient_option(o, optarg, e);
	case 'R':
		return recipient_option_file(o, optarg, e);
	case 's':
		return set_source(o, optarg, e);
	case 'l':
		return set_level(o, optarg, e);
	case 'C':
		return set_collectors(o, optarg, e);
	case 'M':
		return num_bytes(&o->max_memory_bytes, optarg, e);
	case 'E':
		return set_manifest_every(o, optarg, e);
	case 'O':
		return set_cloud(o, optarg, e);
	case 'B':
		return num_bytes(&o->plan.spool_max_bytes, optarg, e);
	case 'D':
		return set_seconds(&o->deadline_seconds, "--deadline", optarg, e);
	case 'b':
		return set_binaries(o, optarg, e);
	case 'x':
		return num_bytes(&o->plan.binaries_bytes, optarg, e);
	case OPTION_DISK_MAX:
		return num_bytes(&o->plan.disk_bytes, optarg, e);
	case OPTION_DISK_SECONDS:
		return set_seconds(
			&o->plan.disk_seconds, "--disk-seconds", optarg, e);
	case 'p':
		return openpgp_keys_load(&o->package_keys, optarg, e);
	case 'w':
		o->plan.disk.allow |= DISK_ALLOW_WRITABLE;
		return 0;
	default:
		break;
	}
	if (set_as_given(o, c))
		return 0;
	r = recorder_option(o, c, optarg, e);
	if (r != -ENOENT)
		return r;
	r = choice_option(&o->plan, c, optarg, e);
	if (r > 0)
		r = volume_option(&o->volume, c, optarg, e);
	if (r <= 0)
		return r;
	return store_option(&o->plan.store, c, optarg, e);
}

static int check(struct capture_options *o, struct err *e)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	int workers;

	if (!o->plan.case_name)
		return err_set(e, -EINVAL, "no case given: --case NAME");
	if (!o->plan.destination)
		return err_set(
			e, -EINVAL, "no destination given: --to DIR or URL");
	if (!o->plan.recipients_n)
		return err_set(e, -EINVAL,
			"no recipient given: --recipient age1... (icelab "
			"keygen makes a key)");
	workers = capture_workers(
		o->max_memory_bytes, cpus < 1 ? 1 : (unsigned)cpus, e);
	if (workers < 0)
		return err_wrap(e, workers, "--max-memory");
	o->plan.workers = (unsigned)workers;
	return 0;
}

/* Of all these commands. */
#define COMMON_OPTIONS                                                         \
	{ "case", required_argument, NULL, 'c' },                              \
		{ "to", required_argument, NULL, 't' },                        \
		{ "name", required_argument, NULL, 'n' },                      \
		{ "recipient", required_argument, NULL, 'r' },                 \
		{ "recipients-file", required_argument, NULL, 'R' },           \
		{ "level", required_argument, NULL, 'l' },                     \
		{ "max-memory", required_argument, NULL, 'M' },                \
		{ "manifest-every", required_argument, NULL, 'E' },            \
		{ "tsa", required_argument, NULL, 'T' },                       \
		{ "tsa-ca", required_argument, NULL, 'A' },                    \
		{ "spool", required_argument, NULL, 'S' },                     \
		{ "spool-max", required_argument, NULL, 'B' },                 \
		{ "deadline", required_argument, NULL, 'D' },                  \
		STORE_LONG_OPTIONS, { "json", no_argument, NULL, 'j' },        \
		{ "quiet", no_argument, NULL, 'q' },                           \
	{                                                                      \
		"help", no_argument, NULL, 'h'                                 \
	}

/* Of capture and watch. */
#define HOST_OPTIONS                                                           \
	{ "source", required_argument, NULL, 's' },                            \
		{ "module", required_argument, NULL, 'm' },                    \
		{ "collect", required_argument, NULL, 'C' },                   \
		{ "cloud", required_argument, NULL, 'O' },                     \
		{ "no-environ", no_argument, NULL, 'V' },                      \
		{ "binaries", required_argument, NULL, 'b' },                  \
		{ "binaries-max", required_argument, NULL, 'x' },              \
		{ "disk-max", required_argument, NULL, OPTION_DISK_MAX },      \
		{ "disk-seconds", required_argument, NULL, 'Y' },              \
		RECORDER_LONG_OPTIONS

static const struct option watch_options[] = {
	COMMON_OPTIONS,
	HOST_OPTIONS,
	CHOICE_LONG_OPTIONS,
	{ "socket", required_argument, NULL, 'k' },
	{ "config", required_argument, NULL, 'g' },
	{ "check", no_argument, NULL, 'y' },
	{ 0 },
};

static const struct option capture_options[] = {
	COMMON_OPTIONS,
	HOST_OPTIONS,
	{ "recorder", no_argument, NULL, 'f' },
	CHOICE_LONG_OPTIONS,
	/* For tests: as on a kernel without them. */
	{ "no-iterator", no_argument, NULL, 'I' },
	{ "no-diag", no_argument, NULL, 'G' },
	{ "no-peek-bpf", no_argument, NULL, 'P' },
	{ "no-peek-kcore", no_argument, NULL, 'K' },
	{ 0 },
};

static const struct option triage_options[] = {
	COMMON_OPTIONS,
	{ "root", required_argument, NULL, 'o' },
	{ "package-keys", required_argument, NULL, 'p' },
	VOLUME_LONG_OPTIONS,
	{ "allow-writable", no_argument, NULL, 'w' },
	{ 0 },
};

static void set_defaults(struct capture_options *ret, enum options_of of)
{
	const struct collector *const *all =
		of == OPTIONS_TRIAGE ? disk_collectors : collectors;

	*ret = (struct capture_options){
		.max_memory_bytes = CAPTURE_MEMORY_BYTES,
		.deadline_seconds = OPTIONS_DEADLINE_SECONDS,
	};
	store_options_init(&ret->plan.store);
	ret->plan.spool_max_bytes = CAPTURE_SPOOL_BYTES;
	ret->plan.trigger = "command";
	ret->plan.recipients = ret->recipients;
	/* The machine that a disk is attached to is not the one it is of. */
	ret->plan.cloud =
		of == OPTIONS_TRIAGE ? METADATA_NONE : CAPTURE_CLOUD_AUTO;
	ret->recorder.size_bytes = RECORDER_SIZE_BYTES;
	ret->recorder.seconds = RECORDER_SECONDS;
	ret->with_recorder = of == OPTIONS_WATCH;
	ret->socket = TRIGGER_SOCKET_PATH;
	ret->plan.level = STREAM_LEVEL_AUTO;
	ret->plan.manifest_ns = STREAM_MANIFEST_SECONDS * 1000000000ULL;
	for (size_t i = 0; all[i]; i++)
		if (of == OPTIONS_TRIAGE || !all[i]->asked)
			ret->plan.collectors[ret->plan.collectors_n++] = all[i];
}

static const struct option *const options_all[] = {
	[OPTIONS_CAPTURE] = capture_options,
	[OPTIONS_TRIAGE] = triage_options,
	[OPTIONS_WATCH] = watch_options,
};

int options_kind(enum options_of of, const char *name)
{
	for (const struct option *o = options_all[of]; o->name; o++)
		if (strcmp(o->name, name) == 0)
			return o->has_arg;
	return -1;
}

int options_parse(struct capture_options *ret, enum options_of of, int argc,
	char **argv, struct err *e)
{
	const struct option *options = options_all[of];
	int c, r = 0;

	set_defaults(ret, of);
	while (r == 0 && !ret->help &&
		(c = getopt_long(argc, argv, "r:R:qh", options, NULL)) != -1)
		r = set_option(ret, c, e);
	if (r < 0 || ret->help)
		return r;
	if (optind != argc)
		return err_set(e, -EINVAL, "what is '%.60s'? see --help",
			argv[optind]);
	if (ret->config)
		return 0;
	if (ret->check)
		return err_set(e, -EINVAL, "--check goes with --config FILE");
	r = of == OPTIONS_TRIAGE ? volume_option_check(ret, e) : 0;
	if (r < 0 || ret->volume.list)
		return r;
	ret->with_recorder = ret->with_recorder && !ret->recorder_off;
	r = choice_check(&ret->plan, ret->listed, e);
	if (r == 0 && of != OPTIONS_TRIAGE && !ret->with_recorder)
		r = recorder_absent(&ret->plan, e);
	return r < 0 ? r : check(ret, e);
}
