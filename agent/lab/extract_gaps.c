// SPDX-License-Identifier: Apache-2.0
/*
 * memory.gaps.json: what the image cannot say by itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "base/json.h"
#include "lab/extract.h"

static json_t *range_json(struct range r)
{
	return json_pack("{s:o, s:o, s:I}", "start", json_hex(r.start), "end",
		json_hex(r.end), "bytes", (json_int_t)(r.end - r.start));
}

static json_t *ranges_json(const struct ranges *rs)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < rs->n; i++)
		list = json_append(list, range_json(rs->v[i]));
	return list;
}

/* "no-direct-map" from PAGE_STATUS_NO_DIRECT_MAP. */
static json_t *enum_json(
	const ProtobufCEnumDescriptor *d, int v, const char *prefix)
{
	const ProtobufCEnumValue *e = protobuf_c_enum_descriptor_get_value(d, v);
	const char *name = e ? e->name : "unknown";
	char text[64];
	size_t n = 0;

	if (strncmp(name, prefix, strlen(prefix)) == 0)
		name += strlen(prefix);
	for (; n < sizeof(text) - 1 && name[n]; n++)
		text[n] = (char)(name[n] == '_'			    ? '-'
				 : name[n] >= 'A' && name[n] <= 'Z' ? name[n] + 32
								    : name[n]);
	text[n] = 0;
	return json_string(text);
}

static json_t *gap_json(const struct extract_gap *g)
{
	json_t *j = range_json(g->range);
	int r = json_object_set_new(j, "status",
		enum_json(&icecore__v1__page_status__descriptor, g->page_status,
			"PAGE_STATUS_"));

	if (r == 0)
		r = json_object_set_new(j, "source",
			enum_json(&icecore__v1__memory_source__descriptor,
				g->source, "MEMORY_SOURCE_"));
	if (r == 0 && g->text[0])
		r = json_object_set_new(j, "reason", json_text(g->text));
	if (r == 0)
		return j;
	json_decref(j);
	return NULL;
}

/* The gaps of memory that the host told, in the order of addresses. */
static int by_start(const void *a, const void *b)
{
	const struct extract_gap *x = a, *y = b;

	return x->range.start < y->range.start ? -1
					       : x->range.start > y->range.start;
}

static json_t *gaps_json(const struct extract_result *res, bool memory)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < res->gaps_n; i++) {
		const struct extract_gap *g = &res->gaps[i];

		if ((g->kind == ICECORE__V1__GAP_KIND__GAP_KIND_MEMORY) != memory)
			continue;
		list = json_append(
			list, memory ? gap_json(g) : json_text(g->text));
	}
	return list;
}

int extract_write_gaps(const struct extract_result *res, const struct reader *r,
	const struct extract_options *options, struct err *e)
{
	AUTO_CLOSE int fd = io_open(options->outfd, "memory.gaps.json",
		O_WRONLY | O_CREAT | O_EXCL, 0600, e);
	AUTO_JSON json_t *j = NULL;
	int rc;

	if (fd < 0)
		return fd;
	if (res->gaps_n)
		qsort(res->gaps, res->gaps_n, sizeof(*res->gaps), by_start);
	j = json_pack("{s:o, s:s, s:I, s:o, s:o, s:o, s:o, s:o, s:o}",
		"capture", json_text(r->capture_id), "verdict", lab_verdict(r),
		"memory_bytes", (json_int_t)res->memory_bytes, "missing",
		ranges_json(&res->missing), "gaps", gaps_json(res, true),
		"other_gaps", gaps_json(res, false), "private_map",
		ranges_json(&res->private_map), "zero_doubtful",
		ranges_json(&res->doubtful), "unvouched",
		ranges_json(&res->unvouched));
	rc = json_print(fd, j, e);
	if (rc == 0)
		rc = io_fsync(fd, e);
	if (rc < 0)
		(void)unlinkat(options->outfd, "memory.gaps.json", 0);
	return rc < 0 ? err_wrap(e, rc, "memory.gaps.json") : 0;
}
