// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"
#include "trigger/azure.h"
#include "trigger/detection.h"
#include "trigger/ec2.h"
#include "trigger/gce.h"
#include "trigger/kind.h"
#include "trigger/kubernetes.h"
#include "trigger/path.h"
#include "trigger/route.h"
#include "trigger/socket.h"

const struct trigger_kind *const trigger_kinds[] = {
	&trigger_socket,
	&trigger_path,
	&trigger_route,
	&trigger_detection,
	&trigger_azure,
	&trigger_ec2,
	&trigger_gce,
	&trigger_kubernetes,
	NULL,
};

const struct trigger_kind *trigger_kind_find(const char *name)
{
	for (size_t i = 0; trigger_kinds[i]; i++)
		if (strcmp(trigger_kinds[i]->name, name) == 0)
			return trigger_kinds[i];
	return NULL;
}

static int set_words(struct trigger_words *ret, char *value, struct err *e)
{
	struct trigger_words words = { .n = 0 };
	char *word;

	while ((word = strsep(&value, ","))) {
		word += strspn(word, " \t");
		word[strcspn(word, " \t")] = 0;
		if (!*word)
			continue;
		if (words.n == TRIGGER_WORDS_MAX)
			return err_set(e, -EINVAL, "more than %d words",
				TRIGGER_WORDS_MAX);
		words.v[words.n++] = word;
	}
	*ret = words;
	return 0;
}

static int set_number(uint32_t *ret, const struct trigger_key *key,
	const char *value, struct err *e)
{
	uint64_t v;

	if (num_u64(&v, value, e) < 0 || v < key->min || v > key->max)
		return err_set(e, -EINVAL, "'%.20s' is not %u to %u", value,
			key->min, key->max);
	*ret = (uint32_t)v;
	return 0;
}

static int set_switch(uint32_t *ret, const char *value, struct err *e)
{
	bool yes = strcmp(value, "yes") == 0;

	if (!yes && strcmp(value, "no") != 0)
		return err_set(e, -EINVAL, "'%.20s' is not yes or no", value);
	*ret = yes;
	return 0;
}

int trigger_key_set(void *settings, const struct trigger_kind *kind,
	const char *name, char *value, struct err *e)
{
	for (size_t i = 0; i < kind->keys_n; i++) {
		const struct trigger_key *key = &kind->keys[i];
		void *at = (uint8_t *)settings + key->offset;

		if (strcmp(key->name, name) != 0)
			continue;
		switch (key->type) {
		case TRIGGER_TEXT:
			*(const char **)at = value;
			return 0;
		case TRIGGER_WORDS:
			return set_words(at, value, e);
		case TRIGGER_NUMBER:
			return set_number(at, key, value, e);
		case TRIGGER_SWITCH:
			return set_switch(at, value, e);
		}
	}
	return err_set(
		e, -ENOENT, "[trigger %s] has no '%.40s'", kind->name, name);
}
