// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "base/err.h"
#include "live/iterate.h"

enum { LOG_BYTES = 64 << 10 };

static const char btf_path[] = "/sys/kernel/btf/vmlinux";

int iterate_begin(struct iterate *it, struct err *e)
{
	*it = (struct iterate){ .opts = { .sz = sizeof(it->opts) } };
	it->log = calloc(1, LOG_BYTES);
	if (!it->log)
		return err_set(e, -ENOMEM, "no memory for a log");
	it->opts.kernel_log_buf = it->log;
	it->opts.kernel_log_size = LOG_BYTES;
	it->print = libbpf_set_print(NULL);
	return 0;
}

void iterate_end(struct iterate *it)
{
	if (it->log)
		(void)libbpf_set_print(it->print);
	free(it->log);
	it->log = NULL;
}

/* The last line of the verifier's log but its statistics. */
static const char *last_line(char *log)
{
	const char *found = "";
	char *save = log, *line;

	while ((line = strsep(&save, "\n")))
		if (*line && strncmp(line, "processed ", 10) != 0)
			found = line;
	return found;
}

int iterate_refusal(const struct iterate *it, int code, struct err *e)
{
	const char *line = last_line(it->log);

	if (access(btf_path, R_OK) != 0)
		return err_set(e, -EOPNOTSUPP,
			"no %s (kernel without CONFIG_DEBUG_INFO_BTF)", btf_path);
	if (code == -EPERM)
		return err_set(e, code,
			"the kernel does not let this process load BPF programs");
	errno = -code;
	return err_sys(e, "load the iterator%s%.200s", *line ? ": " : "", line);
}

static void destroy_linkp(struct bpf_link **link)
{
	(void)bpf_link__destroy(*link);
}

/* Return the descriptor of an iterator that was not read yet. */
static int make(const struct bpf_program *prog, struct err *e)
{
	CLEANUP(destroy_linkp)
	struct bpf_link *link = bpf_program__attach_iter(prog, NULL);
	int fd = link ? bpf_iter_create(bpf_link__fd(link)) : -1;

	if (fd < 0)
		return err_sys(
			e, "make the iterator %s", bpf_program__name(prog));
	return fd;
}

int iterate_drain(const struct bpf_program *prog,
	int (*empty)(void *arg, struct err *e), void *arg, struct err *e)
{
	AUTO_CLOSE int fd = make(prog, e);
	int turns = 0, r = 0;
	ssize_t n;
	char c;

	if (fd < 0)
		return fd;
	do {
		n = read(fd, &c, sizeof(c));
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return err_sys(e, "run the iterator %s",
				bpf_program__name(prog));
		if (empty)
			r = empty(arg, e);
	} while (r == 0 && n < 0 && ++turns < ITERATE_DRAINS_MAX);
	if (r == 0 && n < 0)
		return err_set(e, -EFBIG, "the iterator %s does not end",
			bpf_program__name(prog));
	return r;
}

int iterate_run(const struct bpf_program *prog, struct err *e)
{
	return iterate_drain(prog, NULL, NULL, e);
}
