// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fnmatch.h>
#include <sys/stat.h>

#include "base/err.h"
#include "disk/verify.h"

/* What decides who may log in, and what that loads.  "*" crosses slashes. */
static const char *const login[] = {
	"*/security/pam_*.so",
	"*/libpam*.so*",
	"*/libnss_*.so*",
	"*/libcrypt.so*",
	"*/libcrypto.so*",
	"*/liblzma.so*",
	"*/libsystemd.so*",
	"*/libwrap.so*",
	"*/libgssapi_krb5.so*",
	"*/libc.so.6",
	"*/ld-linux*.so*",
	"*/bin/login",
	"*/bin/su",
	"*/bin/sudo",
	"*/bin/passwd",
	"*/bin/ssh",
	"*/sbin/sshd",
	"*/sbin/unix_chkpwd",
	"*/sudo/*.so",
};

static const char *const documentation[] = {
	"/usr/share/doc/*",
	"/usr/share/man/*",
	"/usr/share/info/*",
	"/usr/share/locale/*",
	"/usr/share/lintian/*",
	"/usr/share/doc-base/*",
};

/* What interpreters load, though its file may not be executed. */
static const char *const interpreted[] = { "*.py", "*.pyc", "*.pl", "*.pm",
	"*.rb", "*.js", "*.cjs", "*.mjs", "*.php", "*.sh", "*.lua", "*.tcl",
	"*.jar", "*.class", "*.wasm" };

static const char *const code_dirs[] = {
	"/bin/*",
	"/sbin/*",
	"/lib/*",
	"/lib32/*",
	"/lib64/*",
	"/libx32/*",
	"/usr/bin/*",
	"/usr/sbin/*",
	"/usr/games/*",
	"/usr/lib/*",
	"/usr/lib32/*",
	"/usr/lib64/*",
	"/usr/libx32/*",
	"/usr/libexec/*",
};

static const char *const local_dirs[] = {
	"/usr/local/bin/*",
	"/usr/local/sbin/*",
	"/usr/local/lib/*",
};

static const char *const temporary_dirs[] = {
	"/tmp/*",
	"/var/tmp/*",
	"/dev/*",
	"/run/*",
	"/var/run/*",
	"/var/lock/*",
};

#define FITS(table, path) fits(table, ARRAY_LEN(table), path)

static bool fits(const char *const *patterns, size_t n, const char *path)
{
	for (size_t i = 0; i < n; i++)
		if (fnmatch(patterns[i], path, 0) == 0)
			return true;
	return false;
}

enum verify_where verify_where(const char *path)
{
	if (FITS(temporary_dirs, path))
		return VERIFY_TEMPORARY;
	if (FITS(local_dirs, path))
		return VERIFY_LOCAL;
	return FITS(code_dirs, path) ? VERIFY_SYSTEM : VERIFY_ELSEWHERE;
}

/* By what the path alone says; 0 = nothing. */
static enum verify_class class_of_path(const char *path)
{
	if (FITS(documentation, path))
		return VERIFY_DOCUMENTATION;
	if (FITS(login, path))
		return VERIFY_LOGIN;
	if (fnmatch("*/lib/modules/*.ko*", path, 0) == 0)
		return VERIFY_KERNEL_MODULE;
	return 0;
}

static enum verify_class class_of(
	const struct picture *p, uint32_t file, const char *path)
{
	const struct walk_file *f = &p->walk.files[file];
	const struct digest *d = picture_digest(p, file);
	enum verify_class class = class_of_path(path);

	if (class)
		return class;
	/* A link, say, where a program was. */
	if (!S_ISREG(f->mode) && verify_where(path) == VERIFY_SYSTEM)
		return VERIFY_CODE;
	if (S_ISREG(f->mode) && (f->mode & 06000 || f->capability_len))
		return VERIFY_SETUID;
	if (d && d->content == DIGEST_ELF)
		return VERIFY_CODE;
	if (p->packages.owned[file].conffile)
		return VERIFY_CONFIGURATION;
	/* A shell runs text that has no #!, too. */
	if ((d && d->content == DIGEST_SCRIPT) || FITS(interpreted, path) ||
		(S_ISREG(f->mode) && f->mode & 0111 &&
			!(d && d->content == DIGEST_BINARY)))
		return VERIFY_SCRIPT;
	return strncmp(path, "/etc/", 5) == 0 ? VERIFY_CONFIGURATION
					      : VERIFY_DATA;
}

/* Of an unowned file: whether that is worth telling. */
static bool is_told(const struct verify_verdict *v, bool executable)
{
	if (v->class == VERIFY_SETUID || v->class == VERIFY_KERNEL_MODULE)
		return true;
	if (v->where == VERIFY_ELSEWHERE)
		return false;
	return v->class == VERIFY_LOGIN || v->class == VERIFY_CODE ||
	       (v->class == VERIFY_SCRIPT && executable);
}

static int see_file(const struct picture *p, uint32_t file, verify_see *see,
	void *arg, struct err *e)
{
	enum disk_state state = picture_state(p, file);
	struct verify_verdict v = { .file = file };
	char path[WALK_PATH_BYTES];

	if (state != DISK_CHANGED &&
		(state != DISK_UNOWNED || !S_ISREG(p->walk.files[file].mode)))
		return 0;
	if (walk_path(path, &p->walk, file) < 0)
		return 0; /* told by the walk */
	v.deviation = state == DISK_CHANGED ? VERIFY_CHANGED : VERIFY_UNOWNED;
	v.class = class_of(p, file, path);
	v.where = verify_where(path);
	v.path = path;
	v.package = picture_owner(p, file);
	if (v.deviation == VERIFY_UNOWNED &&
		!is_told(&v, p->walk.files[file].mode & 0111))
		return 0;
	return see(arg, &v, e);
}

static int see_missing(const struct picture *p, const struct packages_missing *m,
	verify_see *see, void *arg, struct err *e)
{
	const char *path = packages_text(&p->packages, m->path);
	struct verify_verdict v = {
		.deviation = VERIFY_MISSING,
		.class = class_of_path(path),
		.where = verify_where(path),
		.file = WALK_NONE,
		.path = path,
		.package = m->package,
	};

	if (!v.class)
		v.class = v.where == VERIFY_SYSTEM	   ? VERIFY_CODE
			  : strncmp(path, "/etc/", 5) == 0 ? VERIFY_CONFIGURATION
							   : VERIFY_DATA;
	return see(arg, &v, e);
}

int verify_run(const struct picture *p, verify_see *see, void *arg, struct err *e)
{
	int r = 0;

	if (!p->packages.found)
		return 0;
	for (uint32_t i = 0; r == 0 && i < p->walk.n; i++)
		r = see_file(p, i, see, arg, e);
	for (size_t i = 0; r == 0 && i < p->packages.missing_n; i++)
		r = see_missing(p, &p->packages.missing[i], see, arg, e);
	return r;
}
