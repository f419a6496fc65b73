import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BINARY, type MessageOpcode, type PayloadSource, type Role, TEXT } from '../../src/core/index.ts';
import { hex } from '../core/recorder.ts';
import { PieceEvents } from './piece-events.ts';
import { ProtocolEnd } from './protocol-end.ts';
import type { Target } from './target.ts';

/** One thing that happens at one end. */
interface Step {
  readonly by: Role;
  readonly what:
    | 'message'
    | 'stream'
    | 'answer'
    | 'drop'
    | 'ping'
    | 'full'
    | 'room'
    | 'pieces'
    | 'close'
    | 'deliver';
  /** What a stream gives, or what a message is made of. */
  readonly lengths: readonly number[];
  /** Whether the source of a stream fails at its end. */
  readonly fails: boolean;
  /** Of a message that waits, to be dropped. */
  readonly which: number;
}

interface Input {
  readonly deflate: boolean;
  readonly steps: readonly Step[];
  readonly sizes: readonly number[];
}

/** Time in which all has to have ended; zlib's threads may be busy. */
const MAX_MS = 20_000;
/** Why a connection may fail here: of the peer's, nothing is wrong. */
const OWN_FAULTS: readonly unknown[] = ['source failed', 'dropped'];

/**
 * Sessions in which messages are sent from sources that bring piece after piece, fail or are dropped, while pings, other
 * messages, closes and a full writer come between: each callback once, and the peer gets in order what it was called for.
 */
export const streams: Target<Input> = {
  name: 'streams',
  inputs: fc.record({
    deflate: fc.boolean(),
    steps: fc.array(
      fc.record<Step>({
        by: fc.constantFrom<Role>('client', 'server'),
        what: fc.oneof(
          { weight: 6, arbitrary: fc.constantFrom<Step['what']>('stream', 'answer', 'answer', 'deliver') },
          {
            weight: 3,
            arbitrary: fc.constantFrom<Step['what']>('message', 'ping', 'full', 'room', 'pieces'),
          },
          { weight: 1, arbitrary: fc.constantFrom<Step['what']>('drop', 'drop', 'close') },
        ),
        lengths: fc.array(fc.constantFrom(0, 1, 125, 126, 5000, 65_536), { maxLength: 3 }),
        fails: fc.integer({ min: 0, max: 7 }).map((one) => one === 0),
        which: fc.nat(5),
      }),
      { minLength: 1, maxLength: 40 },
    ),
    sizes: fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 4 }),
  }),
  async check({ deflate, steps, sizes }) {
    const [server, client] = [new End('server', deflate), new End('client', deflate)];
    const peerOf = (end: End) => (end === server ? client : server);
    for (const [number, step] of steps.entries()) {
      const end = step.by === 'server' ? server : client;
      if (step.what === 'deliver') peerOf(end).take(end, sizes);
      else end.act(step.what, step, number);
    }
    const begun = performance.now();
    while ([server, client].some((end) => end.isBusy)) {
      assert.ok(performance.now() - begun < MAX_MS, 'What was sent is neither written nor refused');
      for (const end of [server, client]) end.finish();
      client.take(server, sizes);
      server.take(client, sizes);
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (const end of [server, client]) end.check(peerOf(end));
  },
};

/** A message that was given to be sent. */
interface Sent {
  readonly text: string;
  readonly isBinary: boolean;
  readonly callback: (error?: Error) => void;
  outcome: 'waits' | 'written' | 'refused';
}

/** Brings a piece when it is told to. */
class Source implements PayloadSource {
  readonly opcode: MessageOpcode;
  readonly #pieces: Uint8Array[];
  readonly #fails: boolean;
  #asked: Parameters<PayloadSource['next']>[0] | undefined;

  constructor(pieces: readonly Uint8Array[], isBinary: boolean, fails: boolean) {
    this.opcode = isBinary ? BINARY : TEXT;
    this.#pieces = [...pieces];
    this.#fails = fails;
  }

  next(callback: Parameters<PayloadSource['next']>[0]): void {
    assert.equal(this.#asked, undefined, 'It is asked before it has answered');
    this.#asked = callback;
  }

  answer(): void {
    const asked = this.#asked;
    this.#asked = undefined;
    if (this.#pieces.length > 0) asked?.(undefined, this.#pieces[0]);
    else if (this.#fails) asked?.(new Error('source failed'));
    else asked?.(undefined);
    if (asked !== undefined) this.#pieces.shift();
  }
}

class End extends ProtocolEnd<PieceEvents> {
  readonly sent: Sent[] = [];
  readonly #sources: Source[] = [];

  constructor(role: Role, deflate: boolean) {
    super(role, deflate, new PieceEvents());
  }

  /** Whether something is still to be written or read, or was written and is not with the peer. */
  get isBusy(): boolean {
    const waits = this.sent.some(({ outcome }) => outcome === 'waits');
    return waits || this.isUnread || this.protocol.holding || this.transport.full;
  }

  /** Whether it reads on: what the peer sends it counts. */
  get #reads(): boolean {
    return !this.protocol.doneReading;
  }

  act(what: Exclude<Step['what'], 'deliver'>, { lengths, fails, which }: Step, number: number): void {
    if (what === 'answer') for (const source of this.#sources) source.answer();
    else if (what === 'full') this.transport.full = true;
    else if (what === 'room') this.#makeRoom();
    else if (what === 'pieces') this.protocol.messagesInPieces = number % 2 === 0;
    else if (what === 'drop') this.#drop(which);
    else if (what === 'close') this.protocol.close(1000, new Uint8Array(0));
    else if (what === 'ping') {
      if (this.protocol.open) this.protocol.sendPing(Uint8Array.of(number), this.mask);
    } else this.#send(what, lengths, fails, number);
  }

  /** Has all go on that waits for the test. */
  finish(): void {
    this.#makeRoom();
    for (const source of this.#sources) source.answer();
  }

  /** Takes what `peer` wrote, cut. */
  take(peer: End, sizes: readonly number[]): void {
    this.receiveFrom(peer, sizes);
  }

  /** Holds what came against what `peer` sent. */
  check(peer: End): void {
    const ends = this.events.log.filter(([name]) => name === 'error' || name === 'close');
    assert.ok(ends.length < 2, 'It ends once');
    for (const [name, why] of ends) if (name === 'error') assert.ok(OWN_FAULTS.includes(why), `${why}`);
    const got = this.events.log.filter(([name]) => name === 'message');
    const written = peer.sent
      .filter(({ outcome }) => outcome === 'written')
      .map(({ text, isBinary }) => ['message', text, isBinary]);
    // Who has failed, or was told to close, reads no further.
    assert.deepEqual(got, this.#reads ? written : written.slice(0, got.length));
    this.end();
  }

  #makeRoom(): void {
    this.transport.full = false;
    this.protocol.writeOn();
  }

  #send(what: 'message' | 'stream', lengths: readonly number[], fails: boolean, number: number): void {
    const pieces = lengths.map((length, i) => Buffer.alloc(length, `${number}.${i} `));
    const isBinary = number % 2 === 0;
    const sent: Sent = {
      text: hex(Buffer.concat(pieces)),
      isBinary,
      outcome: 'waits',
      callback: (error) => {
        assert.equal(sent.outcome, 'waits', 'The callback comes once');
        sent.outcome = error ? 'refused' : 'written';
      },
    };
    this.sent.push(sent);
    const options = { fin: true, compress: number % 3 !== 0, mask: this.mask };
    if (what === 'message') {
      const opcode = isBinary ? BINARY : TEXT;
      this.protocol.sendMessage(opcode, Buffer.concat(pieces), options, sent.callback);
    } else {
      const source = new Source(pieces, isBinary, fails);
      this.#sources.push(source);
      this.protocol.sendStream(source, options, sent.callback);
    }
  }

  #drop(which: number): void {
    const waiting = this.sent.filter(({ outcome }) => outcome === 'waits');
    if (waiting.length > 0) {
      this.protocol.drop(waiting[which % waiting.length]!.callback, new Error('dropped'));
    }
  }
}
