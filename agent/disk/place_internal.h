/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of places, one a subject; each ends as place_next() wants it. */
#ifndef DISK_PLACE_INTERNAL_H
#define DISK_PLACE_INTERNAL_H

#include "disk/place.h"

#define PATTERNS (const char *const[])

extern const struct place places_systemd[];
extern const struct place places_login[];
extern const struct place places_system[];
extern const struct place places_runtime[];
extern const struct place places_container[];

#endif
