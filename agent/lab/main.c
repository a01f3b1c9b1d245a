// SPDX-License-Identifier: Apache-2.0
#include <signal.h>

#include "lab/lab.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *what;
} commands[] = {
	{ "keygen", cmd_keygen, "make a forensic key pair" },
	{ "order", cmd_order, "sign an order that a host obeys" },
	{ "pull", cmd_pull, "fetch a capture from a store" },
	{ "verify", cmd_verify, "check a capture; needs no key" },
	{ "timestamp", cmd_timestamp, "requests for time stamps, to be answered" },
	{ "extract", cmd_extract, "memory image, files and gaps" },
	{ "export", cmd_export, "into formats of other tools" },
	{ "inspect", cmd_inspect,
		"processes, modules, hooks and sockets in the captured memory" },
	{ "report", cmd_report, "one page to look at" },
	{ "scan", cmd_scan, "YARA rules over binaries and memory" },
	{ "show", cmd_show, "print records" },
};

static void print_usage(FILE *out)
{
	(void)fputs("usage: icelab COMMAND [options]\n\n"
		    "Read the evidence that icecore took.\n\n",
		out);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		(void)fprintf(out, "  %-10s %s\n", commands[i].name,
			commands[i].what);
	(void)fputs("  version    print the version\n\n"
		    "icelab COMMAND --help says more.\n",
		out);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		print_usage(stderr);
		return LAB_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_usage(stdout);
		return LAB_COMPLETE;
	}
	if (strcmp(argv[1], "version") == 0 || strcmp(argv[1], "--version") == 0) {
		(void)printf("icelab %s (evidence format 1)\n", ICECORE_VERSION);
		return LAB_COMPLETE;
	}
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		int status;

		if (strcmp(argv[1], commands[i].name) != 0)
			continue;
		status = commands[i].run(argc - 1, argv + 1);
		if (fflush(stdout) != 0 && status != LAB_USAGE) {
			(void)fputs("icelab: cannot write to stdout\n", stderr);
			return LAB_FAILED;
		}
		return status;
	}
	(void)fprintf(stderr, "icelab: no command '%.40s'\n", argv[1]);
	print_usage(stderr);
	return LAB_USAGE;
}
