#define _GNU_SOURCE
#include "connection.h"
#include "accept-key.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#ifdef WITH_TLS
#include <openssl/ssl.h>
#endif

enum { ANSWER_TIMEOUT_SECONDS = 10, MAX_HEAD_BYTES = 4096 };

void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  exit(1);
}

#ifdef WITH_TLS
static void *begin_tls(int fd) {
  static SSL_CTX *context;
  if (context == NULL) {
    context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  }
  SSL *tls = SSL_new(context);
  SSL_set_fd(tls, fd);
  if (SSL_connect(tls) != 1) fail("the TLS handshake failed");
  return tls;
}

/** OpenSSL's result in the terms of recv and send. */
static ssize_t tls_result(struct connection *connection, int result, const char *what) {
  if (result > 0) return result;
  int reason = SSL_get_error(connection->tls, result);
  if (reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE) return WOULD_BLOCK;
  if (reason == SSL_ERROR_ZERO_RETURN) return 0;
  fail("%s: TLS error %d", what, reason);
}
#endif

void connect_to(struct connection *connection, int port, int with_tls) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  struct timeval timeout = {.tv_sec = ANSWER_TIMEOUT_SECONDS};
  int on = 1;
  memset(connection, 0, sizeof *connection);
  connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connection->fd < 0) fail("socket: %s", strerror(errno));
  setsockopt(connection->fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(connection->fd, (struct sockaddr *)&address, sizeof address) != 0)
    fail("connect: %s", strerror(errno));
#ifdef WITH_TLS
  if (with_tls) connection->tls = begin_tls(connection->fd);
#else
  if (with_tls) fail("built without TLS");
#endif
}

void send_request(struct connection *connection, const char *request, size_t length) {
  if (send_bytes(connection, request, length) != (ssize_t)length) fail("the request was not sent whole");
}

/** Reads up to the empty line that ends a head, and returns its bytes; nothing may come behind it. */
static size_t read_head(struct connection *connection, char head[MAX_HEAD_BYTES]) {
  size_t length = 0;
  for (;;) {
    ssize_t count = receive_bytes(connection, head + length, MAX_HEAD_BYTES - 1 - length, 0);
    if (count <= 0) fail("no whole head came: %s", count == 0 ? "the stream ended" : "time ran out");
    length += (size_t)count;
    head[length] = 0;
    const char *end = strstr(head, "\r\n\r\n");
    if (end == NULL) continue;
    if (end + 4 != head + length) fail("bytes came behind the head");
    return length;
  }
}

size_t read_response(struct connection *connection, const char *accept, const char *extension) {
  char head[MAX_HEAD_BYTES];
  size_t length = read_head(connection, head);
  if (strncmp(head, "HTTP/1.1 101 ", 13) != 0) fail("not 101 but: %.*s", (int)strcspn(head, "\r"), head);
  if (strstr(head, accept) == NULL) fail("the answer lacks %s", accept);
  if ((strcasestr(head, "permessage-deflate") != NULL) != (*extension != 0))
    fail("the answer %s permessage-deflate", *extension ? "lacks" : "has");
  return length;
}

size_t read_ok(struct connection *connection) {
  char head[MAX_HEAD_BYTES];
  size_t length = read_head(connection, head);
  if (strncmp(head, "HTTP/1.1 200 ", 13) != 0) fail("not 200 but: %.*s", (int)strcspn(head, "\r"), head);
  return length;
}

void answer_request(struct connection *connection) {
  static const char name[] = "sec-websocket-key:";
  char head[MAX_HEAD_BYTES];
  char accept[ACCEPT_LENGTH + 1];
  char response[256];
  read_head(connection, head);
  const char *field = strcasestr(head, name);
  if (field == NULL) fail("the request has no key");
  const char *key = field + sizeof name - 1;
  accept_key(key + strspn(key, " "), accept);
  int length = snprintf(response, sizeof response,
                        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Accept: %s\r\n\r\n",
                        accept);
  send_request(connection, response, (size_t)length);
}

void stop_blocking(struct connection *connection) {
  fcntl(connection->fd, F_SETFL, fcntl(connection->fd, F_GETFL) | O_NONBLOCK);
}

void close_connection(struct connection *connection) {
  close(connection->fd);
  connection->fd = -1;
}

ssize_t receive_bytes(struct connection *connection, void *bytes, size_t length, int discard) {
#ifdef WITH_TLS
  if (connection->tls != NULL)
    return tls_result(connection, SSL_read(connection->tls, bytes, (int)length), "read");
#endif
  ssize_t count = recv(connection->fd, discard ? NULL : bytes, length, discard ? MSG_TRUNC : 0);
  if (count < 0 && errno != EAGAIN) fail("read: %s", strerror(errno));
  return count < 0 ? WOULD_BLOCK : count;
}

ssize_t send_bytes(struct connection *connection, const void *bytes, size_t length) {
#ifdef WITH_TLS
  if (connection->tls != NULL)
    return tls_result(connection, SSL_write(connection->tls, bytes, (int)length), "write");
#endif
  ssize_t count = send(connection->fd, bytes, length, MSG_NOSIGNAL);
  if (count < 0 && errno != EAGAIN) fail("write: %s", strerror(errno));
  return count < 0 ? WOULD_BLOCK : count;
}
