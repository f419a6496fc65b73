import type { OutgoingHttpHeaders } from 'node:http';

const RETRY_AFTER_SECONDS = 10;

export interface RefusalDetails {
  readonly headers?: OutgoingHttpHeaders | undefined;
  /** Text; by default the status's own words. */
  readonly body?: string | undefined;
}

/** How a request is answered that is not let in: returned or thrown by `authorize`. */
export class Refused extends Error {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string;

  /** @param status - 400 to 599. */
  constructor(status: number, { headers = {}, body = '' }: RefusalDetails = {}) {
    super(`Refused with ${status}`);
    this.name = 'Refused';
    this.status = status;
    this.headers = headers;
    this.body = body;
  }
}

/** Refuses a client that may come back in a while. */
export function refuseForNow(status: 429 | 503, body: string): Refused {
  return new Refused(status, { headers: { 'Retry-After': String(RETRY_AFTER_SECONDS) }, body });
}
