import type { BackPressure } from './back-pressure.ts';
import type { Compression } from './compression.ts';
import type { IsUtf8 } from './message-assembler.ts';
import type { Allocate, PayloadMemory } from './payload-memory.ts';

export type Role = 'client' | 'server';

/** How a connection speaks the protocol, and what it holds its peer to. */
export interface ProtocolOptions {
  /** The longest message to accept, after inflating, in bytes: 0 to 2^53 - 1. */
  readonly maxPayload: number;
  /** The longest message in pieces to accept, after inflating, in bytes; nothing for no limit. */
  readonly maxStreamedPayload?: number | undefined;
  /** Whether text messages and close reasons that are not UTF-8 are refused (RFC 6455 §8.1). */
  readonly checkUtf8: boolean;
  /** What checks text that is there as a whole; by default our own. */
  readonly isUtf8?: IsUtf8 | undefined;
  /** The most frames of one message; 0 or nothing for no limit: memory is bounded by `maxPayload` alone. */
  readonly maxFragments?: number | undefined;
  /** The most chunks that may bring payload of a frame that is not whole; 0 or nothing for no limit. */
  readonly maxBufferedChunks?: number | undefined;
  /** Whether pings are answered (RFC 6455 §5.5.2). */
  readonly autoPong: boolean;
  /** How many answers to pings may be unwritten: one more ends the connection. 0 or nothing for no limit. */
  readonly maxPendingAutoPongs?: number | undefined;
  /** How many pings, pongs and empty fragments may come in a second; `now` is its clock. Nothing for no limit. */
  readonly maxControlFrames?: { readonly perSecond: number; readonly now: () => number } | undefined;
  /** Calls `tell` later; what comes meanwhile is held back. Without it events are told at once. */
  readonly deferEvent?: ((tell: () => void) => void) | undefined;
  /** permessage-deflate, where it was negotiated. */
  readonly compression?: Compression | undefined;
  /** How much may wait to be sent; without it there is no limit. */
  readonly backPressure?: BackPressure | undefined;
  /** Draws a masking key of 32 unpredictable bits (RFC 6455 §10.3). */
  readonly generateMaskingKey: () => number;
  readonly allocate: Allocate;
  /** What payloads are received into; by default what `allocate` makes. */
  readonly memory?: PayloadMemory | undefined;
}
