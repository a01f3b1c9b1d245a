/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a host keeps the certificates of the authorities that it trusts, for a
 * libcurl that was built to be taken to any distribution, as that of a static
 * build.
 */
#ifndef BASE_AUTHORITIES_H
#define BASE_AUTHORITIES_H

/*
 * authorities_find():
 * The PEM file, static; NULL when libcurl has a place of its own for them, or
 * none is here.
 */
const char *authorities_find(void);

#endif
