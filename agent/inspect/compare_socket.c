// SPDX-License-Identifier: Apache-2.0
/*
 * Sockets against the live picture.  Nothing tells when one was made but the
 * number of its inode: each processor takes blocks of 1,024 (get_next_ino() of
 * the kernel) and counts up in them, so within a block what has the smaller
 * number is older.
 */
#include "base/err.h"
#include "inspect/compare.h"
#include "inspect/snapshot.h"
#include "inspect/socket.h"

enum { STATE_LISTEN = 10, INODE_BLOCK = 1024 };

/* The live picture has a newer one of the same block. */
static bool is_older(const struct snapshot *s, const struct socket_seen *k)
{
	const struct snapshot_socket *newer = snapshot_inode_after(s, k->inode);

	return newer && newer->inode / INODE_BLOCK == k->inode / INODE_BLOCK;
}

int compare_sockets(struct verdicts *vs, struct churn *churn,
	const struct sockets_seen *ss, const struct snapshot *s, struct err *e)
{
	int r = 0;

	for (size_t i = 0; s->sockets_n && r == 0 && i < ss->n; i++) {
		const struct socket_seen *k = &ss->v[i];
		const struct finding_ref ref = {
			.kind = ICECORE__V1__RECORD__BODY_SOCKETS,
			.netns = k->netns,
			.id = k->inode,
		};

		if (!k->inode || snapshot_inode(s, k->inode))
			continue;
		if (!is_older(s, k) || !snapshot_has_netns(s, k->netns)) {
			churn->sockets++;
			continue;
		}
		r = verdicts_add(vs, rule_of(RULE_SOCKET_HIDDEN_FROM_SNAPSHOT),
			&ref, e,
			"family %u, type %u, port %u to %u, uid %u%s; newer ones are told",
			k->family, k->type, k->local_port, k->remote_port,
			k->uid, k->state == STATE_LISTEN ? ", listening" : "");
	}
	return r;
}
