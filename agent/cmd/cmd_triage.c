// SPDX-License-Identifier: Apache-2.0
#include "base/err.h"
#include "base/log.h"
#include "cloud/store_options.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "cmd/outcome.h"
#include "volume/volume.h"

static const char usage[] =
	"usage: icecore triage {--root DIR | --device PATH...} --case CASE --to DEST\n"
	"                      --recipient age1... [options]\n"
	"       icecore triage --device PATH... --list\n"
	"\n"
	"Take from an attached disk, mounted read-only at DIR, which files it has, what\n"
	"its packages say of them, and what runs by itself; judge what was changed; seal\n"
	"it all to DEST/CASE/HOST/CAPTURE, HOST being the disk's own. Nothing is written\n"
	"there, no link leads out of it, and no time of access changes.\n"
	"\n"
	"  --root DIR              where the disk is mounted\n"
	"%s"
	"  --allow-writable        though it is mounted writable\n"
	"  --package-keys FILE     public keys of packagers, OpenPGP: rpm's packages are\n"
	"                          compared with what was signed; several allowed\n"
	"  --case CASE             name of the case\n"
	"  --to DEST               destination: a directory or a URL, see below\n"
	"  -r, --recipient KEY     public key that can open it (age1...); several allowed\n"
	"  -R, --recipients-file F public keys, one a line\n"
	"  --name NAME             of the capture\n"
	"  --max-memory SIZE, --level N, --manifest-every S, --tsa URL, --tsa-ca FILE,\n"
	"  --spool DIR, --spool-max SIZE, --deadline SECONDS, --json, -q, --quiet\n"
	"                          as of icecore capture\n"
	"\n"
	"%s"
	"\n"
	"Exit status: 0 complete, 3 complete with gaps or ended early, 1 failed, 2 usage.\n";

/* Find and mount the disk by itself; the plan's paths are of this process. */
static int mount_devices(struct volumes *v, struct volumes_config *config,
	struct capture_options *o, struct err *e)
{
	int r;

	config->devices = o->volume.devices;
	config->devices_n = o->volume.n;
	config->root = o->volume.root;
	config->allow_writable = o->plan.disk.allow & DISK_ALLOW_WRITABLE;
	config->interrupted = o->plan.interrupted;
	r = volumes_find(v, config, e);
	if (r == 0 && o->volume.list)
		return volume_list(v, e);
	if (r == 0)
		r = volumes_mount(v, e);
	if (r < 0)
		return r;
	o->plan.disk.dir = v->root;
	o->plan.volumes = v;
	return 0;
}

int cmd_triage(int argc, char **argv)
{
	struct volumes_config config = { 0 };
	struct volumes volumes = { 0 };
	struct capture_options o;
	struct capture_result res = { 0 };
	struct err e = { 0 };
	int r = options_parse(&o, OPTIONS_TRIAGE, argc, argv, &e);

	if (r < 0 || o.help)
		openpgp_keys_free(o.package_keys);
	if (r < 0)
		return cmd_bad_option(&e);
	if (o.help)
		return (void)printf(usage, volume_options_usage,
			       store_options_usage),
		       CMD_COMPLETE;
	if (o.quiet)
		log_set_level(LOG_WARN);
	o.plan.package_keys = o.package_keys;
	o.plan.interrupted = cmd_catch_signals();
	(void)alarm(o.deadline_seconds);
	if (o.volume.n)
		r = mount_devices(&volumes, &config, &o, &e);
	if (r == 0 && !o.volume.list)
		r = capture_run(&res, &o.plan, &e);
	volumes_close(&volumes);
	openpgp_keys_free(o.package_keys);
	if (o.volume.list)
		return r < 0 ? cmd_failed(&e) : CMD_COMPLETE;
	return outcome_tell(&o, &res, r, &e);
}
