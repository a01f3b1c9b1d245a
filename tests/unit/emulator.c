// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/http.h"
#include "base/json.h"
#include "unit/emulator.h"
#include "unit/unit.h"

enum { URL_CHARS = 64, ANSWER_BYTES = 64 << 10 };

struct emulator {
	pid_t pid;
	int end; /* closed, it ends */
	char url[URL_CHARS];
};

/* Its first line is the port. */
static void read_port(struct emulator *m, int fd)
{
	char text[16] = "";
	size_t n = 0;

	while (n < sizeof(text) - 1 && read(fd, text + n, 1) == 1 &&
		text[n] != '\n')
		n++;
	text[n] = 0;
	assert_true(n > 0);
	(void)snprintf(m->url, sizeof(m->url), "http://127.0.0.1:%s", text);
}

struct emulator *emulator_new(const char *script, const char *arg)
{
	struct emulator *m = calloc(1, sizeof(*m));
	posix_spawn_file_actions_t act;
	char path[4096];
	char *argv[] = { (char *)"python3", path, (char *)arg, NULL };
	int in[2], out[2];

	assert_non_null(m);
	(void)snprintf(path, sizeof(path), "%s/%s", SERVER_DIR, script);
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(posix_spawn_file_actions_init(&act), 0);
	assert_int_equal(posix_spawn_file_actions_adddup2(&act, in[0], 0), 0);
	assert_int_equal(posix_spawn_file_actions_adddup2(&act, out[1], 1), 0);
	assert_int_equal(
		posix_spawnp(&m->pid, "python3", &act, NULL, argv, environ), 0);
	(void)posix_spawn_file_actions_destroy(&act);
	(void)close(in[0]);
	(void)close(out[1]);
	m->end = in[1];
	read_port(m, out[0]);
	(void)close(out[0]);
	return m;
}

void emulator_free(struct emulator *m)
{
	int status;

	(void)close(m->end);
	assert_int_equal(waitpid(m->pid, &status, 0), m->pid);
	assert_int_equal(status, 0);
	free(m);
}

const char *emulator_url(const struct emulator *m)
{
	return m->url;
}

/* PUT /control; the counters come back. */
static json_t *control(struct emulator *m, const char *change)
{
	const struct http_config config = { 0 };
	AUTO_ANSWER struct http_answer a = { 0 };
	AUTO_FREE char *text = strdup(change);
	char url[URL_CHARS + 16];
	struct http_request rq = { .method = "PUT", .url = url, .body_n = 1 };
	struct http *h = NULL;
	json_t *ret = NULL;
	struct err e = { 0 };

	assert_non_null(text);
	for (char *p = text; (p = strchr(p, '\'')); p++)
		*p = '"';
	rq.body[0] = (struct iovec){ text, strlen(text) };
	(void)snprintf(url, sizeof(url), "%s/control", m->url);
	http_answer_init(&a, ANSWER_BYTES);
	assert_ok(http_new(&h, &config, &e), &e);
	assert_ok(http_do(h, &a, &rq, &e), &e);
	http_free(h);
	if (a.status != 200)
		fail_msg("%s: %d %.*s", text, a.status, (int)a.body.len,
			(const char *)a.body.data);
	assert_ok(json_decode(&ret, a.body.data, a.body.len, &e), &e);
	return ret;
}

void emulator_set(struct emulator *m, const char *change)
{
	json_decref(control(m, change));
}

long emulator_count(struct emulator *m, const char *name)
{
	AUTO_JSON json_t *j = control(m, "{}");

	return (long)json_integer_value(json_object_get(j, name));
}
