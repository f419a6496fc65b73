import type { StandardSchema } from 'hawser/hub';
import { type Draft, isRoom, type RoomName, type Typing } from '../shared/chat.mts';
import { type Checked, checkText } from '../shared/checks.mts';

/** What clients send may be anything: these let through what it has to be. Any library of Standard Schemas does it too. */
export const roomSchema = schema<RoomName>((input) =>
  isRoom(input) ? { value: input } : { problem: 'There is no such room' },
);

export const draftSchema = schema<Draft>((input) => {
  const { id, room, text } = record(input);
  if (typeof id !== 'string' || !/^[\w-]{1,64}$/.test(id)) return { problem: 'A message needs an id' };
  if (!isRoom(room)) return { problem: 'There is no such room' };
  const checked = checkText(text);
  return 'problem' in checked ? checked : { value: { id, room, text: checked.value } };
});

export const typingSchema = schema<Typing>((input) => {
  const { room, isTyping } = record(input);
  if (!isRoom(room) || typeof isTyping !== 'boolean') return { problem: 'Who types where?' };
  return { value: { room, isTyping } };
});

function schema<Value>(check: (input: unknown) => Checked<Value>): StandardSchema<unknown, Value> {
  return {
    '~standard': {
      version: 1,
      vendor: 'chat-cluster',
      validate(input) {
        const checked = check(input);
        return 'problem' in checked ? { issues: [{ message: checked.problem }] } : checked;
      },
    },
  };
}

function record(input: unknown): Partial<Record<string, unknown>> {
  return typeof input === 'object' && input !== null ? input : {};
}
