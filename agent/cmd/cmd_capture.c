// SPDX-License-Identifier: Apache-2.0
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "cloud/store_options.h"
#include "cmd/choice_options.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "cmd/outcome.h"
#include "collect/collector.h"

static const char usage[] =
	"usage: icecore capture --case CASE --to DEST --recipient age1... [options]\n"
	"\n"
	"Take the processes and the physical memory of this host, and what makes memory\n"
	"readable, sealed for the recipients, to DEST/CASE/HOST/CAPTURE. Run it as root.\n"
	"\n"
	"  --case CASE             name of the case\n"
	"  --to DEST               destination: a directory or a URL, see below\n"
	"  -r, --recipient KEY     public key that can open it (age1...); several allowed\n"
	"  -R, --recipients-file F public keys, one a line\n"
	"  --source NAME           auto (default), kmod, bpf, kcore or devmem; auto takes\n"
	"                          the first that opens, and the next where one fails\n"
	"  --module FILE           icecore.ko for this kernel: loaded for the capture,\n"
	"                          unloaded afterwards\n"
	"  --collect LIST          of kernel,event,process,file,network,core,binary,\n"
	"                          integrity,memory; all by default; and disk, which is\n"
	"                          what icecore triage takes, of this host's own\n"
	"%s"
	"  --recorder              record what happens while the capture runs, too; the\n"
	"                          collector event writes it at the end\n"
	"  --recorder-size SIZE    at most that much of it (32MiB)\n"
	"  --recorder-seconds S    and no older than this (3600)\n"
	"  --no-environ            leave the processes' environments out\n"
	"  --binaries WHICH        whose content is taken of what runs: suspicious (default:\n"
	"                          what is not as a package made it), all or none\n"
	"  --binaries-max SIZE     of all these contents (4GiB)\n"
	"  --disk-max SIZE         of the contents that collector disk reads (16GiB)\n"
	"  --disk-seconds S        that it may take (300)\n"
	"  --name NAME             of the capture; by default the time and four bytes of\n"
	"                          chance\n"
	"  --max-memory SIZE       resident memory, 64MiB by default: two workers\n"
	"  --level N               of zstd, -7 to 19; auto follows the destination\n"
	"  --manifest-every S      sign for what arrived every S seconds (10); 0: after\n"
	"                          each segment\n"
	"  --tsa URL               time-stamp authority (RFC 3161) that stamps the first\n"
	"                          and the final manifest; where it does not answer in\n"
	"                          10 s the request is kept, to be answered later\n"
	"  --tsa-ca FILE           PEM certificates: only tokens that lead to these are\n"
	"                          kept\n"
	"  --cloud NAME            whose signed identity of this host to ask for: auto\n"
	"                          (default, by what the firmware says), aws, azure, gcp\n"
	"                          or none\n"
	"  --spool DIR             where sealed objects go while the destination is away;\n"
	"                          icecore push sends them later. Without it the capture\n"
	"                          waits for the destination\n"
	"  --spool-max SIZE        at most there (1GiB)\n"
	"  --deadline SECONDS      then end in order (86400)\n"
	"  --json                  one JSON object with the result on stdout\n"
	"  -q, --quiet             warnings and errors only\n"
	"\n"
	"%s"
	"\n"
	"SIGINT or SIGTERM ends a capture in order: what was read is sealed and signed\n"
	"for, the rest is told as a gap. Exit status: 0 complete, 3 complete with gaps or\n"
	"ended early, 1 failed, 2 usage.\n";

static void show_progress(const struct capture_progress *p)
{
	double seconds = (double)p->elapsed_ns / 1e9;
	double mib = (double)p->memory_done_bytes / (1 << 20);
	double total = (double)p->memory_total_bytes / (1 << 20);
	double rate = seconds > 0 ? mib / seconds : 0;
	char line[160];

	(void)snprintf(line, sizeof(line),
		"memory %.0f of %.0f MiB (%.0f %%), %.0f MiB/s, sealed %.0f MiB, "
		"%.0f s left",
		mib, total, total > 0 ? 100 * mib / total : 0, rate,
		(double)p->sealed_bytes / (1 << 20),
		rate > 0 ? (total - mib) / rate : 0);
	log_progress(line);
}

/* They are of as long as the capture runs. */
static void events_last(struct capture_plan *plan)
{
	const struct collector *event = NULL;
	size_t n = 0;

	for (size_t i = 0; i < plan->collectors_n; i++)
		if (strcmp(plan->collectors[i]->name, "event") == 0)
			event = plan->collectors[i];
		else
			plan->collectors[n++] = plan->collectors[i];
	if (event)
		plan->collectors[n] = event;
}

int cmd_capture(int argc, char **argv)
{
	struct capture_options o;
	struct recorder *recorder = NULL;
	struct capture_result res;
	struct err e = { 0 };
	int r = options_parse(&o, OPTIONS_CAPTURE, argc, argv, &e);

	if (r < 0)
		return cmd_bad_option(&e);
	if (o.help)
		return (void)printf(usage, choice_options_usage,
			       store_options_usage),
		       CMD_COMPLETE;
	if (o.quiet)
		log_set_level(LOG_WARN);
	o.plan.interrupted = cmd_catch_signals();
	(void)alarm(o.deadline_seconds);
	if (!o.quiet && isatty(STDERR_FILENO))
		o.plan.progress = show_progress;
	if (o.with_recorder) {
		events_last(&o.plan);
		r = recorder_open(&recorder, &o.recorder, &e);
		if (r < 0)
			return cmd_failed(&e);
		o.plan.recorder = recorder;
	}
	r = capture_run(&res, &o.plan, &e);
	recorder_close(recorder);
	log_progress(NULL);
	return outcome_tell(&o, &res, r, &e);
}
