import { onTestFinished } from 'vitest';
import type {
  Adapter,
  AdapterReport,
  HistoryLimits,
  NodeRequest,
  RoomEntry,
  RoomMessage,
} from '../../src/hub/adapter.ts';

let nodes = 0;

/** What a hub is to its adapter: writes down what it is told. */
export class AdapterTestNode {
  readonly adapter: Adapter;
  readonly id = `node-${process.pid}-${++nodes}`;
  readonly delivered: RoomEntry[] = [];
  readonly gaps: string[] = [];
  readonly requests: NodeRequest[] = [];
  readonly reports: AdapterReport[] = [];
  answer: (request: NodeRequest) => unknown = () => this.id;
  readonly #watchers = new Set<() => void>();
  #messages = 0;

  private constructor(adapter: Adapter) {
    this.adapter = adapter;
  }

  /** Opens an adapter, which is closed when the test is over. */
  static async open(
    adapter: Adapter,
    history: HistoryLimits = { count: 1_000, ageMs: 60_000 },
  ): Promise<AdapterTestNode> {
    const node = new AdapterTestNode(adapter);
    onTestFinished(async () => {
      await adapter.close();
    });
    await adapter.open({
      id: node.id,
      history,
      deliver: (entry) => node.#note(node.delivered, entry),
      gap: (room) => node.#note(node.gaps, room),
      answer: (request) => {
        node.#note(node.requests, request);
        return node.answer(request);
      },
      report: (report) => node.#note(node.reports, report),
    });
    return node;
  }

  /** Makes a message of this node. */
  message(room: string, more: Partial<RoomMessage> = {}): RoomMessage {
    const mid = `${this.id}:${++this.#messages}`;
    return { room, mid, type: 'said', body: JSON.stringify(mid), except: [], volatile: false, ...more };
  }

  /** Puts a message into a room's log. */
  async append(room: string, more: Partial<RoomMessage> = {}): Promise<RoomMessage> {
    const message = this.message(room, more);
    await this.adapter.append(message);
    return message;
  }

  /** Puts a message into a room's log that need not get there. */
  send(room: string): RoomMessage {
    const message = this.message(room);
    Promise.resolve(this.adapter.append(message)).catch(() => {});
    return message;
  }

  /** Settles when what was noted fulfills a condition. */
  async until(isSo: () => boolean): Promise<void> {
    if (isSo()) return;
    await new Promise<void>((resolve) => {
      const watcher = (): void => {
        if (!isSo()) return;
        this.#watchers.delete(watcher);
        resolve();
      };
      this.#watchers.add(watcher);
    });
  }

  /** Settles when so many messages have been delivered; returns their ids. */
  async mids(count: number): Promise<string[]> {
    await this.until(() => this.delivered.length >= count);
    return this.delivered.map(({ mid }) => mid);
  }

  /** Settles when a report of a kind has come. */
  async reported(kind: AdapterReport['kind']): Promise<void> {
    await this.until(() => this.reports.some((report) => report.kind === kind));
  }

  #note<Item>(list: Item[], item: Item): void {
    list.push(item);
    for (const watcher of this.#watchers) watcher();
  }
}
