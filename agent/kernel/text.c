// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "kernel/module.h"
#include "kernel/symbols.h"
#include "kernel/text.h"

void text_init(struct text *t, const struct symbols *symbols,
	const struct kmodules *modules)
{
	*t = (struct text){
		.start = symbols_address(symbols, "_stext"),
		.end = symbols_address(symbols, "_etext"),
		.image_start = symbols_address(symbols, "_text"),
		.image_end = symbols_address(symbols, "_end"),
		.modules = modules,
	};
}

const struct kmodule *text_module(const struct text *t, uint64_t address)
{
	for (size_t i = 0; i < t->modules->n; i++) {
		const struct kmodule *m = &t->modules->v[i];

		for (int p = 0; p < KMODULE_PARTS_MAX; p++)
			if (m->parts[p].start && address >= m->parts[p].start &&
				address - m->parts[p].start < m->parts[p].bytes)
				return m;
	}
	return NULL;
}

enum text_region text_region(const struct text *t, const struct symbol_at *at,
	const struct kmodule **ret)
{
	const struct kmodule *m;

	*ret = NULL;
	if (at->address >= t->start && at->address < t->end)
		return TEXT_CORE;
	if (at->address >= t->image_start && at->address < t->image_end)
		return TEXT_DATA;
	m = text_module(t, at->address);
	if (m) {
		*ret = m;
		return m->missing ? TEXT_HIDDEN_MODULE : TEXT_MODULE;
	}
	if (at->base && strcmp(at->module, "bpf") == 0)
		return TEXT_BPF;
	if (at->base && strncmp(at->module, "__builtin__", 11) == 0)
		return TEXT_TRAMPOLINE;
	return TEXT_UNKNOWN;
}
