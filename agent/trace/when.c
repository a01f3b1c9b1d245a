// SPDX-License-Identifier: Apache-2.0
#include "trace/when.h"

#define NS  1000000000LL
#define DAY (86400 * NS)

enum { FRACTION_DIGITS = 9, SECONDS_IN_DAY = 86400 };

bool when_number(uint64_t *ret, struct slice *text, size_t digits_max)
{
	size_t n = 0;

	*ret = 0;
	while (n < digits_max && n < text->len && text->p[n] >= '0' &&
		text->p[n] <= '9')
		*ret = *ret * 10 + (uint64_t)(text->p[n++] - '0');
	text->p += n;
	text->len -= n;
	return n > 0;
}

static bool skip(struct slice *text, char c)
{
	if (!text->len || *text->p != c)
		return false;
	text->p++;
	text->len--;
	return true;
}

/* Days from 1970-01-01, by the proleptic Gregorian calendar. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	int64_t era, of_era;

	year -= month <= 2;
	era = (year >= 0 ? year : year - 399) / 400;
	of_era = year - era * 400;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	       (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1 - 719468;
}

static bool clock_time(int64_t *seconds, struct slice *text)
{
	uint64_t h, m, s;

	if (!when_number(&h, text, 2) || !skip(text, ':') ||
		!when_number(&m, text, 2) || !skip(text, ':') ||
		!when_number(&s, text, 2) || h > 24 || m > 59 || s > 60)
		return false;
	*seconds = (int64_t)(h * 3600 + m * 60 + s);
	return true;
}

static int64_t fraction(struct slice *text)
{
	uint64_t v = 0;
	size_t before;

	if (!skip(text, '.') && !skip(text, ','))
		return 0;
	before = text->len;
	(void)when_number(&v, text, FRACTION_DIGITS);
	for (size_t i = before - text->len; i < FRACTION_DIGITS; i++)
		v *= 10;
	return (int64_t)v;
}

/* "Z", "+01:00", "-0500": false where there is none. */
static bool zone_offset(int64_t *seconds, struct slice *text)
{
	struct slice at = *text;
	uint64_t h, m = 0;
	int sign;

	*seconds = 0;
	if (skip(text, 'Z'))
		return true;
	sign = skip(&at, '+') ? 1 : skip(&at, '-') ? -1 : 0;
	if (!sign || !when_number(&h, &at, 2) || h > 18)
		return false;
	(void)skip(&at, ':');
	(void)when_number(&m, &at, 2);
	*seconds = sign * (int64_t)(h * 3600 + m * 60);
	*text = at;
	return true;
}

bool when_iso(struct when *ret, struct slice *text, const struct zone *z)
{
	struct slice at = *text;
	uint64_t year, month, day;
	int64_t seconds, offset, part;

	if (!when_number(&year, &at, 4) || !skip(&at, '-') ||
		!when_number(&month, &at, 2) || !skip(&at, '-') ||
		!when_number(&day, &at, 2) || year < 1970 || year > 2254 ||
		!month || month > 12 || !day || day > 31)
		return false;
	if (!skip(&at, 'T') && !skip(&at, ' '))
		return false;
	while (skip(&at, ' '))
		;
	if (!clock_time(&seconds, &at))
		return false;
	seconds += days_of((int64_t)year, (int64_t)month, (int64_t)day) *
		   SECONDS_IN_DAY;
	part = fraction(&at);
	ret->certainty = TRACE_TIME_EXACT;
	if (zone_offset(&offset, &at)) {
		seconds -= offset;
	} else {
		seconds = zone_to_utc(z, seconds);
		ret->certainty = TRACE_TIME_LOCAL;
	}
	if (seconds > (int64_t)WHEN_SECONDS_MAX)
		return false;
	ret->time_ns = seconds * NS + part;
	*text = at;
	return true;
}

static int month_of(struct slice *text)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (size_t i = 0; text->len >= 3 && i < 12; i++)
		if (memcmp(text->p, names + (size_t)3 * i, 3) == 0) {
			text->p += 3;
			text->len -= 3;
			return (int)i + 1;
		}
	return 0;
}

/* The year of a time. */
static int64_t year_of(int64_t ns)
{
	int64_t days = ns / NS / SECONDS_IN_DAY;
	int64_t year = 1970 + days / 366;

	while (days_of(year + 1, 1, 1) <= days)
		year++;
	return year;
}

bool when_syslog(struct when *ret, struct slice *text, const struct zone *z,
	int64_t newest_ns)
{
	struct slice at = *text;
	int month = month_of(&at);
	int64_t seconds, year = year_of(newest_ns);
	uint64_t day;

	if (!month || !skip(&at, ' '))
		return false;
	(void)skip(&at, ' ');
	if (!when_number(&day, &at, 2) || !day || day > 31 || !skip(&at, ' ') ||
		!clock_time(&seconds, &at))
		return false;
	for (int back = 0; back < 2; back++) {
		int64_t local = days_of(year - back, month, (int64_t)day) *
					SECONDS_IN_DAY +
				seconds;

		ret->time_ns = zone_to_utc(z, local) * NS;
		if (ret->time_ns <= newest_ns + DAY)
			break;
	}
	ret->certainty = TRACE_TIME_LOCAL;
	*text = at;
	return true;
}
