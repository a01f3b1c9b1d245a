// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "base/vmcoreinfo.h"
#include "inspect/captured.h"
#include "inspect/physical.h"
#include "kernel/layout.h"
#include "kernel/state.h"
#include "symbols/kernel_files.h"

static const char banner_begins[] = "Linux version ";

/* What only captured memory is asked for. */
static const char *const wanted[] = {
	"linux_banner",
	"init_task",
	"init_pid_ns",
	"task_struct_cachep",
	"vmemmap_base",
	"page_offset_base",
	"css_set_table",
	"runqueues",
	"__per_cpu_offset",
	"nr_cpu_ids",
	"udp_table",
	"tcp_hashinfo",
};

uint64_t captured_symbol(const struct captured *c, const char *name)
{
	return symbols_address(&c->state->symbols, name);
}

void captured_want(struct captured *c)
{
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		kstate_want(c->state, wanted[i]);
}

struct layout *captured_layout(const struct captured *c)
{
	return c->state->layout;
}

/* Where the evidence has no vmcoreinfo, the memory has it. */
static int find_vmcoreinfo(struct captured *c, struct err *e)
{
	struct physical *m = ram_physical(c->ram);
	struct kernel_files *k = c->files;
	AUTO_FREE uint8_t *note = calloc(1, VMCOREINFO_NOTE_BYTES);
	const char *text = NULL;
	size_t len = 0, step = RAM_PAGE_BYTES, got = 0;

	if (!note)
		return err_set(e, -ENOMEM, "no memory for vmcoreinfo");
	if (k->vmcoreinfo.len || !k->vmcoreinfo_paddr)
		return 0;
	while (got + step <= VMCOREINFO_NOTE_BYTES &&
		m->read(m, note + got, k->vmcoreinfo_paddr + got, step) == 0)
		got += step;
	if (vmcoreinfo_note(&text, &len, note, got) < 0 || !len)
		return 0;
	k->vmcoreinfo.data = malloc(len);
	if (!k->vmcoreinfo.data)
		return err_set(e, -ENOMEM, "no memory for vmcoreinfo");
	memcpy(k->vmcoreinfo.data, text, len);
	k->vmcoreinfo.len = len;
	kernel_files_numbers(k);
	return 0;
}

static int open_kernel(struct captured *c, struct err *e)
{
	const struct kernel_files *k = c->files;
	int r;

	if (!k->btf.len)
		return err_set(e, -ENOENT,
			"the evidence has no types of its kernel (/sys/kernel/btf/vmlinux)");
	if (!k->kallsyms[0] || k->kallsyms_hidden)
		return err_set(e, -ENOENT,
			"the evidence has no addresses of its kernel (/proc/kallsyms)");
	r = translate_init(&c->translate, ram_physical(c->ram), k, e);
	if (r == 0)
		r = kstate_new(&c->state, k->kallsyms, e);
	if (r == 0)
		r = layout_open_bytes(
			&c->state->layout, k->btf.data, k->btf.len, e);
	if (r == 0)
		r = peek_image_new(
			&c->peek, ram_physical(c->ram), &c->translate, e);
	if (r == 0)
		c->state->peek = &c->peek->base;
	if (r < 0)
		return r;
	captured_want(c);
	peek_image_begin(c->peek, SUBJECT_MODULES);
	r = kstate_captured_modules(c->state, e);
	peek_image_begin(c->peek, SUBJECT_KERNEL);
	return r;
}

/* The page tables are right when they lead to what everybody knows. */
static int check_kernel(const struct captured *c, struct err *e)
{
	uint64_t at = captured_symbol(c, "linux_banner");
	char text[sizeof(banner_begins)] = "";

	if (!at)
		return err_set(
			e, -ENOENT, "the evidence has no symbol linux_banner");
	if (peek_text(c->state->peek, text, sizeof(text), at) < 0)
		return err_set(e, -EBADMSG,
			"the page tables at %#llx do not lead to the kernel, or are not in the capture",
			(unsigned long long)c->translate.root);
	if (strcmp(text, banner_begins) != 0)
		return err_set(e, -EBADMSG,
			"the page tables at %#llx lead to another kernel",
			(unsigned long long)c->translate.root);
	return 0;
}

int captured_open(struct captured **ret, struct reader *r,
	const struct ram_options *options, struct err *e)
{
	struct captured *c = calloc(1, sizeof(*c));
	int rc;

	if (!c)
		return err_set(e, -ENOMEM, "no memory to inspect with");
	c->reader = r;
	rc = kernel_files_load(&c->files, r, options->keys, e);
	if (rc == 0)
		rc = ram_open(&c->ram, r, options, e);
	if (rc == 0 && !ram_known(c->ram)->n)
		rc = err_set(e, -ENOENT, "the evidence has no memory");
	if (rc == 0)
		c->known = ram_known(c->ram);
	if (rc == 0)
		rc = find_vmcoreinfo(c, e);
	if (rc == 0)
		rc = open_kernel(c, e);
	if (rc == 0)
		rc = check_kernel(c, e);
	if (rc < 0)
		captured_close(c);
	else
		*ret = c;
	return rc;
}

void captured_close(struct captured *c)
{
	if (!c)
		return;
	if (c->peek && !c->state->peek)
		peek_close(&c->peek->base);
	kstate_close(c->state);
	kernel_files_free(c->files);
	ram_close(c->ram);
	free(c);
}
