// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "binary/elf_internal.h"

enum {
	STRING_BYTES = 4096,
	NAMES_BYTES = 256 << 10, /* of the table of sections' names */
	NOTES_BYTES = 64 << 10,
	COMMENT_BYTES = 4096,
	SECTIONS_SEEN_MAX = 8192,
	NOTE_GO_BUILD_ID = 4,
};

static const char signature[] = "~Module signature appended~\n";

int elf_keep(uint32_t *ret, struct elf_traits *t, const struct elf_image *im,
	uint64_t offset, uint64_t max, struct err *e)
{
	uint64_t room = offset < im->size ? im->size - offset : 0;
	const char *s = (const char *)im->p + offset;
	size_t len, at = t->text.len;
	int r;

	*ret = 0;
	if (room > max)
		room = max;
	if (room > STRING_BYTES)
		room = STRING_BYTES;
	len = room ? strnlen(s, room) : 0;
	if (!len || len == room)
		return 0;
	r = buf_append(&t->text, s, len + 1, e);
	if (r == -EFBIG) {
		t->odd |= ELF_NOT_READ;
		return 0;
	}
	if (r == 0)
		*ret = (uint32_t)at;
	return r;
}

static void note_end(struct elf_traits *t, uint64_t offset, uint64_t bytes)
{
	uint64_t end;

	if (!__builtin_add_overflow(offset, bytes, &end) && end > t->end)
		t->end = end;
}

static void read_segments(struct elf_traits *t, struct elf_image *im)
{
	size_t n = 0;

	if (elf_getphdrnum(im->elf, &n) < 0) {
		t->odd |= ELF_LIES;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		GElf_Phdr p;

		if (t->segments_n == ELF_SEGMENTS_MAX) {
			t->odd |= ELF_NOT_READ;
			return;
		}
		if (!gelf_getphdr(im->elf, (int)i, &p)) {
			t->odd |= ELF_LIES;
			return;
		}
		t->segments[t->segments_n++] = (struct elf_region){
			.type = p.p_type,
			.flags = p.p_flags,
			.offset = p.p_offset,
			.file_bytes = p.p_filesz,
			.address = p.p_vaddr,
			.memory_bytes = p.p_memsz,
		};
		note_end(t, p.p_offset, p.p_filesz);
	}
}

/* The table of the names of sections; bytes 0 when there is none. */
static int fetch_names(GElf_Shdr *ret, const struct elf_traits *t,
	struct elf_image *im, struct err *e)
{
	size_t index;
	Elf_Scn *s = elf_getshdrstrndx(im->elf, &index) == 0
			     ? elf_getscn(im->elf, index)
			     : NULL;
	int r;

	(void)t;
	*ret = (GElf_Shdr){ 0 };
	if (!s || !gelf_getshdr(s, ret))
		return 0;
	if (ret->sh_size > NAMES_BYTES) {
		im->over = true;
		ret->sh_size = NAMES_BYTES;
	}
	r = elf_image_fetch(im, ret->sh_offset, ret->sh_size, e);
	if (r > 0)
		ret->sh_size = 0;
	return r < 0 ? r : 0;
}

static int add_section(struct elf_traits *t, const struct elf_image *im,
	const GElf_Shdr *names, const GElf_Shdr *s, struct err *e)
{
	struct elf_region *out;
	uint64_t file_bytes = s->sh_type == SHT_NOBITS ? 0 : s->sh_size;

	note_end(t, s->sh_offset, file_bytes);
	if (t->sections_n == ELF_SECTIONS_MAX)
		return 0; /* an object has one for each function */
	out = &t->sections[t->sections_n++];
	*out = (struct elf_region){
		.type = s->sh_type,
		.flags = s->sh_flags,
		.offset = s->sh_offset,
		.file_bytes = file_bytes,
		.address = s->sh_addr,
		.memory_bytes = s->sh_size,
	};
	if (s->sh_name >= names->sh_size)
		return 0;
	return elf_keep(&out->name_at, t, im, names->sh_offset + s->sh_name,
		names->sh_size - s->sh_name, e);
}

static int read_sections(
	struct elf_traits *t, struct elf_image *im, struct err *e)
{
	Elf_Scn *s = NULL;
	GElf_Shdr names, h;
	size_t n = 0;
	int r = fetch_names(&names, t, im, e);

	while (r == 0 && n++ < SECTIONS_SEEN_MAX &&
		(s = elf_nextscn(im->elf, s))) {
		if (gelf_getshdr(s, &h))
			r = add_section(t, im, &names, &h, e);
	}
	note_end(t, im->header.e_shoff,
		(uint64_t)im->header.e_shnum * im->header.e_shentsize);
	return r;
}

static void see_note(struct elf_traits *t, const GElf_Nhdr *n, const char *name,
	const uint8_t *value)
{
	if (n->n_namesz == 4 && memcmp(name, "GNU", 4) == 0 &&
		n->n_type == NT_GNU_BUILD_ID &&
		n->n_descsz <= ELF_BUILD_ID_BYTES) {
		memcpy(t->build_id, value, n->n_descsz);
		t->build_id_len = n->n_descsz;
	}
	if (n->n_namesz == 4 && memcmp(name, "Go\0", 4) == 0 &&
		n->n_type == NOTE_GO_BUILD_ID)
		t->made_by = ELF_MADE_BY_GO;
}

static int read_notes(struct elf_traits *t, struct elf_image *im,
	const struct elf_region *g, struct err *e)
{
	size_t at = 0, name, value;
	Elf_Data *d;
	GElf_Nhdr n;
	int r;

	if (g->file_bytes > NOTES_BYTES)
		return 0;
	r = elf_image_fetch(im, g->offset, g->file_bytes, e);
	if (r != 0)
		return r < 0 ? r : 0;
	d = elf_getdata_rawchunk(
		im->elf, (int64_t)g->offset, g->file_bytes, ELF_T_NHDR);
	while (d && (at = gelf_getnote(d, at, &n, &name, &value)) > 0)
		see_note(t, &n, (const char *)d->d_buf + name,
			(const uint8_t *)d->d_buf + value);
	return 0;
}

/* The interpreter, notes, and what compilers leave behind. */
static int read_marks(struct elf_traits *t, struct elf_image *im, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < t->segments_n; i++) {
		const struct elf_region *g = &t->segments[i];

		if (g->type == PT_NOTE)
			r = read_notes(t, im, g, e);
		if (g->type != PT_INTERP)
			continue;
		r = elf_image_fetch(im, g->offset,
			g->file_bytes < STRING_BYTES ? g->file_bytes
						     : STRING_BYTES,
			e);
		if (r == 0)
			r = elf_keep(&t->interpreter_at, t, im, g->offset,
				g->file_bytes, e);
		/* There has to be one, and there is none. */
		if (r >= 0 && !t->interpreter_at)
			t->odd |= ELF_INTERPRETER_ODD;
	}
	for (size_t i = 0; r >= 0 && i < t->sections_n; i++) {
		const struct elf_region *s = &t->sections[i];
		const char *name = elf_text(t, s->name_at);

		if (name && strcmp(name, ".go.buildinfo") == 0)
			t->made_by = ELF_MADE_BY_GO;
		if (!name || strcmp(name, ".comment") != 0 ||
			s->file_bytes > COMMENT_BYTES)
			continue;
		r = elf_image_fetch(im, s->offset, s->file_bytes, e);
		if (r == 0 && memmem(im->p + s->offset, s->file_bytes, "rustc", 5))
			t->made_by = ELF_MADE_BY_RUST;
	}
	return r < 0 ? r : 0;
}

static int read_signature(
	struct elf_traits *t, struct elf_image *im, struct err *e)
{
	size_t len = sizeof(signature) - 1;
	int r;

	if (im->size < len)
		return 0;
	r = elf_image_fetch(im, im->size - len, len, e);
	if (r == 0)
		t->signed_module =
			memcmp(im->p + im->size - len, signature, len) == 0;
	return r < 0 ? r : 0;
}

static int read_all(struct elf_traits *t, struct elf_image *im, struct err *e)
{
	int r;

	t->type = im->header.e_type;
	t->machine = im->header.e_machine;
	t->bits = gelf_getclass(im->elf) == ELFCLASS64 ? 64 : 32;
	t->entry = im->header.e_entry;
	note_end(t, 0, im->header.e_ehsize);
	read_segments(t, im);
	r = read_sections(t, im, e);
	if (r == 0)
		r = read_marks(t, im, e);
	if (r == 0)
		r = elf_dynamic_read(t, im, e);
	if (r == 0)
		r = read_signature(t, im, e);
	if (t->end > im->size || im->lies)
		t->odd |= ELF_LIES;
	if (im->over)
		t->odd |= ELF_NOT_READ;
	elf_judge(t);
	return r;
}

int elf_traits_read(struct elf_traits *ret, uint64_t size, elf_read *read,
	void *arg, struct err *e)
{
	struct elf_image im;
	int r;

	*ret = (struct elf_traits){ 0 };
	r = elf_image_open(&im, size, read, arg, e);
	if (r != 0)
		return r;
	buf_init(&ret->text, ELF_TEXT_BYTES);
	r = buf_append(&ret->text, "", 1, e);
	if (r == 0)
		r = read_all(ret, &im, e);
	elf_image_close(&im);
	if (r < 0)
		elf_traits_done(ret);
	return r;
}

void elf_traits_done(struct elf_traits *t)
{
	buf_done(&t->text);
	*t = (struct elf_traits){ 0 };
}
