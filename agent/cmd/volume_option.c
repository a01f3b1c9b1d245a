// SPDX-License-Identifier: Apache-2.0
#include <errno.h>

#include "base/err.h"
#include "cmd/options.h"
#include "cmd/volume_option.h"

const char volume_options_usage[] =
	"  --device PATH           the disk itself, or an image of one: partitions, LVM\n"
	"                          and file systems are found, mounted read-only as its\n"
	"                          fstab says, without replaying a log, where no other\n"
	"                          process sees them, and taken off again; several allowed\n"
	"  --root-volume NAME      UUID, LABEL or VG/LV of the root, when several look so\n"
	"  --list                  print what is on the devices; mount nothing\n";

int volume_option(struct volume_options *o, int c, const char *arg, struct err *e)
{
	switch (c) {
	case VOLUME_OPTION_DEVICE:
		if (o->n == VOLUME_DEVICES_MAX)
			return err_set(e, -EINVAL, "more than %d times --device",
				VOLUME_DEVICES_MAX);
		o->devices[o->n++] = arg;
		return 0;
	case VOLUME_OPTION_ROOT:
		o->root = arg;
		return 0;
	case VOLUME_OPTION_LIST:
		o->list = true;
		return 0;
	default:
		return 1;
	}
}

int volume_option_check(const struct capture_options *o, struct err *e)
{
	const struct volume_options *v = &o->volume;

	if (!o->plan.disk.dir && !v->n)
		return err_set(e, -EINVAL,
			"no disk given: --root DIR or --device PATH");
	if (o->plan.disk.dir && v->n)
		return err_set(
			e, -EINVAL, "--root and --device exclude each other");
	if ((v->list || v->root) && !v->n)
		return err_set(e, -EINVAL, "%s goes with --device",
			v->list ? "--list" : "--root-volume");
	return 0;
}
