/** A release that is known to have had the fault of some entries; the same tests attack it in the engine's place. */
export interface Release {
  readonly name: 'ws';
  readonly version: string;
  readonly rows: readonly number[];
}

export const RELEASES: readonly Release[] = [
  // Before 8.21 (CVE-2026-48779, CVE-2026-45736).
  { name: 'ws', version: '8.20.0', rows: [1, 17] },
  // Before 8.17.1 (CVE-2024-37890).
  { name: 'ws', version: '8.16.0', rows: [13] },
];
