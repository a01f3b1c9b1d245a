// SPDX-License-Identifier: Apache-2.0
/* Processes, and what is odd about their memory and open files. */
#include "report/model.h"

enum {
	EXE_DELETED = 1,
	EXE_MEMFD = 2,
	EXE_UPPER = 4, /* it came into its container after the image */
};

static uint32_t exe_flags(const Icecore__V1__HeldFile *f)
{
	return (f->deleted ? EXE_DELETED : 0) | (f->memfd ? EXE_MEMFD : 0) |
	       (f->overlay_layer && strcmp(f->overlay_layer, "upper") == 0
			       ? EXE_UPPER
			       : 0);
}

/* The thread that the process is named after. */
static const Icecore__V1__Thread *leader(const Icecore__V1__Process *p)
{
	for (size_t i = 0; i < p->n_threads; i++)
		if (p->threads[i]->tid == p->pid)
			return p->threads[i];
	return p->n_threads ? p->threads[0] : NULL;
}

static void add_exe(struct row *t, const Icecore__V1__HeldFile *f)
{
	static const Icecore__V1__HeldFile none = ICECORE__V1__HELD_FILE__INIT;

	row_text(t, f ? &f->path : &none.path);
	row_u64(t, f != NULL, f ? exe_flags(f) : 0);
}

static void add_who(struct row *t, const Icecore__V1__Credentials *c)
{
	static const Icecore__V1__Credentials none =
		ICECORE__V1__CREDENTIALS__INIT;

	if (!c)
		c = &none;
	row_u64(t, c->has_uid, c->uid);
	row_u64(t, c->has_euid, c->euid);
	row_u64(t, c->has_gid, c->gid);
	row_address(t, c->has_cap_effective, c->cap_effective);
	row_u64(t, c->has_loginuid, c->loginuid);
	row_u64(t, c->has_seccomp, c->seccomp);
}

static void add_where(struct row *t, const Icecore__V1__Namespaces *n)
{
	static const Icecore__V1__Namespaces none = ICECORE__V1__NAMESPACES__INIT;

	if (!n)
		n = &none;
	row_u64(t, n->has_net, n->net);
	row_u64(t, n->has_pid, n->pid);
	row_u64(t, n->has_mnt, n->mnt);
}

static void add_container(struct row *t, const Icecore__V1__Container *c)
{
	static const Icecore__V1__Container none = ICECORE__V1__CONTAINER__INIT;

	if (!c)
		c = &none;
	row_string(t, c->runtime);
	row_string(t, c->id);
	row_string(t, c->pod_namespace);
	row_string(t, c->pod_name);
	row_string(t, c->container_name);
}

static void add_thread(struct row *t, const Icecore__V1__Thread *x)
{
	static const Icecore__V1__Thread none = ICECORE__V1__THREAD__INIT;

	if (!x)
		x = &none;
	row_text(t, &x->comm);
	row_string(t, x->state);
	row_u64(t, x->has_kernel_thread, x->kernel_thread != 0);
	row_us(t, x->has_user_ns, x->user_ns + x->system_ns);
	add_who(t, x->credentials);
	add_where(t, x->namespaces);
}

static int add_process(struct row *t, const Icecore__V1__Record *m, struct err *e)
{
	const Icecore__V1__Process *p = m->process;

	if (p->continued || !row_begin(t, e))
		return 0;
	row_u64(t, p->has_pid, p->pid);
	row_us(t, p->has_start_boot_ns, p->start_boot_ns);
	row_u64(t, p->has_ppid, p->ppid);
	row_u64(t, p->has_real_ppid, p->real_ppid);
	row_u64(t, p->has_tracer_pid, p->tracer_pid);
	row_u64(t, p->has_seen_by, p->seen_by);
	add_exe(t, p->exe);
	row_text(t, &p->cwd);
	row_text(t, &p->root);
	row_texts(t, p->n_argv, p->argv);
	row_u64(t, p->has_argv_cut, p->argv_cut != 0);
	row_text(t, &p->tty);
	row_u64(t, p->has_session, p->session);
	row_text(t, &p->cgroup);
	row_u64(t, p->has_rss_bytes, p->rss_bytes);
	row_u64(t, 1, p->n_threads);
	add_container(t, p->container);
	add_thread(t, leader(p));
	return row_end(t);
}

static int add_maps(struct row *t, const Icecore__V1__Record *m, struct err *e)
{
	const Icecore__V1__ProcessMaps *maps = m->process_maps;
	int r = 0;

	for (size_t i = 0; r == 0 && i < maps->n_mappings; i++) {
		const Icecore__V1__Mapping *x = maps->mappings[i];

		if (!x->flags || !row_begin(t, e))
			continue;
		row_u64(t, maps->has_pid, maps->pid);
		row_us(t, maps->has_start_boot_ns, maps->start_boot_ns);
		row_address(t, x->has_start, x->start);
		row_u64(t, x->has_end && x->end >= x->start, x->end - x->start);
		row_string(t, x->protection);
		row_u64(t, x->has_flags, x->flags);
		row_text(t, &x->path);
		row_u64(t, x->has_changed_pages, x->changed_pages);
		row_u64(t, x->has_seen_by, x->seen_by);
		r = row_end(t);
	}
	return r;
}

/* Files that only the process has, and those by which it reaches far. */
static bool is_odd(const Icecore__V1__OpenFile *f)
{
	switch (f->kind) {
	case ICECORE__V1__FILE_KIND__FILE_KIND_MEMFD:
	case ICECORE__V1__FILE_KIND__FILE_KIND_SECRETMEM:
	case ICECORE__V1__FILE_KIND__FILE_KIND_BPF_PROG:
	case ICECORE__V1__FILE_KIND__FILE_KIND_BPF_LINK:
	case ICECORE__V1__FILE_KIND__FILE_KIND_BPF_MAP:
	case ICECORE__V1__FILE_KIND__FILE_KIND_USERFAULTFD:
	case ICECORE__V1__FILE_KIND__FILE_KIND_FANOTIFY:
	case ICECORE__V1__FILE_KIND__FILE_KIND_IO_URING:
	case ICECORE__V1__FILE_KIND__FILE_KIND_BLOCK:
		return true;
	default:
		return f->deleted;
	}
}

static void add_enum(struct row *t, const ProtobufCEnumDescriptor *d, int has,
	int v, size_t prefix)
{
	const ProtobufCEnumValue *name =
		protobuf_c_enum_descriptor_get_value(d, v);

	row_string(t, has && name ? name->name + prefix : NULL);
}

static int add_files(struct row *t, const Icecore__V1__Record *m, struct err *e)
{
	const Icecore__V1__OpenFiles *files = m->open_files;
	int r = 0;

	for (size_t i = 0; r == 0 && i < files->n_files; i++) {
		const Icecore__V1__OpenFile *x = files->files[i];

		if (!is_odd(x) || !row_begin(t, e))
			continue;
		row_u64(t, files->has_pid, files->pid);
		row_us(t, files->has_start_boot_ns, files->start_boot_ns);
		row_u64(t, x->has_fd, x->fd);
		add_enum(t, &icecore__v1__file_kind__descriptor, x->has_kind,
			(int)x->kind, strlen("FILE_KIND_"));
		row_text(t, &x->path);
		row_u64(t, x->has_deleted, x->deleted != 0);
		r = row_end(t);
	}
	return r;
}

static int add_core(struct row *t, const Icecore__V1__Record *m, struct err *e)
{
	const Icecore__V1__ProcessCore *c = m->process_core;

	if (c->continued || !row_begin(t, e))
		return 0;
	row_u64(t, c->has_pid, c->pid);
	row_us(t, c->has_start_boot_ns, c->start_boot_ns);
	row_text(t, &c->comm);
	row_u64(t, c->has_frozen, c->frozen != 0);
	row_u64(t, 1, c->n_threads);
	row_u64(t, 1, c->n_mappings);
	return row_end(t);
}

static int add_code(struct row *t, const Icecore__V1__Record *m, struct err *e)
{
	static const Icecore__V1__HeldFile none = ICECORE__V1__HELD_FILE__INIT;
	const Icecore__V1__CodeChange *c = m->code_change;

	if (!row_begin(t, e))
		return 0;
	row_u64(t, c->has_pid, c->pid);
	row_us(t, c->has_start_boot_ns, c->start_boot_ns);
	row_address(t, c->has_address, c->address);
	row_text(t, c->of ? &c->of->path : &none.path);
	row_address(t, c->has_file_offset, c->file_offset);
	row_u64(t, c->has_differing_bytes, c->differing_bytes);
	return row_end(t);
}

const struct model_table model_process_tables[] = {
	{ "process",
		"pid start ppid realPpid tracer seen exe exeFlags cwd root argv argvCut tty session cgroup rss threads runtime container podNamespace pod containerName comm state kernel cpu uid euid gid caps loginuid seccomp netns pidns mntns",
		ICECORE__V1__RECORD__BODY_PROCESS, 100000, 32 << 20, add_process },
	{ "map", "pid start address bytes protection flags path changed seen",
		ICECORE__V1__RECORD__BODY_PROCESS_MAPS, 20000, 4 << 20, add_maps },
	{ "file", "pid start fd kind path deleted",
		ICECORE__V1__RECORD__BODY_OPEN_FILES, 20000, 4 << 20, add_files },
	{ "core", "pid start comm frozen threads mappings",
		ICECORE__V1__RECORD__BODY_PROCESS_CORE, 4000, 1 << 20, add_core },
	{ "code", "pid start address path offset differing",
		ICECORE__V1__RECORD__BODY_CODE_CHANGE, 4000, 1 << 20, add_code },
	{ 0 },
};
