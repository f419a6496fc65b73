import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Hub } from 'hawser/hub';
import type { Chat, NodeName } from '../shared/chat.mts';
import type { Figures } from '../shared/figures.mts';
import type { Visitor } from './chat-hub.mts';

/** How often the event loop is asked how late it is, in milliseconds. */
const RESOLUTION_MS = 10;

/** Counts what a node does. */
export class NodeFigures {
  readonly #node: NodeName;
  readonly #loopDelay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #said = 0;
  #refused = 0;
  #failures = 0;
  #isReachable = true;
  #lagMs: number | null = null;
  #lost = 0;

  constructor(node: NodeName) {
    this.#node = node;
    this.#loopDelay.enable();
  }

  /** Counts what a hub tells of itself. */
  watch({ events }: Hub<Chat, Visitor>): void {
    events.on('refused', () => this.#refused++);
    events.on('refused-request', () => this.#refused++);
    events.on('failure', () => this.#failures++);
    events.on('cluster', (report) => {
      if (report.kind === 'lag') this.#lagMs = report.lagMs;
      else if (report.kind === 'loss') this.#lost += report.messages ?? 1;
      else this.#isReachable = report.kind === 'reachable';
    });
  }

  onSaid(): void {
    this.#said++;
  }

  /** Says how the node is now. */
  read({ sockets }: Hub<Chat, Visitor>): Figures {
    const all = [...sockets.values()];
    return {
      node: this.#node,
      pid: process.pid,
      upSeconds: Math.round(process.uptime()),
      connections: all.length,
      rooms: new Set(all.flatMap(({ rooms }) => [...rooms])).size,
      said: this.#said,
      refused: this.#refused,
      failures: this.#failures,
      latencyMs: middle(all.flatMap(({ latencyMs }) => latencyMs ?? [])),
      loopDelayMs: Math.max(0, this.#loopDelay.percentile(99) / 1e6 - RESOLUTION_MS),
      memoryBytes: process.memoryUsage.rss(),
      cluster: { isReachable: this.#isReachable, lagMs: this.#lagMs, lost: this.#lost },
    };
  }
}

function middle(numbers: number[]): number | null {
  return numbers.sort((a, b) => a - b)[numbers.length >> 1] ?? null;
}
