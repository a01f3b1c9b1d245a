/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A trigger by what EC2 says of this instance, through IMDSv2, which no
 * security group cuts off: a tag, an isolation security group, the end of the
 * instance by its Auto Scaling group or as a Spot Instance.
 *
 * Tags are seen only where the instance's InstanceMetadataTags is enabled;
 * from a container only with the host's network or a hop limit of 2.  No
 * permission is needed.  What is asked: EC2 User Guide, "Instance metadata
 * categories", under /latest/meta-data/: tags/instance/, network/interfaces/
 * macs/MAC/security-group-ids, autoscaling/target-lifecycle-state,
 * spot/instance-action.
 */
#ifndef TRIGGER_EC2_H
#define TRIGGER_EC2_H

#include "trigger/kind.h"

/* [trigger ec2] */
struct ec2_settings {
	const char *metadata; /* metadata: the service, for tests */
	uint32_t poll_ms; /* poll-ms: 200 to 60000, 2000 if not given */
	/* tag: keys.  The value is an order or a reason; it may be empty.
	 * "icecore" if not given. */
	struct trigger_words tag;
	/* isolation-group: ids, "sg-...".  None if not given. */
	struct trigger_words isolation_group;
	/* lifecycle: the instance ends, which is a trigger of the last gasp. */
	uint32_t lifecycle;
};

extern const struct trigger_kind trigger_ec2;

#endif
