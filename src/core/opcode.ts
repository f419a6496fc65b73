/** Opcodes of frames (RFC 6455 §5.2, §11.8). */
export const CONTINUATION = 0x0;
export const TEXT = 0x1;
export const BINARY = 0x2;
export const CLOSE = 0x8;
export const PING = 0x9;
export const PONG = 0xa;

/** The opcodes that begin a message. */
export type MessageOpcode = typeof TEXT | typeof BINARY;

/** Tells whether `opcode` is of a control frame: its highest bit says so (RFC 6455 §5.5). */
export function isControlOpcode(opcode: number): boolean {
  return (opcode & 0x8) !== 0;
}

/** Tells whether RFC 6455 defines `opcode`; 3-7 and 11-15 are reserved (RFC 6455 §5.2). */
export function isKnownOpcode(opcode: number): boolean {
  return opcode <= BINARY || (opcode >= CLOSE && opcode <= PONG);
}
