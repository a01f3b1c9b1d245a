/* SPDX-License-Identifier: Apache-2.0 */
/* Records of the memory of a process that is made up. */
#ifndef UNIT_CORE_FIXTURE_H
#define UNIT_CORE_FIXTURE_H

#include <elf.h>

#include "icecore/v1/record.pb-c.h"

#define CORE_BYTES(text)                                                       \
	((ProtobufCBinaryData){ sizeof(text) - 1, (uint8_t *)(uintptr_t)(text) })

/* A process with two mappings of two pages each, the first of a file. */
struct core_fixture {
	Icecore__V1__ProcessCore core;
	Icecore__V1__ProcessPages pages;
	Icecore__V1__Mapping mapping[2], *mappings[2];
	Icecore__V1__ThreadRegisters thread[2], *threads[2];
	Icecore__V1__CorePages run[3], *runs[3];
	uint8_t registers[27 * 8];
	uint8_t data[4096];
};

static void core_fixture(struct core_fixture *f)
{
	*f = (struct core_fixture){ 0 };
	icecore__v1__process_core__init(&f->core);
	icecore__v1__process_pages__init(&f->pages);
	f->core.pid = f->pages.pid = 42;
	f->core.machine = EM_X86_64;
	f->core.page_bytes = 4096;
	f->core.comm = CORE_BYTES("made up");
	f->core.arguments = CORE_BYTES("made\0up\0");
	f->core.auxv = CORE_BYTES("0123456789abcdef");
	f->core.state = "S";
	f->core.frozen = 1;
	for (int i = 0; i < 2; i++) {
		icecore__v1__mapping__init(&f->mapping[i]);
		f->mappings[i] = &f->mapping[i];
		f->mapping[i].start = 0x10000u + 0x4000u * (unsigned)i;
		f->mapping[i].end = f->mapping[i].start + 0x2000;
		f->mapping[i].protection = i ? "rw-p" : "r-xp";
		icecore__v1__thread_registers__init(&f->thread[i]);
		f->threads[i] = &f->thread[i];
		f->thread[i].tid = 41u + (unsigned)i;
	}
	f->mapping[0].has_inode = 1;
	f->mapping[0].inode = 7;
	f->mapping[0].path = CORE_BYTES("/bin/made-up");
	memset(f->registers, 0x5a, sizeof(f->registers));
	f->thread[1].general =
		(ProtobufCBinaryData){ sizeof(f->registers), f->registers };
	f->core.mappings = f->mappings;
	f->core.threads = f->threads;
	f->core.n_mappings = f->core.n_threads = 2;
	/* In the file, data; and zeros of the second mapping. */
	for (int i = 0; i < 3; i++) {
		icecore__v1__core_pages__init(&f->run[i]);
		f->runs[i] = &f->run[i];
		f->run[i].bytes = 4096;
	}
	f->run[0].status =
		ICECORE__V1__CORE_PAGE_STATUS__CORE_PAGE_STATUS_IN_FILE;
	f->run[1].status = ICECORE__V1__CORE_PAGE_STATUS__CORE_PAGE_STATUS_DATA;
	f->run[2].status = ICECORE__V1__CORE_PAGE_STATUS__CORE_PAGE_STATUS_ZERO;
	f->pages.start = 0x10000;
	f->pages.runs = f->runs;
	f->pages.n_runs = 2;
	memset(f->data, 0xa5, sizeof(f->data));
	f->pages.data = (ProtobufCBinaryData){ sizeof(f->data), f->data };
}

#endif
