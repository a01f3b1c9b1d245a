/* SPDX-License-Identifier: Apache-2.0 */
/* Cleanup at the end of a scope, and the visible hand-over of ownership. */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_freep(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_closep(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static inline void cleanup_fclosep(FILE **f)
{
	if (*f)
		(void)fclose(*f);
}

#define CLEANUP(fn) __attribute__((cleanup(fn)))
#define AUTO_FREE   CLEANUP(cleanup_freep)
#define AUTO_CLOSE  CLEANUP(cleanup_closep)
#define AUTO_FCLOSE CLEANUP(cleanup_fclosep)

/* Hand ${p} over: its value, and NULL is left behind. */
#define TAKE_PTR(p)                                                            \
	({                                                                     \
		__typeof__(p) take_ptr_ = (p);                                 \
		(p) = NULL;                                                    \
		take_ptr_;                                                     \
	})

/* Hand the descriptor ${fd} over: its value, and -1 is left behind. */
#define TAKE_FD(fd)                                                            \
	({                                                                     \
		int take_fd_ = (fd);                                           \
		(fd) = -1;                                                     \
		take_fd_;                                                      \
	})

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define MUST_CHECK   __attribute__((warn_unused_result))

#endif
