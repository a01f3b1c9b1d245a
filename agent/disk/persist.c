// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <sys/stat.h>

#include "base/err.h"
#include "disk/persist.h"
#include "disk/verify.h"

struct judging {
	const struct picture *p;
	const struct place *place;
	walk_miss *miss;
	persist_tell *tell;
	void *arg;
	struct persist_found found; /* the file; ->item is its worst line */
	enum persist_level quiet; /* of its lines that are not odd */
	bool vouched; /* a package vouches for its content */
	bool says; /* it has a line that is no comment */
};

/* Of one that no package owns. */
static const enum persist_level by_norm[] = {
	[PLACE_ONLY_PACKAGES] = PERSIST_ODD,
	[PLACE_ANYBODY] = PERSIST_NOTED,
	[PLACE_EVERYWHERE] = PERSIST_USUAL,
};

static enum persist_level level_of_file(const struct judging *j)
{
	const struct picture *p = j->p;
	bool vouched_copy = j->found.state == DISK_UNOWNED &&
			    picture_is_copy(p, j->found.content);

	switch (j->found.state) {
	case DISK_CHANGED:
		return p->packages.owned[j->found.content].conffile
			       ? PERSIST_NOTED
			       : PERSIST_ODD;
	case DISK_UNOWNED:
		if (vouched_copy)
			return PERSIST_NOTED;
		return by_norm[j->place->norm];
	case DISK_UNKNOWN:
	case DISK_AS_PACKAGED:
	case DISK_OWNED:
		break;
	}
	return PERSIST_USUAL;
}

static const char *reason_of_state(enum disk_state state)
{
	return state == DISK_CHANGED ? "not as its package made it"
				     : "of no package";
}

/* What is odd about the path of what runs; NULL = nothing. */
static const char *suspect_path(struct slice runs)
{
	char path[WALK_PATH_BYTES];

	if (!runs.len || *runs.p != '/' || runs.len >= sizeof(path))
		return NULL;
	memcpy(path, runs.p, runs.len);
	path[runs.len] = 0;
	if (strstr(path, "/."))
		return "a hidden file";
	return verify_where(path) == VERIFY_TEMPORARY
		       ? "in a directory where anybody may write"
		       : NULL;
}

/* Whose lines are told though nothing is odd about them. */
static bool is_telling(const struct place *place)
{
	return place->form == PLACE_KEYS || place->form == PLACE_PRELOAD ||
	       place->form == PLACE_SYSTEM_CRON ||
	       place->form == PLACE_USER_CRON || place->form == PLACE_UNIT;
}

static bool always_runs(const struct place *place)
{
	return place->form == PLACE_KEYS || place->form == PLACE_PRELOAD;
}

static int see_line(void *arg, const struct persist_item *item, struct err *e)
{
	struct judging *j = arg;
	struct persist_found line = j->found;

	j->says = true;
	line.item = *item;
	line.whole = false;
	line.reason = item->reason;
	if (!line.reason)
		line.reason = suspect_path(item->runs);
	if (j->vouched)
		line.reason = NULL;
	line.level = line.reason ? PERSIST_BAD : j->quiet;
	if (line.level > j->found.level || !j->found.item.line) {
		j->found.level = line.level;
		j->found.item = line.item;
		j->found.reason = line.reason;
	}
	if (!line.reason && (!is_telling(j->place) ||
				    !(item->runs.len || always_runs(j->place))))
		return 0;
	return j->tell(j->arg, &line, e);
}

static int read_lines(struct judging *j, struct buf *text, struct err *e)
{
	struct err why = { 0 };
	int r;

	if (j->place->form == PLACE_OPAQUE ||
		(j->vouched && !is_telling(j->place)))
		return 0;
	r = root_slurp(&j->p->root, j->found.path, text, &why);
	j->says = r < 0; /* nobody knows */
	if (r < 0)
		return j->miss(j->arg, j->found.path, why.msg, e);
	return persist_parse(j->place,
		(struct slice){
			text->len ? (const char *)text->data : "", text->len },
		see_line, j, e);
}

static int see_file(void *arg, uint32_t file, struct err *e)
{
	struct judging *j = arg;
	const struct walk *w = &j->p->walk;
	AUTO_BUF struct buf text = { 0 };
	char path[WALK_PATH_BYTES];
	uint32_t content = file;
	int r;

	if (walk_path(path, w, file) < 0)
		return 0; /* told by the walk */
	if (S_ISLNK(w->files[file].mode))
		content = walk_find(w, path, WALK_FOLLOW);
	if (content == WALK_NONE || !S_ISREG(w->files[content].mode))
		return 0;
	/* It is told where it lies. */
	if (content != file && j->p->placed[content])
		return 0;
	j->found = (struct persist_found){ .place = j->place,
		.file = file,
		.content = content,
		.path = path,
		.state = picture_state(j->p, content),
		.whole = true,
		.item = { .text = { "", 0 }, .runs = { "", 0 } } };
	/* A link to a package's file is that file. */
	j->vouched = j->found.state == DISK_AS_PACKAGED ||
		     (j->found.state == DISK_UNOWNED &&
			     j->place->norm != PLACE_ONLY_PACKAGES &&
			     picture_is_copy(j->p, content));
	j->quiet = j->vouched ? PERSIST_USUAL : level_of_file(j);
	buf_init(&text, PERSIST_FILE_BYTES);
	j->says = j->place->form == PLACE_OPAQUE;
	r = read_lines(j, &text, e);
	/* Nothing but comments does nothing. */
	if (r == 0 && !j->says)
		j->quiet = PERSIST_USUAL;
	if (j->quiet > j->found.level)
		j->found.level = j->quiet;
	if (!j->found.reason && j->found.level > PERSIST_USUAL)
		j->found.reason = reason_of_state(j->found.state);
	if (r == 0 && (j->found.level > PERSIST_USUAL ||
			      j->place->norm != PLACE_EVERYWHERE))
		r = j->tell(j->arg, &j->found, e);
	return r;
}

int persist_run(const struct picture *p, walk_miss *miss, persist_tell *tell,
	void *arg, struct err *e)
{
	struct judging j = { .p = p, .miss = miss, .tell = tell, .arg = arg };
	int r = 0;

	for (j.place = place_next(NULL); r == 0 && j.place;
		j.place = place_next(j.place))
		for (size_t i = 0; r == 0 && j.place->patterns[i]; i++)
			r = walk_glob(&p->walk, j.place->patterns[i], see_file,
				&j, e);
	return r;
}
