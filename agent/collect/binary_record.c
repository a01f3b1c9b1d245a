// SPDX-License-Identifier: Apache-2.0
/* From what is known of a file to its record and finding. */
#include <errno.h>
#include <sys/sysmacros.h>

#include "base/clock.h"
#include "base/err.h"
#include "binary/taken.h"
#include "collect/binary_internal.h"
#include "collect/finding.h"
#include "collect/set.h"
#include "stream/writer.h"

enum { MARKS_MAX = 4 };

/* Room for one record. */
struct room {
	Icecore__V1__Binary out;
	Icecore__V1__ElfTraits elf;
	Icecore__V1__BinaryUse uses[BINARY_USES_TOLD_MAX];
	Icecore__V1__BinaryUse *uses_p[BINARY_USES_TOLD_MAX];
	ProtobufCBinaryData paths[BINARY_USES_TOLD_MAX];
	Icecore__V1__BinaryReason reasons[REASONS_MAX];
	Icecore__V1__BinaryReason *reasons_p[REASONS_MAX];
	Icecore__V1__BinaryPart segments[ELF_SEGMENTS_MAX];
	Icecore__V1__BinaryPart *segments_p[ELF_SEGMENTS_MAX];
	Icecore__V1__BinaryPart sections[ELF_SECTIONS_MAX];
	Icecore__V1__BinaryPart *sections_p[ELF_SECTIONS_MAX];
	ProtobufCBinaryData needed[ELF_NEEDED_MAX];
	ProtobufCBinaryData imports[ELF_TOLD_MAX];
	ProtobufCBinaryData exports[ELF_TOLD_MAX];
	char *marks[MARKS_MAX];
};

static ProtobufCBinaryData text_of(const char *s)
{
	return set_bytes(s, strlen(s));
}

static char *borrowed(const char *s)
{
	return (char *)(uintptr_t)s;
}

static int64_t ns_of(const struct timespec *t)
{
	return (int64_t)t->tv_sec * 1000000000 + t->tv_nsec;
}

static void fill_file(Icecore__V1__Binary *out, const struct binary_known *k)
{
	const struct binary_file *f = k->file;

	SET(out, device_major, major(f->st.st_dev));
	SET(out, device_minor, minor(f->st.st_dev));
	SET(out, inode, f->st.st_ino);
	SET(out, size_bytes, (uint64_t)f->st.st_size);
	/* Of a copy they are the copy's. */
	if (!f->copied) {
		SET(out, mode, f->st.st_mode);
		SET(out, uid, f->st.st_uid);
		SET(out, gid, f->st.st_gid);
		SET(out, links, (uint32_t)f->st.st_nlink);
		SET(out, mtime_ns, ns_of(&f->st.st_mtim));
		SET(out, ctime_ns, ns_of(&f->st.st_ctim));
	} else {
		SET(out, size_bytes, f->taken->size_bytes);
	}
	if (k->look->capability_len)
		SET(out, capability,
			set_bytes(k->look->capability, k->look->capability_len));
	if (f->owner.package[0])
		out->package = borrowed(f->owner.package);
	if (k->state != DISK_UNKNOWN)
		SET(out, state, (Icecore__V1__DiskState)k->state);
	if (f->first_seen_ns)
		SET(out, first_seen_ns, f->first_seen_ns);
	SET(out, last_seen_ns,
		f->taken ? f->taken->last_boot_ns : clock_ns(CLOCK_BOOTTIME));
	if (f->taken)
		SET(out, times, f->taken->times);
	if (k->look->is_script)
		SET(out, script, text_of(k->look->script.line));
}

static void fill_content(Icecore__V1__Binary *out, const struct binary_known *k)
{
	if (k->look->read) {
		SET(out, data_bytes, k->look->content.data_bytes);
		if (k->look->content.hashed) {
			SET(out, sha256,
				set_bytes(k->look->content.sha256,
					CONTENT_SHA256_BYTES));
			SET(out, md5,
				set_bytes(k->look->content.md5,
					CONTENT_MD5_BYTES));
		}
	}
	if (k->content_id)
		SET(out, content_id,
			set_bytes(k->content_id, CONTENT_SHA256_BYTES));
	SET(out, content, k->written);
	if (k->why_not)
		out->content_reason = borrowed(k->why_not);
}

static bool is_new_path(const struct room *m, const char *path)
{
	for (size_t i = 0; i < m->out.n_paths; i++)
		if (m->paths[i].len == strlen(path) &&
			memcmp(m->paths[i].data, path, strlen(path)) == 0)
			return false;
	return true;
}

static void fill_uses(
	struct room *m, const struct binaries *b, const struct binary_file *f)
{
	const struct binary_table *t = &b->table;

	for (uint32_t at = f->first; at && m->out.n_uses < BINARY_USES_TOLD_MAX;
		at = t->uses[at - 1].next) {
		const struct binary_use *u = &t->uses[at - 1];
		Icecore__V1__BinaryUse *out = &m->uses[m->out.n_uses];
		const char *path = binary_text(t, u->path_at);

		icecore__v1__binary_use__init(out);
		SET(out, pid, u->pid);
		SET(out, start_boot_ns, u->start_boot_ns);
		SET(out, how, (Icecore__V1__BinaryHow)u->how);
		if (path)
			SET(out, path, text_of(path));
		if (u->how == BINARY_OPEN)
			SET(out, fd, u->fd);
		if (u->how == BINARY_MAPPED)
			SET(out, address, u->address);
		out->container = borrowed(binary_text(t, u->container_at));
		m->uses_p[m->out.n_uses++] = out;
		if (path && is_new_path(m, path))
			m->paths[m->out.n_paths++] = text_of(path);
	}
	m->out.uses = m->uses_p;
	m->out.paths = m->paths;
	SET(&m->out, uses_number, f->uses);
}

static void fill_part(Icecore__V1__BinaryPart *out, const struct elf_traits *t,
	const struct elf_region *g, int entropy)
{
	const char *name = elf_text(t, g->name_at);

	icecore__v1__binary_part__init(out);
	if (name)
		SET(out, name, text_of(name));
	SET(out, type, g->type);
	SET(out, flags, g->flags);
	SET(out, offset, g->offset);
	SET(out, file_bytes, g->file_bytes);
	SET(out, address, g->address);
	SET(out, memory_bytes, g->memory_bytes);
	if (entropy >= 0)
		SET(out, entropy, (uint32_t)entropy);
}

static void fill_parts(struct room *m, const struct binary_known *k)
{
	const struct elf_traits *t = &k->look->elf;

	for (size_t i = 0; i < t->segments_n; i++) {
		m->segments_p[i] = &m->segments[i];
		fill_part(m->segments_p[i], t, &t->segments[i],
			measure_entropy(k->look->measure, k->look->segments[i]));
	}
	for (size_t i = 0; i < t->sections_n; i++) {
		m->sections_p[i] = &m->sections[i];
		fill_part(m->sections_p[i], t, &t->sections[i],
			measure_entropy(k->look->measure, k->look->sections[i]));
	}
	m->elf.segments = m->segments_p;
	m->elf.n_segments = t->segments_n;
	m->elf.sections = m->sections_p;
	m->elf.n_sections = t->sections_n;
}

static void fill_names(struct room *m, const struct elf_traits *t)
{
	Icecore__V1__ElfTraits *out = &m->elf;

	for (size_t i = 0; i < t->needed_n; i++)
		m->needed[i] = text_of(elf_text(t, t->needed_at[i]));
	out->needed = m->needed;
	out->n_needed = t->needed_n;
	out->imports = m->imports;
	out->exports = m->exports;
	for (size_t i = 0; i < t->told_n; i++) {
		const char *name = elf_text(t, t->told[i].name_at);

		if (name && t->told[i].exported)
			m->exports[out->n_exports++] = text_of(name);
		else if (name)
			m->imports[out->n_imports++] = text_of(name);
	}
	SET(out, imports_number, t->imports);
	SET(out, exports_number, t->exports);
}

static void fill_elf(struct room *m, const struct binary_known *k)
{
	static const char *const makers[] = { NULL, "go", "rust" };
	const struct elf_traits *t = &k->look->elf;
	Icecore__V1__ElfTraits *out = &m->elf;
	uint64_t size = (uint64_t)k->file->st.st_size;

	icecore__v1__elf_traits__init(out);
	SET(out, type, t->type);
	SET(out, machine, t->machine);
	SET(out, bits, t->bits);
	SET(out, entry, t->entry);
	SET(out, odd, t->odd);
	if (t->interpreter_at)
		SET(out, interpreter, text_of(elf_text(t, t->interpreter_at)));
	if (t->soname_at)
		SET(out, soname, text_of(elf_text(t, t->soname_at)));
	if (t->rpath_at)
		SET(out, rpath, text_of(elf_text(t, t->rpath_at)));
	if (t->runpath_at)
		SET(out, runpath, text_of(elf_text(t, t->runpath_at)));
	if (t->build_id_len)
		SET(out, build_id, set_bytes(t->build_id, t->build_id_len));
	out->made_by = borrowed(makers[t->made_by]);
	SET(out, signed_module, t->signed_module);
	if (size > t->end)
		SET(out, overlay_bytes, size - t->end);
	fill_names(m, t);
	fill_parts(m, k);
	m->out.elf = out;
}

static void fill_marks(struct room *m, const struct measure *measure)
{
	static const enum measure_mark marks[MARKS_MAX] = { MEASURE_UPX,
		MEASURE_PACKER, MEASURE_MINER, MEASURE_GO };

	m->out.marks = m->marks;
	for (size_t i = 0; i < MARKS_MAX; i++) {
		const char *word = measure_word(measure, marks[i]);

		/* Bytes before the word of Go are no text. */
		if (word && marks[i] != MEASURE_GO)
			m->marks[m->out.n_marks++] = borrowed(word);
	}
}

static void fill_reasons(struct room *m, const struct reasons *reasons)
{
	for (size_t i = 0; i < reasons->n; i++) {
		const struct reason *r = &reasons->v[i];
		Icecore__V1__BinaryReason *out = &m->reasons[i];

		icecore__v1__binary_reason__init(out);
		out->rule = borrowed(r->rule);
		SET(out, weight, r->weight);
		out->sentence = borrowed(r->sentence);
		out->technique = borrowed(r->technique);
		if (r->detail[0])
			SET(out, detail, text_of(r->detail));
		m->reasons_p[i] = out;
	}
	m->out.reasons = m->reasons_p;
	m->out.n_reasons = reasons->n;
	SET(&m->out, score, reasons->score);
}

/* One finding, by the heaviest reason; the others are its detail. */
static int put_finding(
	struct binaries *b, const struct binary_known *k, struct err *e)
{
	const struct reasons *rs = k->reasons;
	const struct binary_use *use =
		k->file->first ? &b->table.uses[k->file->first - 1] : NULL;
	char id[64], detail[FINDING_DETAIL_BYTES];
	struct rule rule = { .id = id,
		.severity = rs->score >= REASONS_HIGH
				    ? ICECORE__V1__SEVERITY__SEVERITY_HIGH
				    : ICECORE__V1__SEVERITY__SEVERITY_MEDIUM,
		.technique = rs->n ? rs->v[0].technique : NULL,
		.sentence = rs->n ? rs->v[0].sentence : NULL };
	struct finding_ref ref = { .kind = ICECORE__V1__RECORD__BODY_BINARY,
		.pid = use ? use->pid : 0,
		.start_boot_ns = use ? use->start_boot_ns : 0,
		.id = k->file->st.st_ino,
		.name = binary_text(&b->table, k->file->path_at) };
	size_t at = 0;

	if (rs->score < REASONS_THRESHOLD)
		return 0;
	(void)snprintf(id, sizeof(id), "binary.%s", rs->v[0].rule);
	at = (size_t)snprintf(detail, sizeof(detail), "score %u", rs->score);
	for (size_t i = 0; i < rs->n && at < sizeof(detail); i++)
		at += (size_t)snprintf(detail + at, sizeof(detail) - at,
			"%s%s%s%.60s", i ? ", " : ": ", rs->v[i].rule,
			rs->v[i].detail[0] ? " " : "", rs->v[i].detail);
	return finding_put_rule(b->w, &rule, &ref, 1, detail, e);
}

int binary_record_put(
	struct binaries *b, const struct binary_known *k, struct err *e)
{
	struct room *m = calloc(1, sizeof(*m));
	Icecore__V1__Record out = ICECORE__V1__RECORD__INIT;
	int r;

	if (!m)
		return err_set(e, -ENOMEM, "no memory for a binary");
	icecore__v1__binary__init(&m->out);
	fill_file(&m->out, k);
	fill_content(&m->out, k);
	fill_uses(m, b, k->file);
	if (k->look->is_elf && k->look->measure)
		fill_elf(m, k);
	if (k->look->measure)
		fill_marks(m, k->look->measure);
	fill_reasons(m, k->reasons);
	out.body_case = ICECORE__V1__RECORD__BODY_BINARY;
	out.binary = &m->out;
	r = writer_put(b->w, &(struct record){ .message = &out }, e);
	free(m);
	return r < 0 ? r : put_finding(b, k, e);
}
