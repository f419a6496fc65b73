import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BINARY, type Role, TEXT } from '../../src/core/index.ts';
import { hex, RecordedEvents } from '../core/recorder.ts';
import { assertOneEnd } from './frames.ts';
import { ProtocolEnd } from './protocol-end.ts';
import type { Target } from './target.ts';

interface Step {
  readonly by: Role;
  readonly what: 'text' | 'binary' | 'ping' | 'pong' | 'close' | 'deliver';
  /** How many fragments a message has. */
  readonly fragments: number;
  readonly length: number;
}

interface Input {
  readonly deflate: boolean;
  readonly steps: readonly Step[];
  readonly sizes: readonly number[];
}

/** Sessions of two ends: what one sends the other gets, in order and once, until a close. */
export const sessions: Target<Input> = {
  name: 'sessions',
  inputs: fc.record({
    deflate: fc.boolean(),
    steps: fc.array(
      fc.record<Step>({
        by: fc.constantFrom<Role>('client', 'server'),
        what: fc.constantFrom(
          'text',
          'text',
          'binary',
          'binary',
          'ping',
          'pong',
          'deliver',
          'deliver',
          'close',
        ),
        fragments: fc.integer({ min: 1, max: 4 }),
        length: fc.constantFrom(0, 1, 125, 126, 1000, 65_535, 65_536),
      }),
      { minLength: 1, maxLength: 25 },
    ),
    sizes: fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 4 }),
  }),
  async check({ deflate, steps, sizes }) {
    const server = new End('server', deflate);
    const client = new End('client', deflate);
    const peerOf = (end: End) => (end === server ? client : server);
    for (const [number, step] of steps.entries()) {
      const end = step.by === 'server' ? server : client;
      if (step.what === 'deliver') await peerOf(end).take(end, sizes);
      else end.act(step, number);
    }
    while (server.hasNews || client.hasNews) {
      await client.take(server, sizes);
      await server.take(client, sizes);
    }
    for (const end of [server, client]) end.check(peerOf(end));
  },
};

class End extends ProtocolEnd<RecordedEvents> {
  readonly sent: unknown[][] = [];
  /** Frames that were sent and are not written. */
  #unwritten = 0;

  constructor(role: Role, deflate: boolean) {
    super(role, deflate, new RecordedEvents());
  }

  /** Whether bytes were written that the peer has not got, or more will be. */
  get hasNews(): boolean {
    return this.isUnread || this.#unwritten > 0;
  }

  act({ what, fragments, length }: Step, number: number): void {
    if (!this.protocol.open) return;
    if (what === 'close') this.protocol.close(1000 + (number % 2), new Uint8Array(0));
    else if (what === 'ping') this.protocol.sendPing(Uint8Array.of(number), this.mask);
    else if (what === 'pong') this.protocol.sendPong(Uint8Array.of(number), this.mask);
    else this.#sendMessage(what === 'text' ? TEXT : BINARY, fragments, length, number);
  }

  /** Gives this end what `peer` wrote, cut. */
  async take(peer: End, sizes: readonly number[]): Promise<void> {
    // Compression calls back in later turns.
    while (peer.#unwritten > 0) await new Promise((resolve) => setImmediate(resolve));
    this.receiveFrom(peer, sizes);
    await new Promise<void>((resolve) => this.protocol.whenReceived(resolve));
  }

  /** Holds what came against what `peer` sent: none twice, none in another order, none missing. */
  check(peer: End): void {
    assertOneEnd(this.events);
    assert.deepEqual(
      this.events.log.filter(([name]) => name === 'error'),
      [],
    );
    assert.deepEqual(
      this.events.log.filter(([name]) => name === 'message'),
      peer.sent,
    );
    this.end();
  }

  #sendMessage(opcode: typeof TEXT | typeof BINARY, fragments: number, length: number, number: number): void {
    const payload = Buffer.alloc(length, `${number} `);
    const compress = this.compression !== undefined && number % 3 !== 0;
    const step = Math.ceil(length / fragments);
    for (let i = 0; i < fragments; i++) {
      const options = { fin: i === fragments - 1, compress, mask: this.mask };
      this.#unwritten++;
      this.protocol.sendMessage(opcode, payload.subarray(i * step, (i + 1) * step), options, () => {
        this.#unwritten--;
      });
    }
    this.sent.push(['message', hex(payload), opcode === BINARY]);
  }
}
