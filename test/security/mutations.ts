import { HANDSHAKE_MUTATIONS } from './handshake-mutations.ts';
import { HUB_MUTATIONS } from './hub-mutations.ts';
import { MESSAGE_MUTATIONS } from './message-mutations.ts';
import type { Mutation } from './mutation.ts';

export const MUTATIONS: readonly Mutation[] = [
  ...MESSAGE_MUTATIONS,
  ...HANDSHAKE_MUTATIONS,
  ...HUB_MUTATIONS,
];
