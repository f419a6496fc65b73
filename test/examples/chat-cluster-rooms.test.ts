import { describe, expect, it } from 'vitest';
import {
  initialRooms,
  type Room,
  type Rooms,
  type RoomsAction,
  reduceRooms,
} from '../../examples/chat-cluster/page/src/state/rooms.ts';
import type { Draft, Message, Person } from '../../examples/chat-cluster/shared/chat.mts';

const ADA: Person = { id: '1', name: 'Ada' };
const GRACE: Person = { id: '2', name: 'Grace' };
const room = 'harbour';
const asked: RoomsAction = { type: 'asked for people', room };

describe('messages', () => {
  it('come in the order of the room, each once', () => {
    const { messages } = roomAfter(said('a', 2), said('b', 1), said('a', 2));

    expect(ids(messages)).toEqual(['a', 'b']);
  });

  it('of the history go where they belong, those that came from the room stay in its order', () => {
    const older = history([message('x', 1), message('x', 1), message('a', 5)]);

    expect(ids(roomAfter(said('b', 7), said('a', 5), older).messages)).toEqual(['x', 'a', 'b']);
    expect(ids(roomAfter(said('b', 7), said('a', 5), history([message('a', 5)])).messages)).toEqual([
      'b',
      'a',
    ]);
  });

  it('are counted where nobody looks, and no more when somebody does', () => {
    const elsewhere = reduce(initialRooms(room), { type: 'select', room: 'galley' }, said('a'), said('b'));
    expect(elsewhere.joined[room]?.unread).toBe(2);

    expect(reduce(elsewhere, { type: 'select', room }).joined[room]?.unread).toBe(0);
  });

  it('of rooms that one has left are none', () => {
    const rooms = reduce(initialRooms(room), said('a'), {
      type: 'said',
      room: 'galley',
      message: message('b'),
    });

    expect(Object.keys(rooms.joined)).toEqual([room]);
  });

  it('that may be missing are told of', () => {
    expect(roomAfter(said('a')).hasGap).toBe(false);
    expect(roomAfter({ type: 'gap', room }).hasGap).toBe(true);
  });
});

describe('messages of one’s own', () => {
  it('wait until they come back from the room, or from its history', () => {
    expect(ids(roomAfter(drafted('a')).pending)).toEqual(['a']);
    expect(roomAfter(drafted('a'), said('a'))).toMatchObject({ pending: [], messages: [{ id: 'a' }] });
    expect(roomAfter(drafted('a'), history([message('a')]))).toMatchObject({
      pending: [],
      messages: [{ id: 'a' }],
    });
  });

  it('that were refused say why, until they are sent again or thrown away', () => {
    const failed: RoomsAction = { type: 'failed', draft: draft('a'), problem: 'No' };

    expect(roomAfter(drafted('a'), failed).pending).toEqual([{ ...draft('a'), problem: 'No' }]);
    expect(roomAfter(drafted('a'), failed, drafted('a')).pending).toEqual([
      { ...draft('a'), problem: undefined },
    ]);
    expect(roomAfter(drafted('a'), failed, { type: 'discarded', draft: draft('a') }).pending).toEqual([]);
  });

  it('whose answer was lost were said all the same', () => {
    const { pending, messages } = roomAfter(drafted('a'), said('a'), {
      type: 'failed',
      draft: draft('a'),
      problem: 'CLOSED',
    });

    expect(pending).toEqual([]);
    expect(ids(messages)).toEqual(['a']);
  });
});

describe('people', () => {
  it('are listed by name, each once, and without those who went', () => {
    const here = roomAfter(presence([GRACE, ADA]), presence([GRACE]));
    expect(here.people).toEqual([ADA, GRACE]);

    expect(roomAfter(presence([GRACE, ADA]), presence([], ['1'])).people).toEqual([GRACE]);
    expect(roomAfter(presence([GRACE]), asked, list([ADA])).people).toEqual([ADA]);
  });

  it('are not forgotten when they came before a list that was read earlier', () => {
    expect(roomAfter(asked, presence([GRACE]), list([ADA])).people).toEqual([ADA, GRACE]);
    expect(roomAfter(asked, presence([], ['2']), list([ADA, GRACE])).people).toEqual([ADA]);
    expect(roomAfter(asked, presence([], ['2']), presence([GRACE]), list([ADA])).people).toEqual([
      ADA,
      GRACE,
    ]);
    expect(roomAfter(presence([GRACE]), asked, list([ADA])).people).toEqual([ADA]);
  });

  it('write until they stop, say it, or go', () => {
    const writes: RoomsAction = { type: 'typing', room, person: GRACE, isTyping: true };

    expect(roomAfter(writes, writes).typing).toEqual([GRACE]);
    expect(roomAfter(writes, { ...writes, isTyping: false }).typing).toEqual([]);
    expect(roomAfter(writes, said('a')).typing).toEqual([]);
    expect(roomAfter(presence([GRACE]), writes, presence([], ['2'])).typing).toEqual([]);
    expect(roomAfter(writes, asked, list([ADA])).typing).toEqual([]);
  });
});

describe('leaving', () => {
  it('brings one to another room, and keeps one in the last one', () => {
    const both = reduce(initialRooms(room), { type: 'select', room: 'galley' });

    const left = reduce(both, { type: 'left', room: 'galley' });
    expect(left.active).toBe(room);
    expect(Object.keys(left.joined)).toEqual([room]);
    expect(reduce(both, { type: 'left', room }).active).toBe('galley');
    expect(reduce(left, { type: 'left', room })).toBe(left);
  });
});

function reduce(rooms: Rooms, ...actions: RoomsAction[]): Rooms {
  return actions.reduce(reduceRooms, rooms);
}

/** The one room, after what happened in it. */
function roomAfter(...actions: RoomsAction[]): Room {
  return reduce(initialRooms(room), ...actions).joined[room]!;
}

function message(id: string, at = 1): Message {
  return { id, at, from: GRACE, text: id };
}

function draft(id: string): Draft {
  return { id, room, text: id };
}

function said(id: string, at?: number): RoomsAction {
  return { type: 'said', room, message: message(id, at) };
}

function drafted(id: string): RoomsAction {
  return { type: 'drafted', draft: draft(id) };
}

function history(messages: Message[]): RoomsAction {
  return { type: 'history', room, messages };
}

function list(people: Person[]): RoomsAction {
  return { type: 'people', room, people };
}

function presence(joined: Person[], left: string[] = []): RoomsAction {
  return { type: 'presence', room, joined, left };
}

function ids(items: ReadonlyArray<{ readonly id: string }>): string[] {
  return items.map(({ id }) => id);
}
