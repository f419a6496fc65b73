import type { EventEmitter } from 'node:events';
import { reportHubRefusal } from '../diagnostics/hub-reports.ts';
import { HubError } from '../wire/index.ts';
import type { Adapter, MaybePromise, RoomMessage } from './adapter.ts';
import type { HubEvents } from './hub-events.ts';
import type { HubSocket } from './hub-socket.ts';
import type { HubLimits } from './options.ts';
import { ReliableAnswers } from './reliable-answers.ts';

/** What a host is made of. */
export interface HubHostParts {
  readonly adapter: Adapter;
  readonly limits: HubLimits;
  /** How many messages of a room are kept. */
  readonly historyCount: number;
  /** Unique in the cluster. */
  readonly nodeId: string;
  readonly events: EventEmitter<HubEvents>;
}

/** What the namespaces of a hub share. */
export class HubHost {
  readonly adapter: Adapter;
  readonly limits: HubLimits;
  readonly historyCount: number;
  readonly reliableAnswers: ReliableAnswers;
  readonly #nodeId: string;
  readonly #events: EventEmitter<HubEvents>;
  #messages = 0;

  constructor({ adapter, limits, historyCount, nodeId, events }: HubHostParts) {
    this.adapter = adapter;
    this.limits = limits;
    this.historyCount = historyCount;
    this.reliableAnswers = new ReliableAnswers(adapter, (error) => this.onFailure(error, undefined));
    this.#nodeId = nodeId;
    this.#events = events;
  }

  /** Puts a message into a room's log; settles when it is there, and rejects when it never will be, which may be left alone. */
  append({ room, type, body, except, volatile }: Omit<RoomMessage, 'mid'>): MaybePromise<void> {
    const mid = `${this.#nodeId}:${++this.#messages}`;
    // Each by its name: in profiles a spread took as long as sending to dozens of sockets.
    const appended = this.#append({ room, mid, type, body, except, volatile });
    if (appended instanceof Promise) appended.catch((error) => this.#onNotAppended(error));
    return appended;
  }

  #append(message: RoomMessage): MaybePromise<void> {
    try {
      return this.adapter.append(message);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** What an adapter knows to be lost it has reported. */
  #onNotAppended(error: unknown): void {
    const isReported = error instanceof HubError && error.code === 'UNAVAILABLE';
    if (!isReported) this.onFailure(error, undefined);
  }

  /** Does what may fail without ending anything: the application is told. */
  attempt(work: () => MaybePromise<unknown>): MaybePromise<void> {
    const onFailure = (error: unknown): void => this.onFailure(error, undefined);
    try {
      const done = work();
      // What is done at once stays so, without a turn in between.
      if (done instanceof Promise) return done.then(() => {}, onFailure);
    } catch (error) {
      onFailure(error);
    }
  }

  /** Tells that a handler of the application failed, or the adapter. */
  onFailure(error: unknown, socket: HubSocket | undefined): void {
    // Nobody listening, it must not get lost.
    if (this.#events.listenerCount('failure') > 0) this.#events.emit('failure', error, socket);
    else process.emitWarning(error instanceof Error ? error : String(error));
  }

  /** Tells that a message was refused; `type` is its type, where it has one. */
  onRefused(error: HubError, socket: HubSocket | undefined, type?: string): void {
    reportHubRefusal(error.code, socket);
    this.#events.emit('refused', error, socket, type);
  }
}
