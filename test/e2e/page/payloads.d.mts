export function makeBytes(size: number, seed: number): Uint8Array<ArrayBuffer>;
export function makeText(size: number, seed: number): string;
export function digest(data: string | Uint8Array<ArrayBuffer>): Promise<string>;
