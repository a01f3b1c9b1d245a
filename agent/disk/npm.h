/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What npm installed: node_modules/.package-lock.json names each package that it
 * put there, by its directory, with its version.  Its checksums are of archives,
 * not of files: what is compared is which packages there are, and which version
 * each says it is.
 */
#ifndef DISK_NPM_H
#define DISK_NPM_H

#include "disk/packages.h"

packages_loader npm_load;

#endif
