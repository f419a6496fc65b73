import type { Duplex } from 'node:stream';
import { traceRefusal } from '../diagnostics/server-handshakes.ts';
import {
  checkUpgradeRequest,
  type HandshakeRequest,
  type OpeningDecision,
  type Refusal,
  serializeRefusal,
  serializeUpgradeResponse,
  type UpgradeOpening,
  upgradeResponseLines,
} from '../handshake/server-handshake.ts';
import { type Acceptance, orDestroy, type ServerCarrier } from './server-carrier.ts';
import { sha1Base64 } from './sha1.ts';
import { writeResponse } from './write-response.ts';

/** A request of HTTP/1.1 to upgrade (RFC 6455 §4.2). */
export class UpgradeCarrier implements ServerCarrier {
  readonly socket: Duplex;
  readonly #request: HandshakeRequest;
  /** Once it is checked. */
  #opening: UpgradeOpening | undefined;

  constructor(request: HandshakeRequest, socket: Duplex) {
    this.#request = request;
    this.socket = socket;
  }

  get isOpen(): boolean {
    return this.socket.readable && this.socket.writable;
  }

  check(): OpeningDecision {
    const decision = checkUpgradeRequest(this.#request);
    this.#opening = decision.opening;
    return decision;
  }

  refuse(refusal: Refusal): void {
    const { socket } = this;
    const response = orDestroy(socket, () => serializeRefusal(refusal));
    traceRefusal(socket, refusal.statusCode);
    socket.once('finish', () => socket.destroy());
    socket.end(response);
  }

  accept({ subprotocol, extensions, onLines, fastPath }: Acceptance): void {
    const { socket } = this;
    const response = orDestroy(socket, () => {
      const lines = upgradeResponseLines(this.#opening!.key, sha1Base64, subprotocol, extensions);
      onLines(lines);
      return serializeUpgradeResponse(lines);
    });
    writeResponse(socket, response, fastPath);
  }
}
