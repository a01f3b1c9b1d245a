// SPDX-License-Identifier: Apache-2.0
/* hide_net_load OBJECT FLAG: attach all programs of OBJECT, make the file FLAG,
 * and wait. */
#include <stdio.h>
#include <unistd.h>

#include <bpf/libbpf.h>

int main(int argc, char **argv)
{
	struct bpf_object *o = argc == 3 ? bpf_object__open(argv[1]) : NULL;
	struct bpf_program *p;
	FILE *flag;

	if (!o || bpf_object__load(o))
		return 1;
	bpf_object__for_each_program(p, o)
	{
		if (!bpf_program__attach(p))
			return 1;
	}
	flag = fopen(argv[2], "we");
	if (!flag || fputs("attached\n", flag) < 0 || fclose(flag))
		return 1;
	for (;;)
		(void)pause();
}
