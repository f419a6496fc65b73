import { isProtocolType, isType } from './message.ts';

/** @throws {TypeError} An application can't use `type` for its events. */
export function assertEventType(type: string): void {
  if (isType(type) && !isProtocolType(type)) return;
  throw new TypeError(
    `An event's type has 1 to 128 characters and does not begin with "$": ${JSON.stringify(type)}`,
  );
}
