// SPDX-License-Identifier: Apache-2.0
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "memory/module.h"

enum {
	UNLOAD_TRIES = 100,
	UNLOAD_PAUSE_MS = 20,
};

int module_vermagic(
	char ret[MODULE_VERMAGIC_BYTES], const uint8_t *image, size_t len)
{
	static const char key[] = "vermagic=";
	const uint8_t *p = image, *end = image + len;
	size_t n = 0;

	while ((p = memmem(p, (size_t)(end - p), key, sizeof(key) - 1))) {
		/* A string of .modinfo begins behind the NUL of another. */
		if (p == image || p[-1] == 0)
			break;
		p++;
	}
	if (!p)
		return -ENOENT;
	p += sizeof(key) - 1;
	while (p + n < end && p[n] > ' ' && p[n] < 0x7f)
		if (++n == MODULE_VERMAGIC_BYTES)
			return -ENOENT;
	if (!n)
		return -ENOENT;
	memcpy(ret, p, n);
	ret[n] = 0;
	return 0;
}

static int bad_file(struct err *e, int code, const struct module_facts *f)
{
	char built_for[MODULE_VERMAGIC_BYTES];

	if (f->len < SELFMAG || memcmp(f->image, ELFMAG, SELFMAG) != 0)
		return err_set(e, code,
			"module %s is no ELF file (compressed?)", f->path);
	if (module_vermagic(built_for, f->image, f->len) < 0)
		return err_set(e, code, "%s is no kernel module", f->path);
	if (strcmp(built_for, f->release) != 0)
		return err_set(e, code,
			"module %s is for kernel %s, this is %s (build it for this one)",
			f->path, built_for, f->release);
	return err_set(e, code,
		"module %s is for another build of kernel %s (vermagic or symbol versions differ)",
		f->path, f->release);
}

static int not_permitted(struct err *e, int code, const struct module_facts *f)
{
	if (f->lockdown == LOCKDOWN_INTEGRITY ||
		f->lockdown == LOCKDOWN_CONFIDENTIALITY)
		return err_set(e, code,
			"kernel lockdown is %s: module %s must be signed with a key that this kernel trusts",
			f->lockdown == LOCKDOWN_INTEGRITY ? "integrity"
							  : "confidentiality",
			f->path);
	return err_set(e, code,
		"not allowed to load module %s (needs CAP_SYS_MODULE and kernel.modules_disabled=0)",
		f->path);
}

int module_refusal(struct err *e, int code, const struct module_facts *f)
{
	switch (code) {
	case -ENOEXEC:
		return bad_file(e, code, f);
	case -EPERM:
		return not_permitted(e, code, f);
	case -EKEYREJECTED:
	case -ENOKEY:
	case -EBADMSG:
		return err_set(e, code,
			"module %s is not signed with a key that this kernel trusts",
			f->path);
	case -ENOENT:
		return err_set(e, code,
			"module %s needs symbols that kernel %s does not have",
			f->path, f->release);
	case -ENOSYS:
		return err_set(e, code, "this kernel loads no modules");
	default:
		errno = -code;
		return err_sys(e, "load module %s", f->path);
	}
}

static int refuse(struct err *e, int code, int fd, const char *path)
{
	struct module_facts facts = { .path = path };
	AUTO_BUF struct buf image;
	struct utsname name;
	uint8_t *room;
	ssize_t n;

	buf_init(&image, MODULE_FILE_BYTES);
	/* What cannot be read of the file is not in the explanation. */
	if (buf_reserve(&image, &room, MODULE_FILE_BYTES, NULL) == 0) {
		n = io_pread(fd, room, MODULE_FILE_BYTES, 0, NULL);
		facts.image = room;
		facts.len = n > 0 ? (size_t)n : 0;
	}
	(void)uname(&name);
	facts.release = name.release;
	facts.lockdown = lockdown_level();
	return module_refusal(e, code, &facts);
}

int module_load(const char *path, struct err *e)
{
	AUTO_CLOSE int fd = io_open(AT_FDCWD, path, O_RDONLY, 0, e);

	if (fd < 0)
		return err_wrap(e, fd, "module");
	if (syscall(SYS_finit_module, fd, "", 0) == 0)
		return 1;
	if (errno == EEXIST)
		return 0;
	return refuse(e, -errno, fd, path);
}

int module_unload(const char *name, struct err *e)
{
	for (int i = 0; i < UNLOAD_TRIES; i++) {
		if (syscall(SYS_delete_module, name, O_NONBLOCK) == 0 ||
			errno == ENOENT)
			return 0;
		/* Its last user may still be on its way out. */
		if (errno != EAGAIN && errno != EBUSY && errno != EINTR)
			break;
		(void)poll(NULL, 0, UNLOAD_PAUSE_MS);
	}
	return err_sys(e, "unload module %s", name);
}
