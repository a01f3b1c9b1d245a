// SPDX-License-Identifier: Apache-2.0
#include <bpf/bpf.h>

#include "base/err.h"
#include "bpf/memory.h"
#include "memory.skel.h"
#include "base/kallsyms.h"
#include "memread.h"

static int locate(struct memory_layout *ret, struct memory_bpf *skel)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	if (bpf_prog_test_run_opts(
		    bpf_program__fd(skel->progs.memory_locate), &opts) < 0 ||
		opts.retval != MEMORY_OK)
		return -1;
	*ret = skel->bss->memory_layout;
	return 0;
}

/* Without what the agent finds in kallsyms, and then with it. */
static int both(struct memory_layout *by_helper,
	struct memory_layout *by_kallsyms, struct memory_bpf *skel)
{
	struct kallsyms_symbol found[] = {
		{ .name = "page_offset_base" },
		{ .name = "vmemmap_base" },
	};
	struct err e = { 0 };

	if (locate(by_helper, skel) < 0 ||
		kallsyms_find(found, ARRAY_LEN(found), "/proc/kallsyms", &e) < 0 ||
		!found[0].address || !found[1].address)
		return -1;
	skel->bss->memory_layout = (struct memory_layout){ 0 };
	skel->bss->memory_symbols = (struct memory_symbols){
		.page_offset_base = found[0].address,
		.vmemmap_base = found[1].address,
	};
	return locate(by_kallsyms, skel);
}

int memread_symbols(void)
{
	struct memory_layout by_helper = { 0 }, by_kallsyms = { 0 };
	struct memory_bpf *skel = memory_bpf__open_and_load();
	int r = skel ? both(&by_helper, &by_kallsyms, skel) : -1;

	memory_bpf__destroy(skel);
	printf("# direct map %#llx and %#llx, vmemmap %#llx and %#llx\n",
		by_helper.direct_map, by_kallsyms.direct_map, by_helper.vmemmap,
		by_kallsyms.vmemmap);
	if (r < 0 || memcmp(&by_helper, &by_kallsyms, sizeof(by_helper)) != 0)
		return 1;
	return 0;
}
