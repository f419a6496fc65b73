import { EventEmitter } from 'node:events';
import type { PreparedMessage, WebSocket } from '../../src/index.ts';
import type { WireMessage } from '../../src/wire/index.ts';

/** A WebSocket on the hub's side, which keeps what it is told. */
export class FakeWebSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  writableNeedDrain = false;
  latencyMs: number | undefined;
  readonly sent: Array<string | Uint8Array | PreparedMessage> = [];
  closedWith: [code: number, reason: string] | undefined;
  isPaused = false;

  get asWebSocket(): WebSocket {
    return this as unknown as WebSocket;
  }

  get messages(): WireMessage[] {
    return this.sent.map((text) => JSON.parse(text as string));
  }

  send(data: string | Uint8Array | PreparedMessage): void {
    this.sent.push(data);
  }

  close(code: number, reason: string): void {
    this.readyState = 2;
    this.closedWith = [code, reason];
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  /** What the client sends. */
  receive(data: string | Uint8Array): void {
    this.emit('message', Buffer.from(data as string), typeof data !== 'string');
  }
}
