/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An error is a negative errno and a sentence.  The caller holds the
 * sentence in a struct err of fixed size, so that an error can be told when
 * there is no memory left.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum { ERR_MSG_BYTES = 1024 };

struct err {
	char msg[ERR_MSG_BYTES]; /* lower case, no full stop; "" = no error */
};

/*
 * err_set(e, code, fmt, ...):
 * Write the sentence into ${e}, which may be NULL, and return ${code}, a
 * negative errno.  Control characters in it are written as '?'.
 */
int err_set(struct err *e, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * err_sys(e, fmt, ...):
 * The same after a failed system call: append ": " and the text of errno,
 * and return -errno (-EIO if errno is 0).
 */
int err_sys(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * err_wrap(e, code, fmt, ...):
 * Put what the callee could not know, and ": ", before the sentence that is
 * in ${e} already.  Return ${code}.
 */
int err_wrap(struct err *e, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
