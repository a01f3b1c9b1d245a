// SPDX-License-Identifier: Apache-2.0
#include <ctype.h>
#include <errno.h>

#include "cloud/time.h"

/* ${n} digits; -1 when there are not so many. */
static int digits(const char **p, int n)
{
	int v = 0;

	for (int i = 0; i < n; i++, ++*p) {
		if (!isdigit((unsigned char)**p))
			return -1;
		v = v * 10 + (**p - '0');
	}
	return v;
}

static void skip(const char **p, char c)
{
	*p += **p == c;
}

/* "Z", "+01:00", or nothing, which is as good as Z. */
static int zone(int64_t *ret, const char *p)
{
	int sign = *p == '+' ? 1 : -1, h, m;

	*ret = 0;
	if (*p == 0 || (*p == 'Z' && p[1] == 0))
		return 0;
	if (*p != '+' && *p != '-')
		return -EBADMSG;
	p++;
	h = digits(&p, 2);
	skip(&p, ':');
	m = digits(&p, 2);
	if (h < 0 || m < 0 || *p)
		return -EBADMSG;
	*ret = sign * ((int64_t)h * 3600 + (int64_t)m * 60);
	return 0;
}

int time_parse(int64_t *ret, const char *text)
{
	struct tm tm = { 0 };
	const char *p = text;
	int64_t offset;

	tm.tm_year = digits(&p, 4) - 1900;
	skip(&p, '-');
	tm.tm_mon = digits(&p, 2) - 1;
	skip(&p, '-');
	tm.tm_mday = digits(&p, 2);
	if (tm.tm_year < 0 || tm.tm_mon < 0 || tm.tm_mon > 11 ||
		tm.tm_mday < 1 || tm.tm_mday > 31)
		return -EBADMSG;
	if (*p == 'T' || *p == ' ') {
		p++;
		tm.tm_hour = digits(&p, 2);
		skip(&p, ':');
		tm.tm_min = digits(&p, 2);
		skip(&p, ':');
		if (isdigit((unsigned char)*p))
			tm.tm_sec = digits(&p, 2);
		if (*p == '.')
			while (isdigit((unsigned char)*++p))
				;
	}
	if (tm.tm_hour < 0 || tm.tm_hour > 23 || tm.tm_min < 0 || tm.tm_min > 59 ||
		tm.tm_sec < 0 || tm.tm_sec > 60 || zone(&offset, p) < 0)
		return -EBADMSG;
	*ret = (int64_t)timegm(&tm) - offset;
	return 0;
}
