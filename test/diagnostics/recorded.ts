import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { onTestFinished } from 'vitest';
import type { ChannelMessages, ChannelName } from '../../src/index.ts';

/** What a channel carries while the test runs. */
export function recorded<Name extends ChannelName>(name: Name): Array<ChannelMessages[Name]> {
  const messages: Array<ChannelMessages[Name]> = [];
  listenTo(name, (message) => messages.push(message));
  return messages;
}

/** Resolves with the next message of a channel that `accepts` takes. */
export function nextOf<Name extends ChannelName>(
  name: Name,
  accepts: (message: ChannelMessages[Name]) => boolean = () => true,
): Promise<ChannelMessages[Name]> {
  return new Promise((resolve) => listenTo(name, (message) => accepts(message) && resolve(message)));
}

function listenTo<Name extends ChannelName>(
  name: Name,
  listener: (message: ChannelMessages[Name]) => void,
): void {
  const listenAsUnknown = (message: unknown): void => listener(message as ChannelMessages[Name]);
  subscribe(name, listenAsUnknown);
  onTestFinished(() => void unsubscribe(name, listenAsUnknown));
}
