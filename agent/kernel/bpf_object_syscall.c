// SPDX-License-Identifier: Apache-2.0
/* BPF objects as the system call tells of them. */
#include <errno.h>
#include <string.h>

#include <bpf/bpf.h>

#include "kernel/bpf_object_internal.h"

static void take_prog(struct bpf_object *o, const struct bpf_prog_info *info)
{
	o->type = info->type;
	memcpy(o->tag, info->tag, sizeof(o->tag));
	memcpy(o->name, info->name, sizeof(o->name) - 1);
	o->loaded_boot_ns = info->load_time;
	o->uid = info->created_by_uid;
	o->has_info = 1;
}

static int see_prog(struct bpf_object *o, int fd,
	const struct bpf_object_helpers *h, struct err *e)
{
	struct bpf_prog_info info = { 0 }, again = { 0 };
	uint32_t len = sizeof(info);
	AUTO_FREE uint8_t *code = NULL;

	if (bpf_obj_get_info_by_fd(fd, &info, &len) < 0)
		return err_sys(e, "BPF program %u", o->id);
	take_prog(o, &info);
	if (!info.xlated_prog_len)
		return 0;
	again.xlated_prog_len = info.xlated_prog_len < BPF_OBJECT_CODE_BYTES
					? info.xlated_prog_len
					: BPF_OBJECT_CODE_BYTES;
	code = calloc(1, again.xlated_prog_len);
	if (!code)
		return err_set(e, -ENOMEM, "no memory for BPF instructions");
	again.xlated_prog_insns = (uint64_t)(uintptr_t)code;
	len = sizeof(again);
	if (bpf_obj_get_info_by_fd(fd, &again, &len) < 0 ||
		!again.xlated_prog_insns)
		return 0;
	return bpf_object_take_code(o, h, code,
		again.xlated_prog_len < BPF_OBJECT_CODE_BYTES
			? again.xlated_prog_len
			: BPF_OBJECT_CODE_BYTES,
		e);
}

static int see_map(struct bpf_object *o, int fd,
	const struct bpf_object_helpers *h, struct err *e)
{
	struct bpf_map_info info = { 0 };
	uint32_t len = sizeof(info);

	(void)h;
	if (bpf_obj_get_info_by_fd(fd, &info, &len) < 0)
		return err_sys(e, "BPF map %u", o->id);
	o->type = info.type;
	memcpy(o->name, info.name, sizeof(o->name) - 1);
	o->max_entries = info.max_entries;
	return 0;
}

static int see_link(struct bpf_object *o, int fd,
	const struct bpf_object_helpers *h, struct err *e)
{
	struct bpf_link_info info = { 0 };
	uint32_t len = sizeof(info);

	(void)h;
	if (bpf_obj_get_info_by_fd(fd, &info, &len) < 0)
		return err_sys(e, "BPF link %u", o->id);
	o->type = info.type;
	o->prog_id = info.prog_id;
	if (info.type == BPF_LINK_TYPE_TRACING) {
		o->attach_type = info.tracing.attach_type;
		o->attach_target = info.tracing.target_btf_id;
	} else if (info.type == BPF_LINK_TYPE_CGROUP) {
		o->attach_type = info.cgroup.attach_type;
		o->attach_target = info.cgroup.cgroup_id;
	} else if (info.type == BPF_LINK_TYPE_NETNS) {
		o->attach_type = info.netns.attach_type;
		o->attach_target = info.netns.netns_ino;
	} else if (info.type == BPF_LINK_TYPE_XDP) {
		o->attach_target = info.xdp.ifindex;
	}
	return 0;
}

static const struct kind {
	enum bpf_object_kind kind;
	int (*next)(uint32_t id, uint32_t *ret);
	int (*open)(uint32_t id);
	int (*see)(struct bpf_object *o, int fd,
		const struct bpf_object_helpers *h, struct err *e);
} kinds[] = {
	{ BPF_OBJECT_PROG, bpf_prog_get_next_id, bpf_prog_get_fd_by_id, see_prog },
	{ BPF_OBJECT_MAP, bpf_map_get_next_id, bpf_map_get_fd_by_id, see_map },
	{ BPF_OBJECT_LINK, bpf_link_get_next_id, bpf_link_get_fd_by_id, see_link },
};

static int see_kind(struct bpf_objects *os, const struct kind *kind,
	const struct bpf_object_helpers *h, struct err *e)
{
	uint32_t id = 0;

	for (int i = 0; i < BPF_OBJECTS_MAX; i++) {
		AUTO_CLOSE int fd = -1;
		struct bpf_object *o;
		int r;

		if (kind->next(id, &id) < 0)
			return errno == ENOENT
				       ? 0
				       : err_sys(e, "enumerate BPF objects");
		o = bpf_object_get(os, kind->kind, id, e);
		if (!o)
			return os->lost ? 0 : -ENOMEM;
		o->views |= BPF_OBJECT_BY_SYSCALL;
		/* One that went meanwhile, or that we may not open. */
		fd = kind->open(id);
		r = fd < 0 ? 0 : kind->see(o, fd, h, NULL);
		if (r == -ENOMEM)
			return err_set(e, r, "no memory for BPF objects");
	}
	return 0;
}

int bpf_objects_by_syscall(struct bpf_objects *os,
	const struct bpf_object_helpers *h, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(kinds); i++)
		r = see_kind(os, &kinds[i], h, e);
	return r;
}
