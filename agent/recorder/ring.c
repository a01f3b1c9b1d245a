// SPDX-License-Identifier: Apache-2.0
/*
 * Records lie one behind the other, each padded to eight bytes.  One that does
 * not fit before the end begins at the start again; the rest is not used, and
 * ${wrap} says where it begins.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/err.h"
#include "recorder/ring.h"

struct ring {
	uint8_t *data;
	size_t bytes;
	size_t head; /* where the next record goes */
	size_t tail; /* the oldest record */
	size_t wrap; /* where what is in use before the end ends */
	uint64_t first; /* the number of the oldest */
	uint64_t next; /* of the next */
	/* Where a reader was, so that it need not look for it. */
	uint64_t seen;
	size_t seen_at;
	struct ring_counters counters;
};

static size_t padded(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

int ring_new(struct ring **ret, size_t bytes, struct err *e)
{
	struct ring *r;
	void *data;

	if (bytes < RING_MIN_BYTES || bytes > RING_MAX_BYTES)
		return err_set(e, -EINVAL, "a ring of %zu bytes: %d to %d",
			bytes, RING_MIN_BYTES, RING_MAX_BYTES);
	r = calloc(1, sizeof(*r));
	if (!r)
		return err_set(e, -ENOMEM, "no memory for a ring");
	bytes &= ~(size_t)7;
	data = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (data == MAP_FAILED) {
		free(r);
		return err_sys(e, "map a ring of %zu bytes", bytes);
	}
	r->data = data;
	r->bytes = bytes;
	r->wrap = bytes;
	*ret = r;
	return 0;
}

void ring_free(struct ring *r)
{
	if (!r)
		return;
	(void)munmap(r->data, r->bytes);
	free(r);
}

static const struct recorder_head *head_at(const struct ring *r, size_t at)
{
	return (const void *)(r->data + at);
}

/* Where the record behind the one at ${at} is. */
static size_t behind(const struct ring *r, size_t at)
{
	at += padded(head_at(r, at)->bytes);
	return at >= r->wrap ? 0 : at;
}

static void drop(struct ring *r, uint64_t *counter)
{
	counter[head_at(r, r->tail)->kind]++;
	r->tail = behind(r, r->tail);
	if (r->tail == 0)
		r->wrap = r->bytes;
	r->first++;
}

/* Whether [head, head + len) is free, when it is not past the end. */
static int is_free(const struct ring *r, size_t len)
{
	if (r->first == r->next)
		return 1;
	return r->head > r->tail || r->head + len <= r->tail;
}

static void make_room(struct ring *r, size_t len)
{
	if (r->first == r->next) {
		r->head = r->tail = 0;
		r->wrap = r->bytes;
	}
	if (r->head + len > r->bytes) {
		/* Those from head to the end are the oldest. */
		while (r->first < r->next && r->tail >= r->head)
			drop(r, r->counters.overwritten);
		if (r->first == r->next)
			r->tail = 0;
		else
			r->wrap = r->head;
		r->head = 0;
	}
	while (!is_free(r, len))
		drop(r, r->counters.overwritten);
	if (r->first == r->next)
		r->tail = r->head;
}

void ring_put(struct ring *r, const void *record, size_t len)
{
	struct recorder_head h;
	size_t room;

	if (len < sizeof(h)) {
		r->counters.malformed++;
		return;
	}
	memcpy(&h, record, sizeof(h));
	if (h.bytes < sizeof(h) || h.bytes > len ||
		h.bytes > RING_RECORD_BYTES || h.kind >= RECORDER_KINDS) {
		r->counters.malformed++;
		return;
	}
	room = padded(h.bytes);
	make_room(r, room);
	memcpy(r->data + r->head, record, h.bytes);
	memset(r->data + r->head + h.bytes, 0, room - h.bytes);
	r->head += room;
	if (r->head == r->bytes)
		r->head = 0;
	r->next++;
	r->counters.recorded[h.kind]++;
}

void ring_expire(struct ring *r, uint64_t before_boot_ns)
{
	while (r->first < r->next && head_at(r, r->tail)->boot_ns < before_boot_ns)
		drop(r, r->counters.expired);
}

size_t ring_read(struct ring *r, uint64_t *at, uint8_t *ret, size_t cap,
	uint64_t *skipped)
{
	uint64_t number = r->first;
	size_t from = r->tail, used = 0;

	if (*at < r->first) {
		*skipped += r->first - *at;
		*at = r->first;
	}
	if (r->seen > r->first && r->seen <= *at && r->seen < r->next) {
		number = r->seen;
		/* The record that came next may not have fitted there. */
		from = r->seen_at >= r->wrap ? 0 : r->seen_at;
	}
	for (; number < *at && number < r->next; number++)
		from = behind(r, from);
	for (; number < r->next; number++) {
		size_t len = padded(head_at(r, from)->bytes);

		if (len > cap - used)
			break;
		memcpy(ret + used, r->data + from, len);
		used += len;
		from = behind(r, from);
	}
	*at = number;
	r->seen = number;
	r->seen_at = from;
	return used;
}

uint64_t ring_end(const struct ring *r)
{
	return r->next;
}

uint64_t ring_oldest(const struct ring *r)
{
	return r->first;
}

uint64_t ring_oldest_ns(const struct ring *r)
{
	return r->first == r->next ? 0 : head_at(r, r->tail)->boot_ns;
}

size_t ring_used(const struct ring *r)
{
	if (r->first == r->next)
		return 0;
	return r->head > r->tail ? r->head - r->tail
				 : r->wrap - r->tail + r->head;
}

const struct ring_counters *ring_counters(const struct ring *r)
{
	return &r->counters;
}
