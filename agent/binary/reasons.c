// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "binary/elf_traits.h"
#include "binary/measure.h"
#include "binary/reasons.h"
#include "binary/script.h"

typedef struct reasons_facts facts;

/* Whether it fits, and what was seen. */
typedef bool judge(const facts *f, char detail[REASON_DETAIL_CHARS]);

enum { RUNS = SEEN_EXECUTED | SEEN_MAPPED | SEEN_SCRIPT | SEEN_TAKEN };

#define SAY(...) (void)snprintf(detail, REASON_DETAIL_CHARS, __VA_ARGS__)

static bool is_odd(const facts *f, uint32_t odd)
{
	return f->elf && f->elf->odd & odd;
}

static bool memfd(const facts *f, char *detail)
{
	(void)detail;
	return f->seen & SEEN_MEMFD && f->seen & RUNS;
}

static bool memfd_open(const facts *f, char *detail)
{
	(void)detail;
	return f->seen & SEEN_MEMFD && !(f->seen & RUNS) &&
	       (f->elf || f->is_script);
}

static bool changed(const facts *f, char *detail)
{
	SAY("%.150s", f->package ? f->package : "");
	return f->state == DISK_CHANGED && !(f->seen & SEEN_DELETED);
}

/* After an upgrade a service goes on with the file it had. */
static bool upgraded(const facts *f, char *detail)
{
	SAY("%.150s", f->package ? f->package : "");
	return f->seen & SEEN_DELETED && f->state == DISK_CHANGED;
}

static bool deleted(const facts *f, char *detail)
{
	SAY("%.150s", f->path ? f->path : "");
	return f->seen & SEEN_DELETED && !(f->seen & SEEN_MEMFD) &&
	       f->seen & RUNS && f->state != DISK_CHANGED &&
	       f->state != DISK_OWNED;
}

static bool deleted_open(const facts *f, char *detail)
{
	SAY("%.150s", f->path ? f->path : "");
	return f->seen & SEEN_DELETED && !(f->seen & (SEEN_MEMFD | RUNS)) &&
	       (f->elf || f->is_script);
}

static bool temporary(const facts *f, char *detail)
{
	SAY("%.150s", f->path ? f->path : "");
	return f->path && f->seen & RUNS && !(f->seen & SEEN_MEMFD) &&
	       verify_where(f->path) == VERIFY_TEMPORARY;
}

static bool in_tmpfs(const facts *f, char *detail)
{
	SAY("%.150s", f->path ? f->path : "");
	return f->seen & SEEN_TMPFS && f->seen & RUNS && f->path &&
	       !(f->seen & SEEN_MEMFD) &&
	       verify_where(f->path) != VERIFY_TEMPORARY;
}

static bool upper_layer(const facts *f, char *detail)
{
	SAY("%.150s", f->path ? f->path : "");
	return f->seen & SEEN_UPPER_LAYER && f->seen & RUNS;
}

static bool unowned_system(const facts *f, char *detail)
{
	SAY("%.150s", f->path ? f->path : "");
	return f->packages && f->state == DISK_UNOWNED && f->path &&
	       !(f->seen & SEEN_DELETED) &&
	       verify_where(f->path) == VERIFY_SYSTEM;
}

static bool unowned(const facts *f, char *detail)
{
	SAY("%.150s", f->path ? f->path : "");
	return f->packages && f->state == DISK_UNOWNED && f->path &&
	       f->seen & RUNS && verify_where(f->path) != VERIFY_SYSTEM &&
	       verify_where(f->path) != VERIFY_TEMPORARY;
}

static bool set_id(const facts *f, char *detail)
{
	SAY("mode %04o", f->mode & 07777);
	return f->mode & (S_ISUID | S_ISGID) && f->mode & S_IXUSR &&
	       f->packages && f->state != DISK_AS_PACKAGED &&
	       f->state != DISK_OWNED;
}

static bool capability(const facts *f, char *detail)
{
	(void)detail;
	return f->capability && f->packages && f->state != DISK_AS_PACKAGED &&
	       f->state != DISK_OWNED;
}

static bool packer(const facts *f, char *detail)
{
	const unsigned marks = f->measure ? measure_marks(f->measure) : 0;

	SAY("%s", marks & MEASURE_UPX ? "UPX" : "a packer names itself");
	return f->elf && marks & (MEASURE_UPX | MEASURE_PACKER) &&
	       (f->entropy >= REASONS_PACKED_ENTROPY ||
		       is_odd(f, ELF_NO_SECTIONS));
}

static bool packed(const facts *f, char *detail)
{
	SAY("%d.%03d bits of entropy a byte", f->entropy / 1000,
		f->entropy % 1000);
	return f->elf && f->entropy >= REASONS_PACKED_ENTROPY &&
	       (is_odd(f, ELF_NO_SECTIONS | ELF_WX_SEGMENT | ELF_FEW_IMPORTS) ||
		       is_odd(f, ELF_ENTRY_WRITABLE | ELF_ENTRY_NO_TEXT));
}

static bool wx_segment(const facts *f, char *detail)
{
	(void)detail;
	return is_odd(f, ELF_WX_SEGMENT);
}

static bool no_sections(const facts *f, char *detail)
{
	(void)detail;
	return is_odd(f, ELF_NO_SECTIONS);
}

static bool entry(const facts *f, char *detail)
{
	SAY("entry 0x%llx", f->elf ? (unsigned long long)f->elf->entry : 0);
	return is_odd(f, ELF_ENTRY_OUTSIDE | ELF_ENTRY_WRITABLE |
				 ELF_ENTRY_LAST | ELF_ENTRY_NO_TEXT) &&
	       !is_odd(f, ELF_NOT_READ);
}

static bool lies(const facts *f, char *detail)
{
	SAY("up to %llu of %llu bytes",
		f->elf ? (unsigned long long)f->elf->end : 0,
		(unsigned long long)f->size_bytes);
	return is_odd(f, ELF_LIES) && f->seen & RUNS;
}

static bool rpath(const facts *f, char *detail)
{
	const char *a = f->elf ? elf_text(f->elf, f->elf->rpath_at) : NULL;
	const char *b = f->elf ? elf_text(f->elf, f->elf->runpath_at) : NULL;

	SAY("%.150s", b ? b : a ? a : "");
	return is_odd(f, ELF_RPATH_WRITABLE);
}

static bool interpreter(const facts *f, char *detail)
{
	const char *path =
		f->elf ? elf_text(f->elf, f->elf->interpreter_at) : NULL;

	SAY("%.150s", path ? path : "none, though it says so");
	return is_odd(f, ELF_INTERPRETER_ODD);
}

static bool masquerade(const facts *f, char *detail)
{
	(void)detail;
	return f->seen & SEEN_KERNEL_NAME;
}

/* "/tmp/.x", "/usr/lib/ ", "...": names that a listing does not show. */
static bool hidden_name(const facts *f, char *detail)
{
	const char *slash = f->path ? strrchr(f->path, '/') : NULL;

	SAY("%.150s", f->path ? f->path : "");
	return slash && f->seen & RUNS && !(f->seen & SEEN_MEMFD) &&
	       f->state != DISK_AS_PACKAGED && f->state != DISK_OWNED &&
	       (slash[1] == '.' || slash[1] == ' ');
}

static bool reverse_shell(const facts *f, char *detail)
{
	(void)detail;
	return f->seen & SEEN_STDIO_SOCKET && f->path &&
	       script_is_interpreter(f->path);
}

static bool socket_program(const facts *f, char *detail)
{
	(void)detail;
	return f->seen & SEEN_STDIO_SOCKET && f->path &&
	       !script_is_interpreter(f->path) &&
	       f->state != DISK_AS_PACKAGED && f->state != DISK_OWNED;
}

static bool preloaded(const facts *f, char *detail)
{
	SAY("%.150s", f->path ? f->path : "");
	return f->seen & SEEN_PRELOADED && f->state != DISK_AS_PACKAGED;
}

/* A library that wants to be asked instead of libc. */
static bool hooks(const facts *f, char *detail)
{
	size_t n = 0;

	if (!f->elf)
		return false;
	for (size_t i = 0; i < f->elf->told_n; i++) {
		const struct elf_told *t = &f->elf->told[i];

		if (!t->exported)
			continue;
		if (!n++)
			SAY("exports %.100s",
				elf_text(f->elf, t->name_at)
					? elf_text(f->elf, t->name_at)
					: "?");
	}
	return n && f->elf->type == 3 && !f->elf->interpreter_at &&
	       f->seen & SEEN_MAPPED;
}

static bool miner(const facts *f, char *detail)
{
	const char *word =
		f->measure ? measure_word(f->measure, MEASURE_MINER) : NULL;

	SAY("%.100s", word ? word : "");
	return f->measure && measure_marks(f->measure) & MEASURE_MINER &&
	       f->seen & RUNS && (f->elf || f->is_script);
}

static bool busy_miner(const facts *f, char *detail)
{
	return f->seen & SEEN_BUSY && miner(f, detail);
}

static bool code_changed(const facts *f, char *detail)
{
	(void)detail;
	return f->seen & SEEN_CODE_CHANGED;
}

static bool replaced(const facts *f, char *detail)
{
	(void)detail;
	return f->seen & SEEN_REPLACED;
}

enum {
	BYTES = 1, /* of what the bytes are: not where a package says so */
};

static const struct {
	const char *rule;
	judge *judge;
	unsigned weight;
	unsigned of; /* BYTES */
	const char *technique;
	const char *sentence;
} rules[] = {
	{ "memfd", memfd, 80, 0, "T1620",
		"it runs from a file that was only ever in memory" },
	{ "memfd-open", memfd_open, 50, 0, "T1620",
		"a file that was only ever in memory holds a program" },
	{ "package-changed", changed, 80, 0, "T1554",
		"its bytes are not those of its package" },
	{ "upgraded", upgraded, 10, 0, "T1554",
		"it was replaced, and its bytes are not those of its package" },
	{ "deleted", deleted, 50, 0, "T1070.004",
		"it runs from a file that was deleted" },
	{ "deleted-open", deleted_open, 20, 0, "T1070.004",
		"a program that was deleted is held open" },
	{ "temporary-place", temporary, 50, 0, "T1059",
		"it runs from where anybody may write" },
	{ "tmpfs", in_tmpfs, 30, 0, "T1059",
		"it runs from a file system that is only in memory" },
	{ "upper-layer", upper_layer, 50, 0, "T1610",
		"it came after the image of its container" },
	{ "unowned-system", unowned_system, 50, 0, "T1036.005",
		"it lies where only packages put files, and is of none" },
	{ "unowned", unowned, 10, 0, "T1036.005", "it is of no package" },
	{ "set-id", set_id, 60, 0, "T1548.001",
		"it runs as another user, and is not as a package made it" },
	{ "capability", capability, 50, 0, "T1548.001",
		"it has capabilities, and is not as a package made it" },
	{ "packer", packer, 40, BYTES, "T1027.002", "a packer made it" },
	{ "packed", packed, 30, BYTES, "T1027.002",
		"it unpacks itself before it runs" },
	{ "wx-segment", wx_segment, 15, BYTES, "T1027",
		"it is loaded writable and executable at once" },
	{ "no-sections", no_sections, 15, BYTES, "T1027.008",
		"it has no table of sections" },
	{ "entry", entry, 20, BYTES, "T1027",
		"it begins where programs do not begin" },
	{ "lies", lies, 20, BYTES, "T1027",
		"its headers speak of what is not in it" },
	{ "rpath-writable", rpath, 25, BYTES, "T1574.006",
		"it takes libraries from where others may write" },
	{ "interpreter", interpreter, 30, BYTES, "T1574.006",
		"what loads it is no dynamic linker of a system" },
	{ "kernel-name", masquerade, 60, 0, "T1036.004",
		"its process calls itself like a kernel thread" },
	{ "hidden-name", hidden_name, 20, 0, "T1564.001",
		"its name is one that listings leave out" },
	{ "reverse-shell", reverse_shell, 70, 0, "T1059.004",
		"an interpreter has sockets for input and output" },
	{ "socket-stdio", socket_program, 20, 0, "T1095",
		"its input and output are sockets" },
	{ "preloaded", preloaded, 50, 0, "T1574.006",
		"it is put before all libraries of a process" },
	{ "code-changed", code_changed, 30, 0, "T1055",
		"its code in a process is not as in the file" },
	{ "replaced", replaced, 60, 0, "T1055.012",
		"where its process began to run it, it is not mapped any more" },
	{ "libc-hooks", hooks, 25, BYTES, "T1574.006",
		"a library has functions of libc" },
	{ "miner", miner, 60, BYTES, "T1496", "it has the words of a miner" },
	{ "miner-busy", busy_miner, 20, BYTES, "T1496",
		"and a processor works for it most of the time" },
};

_Static_assert(ARRAY_LEN(rules) <= REASONS_MAX, "there is room for all");

static void insert(struct reasons *ret, const struct reason *r)
{
	size_t at = ret->n++;

	for (; at && ret->v[at - 1].weight < r->weight; at--)
		ret->v[at] = ret->v[at - 1];
	ret->v[at] = *r;
	ret->score += r->weight;
}

void reasons_find(struct reasons *ret, const struct reasons_facts *f)
{
	*ret = (struct reasons){ .n = 0 };
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		struct reason r = { .rule = rules[i].rule,
			.technique = rules[i].technique,
			.sentence = rules[i].sentence,
			.weight = rules[i].weight };

		if (rules[i].of == BYTES && f->state == DISK_AS_PACKAGED)
			continue;
		if (rules[i].judge(f, r.detail))
			insert(ret, &r);
	}
}
