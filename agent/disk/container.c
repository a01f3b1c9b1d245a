// SPDX-License-Identifier: Apache-2.0
#include "disk/container.h"

#include <errno.h>
#include <fnmatch.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/json.h"

#define DOCKER	"/var/lib/docker"
#define STORAGE "/var/lib/containers/storage"

enum { ID_CHARS = 128 };

struct looking {
	const struct picture *p;
	const struct container_tell *tell;
	unsigned n;
	struct container_found found; /* whose layer is looked at */
};

/* What makes part of a path. */
static bool is_id(const char *id)
{
	size_t len = strlen(id);

	return len && len < ID_CHARS && !strchr(id, '/') &&
	       strcmp(id, ".") != 0 && strcmp(id, "..") != 0;
}

/* A small file as JSON; 0, *ret NULL and told where it cannot be had. */
static int load(json_t **ret, struct looking *k, const char *path, bool list,
	struct err *e)
{
	AUTO_BUF struct buf b = { 0 };
	struct err why = { 0 };
	int r;

	*ret = NULL;
	buf_init(&b, CONTAINER_FILE_BYTES);
	r = root_slurp(&k->p->root, path, &b, &why);
	if (r == 0)
		r = (list ? json_decode_list : json_decode)(
			ret, b.data, b.len, &why);
	if (r == -ENOMEM)
		return err_set(e, r, "%s", why.msg);
	return r < 0 ? k->tell->miss(k->tell->arg, path, why.msg, e) : 0;
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static int see_program(void *arg, uint32_t file, struct err *e)
{
	struct looking *k = arg;
	const struct walk_file *f = &k->p->walk.files[file];
	const struct digest *d = picture_digest(k->p, file);
	char path[WALK_PATH_BYTES];

	if (!S_ISREG(f->mode) || !d ||
		(d->content != DIGEST_ELF &&
			(d->content != DIGEST_SCRIPT || !(f->mode & 0111))) ||
		walk_path(path, &k->p->walk, file) < 0)
		return 0;
	if (k->found.added++ >= CONTAINER_PROGRAMS_MAX)
		return 0;
	return k->tell->program(k->tell->arg, &k->found, path, e);
}

static int see_layer(struct looking *k, const char *directory,
	const char *layer, struct err *e)
{
	char path[WALK_PATH_BYTES], pattern[WALK_PATH_BYTES];
	int r = 0;

	if (k->n++ == CONTAINERS_MAX)
		return k->tell->miss(k->tell->arg, directory,
			"more containers than are looked at", e);
	if (k->n > CONTAINERS_MAX)
		return 0;
	(void)snprintf(path, sizeof(path), "%s/%s/diff", directory, layer);
	if (is_id(layer) && !strpbrk(layer, "*?[{(") &&
		walk_find(&k->p->walk, path, 0) != WALK_NONE) {
		k->found.layer = path;
		(void)snprintf(pattern, sizeof(pattern), "%s/%s/diff/**",
			directory, layer);
		r = walk_glob(&k->p->walk, pattern, see_program, k, e);
	}
	return r < 0 ? r : k->tell->container(k->tell->arg, &k->found, e);
}

/* .../layerdb/mounts/ID/mount-id */
static int see_docker(void *arg, uint32_t file, struct err *e)
{
	struct looking *k = arg;
	const struct walk *w = &k->p->walk;
	const char *id = walk_name(w, w->files[file].parent);
	char path[WALK_PATH_BYTES], layer[ID_CHARS] = "";
	AUTO_BUF struct buf b = { 0 };
	AUTO_JSON json_t *config = NULL;
	struct err why = { 0 };
	int r;

	if (walk_path(path, w, file) < 0 || !is_id(id))
		return 0;
	buf_init(&b, sizeof(layer) - 1);
	r = root_slurp(&k->p->root, path, &b, &why);
	if (r < 0)
		return k->tell->miss(k->tell->arg, path, why.msg, e);
	memcpy(layer, b.data, b.len);
	layer[strcspn(layer, "\n")] = 0;
	(void)snprintf(
		path, sizeof(path), DOCKER "/containers/%s/config.v2.json", id);
	r = load(&config, k, path, false, e);
	if (r < 0)
		return r;
	k->found = (struct container_found){ .engine = "docker",
		.id = id,
		.name = text_of(config, "Name"),
		.image = text_of(json_object_get(config, "Config"), "Image"),
		.layer = "" };
	return see_layer(k, DOCKER "/overlay2", layer, e);
}

static int see_storage(void *arg, uint32_t file, struct err *e)
{
	struct looking *k = arg;
	char path[WALK_PATH_BYTES];
	AUTO_JSON json_t *list = NULL;
	json_t *one;
	size_t i;
	int r;

	if (walk_path(path, &k->p->walk, file) < 0)
		return 0;
	r = load(&list, k, path, true, e);
	json_array_foreach(list, i, one)
	{
		const char *name = json_string_value(
			json_array_get(json_object_get(one, "names"), 0));

		if (r < 0)
			break;
		k->found =
			(struct container_found){ .engine = "containers-storage",
				.id = text_of(one, "id"),
				.name = name ? name : "",
				.image = text_of(one, "image"),
				.layer = "" };
		r = see_layer(k, STORAGE "/overlay", text_of(one, "layer"), e);
	}
	return r;
}

static int see_containerd(void *arg, uint32_t file, struct err *e)
{
	struct looking *k = arg;
	char path[WALK_PATH_BYTES];

	if (walk_path(path, &k->p->walk, file) < 0)
		return 0;
	return k->tell->miss(k->tell->arg, path,
		"which snapshots are writable is in a database that is not read",
		e);
}

int containers_run(const struct picture *p, const struct container_tell *tell,
	struct err *e)
{
	static const struct {
		const char *pattern;
		walk_see *see;
	} engines[] = {
		{ DOCKER "/image/overlay2/layerdb/mounts/*/mount-id", see_docker },
		{ STORAGE "/overlay-containers/containers.json", see_storage },
		{ "/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs"
		  "/snapshots",
			see_containerd },
	};
	struct looking k = { .p = p, .tell = tell };
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(engines); i++)
		r = walk_glob(
			&p->walk, engines[i].pattern, engines[i].see, &k, e);
	return r;
}
