import {
  FIN_BIT,
  frameHeaderLength,
  RSV1_BIT,
  serializeFrame,
  writeFrameHeader,
} from '../core/frame-serializer.ts';
import { applyMask } from '../core/index.ts';
import { generateMaskingKey } from '../node/masking-key.ts';

export interface FrameOptions {
  /** Whether the frame ends its message: default `false`. */
  readonly fin?: boolean | undefined;
  /** Whether to set RSV1: default `false`. */
  readonly rsv1?: boolean | undefined;
  readonly opcode: number;
  /** Whether to mask: default `false`. */
  readonly mask?: boolean | undefined;
  /** Whether the data must stay as they are: default `false`, they are masked where they lie. */
  readonly readOnly?: boolean | undefined;
  /** Fills a buffer of 4 bytes with the masking key: by default with random bytes. */
  readonly generateMask?: ((key: Buffer) => void) | undefined;
  /** What to fill: by default one buffer for all. */
  readonly maskBuffer?: Buffer | undefined;
}

/** A frame in the pieces in which it is to be written: the header, and what of the payload is not in it. */
export type FrameList = Array<Uint8Array | string>;

const sharedKey = Buffer.alloc(4);

/**
 * Makes a frame.
 *
 * @param textLength - Bytes of a string in UTF-8. With it a string stays one, for the socket to encode.
 * @see RFC 6455 §5.2
 */
export function frameList(data: Uint8Array | string, options: FrameOptions, textLength?: number): FrameList {
  const key = options.mask ? drawKey(options) : undefined;
  const firstByte = options.opcode | (options.fin ? FIN_BIT : 0) | (options.rsv1 ? RSV1_BIT : 0);
  // A key of zeros changes nothing.
  if (key) return maskedFrame(firstByte, data, key, options);
  if (typeof data !== 'string') return withHeader(firstByte, data, data.length, key);
  if (textLength !== undefined) return withHeader(firstByte, data, textLength, key);
  const bytes = Buffer.from(data);
  return withHeader(firstByte, bytes, bytes.length, key);
}

function maskedFrame(
  firstByte: number,
  data: Uint8Array | string,
  key: number,
  { readOnly }: FrameOptions,
): FrameList {
  const isText = typeof data === 'string';
  const bytes = isText ? Buffer.from(data) : data;
  if (readOnly && !isText) return [serializeFrame(firstByte, bytes, key, Buffer.allocUnsafe)];
  applyMask(bytes, 0, bytes.length, key, 0);
  return withHeader(firstByte, bytes, bytes.length, key);
}

function withHeader(
  firstByte: number,
  payload: Uint8Array | string,
  length: number,
  key: number | undefined,
): FrameList {
  const header = Buffer.allocUnsafe(frameHeaderLength(length, key !== undefined));
  writeFrameHeader(header, 0, firstByte, length, key);
  return length === 0 ? [header] : [header, payload];
}

function drawKey({ maskBuffer = sharedKey, generateMask }: FrameOptions): number {
  if (generateMask === undefined) maskBuffer.writeUInt32BE(generateMaskingKey());
  else generateMask(maskBuffer);
  return maskBuffer.readUInt32BE(0);
}
