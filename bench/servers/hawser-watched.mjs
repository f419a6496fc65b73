// The server of Hawser, with a subscriber that looks at the reports of messages.
import { subscribe } from 'node:diagnostics_channel';

let bytes = 0;
for (const name of ['hawser:message:in', 'hawser:message:out']) {
  subscribe(name, (message) => {
    bytes += message.bytes;
  });
}
process.once('exit', () => bytes > 0 || console.error('No message was reported.'));

await import('./hawser.mjs');
