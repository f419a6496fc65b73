// Counts the frames in a stream of bytes, for replies whose length is not known beforehand: compressed ones.
#pragma once
#include <stddef.h>
#include <stdint.h>

struct frame_counter {
  uint8_t header[10];
  unsigned have;
  uint64_t payload_left;
  int in_payload;
};

/**
 * Reads on, and returns how many frames ended in `bytes`; -1 at a frame that does not begin with `first_byte`, is masked, or
 * is longer than `max_payload`.
 */
int count_frames(struct frame_counter *counter, const uint8_t *bytes, size_t length, uint8_t first_byte,
                 uint64_t max_payload);
