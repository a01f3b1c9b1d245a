/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The registers of threads, without stopping one: the kernel keeps what a
 * thread had when it went into the kernel, and a BPF iterator reads that
 * (bpf_task_pt_regs(), Linux 5.15).  Where there is no BPF, /proc/TID/syscall
 * tells the stack pointer and the program counter of those that wait.
 */
#ifndef COREDUMP_REGISTERS_H
#define COREDUMP_REGISTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "bpf/regs.h"

struct err;
struct registers;

/* As RegistersFrom in core.proto. */
enum registers_from { REGISTERS_KERNEL = 1, REGISTERS_PROC = 2 };

struct thread_registers {
	uint32_t pid;
	uint32_t tid;
	enum registers_from from; /* 0 = not told */
	bool running; /* they are of its last way into the kernel */
	uint64_t general[REGS_WORDS_MAX]; /* as in NT_PRSTATUS */
};

/*
 * registers_machine(ret_words):
 * e_machine of this build, and how many words NT_PRSTATUS has there.
 */
unsigned registers_machine(size_t *ret_words);

/*
 * registers_see(ret, pids, n, e), registers_free(r):
 * Of all threads of ${pids}, by the iterator.  Refuses where the kernel does.
 */
int registers_see(struct registers **ret, const uint32_t *pids, size_t n,
	struct err *e) MUST_CHECK;
void registers_free(struct registers *r);

/*
 * registers_of(ret, r, pid, tid):
 * What ${r}, which may be NULL, has of one thread; false = nothing.
 */
bool registers_of(struct thread_registers *ret, const struct registers *r,
	uint32_t pid, uint32_t tid);

/*
 * registers_proc(ret, text, len):
 * What /proc/TID/syscall says; false for "running" and what is no such line.
 */
bool registers_proc(struct thread_registers *ret, const char *text, size_t len);

#endif
