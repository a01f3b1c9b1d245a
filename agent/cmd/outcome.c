// SPDX-License-Identifier: Apache-2.0
#include <inttypes.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "cmd/outcome.h"

static const char *outcome_name(const struct capture_result *res, int r)
{
	if (r < 0)
		return "failed";
	if (res->outcome == ICECORE__V1__OUTCOME__OUTCOME_INTERRUPTED)
		return "interrupted";
	if (res->spooled)
		return "complete, but partly in the spool";
	return res->gaps ? "complete with gaps" : "complete";
}

json_t *outcome_json(
	const struct capture_result *res, int r, const struct err *why)
{
	return json_pack(
		"{s:s, s:o, s:o, s:o, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:f, "
		"s:s, s:I, s:I, s:o, s:I, s:f}",
		"outcome", outcome_name(res, r), "error", json_text(why->msg),
		"location", json_text(res->location), "capture",
		json_text(res->capture_id), "memory_source", res->source,
		"segments", (json_int_t)res->segments, "sealed_bytes",
		(json_int_t)res->sealed_bytes, "memory_bytes",
		(json_int_t)res->memory_bytes, "memory_gap_bytes",
		(json_int_t)res->memory_gap_bytes, "memory_doubtful_bytes",
		(json_int_t)res->memory_doubtful_bytes, "gaps",
		(json_int_t)res->gaps, "seconds", (double)res->elapsed_ns / 1e9,
		"signed_by", res->public_key, "spooled_objects",
		(json_int_t)res->spooled, "spooled_bytes",
		(json_int_t)res->spooled_bytes, "spool", json_text(res->spool),
		"retries", (json_int_t)res->retries, "away_seconds",
		(double)res->away_ns / 1e9);
}

static int print_json(const struct capture_result *res, int r,
	const struct err *why, struct err *e)
{
	AUTO_JSON json_t *j = outcome_json(res, r, why);

	return json_print(STDOUT_FILENO, j, e);
}

static void say(const struct capture_options *o,
	const struct capture_result *res, int r)
{
	double seconds = (double)res->elapsed_ns / 1e9;
	double mib = (double)res->memory_bytes / (1 << 20);

	if (o->plan.disk.dir)
		log_info("%s: %s in %.1f s, %" PRIu64
			 " segments, %.0f MiB sealed",
			outcome_name(res, r),
			o->volume.n ? o->volume.devices[0] : o->plan.disk.dir,
			seconds, res->segments,
			(double)res->sealed_bytes / (1 << 20));
	else
		log_info("%s: %.0f MiB of memory in %.1f s (%.0f MiB/s), %" PRIu64
			 " segments, %.0f MiB sealed",
			outcome_name(res, r), mib, seconds,
			seconds > 0 ? mib / seconds : 0, res->segments,
			(double)res->sealed_bytes / (1 << 20));
	if (res->gaps)
		log_warn("%" PRIu64 " gaps, %" PRIu64 " bytes of memory missing",
			res->gaps, res->memory_gap_bytes);
	if (res->retries)
		log_warn("%" PRIu64 " puts tried again, the destination was away "
			 "for %.1f s",
			res->retries, (double)res->away_ns / 1e9);
	if (res->spooled)
		log_warn("%" PRIu64 " objects (%" PRIu64 " bytes) are in %s: send "
			 "them with icecore push",
			res->spooled, res->spooled_bytes, res->spool);
	if (res->memory_doubtful_bytes)
		log_warn("%" PRIu64 " bytes of zeros are doubtful: the source "
			 "also writes zeros for what it does not read",
			res->memory_doubtful_bytes);
	log_info("evidence in %s", res->location);
	log_info("signed by %s", res->public_key);
}

int outcome_tell(const struct capture_options *o,
	const struct capture_result *res, int r, const struct err *why)
{
	struct err print = { 0 };

	if (r == 0)
		say(o, res, r);
	if (o->json && print_json(res, r, why, &print) < 0)
		return cmd_failed(&print);
	if (r < 0)
		return cmd_failed(why);
	return res->gaps || res->spooled ||
			       res->outcome !=
				       ICECORE__V1__OUTCOME__OUTCOME_COMPLETE
		       ? CMD_GAPS
		       : CMD_COMPLETE;
}
