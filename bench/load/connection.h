// A TCP connection, with or without TLS: opened and upgraded while blocking, read and written without.
#pragma once
#include "frame-counter.h"
#include <sys/types.h>

struct connection {
  int fd;
  /** SSL * of OpenSSL; NULL without TLS. */
  void *tls;
  /** Whether a batch is on its way out. */
  int sending;
  /** Bytes of this turn that were sent, and that were received. */
  size_t sent;
  size_t received;
  /** Frames of this turn that were received. */
  unsigned frames;
  unsigned long turns;
  struct frame_counter counter;
  /** Of a stream of lines: what the next byte comes behind. */
  uint8_t last_byte;
};

/** What a read or a write comes back with when it would block. */
enum { WOULD_BLOCK = -1 };

/** Connects to 127.0.0.1; ends the process when it can't. */
void connect_to(struct connection *connection, int port, int with_tls);

/** Sends the opening handshake. */
void send_request(struct connection *connection, const char *request, size_t length);

/** Waits for the answer to the opening handshake, and returns its bytes; ends the process unless it is 101 with `accept` and `extension`. */
size_t read_response(struct connection *connection, const char *accept, const char *extension);

/** Waits for the head of a response whose body is still to come, and returns its bytes; ends the process unless it is 200. */
size_t read_ok(struct connection *connection);

/** As a server: waits for the request of an opening handshake and answers it. */
void answer_request(struct connection *connection);

void stop_blocking(struct connection *connection);
void close_connection(struct connection *connection);

/** Reads up to `length` bytes; with `discard` they go nowhere, which costs the least. 0 at the end of the stream. */
ssize_t receive_bytes(struct connection *connection, void *bytes, size_t length, int discard);
ssize_t send_bytes(struct connection *connection, const void *bytes, size_t length);

/** Prints why, and ends the process with exit code 1. */
__attribute__((noreturn, format(printf, 1, 2))) void fail(const char *format, ...);
