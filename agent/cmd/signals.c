// SPDX-License-Identifier: Apache-2.0
#include <signal.h>
#include <stdbool.h>

#include "base/log.h"
#include "cmd/cmd.h"

static atomic_bool interrupted;

static void on_signal(int sig)
{
	(void)sig;
	interrupted = true;
}

const atomic_bool *cmd_catch_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal,
		.sa_flags = SA_RESETHAND | SA_RESTART };

	(void)sigaction(SIGINT, &sa, NULL);
	(void)sigaction(SIGTERM, &sa, NULL);
	(void)sigaction(SIGALRM, &sa, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	return &interrupted;
}

void cmd_tell(const char *text)
{
	log_warn("%s", text);
}
