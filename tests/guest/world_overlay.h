/* SPDX-License-Identifier: Apache-2.0 */
/* Processes that run from an overlay: from the image, and from what came after
 * it. */
#ifndef GUEST_WORLD_OVERLAY_H
#define GUEST_WORLD_OVERLAY_H

#include <sys/mount.h>

#include "world.h"

#define OVERLAY_DIR "/tmp/overlay"

static void run_overlay(const char *path)
{
	exec_stay(path, -1, no_env);
}

static void run_lower(void)
{
	run_overlay(OVERLAY_DIR "/merged/lower");
}

static void run_upper(void)
{
	run_overlay(OVERLAY_DIR "/merged/upper");
}

static void copy_to(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);

	must(fd >= 0, path);
	(void)close(copy_self(fd));
}

static void put_layer(const char *layer)
{
	char path[64];

	snprintf(path, sizeof(path), OVERLAY_DIR "/merged/%s", layer);
	put_hex("exe_path", path, strlen(path));
	fprintf(out, ", \"layer\": \"%s\"", layer);
	end();
}

static void make_overlay(void)
{
	static const char *const dirs[] = { OVERLAY_DIR, OVERLAY_DIR "/image",
		OVERLAY_DIR "/changes", OVERLAY_DIR "/work",
		OVERLAY_DIR "/merged" };

	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++)
		must(mkdir(dirs[i], 0755) == 0, dirs[i]);
	copy_to(OVERLAY_DIR "/image/lower");
	must(mount("overlay", OVERLAY_DIR "/merged", "overlay", 0,
		     "lowerdir=" OVERLAY_DIR "/image,upperdir=" OVERLAY_DIR
		     "/changes,workdir=" OVERLAY_DIR "/work") == 0,
		"overlay");
	copy_to(OVERLAY_DIR "/merged/upper");
	(void)spawn("lower", 0, run_lower);
	put_layer("lower");
	(void)spawn("upper", 0, run_upper);
	put_layer("upper");
}

#endif
