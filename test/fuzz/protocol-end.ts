import assert from 'node:assert/strict';
import { Protocol, type Role } from '../../src/core/index.ts';
import { PerMessageDeflate } from '../../src/node/deflate.ts';
import { type RecordedEvents, RecordedTransport } from '../core/recorder.ts';

const PARAMETERS = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: true,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 10,
};

/** One of two ends that talk to each other without sockets. */
export class ProtocolEnd<Events extends RecordedEvents> {
  readonly events: Events;
  readonly transport = new RecordedTransport();
  protected readonly protocol: Protocol;
  protected readonly compression: PerMessageDeflate | undefined;
  protected readonly mask: boolean;
  /** What of the written text the peer has got. */
  #taken = 0;

  constructor(role: Role, deflate: boolean, events: Events) {
    this.events = events;
    this.mask = role === 'client';
    this.compression = deflate ? new PerMessageDeflate(role, PARAMETERS, {}) : undefined;
    const options = {
      maxPayload: 1_000_000,
      checkUtf8: true,
      autoPong: true,
      compression: this.compression,
      generateMaskingKey: () => 0x01020304,
      allocate: (length: number) => new Uint8Array(length),
    };
    this.protocol = new Protocol(role, options, this.transport, events);
    this.transport.flush = () => this.protocol.flush();
  }

  /** Whether bytes were written that the peer has not got. */
  protected get isUnread(): boolean {
    return this.transport.written.length > this.#taken;
  }

  /** Gives this end what `peer` wrote, cut. */
  protected receiveFrom(peer: ProtocolEnd<Events>, sizes: readonly number[]): void {
    const { written } = peer.transport;
    for (let i = 0; peer.#taken < written.length; i++) {
      const end = Math.min(peer.#taken + sizes[i % sizes.length]! * 2, written.length);
      this.protocol.receive(Uint8Array.from(Buffer.from(written.slice(peer.#taken, end), 'hex')));
      peer.#taken = end;
    }
  }

  /** Ends it; nothing waits any more. */
  protected end(): void {
    assert.equal(this.protocol.queuedBytes, 0);
    this.compression?.close();
  }
}
