/* SPDX-License-Identifier: Apache-2.0 */
/* What a command line says of a store, the same for every command. */
#ifndef CLOUD_STORE_OPTIONS_H
#define CLOUD_STORE_OPTIONS_H

#include <getopt.h>

#include "cloud/store.h"

/* Past every character that a command uses for its own. */
enum store_option_code {
	STORE_OPTION_TICKET = 512,
	STORE_OPTION_TICKET_FD,
	STORE_OPTION_ROLE,
	STORE_OPTION_ENDPOINT,
	STORE_OPTION_REGION,
	STORE_OPTION_VIRTUAL_STYLE,
	STORE_OPTION_BUCKET_OWNER,
	STORE_OPTION_CA_FILE,
	STORE_OPTION_PIN,
	STORE_OPTION_CLIENT_CERT,
	STORE_OPTION_CLIENT_KEY,
	STORE_OPTION_PROXY,
	STORE_OPTION_METADATA,
	STORE_OPTION_END,
};

/* Among the struct option of a command. */
#define STORE_LONG_OPTIONS                                                        \
	{ "ticket", required_argument, NULL, STORE_OPTION_TICKET },               \
		{ "ticket-fd", required_argument, NULL, STORE_OPTION_TICKET_FD }, \
		{ "role", required_argument, NULL, STORE_OPTION_ROLE },           \
		{ "endpoint", required_argument, NULL, STORE_OPTION_ENDPOINT },   \
		{ "region", required_argument, NULL, STORE_OPTION_REGION },       \
		{ "virtual-style", no_argument, NULL,                             \
			STORE_OPTION_VIRTUAL_STYLE },                             \
		{ "bucket-owner-control", no_argument, NULL,                      \
			STORE_OPTION_BUCKET_OWNER },                              \
		{ "ca-file", required_argument, NULL, STORE_OPTION_CA_FILE },     \
		{ "pin", required_argument, NULL, STORE_OPTION_PIN },             \
		{ "client-cert", required_argument, NULL,                         \
			STORE_OPTION_CLIENT_CERT },                               \
		{ "client-key", required_argument, NULL,                          \
			STORE_OPTION_CLIENT_KEY },                                \
		{ "proxy", required_argument, NULL, STORE_OPTION_PROXY },         \
	{                                                                         \
		"metadata", required_argument, NULL, STORE_OPTION_METADATA        \
	}

/* For --help, with the destinations. */
extern const char store_options_usage[];

/*
 * store_options_init(config):
 * The defaults.
 */
void store_options_init(struct store_config *config);

/*
 * store_option(config, code, value, e):
 * Take one option; ${value} is borrowed by ${config}.  -EINVAL when it is
 * none, or another command's code.
 */
int store_option(struct store_config *config, int code, const char *value,
	struct err *e) MUST_CHECK;

#endif
