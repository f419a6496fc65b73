/** Makes text of the bytes from `start` to `end`, a character of each; the layer above may have a faster one. */
export type Latin1Decoder = (bytes: Uint8Array, start: number, end: number) => string;

/** The plain way. */
export function decodeLatin1(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}
