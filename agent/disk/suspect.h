/* SPDX-License-Identifier: Apache-2.0 */
/* Lines that are odd wherever they stand, or in places of one kind. */
#ifndef DISK_SUSPECT_H
#define DISK_SUSPECT_H

#include "disk/place.h"
#include "disk/slice.h"

/*
 * suspect_line(place, line): why ${line} is odd in a file of ${place}; NULL =
 * it is not.
 */
const char *suspect_line(const struct place *place, struct slice line);

#endif
