import type { HubError, WireMessage } from '../wire/index.ts';

/** What a message is answered with, whatever the id that it was sent with. */
export type Answer = { readonly type: '$reply' | '$error'; readonly data?: unknown };

export function replyWith(data: unknown): Answer {
  return { type: '$reply', data };
}

export function errorWith({ code, message, details }: HubError): Answer {
  return { type: '$error', data: { code, message, ...(details !== undefined && { details }) } };
}

/** Makes an answer the one to a message; `undefined` where nobody waits for it. */
export function answerTo(
  { type, id }: Partial<Pick<WireMessage, 'type' | 'id'>>,
  answer: Answer,
): WireMessage | undefined {
  if (id !== undefined) return { ...answer, id };
  if (answer.type === '$reply') return undefined;
  // Without an id the type is what the client knows its message by.
  return { ...answer, data: { ...(answer.data as object), type } };
}
