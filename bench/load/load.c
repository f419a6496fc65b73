/*
 * The load generator: turns of pre-encoded frames over many connections, on one thread. A turn is one batch of frames sent,
 * and all its replies received; then comes the next one. The first turn of each connection is compared with the replies it
 * has to get, byte for byte; of later ones the bytes are counted (or the frames, where replies are compressed) and dropped.
 *
 * load mode=echo|broadcast|handshake|hold|serve|updates name=value ...
 *   port         of the server; mode=serve listens on a port of its own
 *   connections  how many; of mode=handshake: how many at a time
 *   request      file: the opening handshake's request
 *   accept       the Sec-WebSocket-Accept that has to come
 *   extension    not empty when permessage-deflate has to be agreed on
 *   turns        file: a count, then for each turn the lengths of batch and reply, and both; 32-bit, little-endian
 *   messages     in a turn; of mode=broadcast: to each connection
 *   piece        bytes of a batch that are sent at a time, at most; 0 for all
 *   compare      0 when the bytes of a reply are not known, but their number
 *   first-byte   of each frame of a reply; 0 when the replies are known bytes
 *   max-payload  of each frame of a reply
 *   tls          1 for TLS
 *   control, line-ends, polls, updates, times
 *                of mode=updates: see updates.h
 *
 * Answers lines on standard input with JSON on standard output, and ends with its input:
 *   mark         messages so far, the process's CPU and the time in µs, turns of the connection that had fewest
 *   open N       (mode=hold) opens up to N connections; with turns, each has one
 */
#define _GNU_SOURCE
#include "clock.h"
#include "connection.h"
#include "updates.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_EVENTS = 1024, MAX_TURNS = 256, SCRATCH_BYTES = 1 << 18, STALL_MS = 15000 };

struct turn {
  uint8_t *batch;
  size_t batch_length;
  uint8_t *reply;
  size_t reply_length;
};

static struct {
  const char *mode;
  int port;
  unsigned connection_count;
  char *request;
  size_t request_length;
  const char *accept;
  const char *extension;
  unsigned messages;
  size_t piece;
  int compare;
  uint8_t first_byte;
  uint64_t max_payload;
  int tls;
} options;

static struct turn turns[MAX_TURNS];
static unsigned turn_count;
static struct connection *connections;
static unsigned opened;
static unsigned long messages;
/** Of a broadcast: connections that have not got it yet. */
static unsigned outstanding;
static int is_broadcast;
static int poller;
static uint8_t scratch[SCRATCH_BYTES];

static const char *option(int argc, char **argv, const char *name, const char *otherwise) {
  size_t length = strlen(name);
  for (int i = 1; i < argc; i++)
    if (strncmp(argv[i], name, length) == 0 && argv[i][length] == '=') return argv[i] + length + 1;
  return otherwise;
}

static void *read_bytes(FILE *file, size_t length) {
  void *bytes = malloc(length + 1);
  if (fread(bytes, 1, length, file) != length) fail("a file is too short");
  return bytes;
}

static uint32_t read_uint32(FILE *file) {
  uint32_t value;
  if (fread(&value, sizeof value, 1, file) != 1) fail("a file is too short");
  return value;
}

static FILE *open_file(const char *name) {
  FILE *file = fopen(name, "rb");
  if (file == NULL) fail("%s: %s", name, strerror(errno));
  return file;
}

static void read_request(const char *name) {
  FILE *file = open_file(name);
  fseek(file, 0, SEEK_END);
  options.request_length = (size_t)ftell(file);
  rewind(file);
  options.request = read_bytes(file, options.request_length);
  fclose(file);
}

static void read_turns(const char *name) {
  FILE *file = open_file(name);
  turn_count = read_uint32(file);
  if (turn_count > MAX_TURNS) fail("too many turns");
  for (unsigned i = 0; i < turn_count; i++) {
    turns[i].batch_length = read_uint32(file);
    turns[i].reply_length = read_uint32(file);
    turns[i].batch = read_bytes(file, turns[i].batch_length);
    turns[i].reply = read_bytes(file, turns[i].reply_length);
  }
  fclose(file);
}

static void read_options(int argc, char **argv) {
  options.mode = option(argc, argv, "mode", "");
  options.port = atoi(option(argc, argv, "port", "0"));
  options.connection_count = (unsigned)atoi(option(argc, argv, "connections", "1"));
  options.accept = option(argc, argv, "accept", "");
  options.extension = option(argc, argv, "extension", "");
  options.messages = (unsigned)atoi(option(argc, argv, "messages", "1"));
  options.piece = strtoull(option(argc, argv, "piece", "0"), NULL, 10);
  options.compare = atoi(option(argc, argv, "compare", "1"));
  options.first_byte = (uint8_t)atoi(option(argc, argv, "first-byte", "0"));
  options.max_payload = strtoull(option(argc, argv, "max-payload", "0"), NULL, 10);
  options.tls = atoi(option(argc, argv, "tls", "0"));
  const char *request = option(argc, argv, "request", NULL);
  const char *turns_file = option(argc, argv, "turns", NULL);
  if (request != NULL) read_request(request);
  if (turns_file != NULL) read_turns(turns_file);
}

static const struct turn *turn_of(const struct connection *connection) {
  // Connections begin at different turns, so that they are not all in the same one.
  unsigned long index = (unsigned long)(connection - connections) + connection->turns;
  return &turns[index % turn_count];
}

static void push(struct connection *connection) {
  const struct turn *turn = turn_of(connection);
  while (connection->sending && connection->sent < turn->batch_length) {
    size_t length = turn->batch_length - connection->sent;
    if (options.piece > 0 && length > options.piece) length = options.piece;
    ssize_t count = send_bytes(connection, turn->batch + connection->sent, length);
    if (count == WOULD_BLOCK) return;
    connection->sent += (size_t)count;
  }
  connection->sending = 0;
}

static void begin_turn(struct connection *connection) {
  connection->sending = 1;
  push(connection);
}

/** The first connection's message goes to all. */
static void begin_broadcast(void) {
  outstanding = opened;
  begin_turn(&connections[0]);
}

static void end_turn(struct connection *connection) {
  connection->turns++;
  connection->sent = connection->received = connection->frames = 0;
  messages += options.messages;
  if (!is_broadcast) begin_turn(connection);
  else if (--outstanding == 0) begin_broadcast();
}

static void take_known(struct connection *connection, size_t count, int discarded) {
  const struct turn *turn = turn_of(connection);
  size_t total = connection->received + count;
  if (total > turn->reply_length) fail("a reply is longer than its %zu bytes", turn->reply_length);
  if (options.compare && !discarded && connection->turns == 0 &&
      memcmp(scratch, turn->reply + connection->received, count) != 0)
    fail("a reply is not what was sent, within its bytes %zu to %zu", connection->received, total);
  connection->received = total;
  if (total == turn->reply_length) end_turn(connection);
}

static void take_frames(struct connection *connection, size_t count) {
  int frames =
      count_frames(&connection->counter, scratch, count, options.first_byte, options.max_payload);
  if (frames < 0) fail("a reply's frame is not what it should be");
  connection->frames += (unsigned)frames;
  if (connection->frames > options.messages) fail("more replies than messages");
  if (connection->frames == options.messages) end_turn(connection);
}

static void pull(struct connection *connection) {
  int known = options.first_byte == 0;
  for (;;) {
    // One byte more than what is to come shows a reply that is too long.
    size_t wanted = known ? turn_of(connection)->reply_length - connection->received + 1 : SCRATCH_BYTES;
    int discard = known && connection->turns > 0 && connection->tls == NULL;
    if (!discard && wanted > SCRATCH_BYTES) wanted = SCRATCH_BYTES;
    ssize_t count = receive_bytes(connection, scratch, wanted, discard);
    if (count == WOULD_BLOCK) return;
    if (count == 0) fail("the stream ended");
    if (known) take_known(connection, (size_t)count, discard);
    else take_frames(connection, (size_t)count);
    // Fewer than asked for: there is nothing left, and the next bytes are told anew.
    if ((size_t)count < wanted && connection->tls == NULL) return;
  }
}

static void watch(int fd, uint32_t events, void *subject) {
  struct epoll_event event = {.events = events, .data.ptr = subject};
  if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl: %s", strerror(errno));
}

static void open_to(unsigned count) {
  if (count > options.connection_count) fail("more than connections=%u", options.connection_count);
  for (; opened < count; opened++) {
    struct connection *connection = &connections[opened];
    connect_to(connection, options.port, options.tls);
    send_request(connection, options.request, options.request_length);
    read_response(connection, options.accept, options.extension);
  }
}

static unsigned long fewest_turns(void) {
  unsigned long fewest = messages;
  for (unsigned i = 0; i < opened; i++)
    if (connections[i].turns < fewest) fewest = connections[i].turns;
  return fewest;
}

static void tell_mark(void) {
  printf("{\"messages\":%lu,\"cpu\":%.0f,\"time\":%.0f,\"fewestTurns\":%lu}\n", messages, cpu_us(), now_us(),
         fewest_turns());
}

/** One turn for each connection that has had none, one after the other. */
static void turn_of_each(void) {
  for (unsigned i = 0; i < opened; i++) {
    struct connection *connection = &connections[i];
    if (turn_count == 0 || connection->turns > 0) continue;
    begin_turn(connection);
    while (connection->frames < options.messages) {
      ssize_t count = receive_bytes(connection, scratch, SCRATCH_BYTES, 0);
      if (count <= 0) fail("no reply came");
      int frames = count_frames(&connection->counter, scratch, (size_t)count, options.first_byte,
                                options.max_payload);
      if (frames < 0) fail("a reply's frame is not what it should be");
      connection->frames += (unsigned)frames;
    }
    connection->turns++;
  }
}

static void obey(void) {
  char line[64];
  ssize_t length = read(STDIN_FILENO, line, sizeof line - 1);
  if (length <= 0) exit(0);
  line[length] = 0;
  unsigned count;
  if (strcmp(line, "mark\n") == 0) {
    tell_mark();
  } else if (sscanf(line, "open %u\n", &count) == 1) {
    open_to(count);
    turn_of_each();
    printf("{\"open\":%u}\n", opened);
  } else {
    fail("what is \"%s\"?", line);
  }
}

static void begin_turns(void) {
  for (unsigned i = 0; i < opened; i++) {
    stop_blocking(&connections[i]);
    watch(connections[i].fd, EPOLLIN | EPOLLOUT | EPOLLET, &connections[i]);
  }
  puts("{\"ready\":true}");
  if (is_broadcast) begin_broadcast();
  else
    for (unsigned i = 0; i < opened; i++) begin_turn(&connections[i]);
}

static void loop(void) {
  static struct epoll_event events[MAX_EVENTS];
  unsigned long before = messages;
  double told = now_us();
  for (;;) {
    int count = epoll_wait(poller, events, MAX_EVENTS, STALL_MS);
    if (count < 0 && errno != EINTR) fail("epoll_wait: %s", strerror(errno));
    for (int i = 0; i < count; i++) {
      struct connection *connection = events[i].data.ptr;
      if (connection == NULL) {
        obey();
        continue;
      }
      if (events[i].events & EPOLLOUT) push(connection);
      if (events[i].events & ~(uint32_t)EPOLLOUT) pull(connection);
    }
    if (messages != before) before = messages, told = now_us();
    else if (now_us() - told > STALL_MS * 1e3) fail("no reply for %d s", STALL_MS / 1000);
  }
}

static void run_turns(void) {
  open_to(options.connection_count);
  begin_turns();
  loop();
}

static void run_hold(void) {
  puts("{\"ready\":true}");
  for (;;) obey();
}

static void request_handshake(struct connection *connection) {
  connect_to(connection, options.port, options.tls);
  send_request(connection, options.request, options.request_length);
}

/** Keeps `connections` handshakes under way: where the oldest is answered, it is closed, and another one takes its place. */
static void run_handshakes(void) {
  for (unsigned i = 0; i < options.connection_count; i++) request_handshake(&connections[i]);
  puts("{\"ready\":true}");
  for (unsigned i = 0;; i = (i + 1) % options.connection_count) {
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    if (i == 0 && poll(&input, 1, 0) > 0) obey();
    read_response(&connections[i], options.accept, options.extension);
    close_connection(&connections[i]);
    messages++;
    request_handshake(&connections[i]);
  }
}

/** The server of clients that are measured: batches go to them, and short replies come back. */
static void run_serve(void) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t size = sizeof address;
  int on = 1;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 512) != 0)
    fail("listen: %s", strerror(errno));
  getsockname(listener, (struct sockaddr *)&address, &size);
  printf("{\"port\":%d}\n", ntohs(address.sin_port));
  for (; opened < options.connection_count; opened++) {
    struct connection *connection = &connections[opened];
    connection->fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (connection->fd < 0) fail("accept: %s", strerror(errno));
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    answer_request(connection);
  }
  begin_turns();
  loop();
}

static void run_pushed(int argc, char **argv) {
  struct updates_options pushed = {
      .port = options.port,
      .control_port = atoi(option(argc, argv, "control", "0")),
      .request = options.request,
      .request_length = options.request_length,
      .accept = *options.accept ? options.accept : NULL,
      .extension = options.extension,
      .first_byte = options.first_byte,
      .max_payload = options.max_payload,
      .line_ends = (unsigned)atoi(option(argc, argv, "line-ends", "0")),
      .polls = atoi(option(argc, argv, "polls", "0")),
      .updates = (unsigned)atoi(option(argc, argv, "updates", "0")),
      .times_file = option(argc, argv, "times", ""),
  };
  run_updates(connections, options.connection_count, &pushed);
}

int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  read_options(argc, argv);
  connections = calloc(options.connection_count, sizeof *connections);
  is_broadcast = strcmp(options.mode, "broadcast") == 0;
  poller = epoll_create1(EPOLL_CLOEXEC);
  watch(STDIN_FILENO, EPOLLIN, NULL);
  if (is_broadcast || strcmp(options.mode, "echo") == 0) run_turns();
  else if (strcmp(options.mode, "handshake") == 0) run_handshakes();
  else if (strcmp(options.mode, "hold") == 0) run_hold();
  else if (strcmp(options.mode, "serve") == 0) run_serve();
  else if (strcmp(options.mode, "updates") == 0) run_pushed(argc, argv);
  else fail("what is mode=%s?", options.mode);
}
