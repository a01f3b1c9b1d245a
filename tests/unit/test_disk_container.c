// SPDX-License-Identifier: Apache-2.0
/* Containers of the engines, and programs that were put into their layers. */
#include "base/buf.h"
#include "disk/container.h"
#include "unit/disk_tree.h"

#define DOCKER	"var/lib/docker/"
#define STORAGE "var/lib/containers/storage/"

static int see(void *arg, const struct container_found *f, struct err *e)
{
	return buf_text(arg, e, "%s %s %s %s %s %u\n", f->engine, f->id,
		f->name, f->image, f->layer, f->added);
}

static int see_program(void *arg, const struct container_found *f,
	const char *path, struct err *e)
{
	(void)f;
	return buf_text(arg, e, "+ %s\n", path);
}

static struct tree_misses misses;

static int see_miss(
	void *arg, const char *path, const char *reason, struct err *e)
{
	(void)arg;
	return tree_miss(&misses, path, reason, e);
}

static void expect(const char *top, const char *want, int want_misses)
{
	struct disk_target target = { top, DISK_ALLOW_WRITABLE };
	AUTO_BUF struct buf b = { 0 };
	struct picture_config config = { .target = &target,
		.digest = { .threads = 1 },
		.miss = tree_miss,
		.arg = &misses };
	const struct container_tell tell = { see, see_program, see_miss, &b };
	struct picture p;
	struct err e = { 0 };

	buf_init(&b, 4096);
	assert_ok(picture_take(&p, &config, &e), &e);
	misses.n = 0;
	assert_ok(containers_run(&p, &tell, &e), &e);
	assert_string_equal(b.len ? buf_string(&b, &e) : "", want);
	assert_int_equal(misses.n, want_misses);
	picture_done(&p);
}

static void test_docker(void **state)
{
	char top[SCRATCH_CHARS];

	(void)state;
	scratch_new(top);
	tree_mkdir(top, DOCKER "containers/aa");
	tree_mkdir(top, DOCKER "containers/cc");
	tree_mkdir(top, DOCKER "image/overlay2/layerdb/mounts/aa");
	tree_mkdir(top, DOCKER "image/overlay2/layerdb/mounts/cc");
	tree_mkdir(top, DOCKER "overlay2/bb/diff/opt");
	tree_write(top, DOCKER "containers/aa/config.v2.json",
		"{\"Name\":\"/web\",\"Config\":{\"Image\":\"nginx\"}}");
	tree_write(top, DOCKER "containers/cc/config.v2.json", "{");
	tree_write(top, DOCKER "image/overlay2/layerdb/mounts/aa/mount-id",
		"bb\n");
	tree_write(top, DOCKER "image/overlay2/layerdb/mounts/cc/mount-id",
		"../bb");
	tree_write(top, DOCKER "overlay2/bb/diff/opt/lib.so", "\177ELF");
	tree_write(top, DOCKER "overlay2/bb/diff/opt/text.so", "data");
	/* Of one that leads elsewhere no layer is looked at. */
	expect(top,
		"+ /" DOCKER "overlay2/bb/diff/opt/lib.so\n"
		"docker aa /web nginx /" DOCKER "overlay2/bb/diff 1\n"
		"docker cc    0\n",
		1);
	scratch_remove(top);
}

static void test_storage(void **state)
{
	char top[SCRATCH_CHARS];

	(void)state;
	scratch_new(top);
	tree_mkdir(top, STORAGE "overlay-containers");
	tree_mkdir(top, STORAGE "overlay/bb/diff");
	tree_mkdir(top, "var/lib/containerd/"
			"io.containerd.snapshotter.v1.overlayfs/snapshots");
	tree_write(top, STORAGE "overlay-containers/containers.json",
		"[{\"id\":\"aa\",\"names\":[\"web\"],\"image\":\"i\","
		"\"layer\":\"bb\"},{\"id\":7},3]");
	expect(top,
		"containers-storage aa web i /" STORAGE "overlay/bb/diff 0\n"
		"containers-storage     0\ncontainers-storage     0\n",
		1);
	assert_non_null(strstr(misses.reason, "snapshots"));
	scratch_remove(top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_docker),
		cmocka_unit_test(test_storage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
