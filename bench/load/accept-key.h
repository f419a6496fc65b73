// Sec-WebSocket-Accept of a Sec-WebSocket-Key (RFC 6455 §4.2.2).
#pragma once

enum { ACCEPT_LENGTH = 28 };

/** Writes 28 characters and a zero. */
void accept_key(const char *key, char accept[ACCEPT_LENGTH + 1]);
