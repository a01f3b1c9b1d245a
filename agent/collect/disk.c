// SPDX-License-Identifier: Apache-2.0
/*
 * A disk, attached or this host's own: its files and packages, then what is
 * wrong with them.
 */
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "collect/collector_internal.h"
#include "collect/disk_live.h"
#include "collect/disk_record.h"
#include "collect/disk_trace.h"
#include "collect/disk_volume.h"
#include "collect/finding.h"
#include "disk/boot.h"
#include "disk/container.h"
#include "disk/odd.h"
#include "stream/writer.h"

#define NO_RULE RULES

enum { RULE_ID_CHARS = 64 };

struct disk_run {
	const struct collect_env *env;
	struct writer *w;
	struct picture picture;
};

static int put_gap(void *arg, const char *path, const char *reason, struct err *e)
{
	struct disk_run *d = arg;
	Icecore__V1__Gap gap = ICECORE__V1__GAP__INIT;
	struct err what = { 0 };

	/* Names of a disk need not be text, which a gap's are. */
	(void)err_set(&what, 0, "%s", path);
	for (char *c = what.msg; *c; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	gap.kind = ICECORE__V1__GAP_KIND__GAP_KIND_FILE;
	gap.what = what.msg;
	gap.reason = (char *)(uintptr_t)reason;
	return writer_gap(d->w, &gap, e);
}

/* Which rule a deviation is of; NO_RULE: it is as common as it is harmless. */
static enum rule_id rule_for(const struct verify_verdict *v)
{
	static const enum rule_id changed[VERIFY_CLASSES] = {
		[0] = NO_RULE,
		[VERIFY_LOGIN] = RULE_LOGIN_CHANGED,
		[VERIFY_SETUID] = RULE_SETUID_CHANGED,
		[VERIFY_KERNEL_MODULE] = RULE_KMOD_CHANGED,
		[VERIFY_CODE] = RULE_CODE_CHANGED_ON_DISK,
		[VERIFY_SCRIPT] = RULE_SCRIPT_CHANGED,
		[VERIFY_CONFIGURATION] = NO_RULE,
		[VERIFY_DATA] = RULE_DATA_CHANGED,
		[VERIFY_DOCUMENTATION] = NO_RULE,
	};
	static const enum rule_id unowned[VERIFY_CLASSES] = {
		[0] = NO_RULE,
		[VERIFY_LOGIN] = RULE_LOGIN_UNOWNED,
		[VERIFY_SETUID] = RULE_SETUID_UNOWNED,
		[VERIFY_KERNEL_MODULE] = RULE_KMOD_UNOWNED,
		[VERIFY_CODE] = RULE_CODE_UNOWNED,
		[VERIFY_SCRIPT] = RULE_CODE_UNOWNED,
		[VERIFY_CONFIGURATION] = NO_RULE,
		[VERIFY_DATA] = NO_RULE,
		[VERIFY_DOCUMENTATION] = NO_RULE,
	};

	if (v->deviation == VERIFY_CHANGED)
		return changed[v->class];
	if (v->deviation == VERIFY_MISSING)
		return v->class <= VERIFY_SCRIPT ? RULE_CODE_MISSING : NO_RULE;
	if (v->where == VERIFY_TEMPORARY)
		return RULE_CODE_TEMPORARY;
	if (v->where == VERIFY_LOCAL && v->class >= VERIFY_CODE)
		return RULE_CODE_LOCAL;
	return unowned[v->class];
}

static int see_verdict(void *arg, const struct verify_verdict *v, struct err *e)
{
	struct disk_run *d = arg;
	const struct finding_ref ref = {
		.kind = ICECORE__V1__RECORD__BODY_DISK_VERDICT,
		.name = v->path,
	};
	enum rule_id rule = rule_for(v);
	int r = disk_put_verdict(d->w, &d->picture, v, e);

	if (r < 0 || rule == NO_RULE)
		return r;
	return finding_put(d->w, rule, &ref, 1,
		packages_name(&d->picture.packages, v->package), e);
}

/* Whoever changed a program may have changed what it is compared with. */
static enum rule_id rule_of_package(const struct package *p)
{
	switch ((enum packages_signature)p->signature) {
	case PACKAGES_BAD_SIGNATURE:
		return RULE_PACKAGE_ALTERED;
	case PACKAGES_UNSIGNED:
		return RULE_PACKAGE_UNSIGNED;
	case PACKAGES_OTHER_KEY:
		return RULE_PACKAGE_OTHER_KEY;
	case PACKAGES_NOT_ASKED:
	case PACKAGES_SIGNED:
	case PACKAGES_SIGNATURE_UNREAD:
		break;
	}
	if (p->altered)
		return RULE_PACKAGE_ALTERED;
	if (p->not_locked)
		return RULE_PACKAGE_NOT_LOCKED;
	return p->other_version ? RULE_PACKAGE_OTHER_VERSION : NO_RULE;
}

static int judge_packages(struct disk_run *d, struct err *e)
{
	const struct packages *p = &d->picture.packages;
	int r = 0;

	for (uint16_t i = 1; r == 0 && i <= p->n; i++) {
		enum rule_id rule = rule_of_package(&p->v[i - 1]);
		const struct finding_ref ref = {
			.kind = ICECORE__V1__RECORD__BODY_DISK_PACKAGE,
			.name = packages_name(p, i),
		};

		if (rule != NO_RULE)
			r = finding_put(d->w, rule, &ref, 1, NULL, e);
	}
	return r;
}

static int see_odd(void *arg, enum odd_kind kind, const char *path, struct err *e)
{
	static const enum rule_id ids[ODD_KINDS] = {
		[ODD_SETUID] = RULE_ODD_SETUID,
		[ODD_CAPABILITY] = RULE_ODD_CAPABILITY,
		[ODD_IMMUTABLE] = RULE_ODD_IMMUTABLE,
		[ODD_NAME] = RULE_ODD_NAME,
		[ODD_DEVICE] = RULE_ODD_DEVICE,
	};
	struct disk_run *d = arg;
	const struct finding_ref ref = {
		.kind = ICECORE__V1__RECORD__BODY_DISK_FILES,
		.name = path,
	};

	return finding_put(d->w, ids[kind], &ref, 1, NULL, e);
}

/* Of what dracut strips nobody can tell whose it was. */
static int see_boot(void *arg, const struct boot_found *f, struct err *e)
{
	struct disk_run *d = arg;
	struct rule rule = *rule_of(RULE_INITRAMFS_CODE);
	const struct finding_ref ref = {
		.kind = ICECORE__V1__RECORD__BODY_DISK_FILES,
		.name = f->image,
	};
	char detail[FINDING_DETAIL_BYTES];

	if (f->stripped)
		rule.severity = ICECORE__V1__SEVERITY__SEVERITY_INFO;
	if (f->file)
		(void)snprintf(detail, sizeof(detail), "%.400s", f->file->name);
	else
		(void)snprintf(detail, sizeof(detail), "and %llu more",
			(unsigned long long)f->more);
	return finding_put_rule(d->w, &rule, &ref, 1, detail, e);
}

static int see_container(
	void *arg, const struct container_found *f, struct err *e)
{
	struct disk_run *d = arg;

	return disk_put_container(d->w, f, e);
}

static int see_container_program(void *arg, const struct container_found *f,
	const char *path, struct err *e)
{
	struct disk_run *d = arg;
	const struct finding_ref ref = {
		.kind = ICECORE__V1__RECORD__BODY_DISK_FILES,
		.name = path,
	};
	char detail[FINDING_DETAIL_BYTES];

	(void)snprintf(detail, sizeof(detail), "%s %.64s, %.100s of %.200s",
		f->engine, f->id, f->name, f->image);
	return finding_put(d->w, RULE_CONTAINER_PROGRAM, &ref, 1, detail, e);
}

static int put_containers(struct disk_run *d, struct err *e)
{
	const struct container_tell tell = { see_container,
		see_container_program, put_gap, d };

	return containers_run(&d->picture, &tell, e);
}

/* "of no package: line 3: * * * * * root /tmp/x" */
static void describe(
	char ret[FINDING_DETAIL_BYTES], const struct persist_found *f)
{
	if (f->item.line)
		(void)snprintf(ret, FINDING_DETAIL_BYTES, "%s: line %u: %.*s",
			f->reason, f->item.line, (int)f->item.text.len,
			f->item.text.p);
	else
		(void)snprintf(ret, FINDING_DETAIL_BYTES, "%s", f->reason);
}

static int see_persistence(
	void *arg, const struct persist_found *f, struct err *e)
{
	static const struct {
		Icecore__V1__Severity severity;
		const char *sentence;
	} levels[] = {
		[PERSIST_NOTED] = { ICECORE__V1__SEVERITY__SEVERITY_INFO,
			"what runs by itself was changed, as is common here" },
		[PERSIST_ODD] = { ICECORE__V1__SEVERITY__SEVERITY_MEDIUM,
			"something runs by itself that is no package's" },
		[PERSIST_BAD] = { ICECORE__V1__SEVERITY__SEVERITY_HIGH,
			"something odd runs by itself" },
	};
	struct disk_run *d = arg;
	const struct finding_ref ref = {
		.kind = ICECORE__V1__RECORD__BODY_DISK_PERSISTENCE,
		.name = f->path,
	};
	char id[RULE_ID_CHARS], detail[FINDING_DETAIL_BYTES];
	struct rule rule = { .id = id, .technique = f->place->technique };
	int r = disk_put_persistence(d->w, &d->picture, f, e);

	if (r < 0 || !f->whole || f->level == PERSIST_USUAL)
		return r;
	(void)snprintf(id, sizeof(id), "persistence.%s", f->place->kind);
	rule.severity = levels[f->level].severity;
	rule.sentence = levels[f->level].sentence;
	describe(detail, f);
	return finding_put_rule(d->w, &rule, &ref, 1, detail, e);
}

static int put_all(struct disk_run *d, struct err *e)
{
	const struct picture *p = &d->picture;
	int r = 0;

	if (d->env->volumes)
		r = disk_put_volumes(d->w, d->env->volumes, put_gap, d, e);
	if (r == 0 && !p->packages.whole)
		r = put_gap(d, "packages",
			"no database that this version can read", e);
	if (r == 0)
		r = disk_put_packages(d->w, p, e);
	if (r == 0)
		r = judge_packages(d, e);
	if (r == 0)
		r = disk_put_files(d->w, p, e);
	if (r == 0)
		r = verify_run(p, see_verdict, d, e);
	if (r == 0)
		r = odd_run(p, see_odd, d, e);
	if (r == 0)
		r = boot_run(p, put_gap, see_boot, d, e);
	if (r == 0)
		r = put_containers(d, e);
	if (r == 0)
		r = disk_put_trace(&(struct disk_trace_config){ d->w, p,
					   put_gap, d, d->env->interrupted },
			e);
	return r < 0 ? r : persist_run(p, put_gap, see_persistence, d, e);
}

static int take(
	struct disk_run *d, const struct picture_config *config, struct err *e)
{
	int r = picture_take(&d->picture, config, e), cut;

	if (r < 0)
		return r;
	r = put_all(d, e);
	cut = d->picture.cut || d->picture.walk.cut;
	picture_done(&d->picture);
	return r < 0 ? r : cut;
}

/* An attached disk is what the whole machine is there for. */
static int run_attached(struct disk_run *d, struct err *e)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	return take(d,
		&(struct picture_config){
			.target = d->env->disk,
			.digest = { .threads = cpus < 1 ? 1 : (unsigned)cpus,
				.interrupted = d->env->interrupted },
			.miss = put_gap,
			.arg = d,
			.keys = d->env->package_keys,
		},
		e);
}

static int run_live(struct disk_run *d, struct err *e)
{
	unsigned seconds =
		d->env->disk_seconds ? d->env->disk_seconds : DISK_LIVE_SECONDS;
	struct disk_live live;
	int r = disk_live_open(&live, e);

	if (r < 0)
		return r;
	r = take(d,
		&(struct picture_config){
			.target = &live.target,
			.digest = { .threads = d->env->readers,
				.interrupted = d->env->interrupted,
				.until_ns = clock_ns(CLOCK_MONOTONIC) +
					    seconds * 1000000000ULL,
				.bytes_max = d->env->disk_bytes
						     ? d->env->disk_bytes
						     : DISK_LIVE_BYTES },
			.miss = put_gap,
			.arg = d,
			.skips = live.skips,
			.skips_n = live.skips_n,
		},
		e);
	disk_live_done(&live);
	return r;
}

static int disk_run(
	const struct collect_env *env, struct writer *w, struct err *e)
{
	struct disk_run d = { .env = env, .w = w };

	return env->disk ? run_attached(&d, e) : run_live(&d, e);
}

const struct collector collector_disk = {
	.name = "disk",
	.title = "files, packages and persistence of a disk",
	.asked = true,
	.run = disk_run,
};
