/* SPDX-License-Identifier: Apache-2.0 */
/* Any protobuf message as JSON, by its descriptor. */
#ifndef LAB_MESSAGE_JSON_H
#define LAB_MESSAGE_JSON_H

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>

/*
 * message_json(m):
 * Field names as in the .proto file, enums by name, 64-bit numbers past 2^53
 * as strings, bytes as hexadecimal up to 64 of them and as their count past
 * that, text that is no UTF-8 with '?' for what is not.  NULL when there is
 * no memory.
 */
json_t *message_json(const ProtobufCMessage *m);

#endif
