/* SPDX-License-Identifier: Apache-2.0 */
/* Processes in cgroups that are called as runtimes call theirs. */
#ifndef GUEST_WORLD_CONTAINER_H
#define GUEST_WORLD_CONTAINER_H

#include <sched.h>
#include <sys/mount.h>

#include "world.h"

#define CONTAINER_ID                                                           \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define POD_UID "6ddae09b-dd67-4a72-9b71-a1a2a3a4a5a6"
#define POD_SLICE                                                              \
	"kubepods.slice/kubepods-burstable.slice/kubepods-burstable-"          \
	"pod6ddae09b_dd67_4a72_9b71_a1a2a3a4a5a6.slice"

#define V2_MOUNT "/sys/fs/cgroup"
#define V1_MOUNT "/tmp/cgroup1"

/* A cgroup below ${mount}, and a process in it. */
static void make_contained(const char *name, const char *mount,
	const char *path, const char *runtime, const char *pod)
{
	char dir[PATH_CHARS], file[PATH_CHARS + 16];
	struct stat st;
	FILE *f;
	pid_t pid;

	for (const char *p = path; *p; p++) {
		size_t n = (size_t)(p - path);

		if (*p != '/')
			continue;
		snprintf(dir, sizeof(dir), "%s/%.*s", mount, (int)n, path);
		must(mkdir(dir, 0755) == 0 || errno == EEXIST, dir);
	}
	snprintf(dir, sizeof(dir), "%s/%s", mount, path);
	must(mkdir(dir, 0755) == 0, dir);
	pid = spawn(name, CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWUTS, run_stay);
	snprintf(file, sizeof(file), "%s/cgroup.procs", dir);
	f = fopen(file, "w");
	must(f && fprintf(f, "%d\n", pid) > 0 && fclose(f) == 0, file);
	must(stat(dir, &st) == 0, dir);
	/* The id is that of the v2 hierarchy. */
	if (strcmp(mount, V2_MOUNT) == 0)
		fprintf(out, ", \"cgroup_id\": %llu",
			(unsigned long long)st.st_ino);
	fprintf(out, ", \"namespace_tid\": 1");
	fprintf(out, ", \"cgroup\": \"/%s\", \"runtime\": \"%s\"", path, runtime);
	fprintf(out, ", \"container\": \"%s\"", CONTAINER_ID);
	if (pod)
		fprintf(out, ", \"pod\": \"%s\"", pod);
	end();
}

/* A hierarchy of v1 without a controller, as systemd keeps one. */
static void mount_v1(void)
{
	must(mkdir(V1_MOUNT, 0755) == 0 && mount("cgroup", V1_MOUNT, "cgroup",
						   0, "none,name=systemd") == 0,
		V1_MOUNT);
}

/* The names that the kubelet gives to logs. */
static void make_pod_logs(void)
{
	static const char *const dirs[] = { "/var", "/var/log", "/var/log/pods",
		"/var/log/pods/web_front-1_" POD_UID, "/var/log/containers" };
	const char *link =
		"/var/log/containers/front-1_web_proxy-" CONTAINER_ID ".log";

	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++)
		must(mkdir(dirs[i], 0755) == 0 || errno == EEXIST, dirs[i]);
	must(symlink("/var/log/pods/gone", link) == 0, link);
}

static void make_containers(void)
{
	make_pod_logs();
	make_contained("containerd", V2_MOUNT,
		POD_SLICE "/cri-containerd-" CONTAINER_ID ".scope",
		"containerd", POD_UID);
	make_contained("crio", V2_MOUNT,
		POD_SLICE "/crio-" CONTAINER_ID ".scope/container", "cri-o",
		POD_UID);
	make_contained("cgroupfs", V2_MOUNT,
		"kubepods/burstable/pod" POD_UID "/" CONTAINER_ID, "", POD_UID);
	make_contained(
		"docker", V2_MOUNT, "docker/" CONTAINER_ID, "docker", NULL);
	make_contained("podman", V2_MOUNT,
		"machine.slice/libpod-" CONTAINER_ID ".scope", "podman", NULL);
	mount_v1();
	make_contained(
		"v1-docker", V1_MOUNT, "docker/" CONTAINER_ID, "docker", NULL);
	make_contained("v1-kubepods", V1_MOUNT,
		"kubepods/besteffort/pod" POD_UID "/" CONTAINER_ID, "", POD_UID);
	make_contained("v1-systemd", V1_MOUNT,
		POD_SLICE "/docker-" CONTAINER_ID ".scope", "docker", POD_UID);
}

#endif
