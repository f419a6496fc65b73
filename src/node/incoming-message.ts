import { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { RequestHead, ResponseHead } from '../handshake/http-head.ts';

/** Makes of a request's head the object that users of node:http know. */
export function incomingRequest(head: RequestHead, socket: Socket): IncomingMessage {
  const message = incomingMessage(head, socket);
  message.method = head.method;
  message.url = head.target;
  return message;
}

/** Makes of a response's head the object that users of node:http know. */
export function incomingResponse(head: ResponseHead, socket: Socket): IncomingMessage {
  const message = incomingMessage(head, socket);
  message.statusCode = head.statusCode;
  message.statusMessage = head.statusMessage;
  return message;
}

function incomingMessage(head: RequestHead | ResponseHead, socket: Socket): IncomingMessage {
  const message = new IncomingMessage(socket);
  const [major, minor] = head.httpVersion.split('.');
  message.httpVersion = head.httpVersion;
  message.httpVersionMajor = Number(major);
  message.httpVersionMinor = Number(minor);
  message.rawHeaders = head.rawHeaders;
  message.headers = head.headers;
  message.complete = true;
  return message;
}
