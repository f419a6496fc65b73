#define _GNU_SOURCE
#include "updates.h"
#include "clock.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_EVENTS = 1024, SCRATCH_BYTES = 1 << 18, MAX_REQUEST_BYTES = 1024, STALL_MS = 15000 };

static const struct updates_options *options;
static struct connection *connections;
static unsigned connection_count;
/** µs; the row of each connection has a column for each update. */
static double *times;
/** How many connections have each update. */
static unsigned *arrivals;
/** Updates that all have, and those that the server was told of. */
static unsigned complete;
static unsigned long bytes_in;
static unsigned long bytes_out;
static struct connection control;
static uint8_t scratch[SCRATCH_BYTES];

static void send_counted(struct connection *connection, const char *bytes, size_t length) {
  send_request(connection, bytes, length);
  bytes_out += length;
}

/** Asks for what comes behind the updates that the connection has. */
static void poll_again(struct connection *connection) {
  char request[MAX_REQUEST_BYTES];
  const char *cursor = memchr(options->request, '#', options->request_length);
  int before = (int)(cursor - options->request);
  int length = snprintf(request, sizeof request, "%.*s%lu%.*s", before, options->request, connection->turns,
                        (int)options->request_length - before - 1, cursor + 1);
  send_counted(connection, request, (size_t)length);
}

/** An HTTP stream has carriage returns before all its line ends but those of the updates. */
static unsigned count_updates(struct connection *connection, size_t length) {
  unsigned before = connection->frames;
  for (const uint8_t *at = scratch; (at = memchr(at, '\n', length - (size_t)(at - scratch))) != NULL; at++) {
    uint8_t last = at == scratch ? connection->last_byte : at[-1];
    if (last != '\r') connection->frames++;
  }
  connection->last_byte = scratch[length - 1];
  return connection->frames / options->line_ends - before / options->line_ends;
}

static unsigned count_ended(struct connection *connection, size_t length) {
  if (options->line_ends > 0) return count_updates(connection, length);
  int frames = count_frames(&connection->counter, scratch, length, options->first_byte, options->max_payload);
  if (frames < 0) fail("an update's frame is not what it should be");
  return (unsigned)frames;
}

static void note_arrival(struct connection *connection, double now) {
  unsigned update = (unsigned)connection->turns++;
  if (update >= options->updates) fail("more updates than %u", options->updates);
  times[(size_t)(connection - connections) * options->updates + update] = now;
  if (++arrivals[update] == connection_count) complete++;
}

static void take_updates(struct connection *connection) {
  ssize_t count = receive_bytes(connection, scratch, SCRATCH_BYTES, 0);
  if (count == WOULD_BLOCK) return;
  if (count == 0) fail("the stream ended");
  bytes_in += (unsigned long)count;
  double now = now_us();
  unsigned ended = count_ended(connection, (size_t)count);
  for (unsigned i = 0; i < ended; i++) note_arrival(connection, now);
  if (options->polls && ended > 0) poll_again(connection);
}

/** The server sends the first update when all are there, and each of the next when all have the one before. */
static void tell_complete(unsigned told) {
  for (; told < complete; told++)
    if (send_bytes(&control, "+", 1) != 1) fail("the server's control connection is full");
}

static void open_all(int poller) {
  for (unsigned i = 0; i < connection_count; i++) {
    struct connection *connection = &connections[i];
    connect_to(connection, options->port, 0);
    if (options->polls) {
      poll_again(connection);
    } else {
      send_counted(connection, options->request, options->request_length);
      bytes_in += options->accept != NULL ? read_response(connection, options->accept, options->extension)
                                          : read_ok(connection);
    }
    stop_blocking(connection);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, connection->fd, &event) != 0) fail("epoll_ctl: %s", strerror(errno));
  }
}

static void receive_all(int poller) {
  static struct epoll_event events[MAX_EVENTS];
  while (complete < options->updates) {
    unsigned told = complete;
    int count = epoll_wait(poller, events, MAX_EVENTS, STALL_MS);
    if (count == 0) fail("no update for %d s: all have %u", STALL_MS / 1000, complete);
    for (int i = 0; i < count; i++) take_updates(events[i].data.ptr);
    tell_complete(told);
  }
}

static void write_times(void) {
  size_t total = (size_t)connection_count * options->updates;
  FILE *file = fopen(options->times_file, "wb");
  if (file == NULL || fwrite(times, sizeof *times, total, file) != total || fclose(file) != 0)
    fail("%s: %s", options->times_file, strerror(errno));
}

void run_updates(struct connection *all, unsigned count, const struct updates_options *given) {
  int poller = epoll_create1(EPOLL_CLOEXEC);
  options = given;
  connections = all;
  connection_count = count;
  times = calloc((size_t)count * options->updates, sizeof *times);
  arrivals = calloc(options->updates, sizeof *arrivals);
  connect_to(&control, options->control_port, 0);
  open_all(poller);
  puts("{\"ready\":true}");
  double cpu_before = cpu_us();
  receive_all(poller);
  double cpu = cpu_us() - cpu_before;
  write_times();
  printf("{\"bytesIn\":%lu,\"bytesOut\":%lu,\"cpu\":%.0f}\n", bytes_in, bytes_out, cpu);
  struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
  poll(&input, 1, -1);
}
