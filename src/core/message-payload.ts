/** Called without an error once the bytes are written out, with the error when they never will be. */
export type SendCallback = (error?: Error) => void;

export interface SendOptions {
  /** Whether this ends the message (RFC 6455 §5.4). */
  readonly fin: boolean;
  /** Whether to compress, where permessage-deflate was negotiated. */
  readonly compress: boolean;
  /** Whether to mask. */
  readonly mask: boolean;
}

/** A payload whose bytes have to be read first; they are when its turn comes. */
export interface UnreadPayload {
  /** In bytes. */
  readonly length: number;
  /** Calls back once, later. */
  read(callback: (error: Error | undefined, bytes?: Uint8Array) => void): void;
}

export type Payload = Uint8Array | UnreadPayload;
