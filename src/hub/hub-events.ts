import type { IncomingMessage } from 'node:http';
import type { HubError } from '../wire/index.ts';
import type { AdapterReport } from './adapter.ts';
import type { HubSocket } from './hub-socket.ts';
import type { Refused } from './refused.ts';

/** What a hub tells of itself, apart from the events of its clients. */
export interface HubEvents {
  /** It listens. */
  listening: [];
  /** A handler or a hook of the application failed, or the adapter; without a listener it is a warning of the process. */
  failure: [error: unknown, socket: HubSocket | undefined];
  /** A message was refused; `type` is its type, where it has one. */
  refused: [error: HubError, socket: HubSocket | undefined, type: string | undefined];
  /** A request was refused before its upgrade. */
  'refused-request': [refused: Refused, request: IncomingMessage];
  /** How the other nodes are reached, and what was lost on the way. */
  cluster: [report: AdapterReport];
  /** The server failed: it could not listen. */
  error: [error: Error];
}
