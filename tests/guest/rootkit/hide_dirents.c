// SPDX-License-Identifier: Apache-2.0
/* Attach hide_dirents.bpf.c, say "hidden", and stay. */
#include <stdio.h>
#include <unistd.h>

#include "hide_dirents.skel.h"

int main(void)
{
	struct hide_dirents_bpf *b = hide_dirents_bpf__open_and_load();

	if (!b || hide_dirents_bpf__attach(b))
		return 1;
	puts("hidden");
	fflush(stdout);
	pause();
	return 0;
}
