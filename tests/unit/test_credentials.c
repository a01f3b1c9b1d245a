// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cloud/credentials.h"
#include "cloud/ticket.h"
#include "unit/scratch.h"
#include "unit/unit.h"

static char top[SCRATCH_CHARS];

static int set_up(void **state)
{
	(void)state;
	scratch_new(top);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(top);
	return 0;
}

static void write_ticket(const char *token)
{
	char text[128];

	(void)snprintf(text, sizeof(text), "{\"bearer\": \"%s\"}\n", token);
	scratch_write(top, "ticket", text, strlen(text));
}

static void expect_token(struct credentials *c, unsigned number, const char *token)
{
	struct credentials_use u = credentials_take(c);

	assert_int_equal(u.number, number);
	assert_string_equal(u.ticket->token, token);
	credentials_give(c, u);
}

static void reads_a_file_again(void **state)
{
	char path[SCRATCH_CHARS];
	struct credentials_config config = { .file = path, .fd = -1 };
	struct credentials *c = NULL;
	struct credentials_use old;
	struct err e = { 0 };

	(void)state;
	scratch_path(path, top, "ticket");
	assert_err(credentials_open(&c, &config, &e), -ENOENT, &e, "ticket");
	scratch_write(top, "ticket", "{", 1);
	assert_err(credentials_open(&c, &config, &e), -EBADMSG, &e, path);
	write_ticket("one");
	assert_ok(credentials_open(&c, &config, &e), &e);
	expect_token(c, 1, "one");
	assert_err(credentials_renew(c, 1, &e), -EAGAIN, &e, "still the same");
	/* Half of the next one, none at all, and all of it. */
	scratch_write(top, "ticket", "{\"bear", 6);
	assert_int_equal(credentials_renew(c, 1, &e), -EAGAIN);
	assert_int_equal(unlink(path), 0);
	assert_err(credentials_renew(c, 1, &e), -EAGAIN, &e, "No such file");
	old = credentials_take(c);
	write_ticket("two");
	assert_ok(credentials_renew(c, 1, &e), &e);
	expect_token(c, 2, "two");
	/* Whoever still uses the old one can, and who asks late has the new. */
	assert_string_equal(old.ticket->token, "one");
	assert_ok(credentials_renew(c, 1, &e), &e);
	expect_token(c, 2, "two");
	credentials_give(c, old);
	credentials_close(c);
}

static void put_text(int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void follows_a_descriptor(void **state)
{
	struct credentials_config config = { .fd = -1 };
	struct credentials *c = NULL;
	struct err e = { 0 };
	int p[2];

	(void)state;
	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	config.fd = p[0];
	/* Over several lines, as the clouds' tools print; then one begins. */
	put_text(p[1], "\n{\n  \"bearer\":\n  \"one\"\n}\n\n{\"bearer\": ");
	assert_ok(credentials_open(&c, &config, &e), &e);
	expect_token(c, 1, "one");
	assert_err(credentials_renew(c, 1, &e), -EAGAIN, &e, "a new ticket on");
	put_text(p[1], "\"two\"}sv=1&sig=three\n{");
	assert_ok(credentials_renew(c, 1, &e), &e);
	expect_token(c, 2, "two");
	assert_ok(credentials_renew(c, 2, &e), &e);
	expect_token(c, 3, "sv=1&sig=three");
	assert_int_equal(close(p[1]), 0);
	/* What is left is no ticket; then there is none. */
	assert_int_equal(credentials_renew(c, 3, &e), -EBADMSG);
	assert_err(credentials_renew(c, 3, &e), -ENOKEY, &e, "no more tickets");
	expect_token(c, 3, "sv=1&sig=three");
	credentials_close(c);
	assert_int_equal(close(p[0]), 0);
}

static void says_why_there_is_no_role(void **state)
{
	struct credentials_config config = { .fd = -1, .role = ROLE_WEB_IDENTITY };
	struct credentials *c = NULL;
	struct err e = { 0 };

	(void)state;
	(void)unsetenv("AWS_WEB_IDENTITY_TOKEN_FILE");
	assert_err(credentials_open(&c, &config, &e), -ENOENT, &e,
		"role web-identity: no web identity here");
	config.role = ROLE_CONTAINER;
	(void)unsetenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	(void)unsetenv("AWS_CONTAINER_CREDENTIALS_FULL_URI");
	assert_err(credentials_open(&c, &config, &e), -ENOENT, &e,
		"no container credentials here");
	config.role = ROLE_EC2;
	config.region = "us-east-1";
	config.metadata = "http://127.0.0.1:1";
	assert_err(credentials_open(&c, &config, &e), -EAGAIN, &e, "role ec2");
	config.role = ROLE_AZURE;
	assert_err(credentials_open(&c, &config, &e), -EAGAIN, &e, "role azure");
	assert_int_equal(role_find("ec2"), ROLE_EC2);
	assert_int_equal(role_find("root"), -1);
	assert_int_equal(role_guess(), ROLE_EC2);
	(void)setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/nonexistent", 1);
	assert_int_equal(role_guess(), ROLE_WEB_IDENTITY);
	(void)setenv("AWS_ROLE_ARN", "arn:aws:iam::1:role/x", 1);
	config.role = ROLE_WEB_IDENTITY;
	assert_err(credentials_open(&c, &config, &e), -ENOENT, &e, "nonexistent");
	(void)setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x", 1);
	assert_int_equal(role_guess(), ROLE_CONTAINER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			reads_a_file_again, set_up, tear_down),
		cmocka_unit_test(follows_a_descriptor),
		cmocka_unit_test(says_why_there_is_no_role),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
