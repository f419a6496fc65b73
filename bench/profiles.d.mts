import type { Parts } from './profile.mjs';
import type { Source } from './results.mjs';

export interface Profile {
  /** Of the scenario. */
  title: string;
  /** The peer's title. */
  peer: string;
  /** µs of CPU for each message. */
  cost: number;
  /** The same by the kinds of code. */
  parts: Parts;
}

export interface ProfileResults extends Source {
  profiles: Profile[];
}

export function summarizeProfile(measured: {
  scenario: { title: string };
  peer: { title: string };
  samples: { cost: number; parts: Parts }[];
}): Profile;
