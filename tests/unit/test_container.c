// SPDX-License-Identifier: Apache-2.0
/* The cgroup paths that runtimes make. */
#include "base/cleanup.h"
#include "live/container.h"
#include "unit/unit.h"

#define ID	    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ID2	    "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define UID	    "6ddae09b-dd67-4a72-9b71-a1a2a3a4a5a6"
#define UID_SYSTEMD "6ddae09b_dd67_4a72_9b71_a1a2a3a4a5a6"
#define UID_STATIC  "0123456789abcdef0123456789abcdef"

static const struct {
	const char *path;
	const char *runtime;
	const char *id;
	const char *pod;
} paths[] = {
	/* Not in a container. */
	{ "/", "", "", "" },
	{ "", "", "", "" },
	{ "/user.slice/user-1000.slice/session-3.scope", "", "", "" },
	{ "/system.slice/docker.service", "", "", "" },
	{ "/system.slice/podman.service", "", "", "" },
	/* Docker, by cgroupfs and by systemd. */
	{ "/docker/" ID, "docker", ID, "" },
	{ "/system.slice/docker-" ID ".scope", "docker", ID, "" },
	{ "/docker/" ID "/init.scope", "docker", ID, "" },
	/* The innermost counts: docker in docker. */
	{ "/docker/" ID "/docker/" ID2, "docker", ID2, "" },
	/* Kubernetes. */
	{ "/kubepods/burstable/pod" UID "/" ID, "", ID, UID },
	{ "/kubepods/pod" UID "/" ID, "", ID, UID },
	{ "/kubepods/besteffort/pod" UID_STATIC "/" ID, "", ID, UID_STATIC },
	{ "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID_SYSTEMD
	  ".slice/cri-containerd-" ID ".scope",
		"containerd", ID, UID },
	{ "/kubepods.slice/kubepods-pod" UID_SYSTEMD ".slice/docker-" ID ".scope",
		"docker", ID, UID },
	{ "/system.slice/kubepods-burstable-pod" UID_SYSTEMD
	  ".slice:cri-containerd:" ID,
		"containerd", ID, UID },
	/* kind: the node is a container, too. */
	{ "/docker/" ID2 "/kubelet.slice/kubelet-kubepods.slice/"
	  "kubelet-kubepods-besteffort.slice/"
	  "kubelet-kubepods-besteffort-pod" UID_SYSTEMD
	  ".slice/cri-containerd-" ID ".scope",
		"containerd", ID, UID },
	/* CRI-O, nested by crun and by runc. */
	{ "/kubepods.slice/kubepods-pod" UID_SYSTEMD ".slice/crio-" ID ".scope",
		"cri-o", ID, UID },
	{ "/kubepods.slice/kubepods-pod" UID_SYSTEMD ".slice/crio-" ID
	  ".scope/container",
		"cri-o", ID, UID },
	{ "/kubepods/pod" UID "/crio-" ID "/container", "cri-o", ID, UID },
	/* Its monitor is outside of the container, in the pod. */
	{ "/kubepods.slice/kubepods-pod" UID_SYSTEMD ".slice/crio-conmon-" ID
	  ".scope",
		"", "", UID },
	/* Podman, rootless. */
	{ "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID
	  ".scope/container",
		"podman", ID, "" },
	{ "/machine.slice/libpod-conmon-" ID ".scope", "", "", "" },
	{ "/lxc/web-1/init.scope", "lxc", "web-1", "" },
	{ "/lxc.payload.web-1/user.slice", "lxc", "web-1", "" },
	/* Almost. */
	{ "/docker/" ID "0", "", "", "" },
	{ "/docker/0123", "", "", "" },
	{ "/kubepods/pod" UID "0/x", "", "", "" },
	{ "/kubepods/podcast", "", "", "" },
	{ "/kubepods/pod6ddae09b-dd67-4a72-9b71+a1a2a3a4a5a6", "", "", "" },
	{ "/evil-" ID ".scope", "", "", "" },
	{ "/lxc/a\nb", "", "", "" },
};

static void test_paths(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		struct container c;

		print_message("%s\n", paths[i].path);
		container_find(&c, paths[i].path, strlen(paths[i].path));
		assert_string_equal(c.runtime, paths[i].runtime);
		assert_string_equal(c.id, paths[i].id);
		assert_string_equal(c.pod_uid, paths[i].pod);
	}
}

static const struct {
	const char *text;
	const char *path;
} files[] = {
	{ "0::/init.scope\n", "/init.scope" },
	{ "0::/a:b\n", "/a:b" },
	/* v1: every controller has its own. */
	{ "12:pids:/docker/" ID "\n11:cpu,cpuacct:/\n1:name=systemd:/long/path\n"
	  "0::/system.slice/containerd.service\n",
		"/docker/" ID },
	/* Hybrid, not in a container: that of v2. */
	{ "2:cpu:/a/long/path\n0::/b\n", "/b" },
	{ "2:cpu:/a\n1:name=systemd:/a/longer\n", "/a/longer" },
	{ "0::/last line", "/last line" },
	{ "", NULL },
	{ "\n", NULL },
	{ "0:\n", NULL },
	{ "no colon\n", NULL },
};

static void test_cgroup(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		const char *path;
		size_t len;

		container_cgroup(
			&path, &len, files[i].text, strlen(files[i].text));
		if (!files[i].path) {
			assert_null(path);
			continue;
		}
		assert_int_equal(len, strlen(files[i].path));
		assert_memory_equal(path, files[i].path, len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_cgroup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
