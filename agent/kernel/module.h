/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The modules of the kernel by every view that there is of them.
 *
 *	proc      /proc/modules
 *	sysfs     /sys/module, those with "initstate" (built-in ones have none)
 *	kallsyms  names in brackets in /proc/kallsyms
 *	list      the kernel's list "modules"
 *	tree      the kernel's "mod_tree", by which it finds a module by address
 *	kset      the kernel's "module_kset", which /sys/module shows
 *	vmap      areas of the kernel's memory that its loader of modules asked
 *	          for; one that is no module's is told as a module "[0xADDRESS]"
 *
 * The last four are walked in the kernel's memory.  All tell of the same
 * modules, but for kallsyms, where one without symbols is not, and for vmap,
 * since who asks for memory differs between kernels.
 */
#ifndef KERNEL_MODULE_H
#define KERNEL_MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"

struct layout;
struct peek;
struct symbols;

enum {
	KMODULE_NAME_CHARS = 56, /* MODULE_NAME_LEN on 64 bits */
	KMODULE_PARTS_MAX = 7, /* MOD_MEM_NUM_TYPES; 2 before 6.4 */
	KMODULES_MAX = 2048,
	KMODULE_PROC_BYTES = 1 << 20,
	KMODULE_TEXT_CHARS = 64,
	KMODULE_BUILD_ID_BYTES = 20,
};

/* As in kernel.proto. */
enum kmodule_view {
	KMODULE_BY_PROC = 1 << 0,
	KMODULE_BY_SYSFS = 1 << 1,
	KMODULE_BY_KALLSYMS = 1 << 2,
	KMODULE_BY_LIST = 1 << 3,
	KMODULE_BY_TREE = 1 << 4,
	KMODULE_BY_KSET = 1 << 5,
	KMODULE_BY_VMAP = 1 << 6,
	KMODULE_VIEWS = 7,
	/* Where each module has to be. */
	KMODULE_BY_ALL =
		(1 << KMODULE_VIEWS) - 1 - KMODULE_BY_KALLSYMS - KMODULE_BY_VMAP,
	/* What the kernel itself goes by. */
	KMODULE_BY_KERNEL = KMODULE_BY_LIST | KMODULE_BY_TREE | KMODULE_BY_KSET,
};

struct kmodule_part {
	uint64_t start;
	uint64_t bytes;
};

struct kmodule {
	char name[KMODULE_NAME_CHARS];
	unsigned views; /* enum kmodule_view */
	unsigned missing; /* by kmodules_compare() */
	bool passing; /* it is on its way in or out */
	uint64_t at; /* of its struct module; 0 = not told */
	struct kmodule_part parts[KMODULE_PARTS_MAX]; /* the first is its code */
	uint64_t bytes; /* in all */
	int64_t references; /* -1 = not told */
	char state[KMODULE_TEXT_CHARS]; /* "Live" and the like */
	char taints[KMODULE_TEXT_CHARS]; /* "OE" and the like */
	char version[KMODULE_TEXT_CHARS]; /* srcversion */
	uint8_t build_id[KMODULE_BUILD_ID_BYTES];
	size_t build_id_len;
};

struct kmodules {
	struct kmodule *v; /* KMODULES_MAX of them */
	size_t n;
	uint64_t lost; /* were not kept */
	unsigned asked; /* the views that answered */
	struct err why[KMODULE_VIEWS]; /* of those that did not */
};

/* Where to look; NULL is left out, and said to be. */
struct kmodule_places {
	const char *proc; /* "/proc/modules" */
	const char *sysfs; /* "/sys/module" */
	const struct symbols *symbols; /* scanned just now */
	struct peek *peek;
	struct layout *layout;
};

/* Where struct module has what: kmodule_layout() asks the kernel's BTF. */
struct kmodule_layout {
	uint32_t list; /* struct module */
	uint32_t name;
	uint32_t state;
	uint32_t parts[KMODULE_PARTS_MAX]; /* address of each part */
	uint32_t part_bytes[KMODULE_PARTS_MAX]; /* size of each part */
	uint32_t parts_n;
	uint32_t kset_list; /* struct kset */
	uint32_t kobject_entry; /* struct module_kobject: kobj.entry */
	uint32_t kobject_mod; /* and mod */
	uint32_t tree_root; /* struct mod_tree_root: of one rb_root */
	uint32_t tree_node; /* struct mod_tree_node: its rb_node */
	uint32_t tree_mod; /* and mod */
	bool has_tree;
	uint32_t area_start; /* struct vmap_area */
	uint32_t area_end;
	uint32_t area_list;
	uint32_t area_vm;
	uint32_t vm_caller; /* struct vm_struct */
	uint32_t node_list; /* struct vmap_node: the busy ones; since 6.9 */
	uint32_t node_bytes; /* 0 = there is one list of all */
};

int kmodule_layout(
	struct kmodule_layout *ret, struct layout *l, struct err *e) MUST_CHECK;

/*
 * kmodules_init(ms, e), kmodules_done(ms):
 * None yet.
 */
int kmodules_init(struct kmodules *ms, struct err *e) MUST_CHECK;
void kmodules_done(struct kmodules *ms);

/*
 * kmodules_get(ms, name, len):
 * That of this name, made when it is not there; NULL past KMODULES_MAX, which
 * is counted.
 */
struct kmodule *kmodules_get(struct kmodules *ms, const char *name, size_t len);

/*
 * kmodules_parse(ms, text, len):
 * /proc/modules (proc(5)): "NAME BYTES REFERENCES USERS STATE ADDRESS (TAINTS)".
 * A line that is none is passed over.  Return how many were.
 */
size_t kmodules_parse(struct kmodules *ms, const char *text, size_t len);

/*
 * kmodules_walk(ms, peek, l, symbols):
 * The three lists in the kernel's memory, and what no list has.
 */
void kmodules_walk(struct kmodules *ms, struct peek *peek,
	const struct kmodule_layout *l, const struct symbols *symbols);

/*
 * kmodules_vmap(ms, peek, l, symbols, e):
 * Of those, the areas of memory; after the lists.
 */
int kmodules_vmap(struct kmodules *ms, struct peek *peek,
	const struct kmodule_layout *l, const struct symbols *symbols,
	struct err *e) MUST_CHECK;

/*
 * kmodules_see(ms, places, e):
 * Every view, once.  A view that cannot be had is said in ms->why.  -ENOMEM.
 */
int kmodules_see(struct kmodules *ms, const struct kmodule_places *places,
	struct err *e) MUST_CHECK;

/*
 * kmodules_compare(ms, before):
 * Set ->missing of each: the views that answered, and in which it has to be and
 * is not, now and ${before}, when it was looked at last (NULL = now alone).
 * What comes or goes meanwhile lacks other views each time, or was not there;
 * while it is on its way it lacks none, as long as the kernel's list has it.
 * Return how many lack any.
 */
size_t kmodules_compare(struct kmodules *ms, const struct kmodules *before);

/*
 * kmodule_view_name(view):
 * Of one bit, such as "list".
 */
const char *kmodule_view_name(unsigned view);

/*
 * kmodule_describe(ret, cap, m):
 * By whom it is told: "told by list, tree; not by proc, sysfs".
 */
void kmodule_describe(char *ret, size_t cap, const struct kmodule *m);

#define AUTO_KMODULES CLEANUP(kmodules_done)

#endif
