import { FIN_BIT, RSV1_BIT } from '../core/frame-serializer.ts';
import { BINARY, type MessageOpcode, serializeFrame, TEXT } from '../core/index.ts';
import { type DeflateSharing, deflateAlone } from '../node/shared-deflate.ts';
import { isText, type SendData, toBytes } from './payload.ts';

/**
 * A message for many: it is framed once, and compressed once for each set of parameters of permessage-deflate without
 * context takeover. `send` takes it like other data; a client, which has to mask, sends it as if it were not prepared.
 */
export class PreparedMessage {
  /** @internal */
  readonly opcode: MessageOpcode;
  /** @internal */
  readonly payload: Uint8Array;
  #plain: Uint8Array | undefined;
  readonly #compressed: Array<{ sharing: DeflateSharing; frame: Uint8Array }> = [];

  /**
   * @param data - As for `send`, but for Blobs. The bytes are the message's from now on.
   * @param options - `binary` sends text as binary, or bytes as text.
   * @throws {TypeError} `data` has no bytes.
   */
  constructor(
    data: Exclude<SendData, Blob>,
    { binary = !isText(data) }: { binary?: boolean | undefined } = {},
  ) {
    this.opcode = binary ? BINARY : TEXT;
    this.payload = toBytes(data);
  }

  /** The payload's length, in bytes. */
  get length(): number {
    return this.payload.length;
  }

  /** Returns the frame as it is without compression. @internal */
  plain(): Uint8Array {
    this.#plain ??= frameOf(FIN_BIT | this.opcode, this.payload);
    return this.#plain;
  }

  /** Returns the frame compressed for connections that share it. @internal */
  compressed(sharing: DeflateSharing): Uint8Array {
    const known = this.#compressed.find(({ sharing: other }) => isSame(sharing, other));
    if (known !== undefined) return known.frame;
    const frame = frameOf(FIN_BIT | RSV1_BIT | this.opcode, deflateAlone(this.payload, sharing));
    this.#compressed.push({ sharing, frame });
    return frame;
  }
}

function isSame(a: DeflateSharing, b: DeflateSharing): boolean {
  return a.windowBits === b.windowBits && a.options === b.options;
}

function frameOf(firstByte: number, payload: Uint8Array): Uint8Array {
  return serializeFrame(firstByte, payload, undefined, (length) => Buffer.allocUnsafeSlow(length));
}
