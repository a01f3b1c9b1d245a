// SPDX-License-Identifier: Apache-2.0
#include <ctype.h>
#include <errno.h>
#include <string.h>

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

/* The month that ${p} begins with, from 0 on; -1 = none. */
static int month(const char *p)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++)
		if (strncmp(p, names + 3 * (size_t)i, 3) == 0)
			return i;
	return -1;
}

int time_parse_http(int64_t *ret, const char *text)
{
	const char *p = text;
	struct tm tm = { 0 };

	if (strnlen(text, 29) != 29 || strcmp(text + 25, " GMT") != 0 ||
		p[3] != ',' || p[4] != ' ')
		return -EBADMSG;
	p += 5;
	tm.tm_mday = digits(&p, 2);
	skip(&p, ' ');
	tm.tm_mon = month(p);
	p = text + 12;
	tm.tm_year = digits(&p, 4) - 1900;
	skip(&p, ' ');
	tm.tm_hour = digits(&p, 2);
	skip(&p, ':');
	tm.tm_min = digits(&p, 2);
	skip(&p, ':');
	tm.tm_sec = digits(&p, 2);
	if (p != text + 25 || tm.tm_mday < 1 || tm.tm_mday > 31 ||
		tm.tm_mon < 0 || tm.tm_year < 0 || tm.tm_hour < 0 ||
		tm.tm_hour > 23 || tm.tm_min < 0 || tm.tm_min > 59 ||
		tm.tm_sec < 0 || tm.tm_sec > 60)
		return -EBADMSG;
	*ret = (int64_t)timegm(&tm);
	return 0;
}
