// SPDX-License-Identifier: Apache-2.0
/* What was seen on an attached disk, as rows. */
#include <inttypes.h>
#include <time.h>

#include "base/buf.h"
#include "lab/escape.h"
#include "lab/show_cell.h"
#include "lab/show_table.h"

#define NAME_OF(names, has, v)                                                 \
	((has) && (unsigned)(v) < ARRAY_LEN(names) ? (names)[v] : "-")

static const char *const states[] = { "-", "unowned", "packaged", "changed",
	"owned" };

/* "2026-01-31T23:59:59Z" */
static int put_time(struct buf *ret, int has, int64_t ns, struct err *e)
{
	time_t t = (time_t)(ns / 1000000000 - (ns % 1000000000 < 0));
	struct tm tm;

	if (!has || !gmtime_r(&t, &tm))
		return cell_string(ret, NULL, 20, e);
	return buf_text(ret, e, "%04d-%02d-%02dT%02d:%02d:%02dZ ",
		tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		tm.tm_min, tm.tm_sec);
}

static size_t file_rows(const Icecore__V1__Record *m)
{
	return m->disk_files->n_files;
}

static const ProtobufCMessage *file_item(const Icecore__V1__Record *m, size_t i)
{
	return &m->disk_files->files[i]->base;
}

static int file_row(
	struct buf *ret, const Icecore__V1__Record *m, size_t i, struct err *e)
{
	const Icecore__V1__DiskFile *f = m->disk_files->files[i];
	int r = buf_text(ret, e, "%06" PRIo32 " ", f->mode);

	if (r == 0)
		r = cell_u32(ret, 6, f->has_uid, f->uid, e);
	if (r == 0)
		r = cell_u32(ret, 6, f->has_gid, f->gid, e);
	if (r == 0)
		r = cell_u64(ret, 12, f->has_size_bytes, f->size_bytes, e);
	if (r == 0)
		r = put_time(ret, f->has_mtime_ns, f->mtime_ns, e);
	if (r == 0)
		r = cell_string(
			ret, NAME_OF(states, f->has_state, f->state), 8, e);
	if (r == 0)
		r = cell_string(ret, f->package, 20, e);
	if (r == 0)
		r = escape(ret, f->path.data, f->path.len, e);
	if (r < 0 || !f->has_target)
		return r;
	r = buf_text(ret, e, " -> ");
	return r < 0 ? r : escape(ret, f->target.data, f->target.len, e);
}

static int package_row(
	struct buf *ret, const Icecore__V1__Record *m, size_t i, struct err *e)
{
	const Icecore__V1__DiskPackage *p = m->disk_package;
	int r = cell_string(ret, p->format, 6, e);

	(void)i;
	if (r == 0)
		r = cell_u32(ret, 6, p->has_files, p->files, e);
	if (r == 0)
		r = cell_bytes(ret, &p->architecture, 8, e);
	if (r == 0)
		r = cell_bytes(ret, &p->status, 24, e);
	if (r == 0)
		r = cell_bytes(ret, &p->name, 28, e);
	return r < 0 ? r : escape(ret, p->version.data, p->version.len, e);
}

static int verdict_row(
	struct buf *ret, const Icecore__V1__Record *m, size_t i, struct err *e)
{
	static const char *const deviations[] = { "-", "changed", "missing",
		"unowned" };
	static const char *const classes[] = { "-", "login", "setuid",
		"kernel-module", "code", "script", "configuration", "data",
		"documentation" };
	const Icecore__V1__DiskVerdict *v = m->disk_verdict;
	int r = cell_string(
		ret, NAME_OF(deviations, v->has_deviation, v->deviation), 8, e);

	(void)i;
	if (r == 0)
		r = cell_string(
			ret, NAME_OF(classes, v->has_class_, v->class_), 13, e);
	if (r == 0)
		r = cell_bytes(ret, &v->package, 20, e);
	return r < 0 ? r : escape(ret, v->path.data, v->path.len, e);
}

static int persistence_row(
	struct buf *ret, const Icecore__V1__Record *m, size_t i, struct err *e)
{
	const Icecore__V1__DiskPersistence *p = m->disk_persistence;
	int r = cell_string(ret, p->technique, 9, e);

	(void)i;
	if (r == 0)
		r = cell_string(ret, p->kind, 17, e);
	if (r == 0)
		r = cell_string(
			ret, NAME_OF(states, p->has_state, p->state), 8, e);
	if (r == 0)
		r = escape(ret, p->path.data, p->path.len, e);
	if (r == 0 && p->has_line)
		r = buf_text(ret, e, ":%" PRIu32 " ", p->line);
	if (r == 0 && p->has_text)
		r = escape(ret, p->text.data, p->text.len, e);
	if (r < 0 || !p->reason)
		return r;
	r = buf_text(ret, e, " <- ");
	return r < 0 ? r : cell_string(ret, p->reason, 0, e);
}

/* Of each mount: "/home (@home)". */
static int put_mounts(
	struct buf *ret, const Icecore__V1__DiskVolume *v, struct err *e)
{
	int r = v->n_mounts ? 0 : buf_text(ret, e, "-");

	for (size_t i = 0; r == 0 && i < v->n_mounts; i++) {
		const Icecore__V1__DiskMount *m = v->mounts[i];

		r = i ? buf_text(ret, e, ", ") : 0;
		if (r == 0)
			r = escape(ret, m->where.data, m->where.len, e);
		if (r < 0 || !m->has_subvolume)
			continue;
		r = buf_text(ret, e, " (");
		if (r == 0)
			r = escape(ret, m->subvolume.data, m->subvolume.len, e);
		if (r == 0)
			r = buf_text(ret, e, ")");
	}
	if (r == 0 && v->has_log_dirty && v->log_dirty)
		r = buf_text(ret, e, ", its log not replayed");
	return r;
}

/* "p2" or "group/logical" */
static int put_which(
	struct buf *ret, const Icecore__V1__DiskVolume *v, struct err *e)
{
	int r;

	if (!v->has_logical)
		return v->has_partition
			       ? buf_text(ret, e, "p%" PRIu32 " ", v->partition)
			       : cell_string(ret, NULL, 0, e);
	r = escape(ret, v->group.data, v->group.len, e);
	if (r == 0)
		r = buf_text(ret, e, "/");
	return r < 0 ? r : cell_bytes(ret, &v->logical, 0, e);
}

static int volume_row(
	struct buf *ret, const Icecore__V1__Record *m, size_t i, struct err *e)
{
	const Icecore__V1__DiskVolume *v = m->disk_volume;
	int r = cell_u64(ret, 14, v->has_start_bytes, v->start_bytes, e);

	(void)i;
	if (r == 0)
		r = cell_u64(ret, 14, v->has_size_bytes, v->size_bytes, e);
	if (r == 0)
		r = cell_string(ret, v->type, 12, e);
	if (r == 0)
		r = cell_bytes(ret, &v->uuid, 36, e);
	if (r == 0)
		r = cell_bytes(ret, &v->label, 12, e);
	if (r == 0)
		r = cell_bytes(ret, &v->device, 16, e);
	if (r == 0)
		r = put_which(ret, v, e);
	if (r == 0)
		r = put_mounts(ret, v, e);
	if (r < 0 || !v->why_not)
		return r;
	r = buf_text(ret, e, " <- ");
	return r < 0 ? r : cell_string(ret, v->why_not, 0, e);
}

static int container_row(
	struct buf *ret, const Icecore__V1__Record *m, size_t i, struct err *e)
{
	const Icecore__V1__DiskContainer *c = m->disk_container;
	int r = cell_string(ret, c->engine, 18, e);

	(void)i;
	if (r == 0)
		r = cell_u32(ret, 8, c->has_programs, c->programs, e);
	if (r == 0)
		r = cell_bytes(ret, &c->id, 16, e);
	if (r == 0)
		r = cell_bytes(ret, &c->name, 20, e);
	if (r == 0)
		r = cell_bytes(ret, &c->image, 28, e);
	return r < 0 ? r : escape(ret, c->layer.data, c->layer.len, e);
}

static size_t event_count(const Icecore__V1__Record *m)
{
	return m->disk_events->n_events;
}

static const ProtobufCMessage *event_item(const Icecore__V1__Record *m, size_t i)
{
	return &m->disk_events->events[i]->base;
}

static int event_row(
	struct buf *ret, const Icecore__V1__Record *m, size_t i, struct err *e)
{
	const Icecore__V1__DiskEvent *v = m->disk_events->events[i];
	int r = put_time(ret, v->has_time_ns, v->time_ns, e);

	if (r == 0)
		r = cell_string(ret, v->source, 11, e);
	if (r == 0)
		r = cell_bytes(ret, &v->program, 16, e);
	if (r == 0)
		r = cell_bytes(ret, &v->user, 10, e);
	if (r == 0)
		r = cell_bytes(ret, &v->terminal, 10, e);
	if (r == 0)
		r = cell_bytes(ret, &v->address, 15, e);
	return r < 0 ? r : escape(ret, v->text.data, v->text.len, e);
}

const struct show_table show_disk_tables[] = {
	{ "volume", ICECORE__V1__RECORD__BODY_DISK_VOLUME,
		"         START           SIZE TYPE         UUID                                 LABEL        DEVICE           VOLUME AND WHERE IT WAS MOUNTED",
		NULL, NULL, volume_row },
	{ "disk-file", ICECORE__V1__RECORD__BODY_DISK_FILES,
		"  MODE    UID    GID         SIZE MODIFIED             STATE    PACKAGE              PATH",
		file_rows, file_item, file_row },
	{ "package", ICECORE__V1__RECORD__BODY_DISK_PACKAGE,
		"FORMAT  FILES ARCH     STATUS                   NAME                         VERSION",
		NULL, NULL, package_row },
	{ "verdict", ICECORE__V1__RECORD__BODY_DISK_VERDICT,
		"VERDICT  CLASS         PACKAGE              PATH", NULL, NULL,
		verdict_row },
	{ "persistence", ICECORE__V1__RECORD__BODY_DISK_PERSISTENCE,
		"TECHNIQUE KIND              STATE    WHERE", NULL, NULL,
		persistence_row },
	{ "disk-event", ICECORE__V1__RECORD__BODY_DISK_EVENTS,
		"TIME                 SOURCE      PROGRAM          USER       TERMINAL   ADDRESS         TEXT",
		event_count, event_item, event_row },
	{ "container", ICECORE__V1__RECORD__BODY_DISK_CONTAINER,
		"ENGINE             PROGRAMS ID               NAME                 IMAGE                        LAYER",
		NULL, NULL, container_row },
	{ 0 },
};
