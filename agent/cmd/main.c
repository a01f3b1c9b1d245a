// SPDX-License-Identifier: Apache-2.0
#include <sys/prctl.h>

#include "base/err.h"
#include "cmd/cmd.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *what;
} commands[] = {
	{ "capture", cmd_capture, "take evidence now" },
	{ "watch", cmd_watch, "record what happens, capture when told to" },
	{ "trigger", cmd_trigger, "tell the running watch to capture" },
	{ "status", cmd_status, "what the running watch is doing" },
	{ "triage", cmd_triage, "evidence from an attached disk" },
	{ "push", cmd_push, "send what was spooled" },
	{ "probe", cmd_probe, "what can be captured here, and why not" },
};

static void print_usage(FILE *out)
{
	(void)fputs("usage: icecore COMMAND [options]\n\n"
		    "Take what is about to be lost from this host, sealed for the "
		    "forensic key.\n\n",
		out);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		(void)fprintf(out, "  %-10s %s\n", commands[i].name,
			commands[i].what);
	(void)fputs("  version    print the version\n\n"
		    "icecore COMMAND --help says more.\n",
		out);
}

int cmd_usage(const char *text)
{
	(void)fputs(text, stderr);
	return CMD_USAGE;
}

int cmd_bad_option(const struct err *e)
{
	(void)fprintf(stderr, "icecore: %s\n", e->msg);
	return CMD_USAGE;
}

int cmd_failed(const struct err *e)
{
	(void)fprintf(stderr, "icecore: %s\n", e->msg);
	return CMD_FAILED;
}

static int run(const struct command *c, int argc, char **argv)
{
	int status = c->run(argc, argv);

	if (fflush(stdout) == 0 || status == CMD_USAGE)
		return status;
	(void)fputs("icecore: cannot write to stdout\n", stderr);
	return CMD_FAILED;
}

int main(int argc, char **argv)
{
	/* Memory of the host passes through here: none of it into a core. */
	(void)prctl(PR_SET_DUMPABLE, 0);
	if (argc < 2) {
		print_usage(stderr);
		return CMD_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_usage(stdout);
		return CMD_COMPLETE;
	}
	if (strcmp(argv[1], "version") == 0 || strcmp(argv[1], "--version") == 0) {
		(void)printf("icecore %s (evidence format 1)\n", ICECORE_VERSION);
		return CMD_COMPLETE;
	}
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return run(&commands[i], argc - 1, argv + 1);
	(void)fprintf(stderr, "icecore: no command '%.40s'\n", argv[1]);
	print_usage(stderr);
	return CMD_USAGE;
}
