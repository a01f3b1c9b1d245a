/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where tickets come from, and the next one when one ends: a file that
 * somebody replaces, a descriptor on which they follow each other, or the role
 * of the machine itself.
 */
#ifndef CLOUD_CREDENTIALS_H
#define CLOUD_CREDENTIALS_H

#include <stddef.h>

#include "base/cleanup.h"

struct credentials;
struct err;
struct http_config;
struct ticket;

enum role {
	ROLE_NONE,
	ROLE_EC2, /* of the instance, by IMDSv2 */
	ROLE_CONTAINER, /* ECS task, EKS pod identity */
	ROLE_WEB_IDENTITY, /* EKS service account, by STS */
	ROLE_AZURE, /* managed identity */
};

/* Borrowed while the credentials are open. */
struct credentials_config {
	const char *file; /* NULL = none */
	int fd; /* -1 = none; not closed */
	enum role role;
	const char *metadata; /* URL of the metadata service; NULL = usual */
	const char *region; /* of STS */
	const struct http_config *http; /* for STS */
};

/*
 * role_find(name), role_guess():
 * The role of a name ("ec2", "container", "web-identity", "azure"), -1 if
 * there is none; the one of s3:// that the environment speaks of, ROLE_EC2 if
 * it speaks of none.
 */
int role_find(const char *name);
enum role role_guess(void);

/*
 * credentials_open(ret, config, e):
 * Get the first ticket: from a descriptor it waits for it.  Close with
 * credentials_close(), which wipes what is left.
 */
int credentials_open(struct credentials **ret,
	const struct credentials_config *config, struct err *e) MUST_CHECK;
void credentials_close(struct credentials *c);

/* A ticket in use; its pages stay until it is given back. */
struct credentials_use {
	const struct ticket *ticket;
	unsigned number; /* of the ticket, counted from 1 */
};

/*
 * credentials_take(c), credentials_give(c, u):
 * Use the ticket of the moment; any thread.
 */
struct credentials_use credentials_take(struct credentials *c);
void credentials_give(struct credentials *c, struct credentials_use u);

/*
 * credentials_renew(c, number, e):
 * Ticket ${number} is no longer good.  0 when there is a newer one, whoever
 * got it; -EAGAIN when there is none yet, with what is waited for, and asking
 * again later is right; else there will be none.
 */
int credentials_renew(
	struct credentials *c, unsigned number, struct err *e) MUST_CHECK;

#endif
