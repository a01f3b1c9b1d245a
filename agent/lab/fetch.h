/* SPDX-License-Identifier: Apache-2.0 */
/* Objects of one capture out of a store, by one thread. */
#ifndef LAB_FETCH_H
#define LAB_FETCH_H

#include <stdbool.h>

#include "base/http.h"
#include "cloud/store.h"
#include "cloud/versions.h"

struct err;

enum { FETCH_TRIES = 6 }; /* of one object */

struct fetcher {
	struct store *store; /* borrowed */
	struct http *http;
	struct http_answer answer; /* its body is what was fetched last */
	uint64_t objects; /* fetched, and their bytes */
	uint64_t bytes;
	struct versions versions; /* of what fetch_versions() was asked for */
};

/*
 * fetcher_new(ret, store, e):
 * Free with fetcher_free().
 */
int fetcher_new(
	struct fetcher **ret, struct store *store, struct err *e) MUST_CHECK;
void fetcher_free(struct fetcher *f);

/*
 * fetch(f, name, version, e):
 * Get the object ${name} into f->answer.body: the newest, or the ${version}
 * that is not NULL.  What may pass is tried FETCH_TRIES times.
 */
int fetch(struct fetcher *f, const char *name, const char *version,
	struct err *e) MUST_CHECK;

/*
 * fetch_is_versioned(f):
 * The store keeps versions of what was fetched last.
 */
bool fetch_is_versioned(const struct fetcher *f);

/*
 * fetch_versions(f, name):
 * Ask for the versions of ${name}, f->versions: none where there are none, or
 * where they may not be listed.
 */
void fetch_versions(struct fetcher *f, const char *name);

#endif
