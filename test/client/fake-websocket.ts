import type { WebSocketShape } from '../../src/client/index.ts';

/** A WebSocket whose other end is the test. */
export class FakeWebSocket extends EventTarget implements WebSocketShape {
  static made: FakeWebSocket[] = [];

  readonly url: string;
  readonly offered: string | string[] | undefined;
  readonly sent: unknown[] = [];
  readonly closedWith: Array<number | undefined> = [];
  readonly extensions = '';
  readyState = 0;
  protocol = '';
  bufferedAmount = 0;
  binaryType = 'blob';
  onopen: unknown = null;
  onmessage: unknown = null;
  onerror: unknown = null;
  onclose: unknown = null;

  constructor(url: string, protocols?: string | string[]) {
    if (!/^wss?:/.test(url)) throw new DOMException('bad URL', 'SyntaxError');
    super();
    this.url = url;
    this.offered = protocols;
    FakeWebSocket.made.push(this);
  }

  /** The newest one. */
  static get last(): FakeWebSocket {
    return FakeWebSocket.made.at(-1)!;
  }

  send(data: unknown): void {
    if (this.readyState !== 1) throw new DOMException('not open', 'InvalidStateError');
    this.sent.push(data);
  }

  close(code?: number): void {
    if (code !== undefined && code !== 1000 && (code < 3000 || code > 4999)) {
      throw new DOMException('bad code', 'InvalidAccessError');
    }
    this.closedWith.push(code);
    this.readyState = 2;
  }

  /** What the other end, or the network, does. */
  open(protocol = ''): void {
    this.readyState = 1;
    this.protocol = protocol;
    this.#tell(this.onopen, {});
  }

  receive(data: unknown): void {
    this.#tell(this.onmessage, { data, origin: 'ws://test' });
  }

  end(code = 1006, reason = ''): void {
    if (code === 1006) this.#tell(this.onerror, {});
    this.readyState = 3;
    this.#tell(this.onclose, { code, reason, wasClean: code !== 1006 });
  }

  #tell(handler: unknown, event: object): void {
    (handler as (event: object) => void)(event);
  }
}
