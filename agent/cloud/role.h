/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tickets that the machine may ask for by itself: the role of an EC2 instance
 * (IMDSv2), of an ECS task or EKS pod (container credentials), of an EKS
 * service account (AssumeRoleWithWebIdentity), the managed identity of an
 * Azure VM.  What the platform put into the environment says where.
 */
#ifndef CLOUD_ROLE_H
#define CLOUD_ROLE_H

#include "cloud/credentials.h"

/*
 * role_ticket(ret, config, e):
 * Ask for a ticket by config->role; -EAGAIN where the one who gives them
 * cannot be reached.
 */
int role_ticket(struct ticket **ret, const struct credentials_config *config,
	struct err *e) MUST_CHECK;

#endif
