/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What ucf(1) says: configuration that maintainer scripts of Debian's packages
 * put there, which is in none of dpkg's lists.
 *
 *	/var/lib/ucf/hashfile  "md5  /path" of what the package brought
 *	/var/lib/ucf/registry  "package /path"
 */
#ifndef DISK_UCF_H
#define DISK_UCF_H

#include "disk/packages.h"

packages_loader ucf_load;

#endif
