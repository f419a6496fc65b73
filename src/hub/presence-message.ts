import type { Member, RoomMessage } from './adapter.ts';

/** Who came into a room, or went. */
export interface PresenceChange {
  readonly joined?: readonly Member[];
  readonly left?: readonly string[];
}

/** Makes what the members of a room are told when others come or go (docs/hub-protocol.md). */
export function presenceMessage(room: string, change: PresenceChange): Omit<RoomMessage, 'mid'> {
  return { room, type: '$presence', body: JSON.stringify(change), except: [], volatile: true };
}
