/* SPDX-License-Identifier: Apache-2.0 */
/* Processes in cgroups that are called as runtimes call theirs. */
#ifndef GUEST_WORLD_CONTAINER_H
#define GUEST_WORLD_CONTAINER_H

#include <sched.h>

#include "world.h"

#define CONTAINER_ID                                                           \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define POD_UID "6ddae09b-dd67-4a72-9b71-a1a2a3a4a5a6"
#define POD_SLICE                                                              \
	"kubepods.slice/kubepods-burstable.slice/kubepods-burstable-"          \
	"pod6ddae09b_dd67_4a72_9b71_a1a2a3a4a5a6.slice"

/* A cgroup below the v2 mount, and a process in it. */
static void make_contained(const char *name, const char *path,
	const char *runtime, const char *pod)
{
	char dir[PATH_CHARS] = "/sys/fs/cgroup/", file[PATH_CHARS + 16];
	struct stat st;
	FILE *f;
	pid_t pid;

	for (const char *p = path; *p; p++) {
		size_t n = (size_t)(p - path);

		if (*p != '/')
			continue;
		snprintf(dir, sizeof(dir), "/sys/fs/cgroup/%.*s", (int)n, path);
		must(mkdir(dir, 0755) == 0 || errno == EEXIST, dir);
	}
	snprintf(dir, sizeof(dir), "/sys/fs/cgroup/%s", path);
	must(mkdir(dir, 0755) == 0, dir);
	pid = spawn(name, CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWUTS, run_stay);
	snprintf(file, sizeof(file), "%s/cgroup.procs", dir);
	f = fopen(file, "w");
	must(f && fprintf(f, "%d\n", pid) > 0 && fclose(f) == 0, file);
	must(stat(dir, &st) == 0, dir);
	fprintf(out, ", \"cgroup_id\": %llu, \"namespace_tid\": 1",
		(unsigned long long)st.st_ino);
	fprintf(out, ", \"cgroup\": \"/%s\", \"runtime\": \"%s\"", path, runtime);
	fprintf(out, ", \"container\": \"%s\"", CONTAINER_ID);
	if (pod)
		fprintf(out, ", \"pod\": \"%s\"", pod);
	end();
}

static void make_containers(void)
{
	make_contained("containerd",
		POD_SLICE "/cri-containerd-" CONTAINER_ID ".scope",
		"containerd", POD_UID);
	make_contained("crio", POD_SLICE "/crio-" CONTAINER_ID ".scope/container",
		"cri-o", POD_UID);
	make_contained("cgroupfs",
		"kubepods/burstable/pod" POD_UID "/" CONTAINER_ID, "", POD_UID);
	make_contained("docker", "docker/" CONTAINER_ID, "docker", NULL);
	make_contained("podman", "machine.slice/libpod-" CONTAINER_ID ".scope",
		"podman", NULL);
}

#endif
