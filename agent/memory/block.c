// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/num.h"
#include "base/range.h"
#include "memory/block.h"
#include "memory/source.h"

enum { WORD_BYTES = 32 };

static void closedirp(DIR **d)
{
	if (*d)
		(void)closedir(*d);
}

/* The file ${path} without its line feed. */
static int read_word(
	char word[WORD_BYTES], int dirfd, const char *path, struct err *e)
{
	AUTO_CLOSE int fd = io_open(dirfd, path, O_RDONLY, 0, e);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = io_read(fd, word, WORD_BYTES - 1, e);
	if (n < 0)
		return err_wrap(e, (int)n, "%s", path);
	word[n] = 0;
	word[strcspn(word, "\n")] = 0;
	return 0;
}

static int block_bytes(uint64_t *ret, int dirfd, struct err *e)
{
	char word[WORD_BYTES];
	uint64_t bytes = 0;
	int n, r = read_word(word, dirfd, "block_size_bytes", e);

	if (r < 0)
		return r;
	n = num_hex(&bytes, word);
	/* A batch lies in one block. */
	if (n <= 0 || word[n] || !bytes || bytes % SOURCE_BATCH_BYTES)
		return err_set(e, -EBADMSG, "memory blocks of '%s' bytes", word);
	*ret = bytes;
	return 0;
}

/* Add the block whose directory is ${name} when it is not online. */
static int add_block(struct ranges *rs, int dirfd, const char *name,
	uint64_t bytes, struct err *e)
{
	char path[sizeof(((struct dirent *)0)->d_name) + 8];
	char word[WORD_BYTES];
	struct range block;
	uint64_t number;
	int r = num_u64(&number, name + strlen("memory"), e);

	if (r < 0)
		return r;
	(void)snprintf(path, sizeof(path), "%s/state", name);
	r = read_word(word, dirfd, path, e);
	/* A block that goes while we look at it is not there any more. */
	if (r == -ENOENT || r == -ENODEV)
		return 0;
	if (r < 0 || strcmp(word, "online") == 0)
		return r;
	if (__builtin_mul_overflow(number, bytes, &block.start) ||
		__builtin_add_overflow(block.start, bytes, &block.end))
		return err_set(e, -EBADMSG, "%s is out of bounds", name);
	return ranges_add(rs, block, e);
}

int blocks_load_offline(struct ranges *ret, const char *dir, struct err *e)
{
	AUTO_RANGES struct ranges rs = { 0 };
	CLEANUP(closedirp) DIR *d = opendir(dir);
	const struct dirent *entry;
	uint64_t bytes = 0;
	size_t n = 0;
	int r;

	/* Kernels without memory hot-plug have no blocks. */
	if (!d && errno == ENOENT) {
		*ret = (struct ranges){ 0 };
		return 0;
	}
	if (!d)
		return err_sys(e, "open %s", dir);
	r = block_bytes(&bytes, dirfd(d), e);
	while (r == 0 && (errno = 0, entry = readdir(d))) {
		if (strncmp(entry->d_name, "memory", strlen("memory")) != 0)
			continue;
		if (n++ == BLOCKS_MAX)
			return err_set(e, -E2BIG, "more than %d memory blocks",
				BLOCKS_MAX);
		r = add_block(&rs, dirfd(d), entry->d_name, bytes, e);
	}
	if (r < 0)
		return err_wrap(e, r, "%s", dir);
	if (errno)
		return err_sys(e, "read %s", dir);
	*ret = rs;
	rs = (struct ranges){ 0 };
	return 0;
}
