/* SPDX-License-Identifier: Apache-2.0 */
/* Times as tickets and tokens write them. */
#ifndef CLOUD_TIME_H
#define CLOUD_TIME_H

#include <stdint.h>

#include "base/cleanup.h"

/*
 * time_parse(ret, text):
 * "2026-01-31T23:59:59Z", with a fraction or an offset "+01:00" instead of
 * 'Z' too, "20260131T235959Z", or "2026-01-31T23:59Z" or a day alone as Azure
 * has them: seconds since 1970.  0 or -EBADMSG.
 */
int time_parse(int64_t *ret, const char *text) MUST_CHECK;

/*
 * time_parse_http(ret, text):
 * "Mon, 19 Sep 2016 18:29:47 GMT" (RFC 9110 5.6.7): likewise.
 */
int time_parse_http(int64_t *ret, const char *text) MUST_CHECK;

#endif
