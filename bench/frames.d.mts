export const TEXT: number;
export const COMPRESSED: number;
export function frame(firstByte: number, payload: Uint8Array): Buffer;
