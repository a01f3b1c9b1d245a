// SPDX-License-Identifier: Apache-2.0
#include "base/err.h"
#include "base/log.h"
#include "cloud/store_options.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "cmd/outcome.h"

static const char usage[] =
	"usage: icecore triage --root DIR --case CASE --to DEST --recipient age1...\n"
	"                      [options]\n"
	"\n"
	"Take from an attached disk, mounted read-only at DIR, which files it has, what\n"
	"its packages say of them, and what runs by itself; judge what was changed; seal\n"
	"it all to DEST/CASE/HOST/CAPTURE, HOST being the disk's own. Nothing is written\n"
	"there, no link leads out of it, and no time of access changes.\n"
	"\n"
	"  --root DIR              where the disk is mounted\n"
	"  --allow-writable        though it is mounted writable\n"
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

int cmd_triage(int argc, char **argv)
{
	struct capture_options o;
	struct capture_result res;
	struct err e = { 0 };
	int r = options_parse(&o, OPTIONS_TRIAGE, argc, argv, &e);

	if (r < 0)
		return cmd_bad_option(&e);
	if (o.help)
		return (void)printf(usage, store_options_usage), CMD_COMPLETE;
	if (o.quiet)
		log_set_level(LOG_WARN);
	o.plan.interrupted = cmd_catch_signals();
	(void)alarm(o.deadline_seconds);
	r = capture_run(&res, &o.plan, &e);
	return outcome_tell(&o, &res, r, &e);
}
