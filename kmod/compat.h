/* SPDX-License-Identifier: GPL-2.0-only */
/* All that differs between kernels. */
#ifndef ICECORE_COMPAT_H
#define ICECORE_COMPAT_H

#include <linux/efi.h>
#include <linux/types.h>
#include <linux/version.h>

/* iov_iter_ubuf() is new in 6.0. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 0, 0)
#error "icecore wants Linux 6.0 or later"
#endif

/* Without it a copy from a page that has no direct map is an oops. */
#ifndef CONFIG_X86_64
#error "icecore knows the fault-safe copy of x86-64 only"
#endif

/*
 * icecore_is_unaccepted(paddr):
 * The guest has not accepted the memory at ${paddr} from its hypervisor, so an
 * access would be fatal.  The kernel keeps that in a bitmap that firmware tells
 * it about, one bit for each unit, and exports the address of the table but not
 * the function that looks (drivers/firmware/efi/unaccepted_memory.c).  A bit
 * only ever goes from set to clear.  TDX and SEV-SNP guests have such memory;
 * nothing else can test this.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0) &&                           \
	defined(CONFIG_UNACCEPTED_MEMORY)
static inline bool icecore_is_unaccepted(u64 paddr)
{
	const struct efi_unaccepted_memory *table;
	u64 unit;

	if (efi.unaccepted == EFI_INVALID_TABLE_ADDR)
		return false;
	table = __va(efi.unaccepted);
	if (paddr < table->phys_base)
		return false;
	unit = div64_u64(paddr - table->phys_base, table->unit_size);
	return unit < table->size * BITS_PER_BYTE &&
	       test_bit(unit, table->bitmap);
}
#else
static inline bool icecore_is_unaccepted(u64 paddr)
{
	return false;
}
#endif

#endif
