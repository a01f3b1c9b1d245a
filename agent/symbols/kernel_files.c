// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <inttypes.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "base/vmcoreinfo.h"
#include "lab/reader.h"
#include "lab/records.h"
#include "symbols/kernel_files.h"
#include "symbols/numbers.h"

static const char types_dir[] = "/sys/kernel/btf/";

/* A file on its way in; its pieces come in order. */
struct incoming {
	struct buf bytes;
	bool last; /* its end was seen */
	bool bad; /* a piece is not where it has to be */
};

enum part {
	PART_VMLINUX,
	PART_KALLSYMS,
	PART_BANNER,
	PART_IOMEM,
	PART_CPUINFO,
	PART_NOTE,
	PARTS
};

static const char *const paths[PARTS] = {
	[PART_VMLINUX] = "/sys/kernel/btf/vmlinux",
	[PART_KALLSYMS] = "/proc/kallsyms",
	[PART_BANNER] = "/proc/version",
	[PART_IOMEM] = "/proc/iomem",
	[PART_CPUINFO] = "/proc/cpuinfo",
	[PART_NOTE] = "/sys/kernel/vmcoreinfo",
};

struct module_in {
	char name[KERNEL_NAME_CHARS];
	struct incoming in;
};

struct loading {
	struct reader *r;
	struct kernel_files *k;
	struct incoming parts[PARTS];
	struct module_in *modules;
	size_t modules_n;
	uint64_t total;
};

static struct incoming *find_module(
	struct loading *l, const char *name, struct err *e)
{
	struct module_in *m = l->modules;

	for (size_t i = l->modules_n; i-- > 0;)
		if (strcmp(m[i].name, name) == 0)
			return &m[i].in;
	if (strlen(name) >= KERNEL_NAME_CHARS || strchr(name, '/') ||
		l->modules_n == KERNEL_MODULES_MAX) {
		(void)err_set(e, -EBADMSG, "types of an impossible module");
		return NULL;
	}
	if ((l->modules_n & (l->modules_n - 1)) == 0) {
		m = reallocarray(
			m, l->modules_n ? 2 * l->modules_n : 1, sizeof(*m));
		if (!m) {
			(void)err_set(e, -ENOMEM, "no memory for modules");
			return NULL;
		}
		l->modules = m;
	}
	m += l->modules_n++;
	memset(m, 0, sizeof(*m));
	(void)snprintf(m->name, sizeof(m->name), "%s", name);
	buf_init(&m->in.bytes, KERNEL_FILE_BYTES);
	return &m->in;
}

/* Where a piece of the file goes; NULL = not wanted. */
static struct incoming *find(struct loading *l, const char *path, struct err *e)
{
	for (int i = 0; i < PARTS; i++)
		if (strcmp(path, paths[i]) == 0)
			return &l->parts[i];
	if (strncmp(path, types_dir, sizeof(types_dir) - 1) == 0)
		return find_module(l, path + sizeof(types_dir) - 1, e);
	return NULL;
}

static int take_file(struct loading *l, const Icecore__V1__File *f, struct err *e)
{
	struct err why = { 0 };
	struct incoming *in = find(l, f->path, &why);

	if (!in)
		return why.msg[0] ? err_set(e, -EBADMSG, "%s", why.msg) : 0;
	l->total += f->data.len;
	if (in->bad || in->last || f->offset != in->bytes.len ||
		l->total > KERNEL_FILES_BYTES) {
		in->bad = true;
		return 0;
	}
	in->last = f->last;
	return buf_append(&in->bytes, f->data.data, f->data.len, e);
}

static int take_image(
	struct loading *l, const Icecore__V1__KernelImage *m, struct err *e)
{
	struct kernel_bytes *v = &l->k->vmcoreinfo;

	if (m->machine)
		l->k->arch = kernel_arch_of(m->machine);
	if (m->has_page_bytes)
		l->k->page_bytes = m->page_bytes;
	if (m->has_direct_map) {
		l->k->has_direct_map = true;
		l->k->direct_map = m->direct_map;
	}
	if (!m->has_vmcoreinfo || v->len)
		return 0;
	if (m->vmcoreinfo.len > VMCOREINFO_BYTES)
		return err_set(e, -EBADMSG, "vmcoreinfo is too long");
	v->data = malloc(m->vmcoreinfo.len + 1);
	if (!v->data)
		return err_set(e, -ENOMEM, "no memory for vmcoreinfo");
	memcpy(v->data, m->vmcoreinfo.data, m->vmcoreinfo.len);
	v->len = m->vmcoreinfo.len;
	return 0;
}

static int see(void *arg, const struct reader_segment *s,
	const Icecore__V1__Record *m, struct err *e)
{
	(void)s;
	if (m->body_case == ICECORE__V1__RECORD__BODY_FILE)
		return take_file(arg, m->file, e);
	if (m->body_case == ICECORE__V1__RECORD__BODY_KERNEL_IMAGE)
		return take_image(arg, m->kernel_image, e);
	return 0;
}

/* What came whole stays; the rest is told and let go. */
static void keep(struct loading *l, struct incoming *in, const char *path)
{
	if (in->last && !in->bad)
		return;
	if (in->bytes.len || in->bad)
		reader_finding(
			l->r, "%.100s: is not whole in the evidence", path);
	buf_done(&in->bytes);
}

static void hand_over(struct kernel_bytes *to, struct incoming *from)
{
	to->data = from->bytes.data;
	to->len = from->bytes.len;
	from->bytes.data = NULL;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct kernel_module_btf *)a)->name,
		((const struct kernel_module_btf *)b)->name);
}

static int keep_modules(struct loading *l, struct err *e)
{
	struct kernel_files *k = l->k;

	k->modules = calloc(l->modules_n + 1, sizeof(*k->modules));
	if (!k->modules)
		return err_set(e, -ENOMEM, "no memory for modules");
	for (size_t i = 0; i < l->modules_n; i++) {
		struct module_in *from = &l->modules[i];
		struct kernel_module_btf *to = &k->modules[k->modules_n];

		keep(l, &from->in, from->name);
		if (!from->in.bytes.len)
			continue;
		memcpy(to->name, from->name, sizeof(to->name));
		hand_over(&to->btf, &from->in);
		k->modules_n++;
	}
	qsort(k->modules, k->modules_n, sizeof(*k->modules), by_name);
	return 0;
}

/* In memory, as a file that has no name. */
static int keep_kallsyms(struct loading *l, struct err *e)
{
	struct buf *b = &l->parts[PART_KALLSYMS].bytes;
	struct kernel_files *k = l->k;

	if (!b->len)
		return 0;
	k->fd = memfd_create("kallsyms", MFD_CLOEXEC);
	if (k->fd < 0)
		return err_sys(e, "room for kallsyms");
	(void)snprintf(
		k->kallsyms, sizeof(k->kallsyms), "/proc/self/fd/%d", k->fd);
	return io_write(k->fd, b->data, b->len, e);
}

static void keep_texts(struct loading *l)
{
	struct kernel_files *k = l->k;
	const struct buf *banner = &l->parts[PART_BANNER].bytes;
	const struct buf *note = &l->parts[PART_NOTE].bytes;
	const Icecore__V1__Host *host =
		l->r->beginning ? l->r->beginning->host : NULL;

	if (banner->len)
		(void)snprintf(k->banner, sizeof(k->banner), "%.*s",
			(int)banner->len, (const char *)banner->data);
	if (host)
		(void)snprintf(k->release, sizeof(k->release), "%s",
			host->kernel_release);
	if (host && k->arch == KERNEL_ARCH_UNKNOWN)
		k->arch = kernel_arch_of(host->architecture);
	if (note->len) {
		char text[64];

		(void)snprintf(text, sizeof(text), "%.*s", (int)note->len,
			(const char *)note->data);
		if (num_hex(&k->vmcoreinfo_paddr, text) <= 0)
			k->vmcoreinfo_paddr = 0;
	}
}

static int finish(struct loading *l, struct err *e)
{
	int r;

	for (int i = 0; i < PARTS; i++)
		keep(l, &l->parts[i], paths[i]);
	r = keep_modules(l, e);
	if (r == 0)
		r = keep_kallsyms(l, e);
	if (r < 0)
		return r;
	hand_over(&l->k->btf, &l->parts[PART_VMLINUX]);
	keep_texts(l);
	kernel_files_numbers(l->k);
	return numbers_by_texts(l->k, &l->parts[PART_IOMEM].bytes,
		&l->parts[PART_CPUINFO].bytes, e);
}

int kernel_files_load(struct kernel_files **ret, struct reader *r,
	const struct lab_keys *keys, struct err *e)
{
	struct loading l = { .r = r, .k = calloc(1, sizeof(*l.k)) };
	const struct records_pass pass = {
		.kinds = RECORDS_KIND(FILE) | RECORDS_KIND(KERNEL_IMAGE),
		.keys = keys,
		.see = see,
		.arg = &l,
	};
	int rc;

	if (!l.k)
		return err_set(e, -ENOMEM, "no memory for the kernel's files");
	l.k->fd = -1;
	for (int i = 0; i < PARTS; i++)
		buf_init(&l.parts[i].bytes, KERNEL_FILE_BYTES);
	rc = records_each(r, &pass, e);
	if (rc == 0)
		rc = finish(&l, e);
	for (int i = 0; i < PARTS; i++)
		buf_done(&l.parts[i].bytes);
	for (size_t i = 0; i < l.modules_n; i++)
		buf_done(&l.modules[i].in.bytes);
	free(l.modules);
	if (rc < 0)
		kernel_files_free(l.k);
	else
		*ret = l.k;
	return rc;
}

void kernel_files_free(struct kernel_files *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < k->modules_n; i++)
		free(k->modules[i].btf.data);
	free(k->modules);
	free(k->btf.data);
	free(k->vmcoreinfo.data);
	if (k->fd >= 0)
		(void)close(k->fd);
	free(k);
}
