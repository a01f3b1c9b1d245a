/* SPDX-License-Identifier: Apache-2.0 */
/* An item in one sentence, for timelines and the message fields of others. */
#ifndef EXPORT_SUMMARY_H
#define EXPORT_SUMMARY_H

#include "base/json.h"

struct item;

/*
 * summary(it):
 * "process 812 nginx: worker (/usr/sbin/nginx) of user 33", and such; NULL when
 * there is no memory.
 */
json_t *summary(const struct item *it);

#endif
