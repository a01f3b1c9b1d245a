// SPDX-License-Identifier: Apache-2.0
/* Files that run or ran, findings, and what starts by itself. */
#include "report/model.h"

enum { USES_MAX = 32, REASONS_MAX = 32, PARTS_MAX = 64 };

static void add_uses(struct row *t, const Icecore__V1__Binary *b)
{
	row_open(t);
	for (size_t i = 0; i < b->n_uses && i < USES_MAX; i++) {
		const Icecore__V1__BinaryUse *u = b->uses[i];

		row_open(t);
		row_u64(t, u->has_pid, u->pid);
		row_us(t, u->has_start_boot_ns, u->start_boot_ns);
		row_u64(t, u->has_how, (uint64_t)u->how);
		row_close(t);
	}
	row_close(t);
	row_u64(t, b->has_uses_number, b->uses_number);
}

static void add_reasons(struct row *t, const Icecore__V1__Binary *b)
{
	row_open(t);
	for (size_t i = 0; i < b->n_reasons && i < REASONS_MAX; i++) {
		const Icecore__V1__BinaryReason *v = b->reasons[i];

		row_open(t);
		row_string(t, v->rule);
		row_u64(t, v->has_weight, v->weight);
		row_string(t, v->sentence);
		row_text(t, &v->detail);
		row_string(t, v->technique);
		row_close(t);
	}
	row_close(t);
}

static void add_parts(struct row *t, size_t n, Icecore__V1__BinaryPart *const *v)
{
	row_open(t);
	for (size_t i = 0; i < n && i < PARTS_MAX; i++) {
		if (!v[i]->has_entropy)
			continue;
		row_open(t);
		row_text(t, &v[i]->name);
		row_u64(t, v[i]->has_offset, v[i]->offset);
		row_u64(t, v[i]->has_file_bytes, v[i]->file_bytes);
		row_u64(t, 1, v[i]->entropy);
		row_u64(t, v[i]->has_flags, v[i]->flags);
		row_close(t);
	}
	row_close(t);
}

static void add_elf(struct row *t, const Icecore__V1__ElfTraits *f)
{
	static const Icecore__V1__ElfTraits none = ICECORE__V1__ELF_TRAITS__INIT;

	if (!f)
		f = &none;
	row_u64(t, f->has_machine, f->machine);
	row_string(t, f->made_by);
	row_u64(t, f->has_overlay_bytes, f->overlay_bytes);
	row_texts(t, f->n_imports, f->imports);
	add_parts(t, f->n_sections, f->sections);
	add_parts(t, f->n_segments, f->segments);
}

static int add_binary(struct row *t, const Icecore__V1__Record *m, struct err *e)
{
	const Icecore__V1__Binary *b = m->binary;

	if (!row_begin(t, e))
		return 0;
	row_u64(t, b->has_score, b->score);
	row_texts(t, b->n_paths, b->paths);
	row_hex(t, &b->sha256);
	row_u64(t, b->has_size_bytes, b->size_bytes);
	row_u64(t, b->has_mode, b->mode);
	row_u64(t, b->has_uid, b->uid);
	row_sign(t, b->has_mtime_ns, b->mtime_ns / 1000);
	row_u64(t, b->has_content, (uint64_t)b->content);
	row_string(t, b->content_reason);
	row_string(t, b->package);
	row_u64(t, b->elf != NULL, 1);
	row_text(t, &b->script);
	row_strings(t, b->n_marks, b->marks);
	row_u64(t, b->has_times, b->times);
	add_uses(t, b);
	add_reasons(t, b);
	add_elf(t, b->elf);
	return row_end(t);
}

static int add_finding(struct row *t, const Icecore__V1__Record *m, struct err *e)
{
	const Icecore__V1__Finding *f = m->finding;

	if (!row_begin(t, e))
		return 0;
	row_u64(t, f->has_severity, (uint64_t)f->severity);
	row_string(t, f->rule);
	row_string(t, f->technique);
	row_string(t, f->sentence);
	row_text(t, &f->detail);
	row_open(t);
	for (size_t i = 0; i < f->n_evidence && i < REASONS_MAX; i++) {
		const Icecore__V1__RecordRef *x = f->evidence[i];

		row_open(t);
		row_string(t, x->kind);
		row_u64(t, x->has_pid, x->pid);
		row_us(t, x->has_start_boot_ns, x->start_boot_ns);
		row_address(t, x->has_id, x->id);
		row_u64(t, x->has_netns, x->netns);
		row_text(t, &x->name);
		row_close(t);
	}
	row_close(t);
	return row_end(t);
}

static int add_persistence(
	struct row *t, const Icecore__V1__Record *m, struct err *e)
{
	const Icecore__V1__DiskPersistence *p = m->disk_persistence;

	if (!row_begin(t, e))
		return 0;
	row_string(t, p->kind);
	row_string(t, p->technique);
	row_text(t, &p->path);
	row_u64(t, p->has_line, p->line);
	row_text(t, &p->text);
	row_text(t, &p->runs);
	row_text(t, &p->package);
	row_string(t, p->reason);
	return row_end(t);
}

static int add_verdict(struct row *t, const Icecore__V1__Record *m, struct err *e)
{
	const Icecore__V1__DiskVerdict *v = m->disk_verdict;
	const ProtobufCEnumValue *name = protobuf_c_enum_descriptor_get_value(
		&icecore__v1__disk_deviation__descriptor, (int)v->deviation);

	if (!row_begin(t, e))
		return 0;
	row_text(t, &v->path);
	row_string(t, name ? name->name + strlen("DISK_DEVIATION_") : NULL);
	row_text(t, &v->package);
	return row_end(t);
}

const struct model_table model_binary_tables[] = {
	{ "finding", "severity rule technique sentence detail evidence",
		ICECORE__V1__RECORD__BODY_FINDING, 20000, 8 << 20, add_finding },
	{ "binary",
		"score paths sha256 bytes mode uid mtime content contentReason package elf script marks times uses usesNumber reasons machine madeBy overlay imports sections segments",
		ICECORE__V1__RECORD__BODY_BINARY, 5000, 12 << 20, add_binary },
	{ "persistence", "kind technique path line text runs package reason",
		ICECORE__V1__RECORD__BODY_DISK_PERSISTENCE, 10000, 4 << 20,
		add_persistence },
	{ "deviation", "path deviation package",
		ICECORE__V1__RECORD__BODY_DISK_VERDICT, 10000, 4 << 20,
		add_verdict },
	{ 0 },
};
