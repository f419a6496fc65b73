import type { RoomName } from '../../shared/chat.mts';

/** What the rooms are called, and what they are for. */
export const ROOM_TITLES: Record<RoomName, { readonly title: string; readonly topic: string }> = {
  harbour: { title: 'Harbour', topic: 'Everybody comes in here' },
  galley: { title: 'Galley', topic: 'Food, and other matters of weight' },
  'crows-nest': { title: 'Crow’s nest', topic: 'What can be seen from up here' },
  'engine-room': { title: 'Engine room', topic: 'What keeps it going' },
};
