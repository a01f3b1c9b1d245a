/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page of a report, as it is built in: agent/report/page, where the
 * scripts and the styles are one text each, in the order in which CMake names
 * their files.
 */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include <stddef.h>

struct page_text {
	const char *text;
	size_t len;
};

extern const struct page_text page_body;
extern const struct page_text page_style;
extern const struct page_text page_script;

#endif
