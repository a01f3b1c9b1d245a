// SPDX-License-Identifier: Apache-2.0
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "live/container.h"

enum {
	ID_DIGITS = 64,
	UUID_CHARS = 36,
	STATIC_UID_CHARS = 32,
	COMPONENTS_MAX = 64,
};

struct piece {
	const char *p;
	size_t len;
};

/* Prefixes of an id, and whose they are. */
static const struct {
	const char *prefix;
	const char *runtime;
} runtimes[] = {
	{ "docker-", "docker" },
	{ "cri-containerd-", "containerd" },
	{ "cri-containerd:", "containerd" },
	{ "containerd-", "containerd" },
	{ "crio-conmon-", "" }, /* its monitor, which is outside */
	{ "libpod-conmon-", "" },
	{ "crio-", "cri-o" },
	{ "libpod-", "podman" },
	{ "nerdctl-", "containerd" },
};

static bool is_hex(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!((p[i] >= '0' && p[i] <= '9') ||
			    (p[i] >= 'a' && p[i] <= 'f')))
			return false;
	return len > 0;
}

static bool ends_with(struct piece c, const char *suffix)
{
	size_t n = strlen(suffix);

	return c.len >= n && memcmp(c.p + c.len - n, suffix, n) == 0;
}

static bool begins_with(struct piece c, const char *prefix)
{
	size_t n = strlen(prefix);

	return c.len >= n && memcmp(c.p, prefix, n) == 0;
}

static void set_id(struct container *ret, struct piece id, const char *runtime)
{
	(void)snprintf(ret->id, sizeof(ret->id), "%.*s", (int)id.len, id.p);
	(void)snprintf(ret->runtime, sizeof(ret->runtime), "%s", runtime);
}

/* "prefix-ID.scope" and the like. */
static void try_id(struct container *ret, struct piece c, struct piece parent)
{
	struct piece id = c;

	if (ends_with(id, ".scope"))
		id.len -= strlen(".scope");
	if (id.len < ID_DIGITS)
		return;
	id.p += id.len - ID_DIGITS;
	id.len = ID_DIGITS;
	if (!is_hex(id.p, id.len))
		return;
	if (id.p == c.p) {
		set_id(ret, id, begins_with(parent, "docker") ? "docker" : "");
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(runtimes); i++) {
		size_t n = strlen(runtimes[i].prefix);
		const char *at = id.p - n;

		if ((size_t)(id.p - c.p) < n ||
			memcmp(at, runtimes[i].prefix, n) != 0)
			continue;
		if (runtimes[i].runtime[0])
			set_id(ret, id, runtimes[i].runtime);
		return;
	}
}

/* "podUID", "kubepods-burstable-podUID.slice". */
static void try_pod(struct container *ret, struct piece c)
{
	const char *pod = NULL, *slice;
	size_t len;

	/* Behind it may be ":cri-containerd:ID". */
	slice = memmem(c.p, c.len, ".slice", strlen(".slice"));
	if (slice)
		c.len = (size_t)(slice - c.p);
	for (size_t i = 0; i + 3 <= c.len; i++)
		if (memcmp(c.p + i, "pod", 3) == 0 &&
			(i == 0 || c.p[i - 1] == '-'))
			pod = c.p + i + 3;
	if (!pod)
		return;
	len = (size_t)(c.p + c.len - pod);
	if (len != UUID_CHARS && !(len == STATIC_UID_CHARS && is_hex(pod, len)))
		return;
	for (size_t i = 0; i < len; i++) {
		bool dash = len == UUID_CHARS &&
			    (i == 8 || i == 13 || i == 18 || i == 23);

		if (dash ? pod[i] != '-' && pod[i] != '_' : !is_hex(pod + i, 1))
			return;
	}
	(void)snprintf(ret->pod_uid, sizeof(ret->pod_uid), "%.*s", (int)len, pod);
	for (char *p = ret->pod_uid; *p; p++)
		if (*p == '_')
			*p = '-';
}

static bool is_name(struct piece c)
{
	for (size_t i = 0; i < c.len; i++)
		if ((unsigned char)c.p[i] < 0x21 || (unsigned char)c.p[i] > 0x7e)
			return false;
	return c.len > 0 && c.len < CONTAINER_ID_CHARS;
}

static void try_lxc(struct container *ret, struct piece c, struct piece parent)
{
	struct piece name = c;
	size_t n = strlen("lxc.payload.");

	if (begins_with(c, "lxc.payload.")) {
		name.p += n;
		name.len -= n;
	} else if (parent.len != 3 || memcmp(parent.p, "lxc", 3) != 0) {
		return;
	}
	if (is_name(name))
		set_id(ret, name, "lxc");
}

void container_find(struct container *ret, const char *path, size_t len)
{
	const char *p = path, *end = path + len;
	struct piece parent = { "", 0 };

	*ret = (struct container){ "", "", "" };
	for (int i = 0; p < end && i < COMPONENTS_MAX; i++) {
		const char *slash = memchr(p, '/', (size_t)(end - p));
		struct piece c = { p, (size_t)((slash ? slash : end) - p) };

		try_pod(ret, c);
		try_id(ret, c, parent);
		try_lxc(ret, c, parent);
		if (c.len)
			parent = c;
		p += c.len + 1;
	}
}

/* The path in "0::/path" or "4:memory:/path"; NULL = none. */
static const char *path_in(struct piece line)
{
	const char *end = line.p + line.len;
	const char *colon = memchr(line.p, ':', line.len);

	if (colon)
		colon = memchr(colon + 1, ':', (size_t)(end - colon - 1));
	return colon ? colon + 1 : NULL;
}

static int rank_of(struct piece line, struct piece path)
{
	struct container c;

	container_find(&c, path.p, path.len);
	if (c.id[0])
		return 3;
	return begins_with(line, "0::") ? 2 : 1;
}

void container_cgroup(
	const char **ret, size_t *ret_len, const char *text, size_t len)
{
	const char *p = text, *end = text + len;
	int best = 0;

	*ret = NULL;
	*ret_len = 0;
	while (p < end) {
		const char *eol = memchr(p, '\n', (size_t)(end - p));
		struct piece line = { p, (size_t)((eol ? eol : end) - p) };
		struct piece path = { path_in(line), 0 };
		int rank;

		p += line.len + 1;
		if (!path.p)
			continue;
		path.len = (size_t)(line.p + line.len - path.p);
		rank = rank_of(line, path);
		if (rank < best || (rank == best && path.len <= *ret_len))
			continue;
		best = rank;
		*ret = path.p;
		*ret_len = path.len;
	}
}
