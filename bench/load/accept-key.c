#include "accept-key.h"
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint32_t rotate(uint32_t word, int bits) { return word << bits | word >> (32 - bits); }

static void sha1_block(uint32_t state[5], const uint8_t *block) {
  uint32_t w[80];
  for (int i = 0; i < 16; i++)
    w[i] = (uint32_t)block[i * 4] << 24 | block[i * 4 + 1] << 16 | block[i * 4 + 2] << 8 | block[i * 4 + 3];
  for (int i = 16; i < 80; i++) w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
  for (int i = 0; i < 80; i++) {
    uint32_t f = i < 20   ? ((b & c) | (~b & d)) + 0x5a827999
                 : i < 40 ? (b ^ c ^ d) + 0x6ed9eba1
                 : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
                          : (b ^ c ^ d) + 0xca62c1d6;
    uint32_t next = rotate(a, 5) + f + e + w[i];
    e = d, d = c, c = rotate(b, 30), b = a, a = next;
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
}

/** SHA-1 of fewer than 120 bytes. */
static void sha1(const char *text, uint8_t digest[20]) {
  uint8_t blocks[128] = {0};
  size_t length = strlen(text);
  size_t total = length < 56 ? 64 : 128;
  memcpy(blocks, text, length);
  blocks[length] = 0x80;
  blocks[total - 2] = (uint8_t)(length * 8 >> 8);
  blocks[total - 1] = (uint8_t)(length * 8);
  uint32_t state[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  for (size_t at = 0; at < total; at += 64) sha1_block(state, blocks + at);
  for (int i = 0; i < 20; i++) digest[i] = (uint8_t)(state[i / 4] >> (24 - i % 4 * 8));
}

void accept_key(const char *key, char accept[ACCEPT_LENGTH + 1]) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  char text[100];
  uint8_t digest[21] = {0};
  snprintf(text, sizeof text, "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
  sha1(text, digest);
  for (int i = 0; i < ACCEPT_LENGTH; i++) {
    int bit = i * 6;
    unsigned pair = (unsigned)digest[bit / 8] << 8 | (bit / 8 < 20 ? digest[bit / 8 + 1] : 0);
    accept[i] = digits[pair >> (10 - bit % 8) & 63];
  }
  accept[ACCEPT_LENGTH - 1] = '=';
  accept[ACCEPT_LENGTH] = 0;
}
