// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/buf.h"
#include "base/dirents.h"
#include "base/io.h"
#include "base/num.h"
#include "kernel/module.h"
#include "kernel/symbols.h"

enum { FIELDS = 7, FIELD_CHARS = 64, NOTE_BYTES = 256, NOTE_BUILD_ID = 3 };

int kmodules_init(struct kmodules *ms, struct err *e)
{
	*ms = (struct kmodules){ 0 };
	ms->v = calloc(KMODULES_MAX, sizeof(*ms->v));
	return ms->v ? 0 : err_set(e, -ENOMEM, "no memory for modules");
}

void kmodules_done(struct kmodules *ms)
{
	free(ms->v);
	*ms = (struct kmodules){ 0 };
}

struct kmodule *kmodules_get(struct kmodules *ms, const char *name, size_t len)
{
	struct kmodule *m;

	if (len >= KMODULE_NAME_CHARS)
		len = KMODULE_NAME_CHARS - 1;
	for (size_t i = 0; i < ms->n; i++)
		if (strlen(ms->v[i].name) == len &&
			memcmp(ms->v[i].name, name, len) == 0)
			return &ms->v[i];
	if (ms->n == KMODULES_MAX) {
		ms->lost++;
		return NULL;
	}
	m = &ms->v[ms->n++];
	*m = (struct kmodule){ .references = -1 };
	memcpy(m->name, name, len);
	return m;
}

static const struct kmodule *find_same(
	const struct kmodules *ms, const struct kmodule *m)
{
	for (size_t i = 0; i < ms->n; i++)
		if (ms->v[i].at == m->at && strcmp(ms->v[i].name, m->name) == 0)
			return &ms->v[i];
	return NULL;
}

size_t kmodules_compare(struct kmodules *ms, const struct kmodules *before)
{
	size_t found = 0;

	for (size_t i = 0; i < ms->n; i++) {
		struct kmodule *m = &ms->v[i];
		const struct kmodule *was = before ? find_same(before, m) : NULL;

		m->missing = ms->asked & KMODULE_BY_ALL & ~m->views;
		if (m->passing && m->views & (KMODULE_BY_LIST | KMODULE_BY_PROC))
			m->missing = 0;
		if (before)
			m->missing &= was ? was->missing : 0;
		found += m->missing != 0;
	}
	return found;
}

const char *kmodule_view_name(unsigned view)
{
	static const char *const names[KMODULE_VIEWS] = { "proc", "sysfs",
		"kallsyms", "list", "tree", "kset", "vmap" };

	for (int i = 0; i < KMODULE_VIEWS; i++)
		if (view == 1U << i)
			return names[i];
	return "none";
}

void kmodule_describe(char *ret, size_t cap, const struct kmodule *m)
{
	const unsigned sets[] = { m->views, m->missing };
	size_t len = 0;

	*ret = 0;
	for (int s = 0; s < 2; s++) {
		const char *before = s ? "; not by " : "told by ";

		for (unsigned i = 0; i < KMODULE_VIEWS && len < cap; i++) {
			if (!(sets[s] >> i & 1))
				continue;
			len += (size_t)snprintf(ret + len, cap - len, "%s%s",
				before, kmodule_view_name(1U << i));
			before = ", ";
		}
	}
}

/* The words of one line; how many there are, FIELDS at most. */
static size_t split(char fields[FIELDS][FIELD_CHARS], const char *line, size_t len)
{
	size_t n = 0, at = 0;

	while (n < FIELDS && at < len) {
		size_t from = at;

		while (at < len && line[at] != ' ')
			at++;
		(void)snprintf(fields[n++], FIELD_CHARS, "%.*s",
			(int)(at - from < FIELD_CHARS ? at - from
						      : FIELD_CHARS - 1),
			line + from);
		while (at < len && line[at] == ' ')
			at++;
	}
	return n;
}

static int take_line(struct kmodules *ms, const char *line, size_t len)
{
	char fields[FIELDS][FIELD_CHARS] = { "" };
	uint64_t bytes, references = 0, address = 0;
	struct kmodule *m;
	int told;

	if (split(fields, line, len) < FIELDS - 1 || !fields[0][0] ||
		num_u64(&bytes, fields[1], NULL) < 0 ||
		num_u64(&address, fields[5], NULL) < 0)
		return -EBADMSG;
	/* "-" of a kernel that cannot unload modules. */
	told = num_u64(&references, fields[2], NULL) == 0;
	m = kmodules_get(ms, fields[0], strlen(fields[0]));
	if (!m)
		return 0;
	m->views |= KMODULE_BY_PROC;
	m->bytes = bytes;
	m->references =
		told && references <= INT32_MAX ? (int64_t)references : -1;
	(void)snprintf(m->state, sizeof(m->state), "%s", fields[4]);
	m->passing |= strcmp(m->state, "Live") != 0;
	(void)snprintf(m->taints, sizeof(m->taints), "%.*s",
		(int)strcspn(fields[6] + (fields[6][0] == '('), ")"),
		fields[6] + (fields[6][0] == '('));
	/* Since 6.4 the parts lie apart, and only the first is told. */
	if (!m->parts[0].start)
		m->parts[0] = (struct kmodule_part){ address, bytes };
	return 0;
}

size_t kmodules_parse(struct kmodules *ms, const char *text, size_t len)
{
	size_t bad = 0, at = 0;

	while (at < len) {
		const char *end = memchr(text + at, '\n', len - at);
		size_t n = end ? (size_t)(end - text) - at : len - at;

		bad += take_line(ms, text + at, n) < 0;
		at += n + 1;
	}
	return bad;
}

static int see_proc(struct kmodules *ms, const char *path, struct err *e)
{
	AUTO_BUF struct buf b = { 0 };
	int r;

	buf_init(&b, KMODULE_PROC_BYTES);
	r = io_slurp(AT_FDCWD, path, &b, e);
	if (r < 0)
		return r;
	if (kmodules_parse(ms, (char *)b.data, b.len))
		return err_set(e, -EBADMSG, "%s: not a module", path);
	return 0;
}

/* The first word of a small file. */
static void read_word(
	int dir, const char *name, const char *file, char *ret, size_t cap)
{
	char path[2 * KMODULE_TEXT_CHARS + 32], text[KMODULE_TEXT_CHARS] = "";
	AUTO_CLOSE int fd = -1;

	(void)snprintf(path, sizeof(path), "%s/%s", name, file);
	fd = io_open(dir, path, O_RDONLY, 0, NULL);
	if (fd < 0 || io_read(fd, text, sizeof(text) - 1, NULL) < 0)
		return;
	(void)snprintf(ret, cap, "%.*s", (int)strcspn(text, " \n"), text);
}

/* An ELF note: sizes of name and text, type 3, "GNU", the id. */
static void parse_build_id(struct kmodule *m, const uint8_t *note, size_t n)
{
	if (n < 16 || num_le32(note) != 4 || num_le32(note + 8) != NOTE_BUILD_ID ||
		num_le32(note + 4) > sizeof(m->build_id) ||
		num_le32(note + 4) > n - 16)
		return;
	m->build_id_len = num_le32(note + 4);
	memcpy(m->build_id, note + 16, m->build_id_len);
}

static void read_build_id(int dir, struct kmodule *m)
{
	char path[2 * KMODULE_TEXT_CHARS];
	AUTO_BUF struct buf note = { 0 };

	buf_init(&note, NOTE_BYTES);
	(void)snprintf(
		path, sizeof(path), "%s/notes/.note.gnu.build-id", m->name);
	if (io_slurp(dir, path, &note, NULL) == 0)
		parse_build_id(m, note.data, note.len);
}

struct sysfs {
	struct kmodules *ms;
	int dir;
};

static int see_sysfs_entry(
	void *arg, const struct dirents_entry *entry, struct err *e)
{
	const struct sysfs *s = arg;
	char path[2 * KMODULE_TEXT_CHARS];
	struct kmodule *m;

	(void)e;
	if (entry->hidden || entry->len >= KMODULE_NAME_CHARS)
		return 0;
	(void)snprintf(path, sizeof(path), "%s/initstate", entry->name);
	if (faccessat(s->dir, path, F_OK, 0) < 0)
		return 0;
	m = kmodules_get(s->ms, entry->name, entry->len);
	if (!m)
		return 0;
	m->views |= KMODULE_BY_SYSFS;
	read_word(s->dir, m->name, "srcversion", m->version, sizeof(m->version));
	if (!m->taints[0])
		read_word(s->dir, m->name, "taint", m->taints, sizeof(m->taints));
	read_build_id(s->dir, m);
	return 0;
}

static int see_sysfs(struct kmodules *ms, const char *path, struct err *e)
{
	AUTO_CLOSE int dir =
		io_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0, e);
	struct sysfs s = { ms, dir };
	struct dirents_seen seen;

	return dir < 0 ? dir : dirents_read(&seen, dir, see_sysfs_entry, &s, e);
}

/* What has names in brackets and is no module. */
static bool is_pseudo(const char *name)
{
	return strcmp(name, "bpf") == 0 || strncmp(name, "__builtin__", 11) == 0;
}

static void see_kallsyms(struct kmodules *ms, const struct symbols *s)
{
	for (size_t i = 0; i < s->modules_n; i++) {
		struct kmodule *m;

		if (is_pseudo(s->modules[i].name))
			continue;
		m = kmodules_get(
			ms, s->modules[i].name, strlen(s->modules[i].name));
		if (m)
			m->views |= KMODULE_BY_KALLSYMS;
	}
}

static int left_out(struct err *e)
{
	return err_set(e, -ENOENT, "left out");
}

static void note(struct kmodules *ms, int view, int r)
{
	if (r == 0)
		ms->asked |= 1U << view;
}

static void walk(struct kmodules *ms, const struct kmodule_places *places)
{
	static const int views[] = { 3, 4, 5, 6 };
	struct kmodule_layout l = { 0 };
	struct err why = { 0 };
	int r = 0;

	if (!places->peek || !places->layout)
		r = err_set(&why, -EOPNOTSUPP,
			"the kernel's memory cannot be read");
	else if (!places->symbols || places->symbols->hidden)
		r = err_set(&why, -EPERM,
			"/proc/kallsyms has no addresses (kernel.kptr_restrict)");
	else
		r = kmodule_layout(&l, places->layout, &why);
	if (r == 0) {
		kmodules_walk(ms, places->peek, &l, places->symbols);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(views); i++)
		ms->why[views[i]] = why;
}

int kmodules_see(
	struct kmodules *ms, const struct kmodule_places *places, struct err *e)
{
	int r = 0;

	if (!ms->v)
		return err_set(e, -EINVAL, "modules were not begun");
	*ms = (struct kmodules){ .v = ms->v };
	/* Those that nobody can rewrite on their way here come first and last,
	 * so that what comes or goes meanwhile is a difference, and seen again. */
	walk(ms, places);
	r = places->proc ? see_proc(ms, places->proc, &ms->why[0])
			 : left_out(&ms->why[0]);
	note(ms, 0, r);
	r = places->sysfs ? see_sysfs(ms, places->sysfs, &ms->why[1])
			  : left_out(&ms->why[1]);
	note(ms, 1, r);
	if (places->symbols && places->symbols->lines) {
		see_kallsyms(ms, places->symbols);
		note(ms, 2, 0);
	}
	return 0;
}
