#include "frame-counter.h"

static unsigned header_length(const uint8_t *header) {
  unsigned short_length = header[1] & 0x7f;
  return short_length < 126 ? 2 : short_length == 126 ? 4 : 10;
}

static uint64_t payload_length(const uint8_t *header, unsigned length) {
  if (length == 2) return header[1];
  uint64_t value = 0;
  for (unsigned i = 2; i < length; i++) value = value << 8 | header[i];
  return value;
}

int count_frames(struct frame_counter *counter, const uint8_t *bytes, size_t length, uint8_t first_byte,
                 uint64_t max_payload) {
  int ended = 0;
  size_t at = 0;
  while (at < length) {
    if (!counter->in_payload) {
      counter->header[counter->have++] = bytes[at++];
      if (counter->have < 2) continue;
      unsigned needed = header_length(counter->header);
      if (counter->header[0] != first_byte || counter->header[1] & 0x80) return -1;
      if (counter->have < needed) continue;
      counter->payload_left = payload_length(counter->header, needed);
      if (counter->payload_left > max_payload) return -1;
      counter->in_payload = 1;
    }
    uint64_t here = length - at < counter->payload_left ? length - at : counter->payload_left;
    at += here;
    counter->payload_left -= here;
    if (counter->payload_left > 0) continue;
    counter->in_payload = 0;
    counter->have = 0;
    ended++;
  }
  return ended;
}
