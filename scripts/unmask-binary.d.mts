/** Returns the binary of a WebAssembly text, in base64. */
export function unmaskBinary(text: string): Promise<string>;
