// Clients of a server that pushes updates: by WebSocket, as server-sent events or by long polling.
#pragma once
#include "connection.h"

struct updates_options {
  /** Of the server: where clients connect, and where it is told how many updates all of them have. */
  int port;
  int control_port;
  /** The request that each connection begins with; long polling adds the cursor itself, in place of a '#'. */
  const char *request;
  size_t request_length;
  /** For WebSocket; NULL otherwise. */
  const char *accept;
  const char *extension;
  uint8_t first_byte;
  uint64_t max_payload;
  /** How many line ends without carriage return an update ends with; 0 for frames. */
  unsigned line_ends;
  /** Whether each response is followed by the next request. */
  int polls;
  /** How many updates there will be. */
  unsigned updates;
  /** Gets the time at which each update came: connection after connection, µs as 64-bit floats. */
  const char *times_file;
};

/** Runs to the last update, tells what was counted, and waits for the end of the input. */
void run_updates(struct connection *connections, unsigned count, const struct updates_options *options);
