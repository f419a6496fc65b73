import { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { RequestHead, ResponseHead } from '../handshake/http-head.ts';

/** Makes of the head of a request to upgrade the object that users of node:http know. */
export function incomingRequest(head: RequestHead, socket: Socket): IncomingMessage {
  const message = fill(new UpgradeRequest(socket), head);
  message.method = head.method;
  message.url = head.target;
  message.upgrade = true;
  return message;
}

/** Makes of a response's head the object that users of node:http know. */
export function incomingResponse(head: ResponseHead, socket: Socket): IncomingMessage {
  const message = fill(new IncomingMessage(socket), head);
  message.statusCode = head.statusCode;
  message.statusMessage = head.statusMessage;
  return message;
}

class UpgradeRequest extends IncomingMessage {
  /** As node:http's parser sets it. */
  upgrade = false;

  /** It has no body: what follows is the WebSocket's. */
  override _read(): void {
    this.push(null);
  }
}

/** Node's own getter counts the headers that node's own parser added. */
Object.defineProperty(UpgradeRequest.prototype, 'headersDistinct', {
  configurable: true,
  get(this: UpgradeRequest): Record<string, string[]> {
    const distinct: Record<string, string[]> = Object.create(null);
    for (let i = 0; i < this.rawHeaders.length; i += 2) {
      const name = this.rawHeaders[i]!.toLowerCase();
      const values = distinct[name];
      if (values === undefined) distinct[name] = [this.rawHeaders[i + 1]!];
      else values.push(this.rawHeaders[i + 1]!);
    }
    return distinct;
  },
});

function fill<Message extends IncomingMessage>(message: Message, head: RequestHead | ResponseHead): Message {
  const [major, minor] = head.httpVersion.split('.');
  message.httpVersion = head.httpVersion;
  message.httpVersionMajor = Number(major);
  message.httpVersionMinor = Number(minor);
  message.rawHeaders = head.rawHeaders;
  message.headers = head.headers;
  message.complete = true;
  return message;
}
