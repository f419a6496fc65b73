import { WebSocket } from '../../src/index.ts';

/** Notes what an end tells, and holds it against what it may tell. */
export class Witness {
  readonly #name: string;
  readonly #ws: WebSocket;
  readonly #expected: readonly string[];
  readonly #broken: string[];
  readonly received: string[] = [];
  closes = 0;
  closeCode: number | undefined;
  #opens = 0;

  /**
   * @param expected - The messages that the other end sends.
   * @param broken - Is given what does not hold.
   */
  constructor(name: string, ws: WebSocket, expected: readonly string[], broken: string[]) {
    this.#name = name;
    this.#ws = ws;
    this.#expected = expected;
    this.#broken = broken;
    ws.on('open', () => {
      this.#late('open');
      if (++this.#opens > 1) this.#note(`'open' twice`);
    });
    ws.on('message', (data) => this.#receive(String(data)));
    ws.on('ping', () => this.#late('ping'));
    ws.on('error', () => this.#late('error'));
    ws.on('close', (code) => {
      this.closeCode = code;
      if (++this.closes > 1) this.#note(`'close' twice`);
    });
  }

  check(): void {
    if (this.closes !== 1) this.#note(`'close' ${this.closes} times`);
    if (this.#ws.readyState !== WebSocket.CLOSED) this.#note('not CLOSED');
  }

  #receive(text: string): void {
    this.#late('message');
    if (text !== this.#expected[this.received.length])
      this.#note(`message ${this.received.length} is another`);
    this.received.push(text);
  }

  #late(event: string): void {
    if (this.closes > 0) this.#note(`'${event}' after 'close'`);
  }

  #note(what: string): void {
    this.#broken.push(`${this.#name}: ${what}`);
  }
}
