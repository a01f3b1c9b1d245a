// SPDX-License-Identifier: Apache-2.0
/* icecore_fake: the command over made-up memory, FAKE_MIB of it, in the cloud
 * that the firmware in the directory FAKE_DMI names. */
#include "base/num.h"
#include "cloud/metadata.h"
#include "unit/evidence.h"

__attribute__((constructor)) static void make_host(void)
{
	const char *mib = getenv("FAKE_MIB");
	uint64_t v = 26;

	if (mib && num_u64(&v, mib, NULL) < 0)
		abort();
	evidence_fake_host((unsigned)v);
}

enum metadata_kind __real_metadata_detect(const char *dmi);
enum metadata_kind __wrap_metadata_detect(const char *dmi);

/* Wherever the tests run, they ask no real cloud. */
enum metadata_kind __wrap_metadata_detect(const char *dmi)
{
	const char *fake_dmi = getenv("FAKE_DMI");

	(void)dmi;
	return fake_dmi ? __real_metadata_detect(fake_dmi) : METADATA_NONE;
}
