/** For each kind of code its part of the samples. */
export type Parts = Record<
  'writes' | 'zlib' | 'native' | 'collection' | 'node' | 'library' | 'program',
  number
>;

export const PARTS: readonly (keyof Parts)[];
/** A part of a profile, by µs of the monotonic clock. */
export interface Profiled {
  file: string;
  from: number;
  to: number;
}

export function partsOf(profiled: Profiled): Parts;
export function topFunctions(profiled: Profiled): string[];
