// SPDX-License-Identifier: Apache-2.0
#include <signal.h>
#include <stdbool.h>

#include "base/log.h"
#include "cmd/cmd.h"

static atomic_bool interrupted, ending, reloading;

static void on_signal(int sig)
{
	if (sig != SIGALRM)
		ending = true;
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

const atomic_bool *cmd_ending(void)
{
	return &ending;
}

static void on_hangup(int sig)
{
	(void)sig;
	reloading = true;
}

atomic_bool *cmd_reloading(void)
{
	struct sigaction sa = { .sa_handler = on_hangup, .sa_flags = SA_RESTART };

	(void)sigaction(SIGHUP, &sa, NULL);
	return &reloading;
}

void cmd_go_on(void)
{
	struct sigaction sa = { .sa_handler = on_signal,
		.sa_flags = SA_RESETHAND | SA_RESTART };

	(void)sigaction(SIGALRM, &sa, NULL);
	if (!ending)
		interrupted = false;
}

void cmd_inform(const char *text)
{
	log_info("%s", text);
}

void cmd_tell(const char *text)
{
	log_warn("%s", text);
}
