import { DEFAULT_HEAD_LIMITS, type ResponseHead, ResponseHeadParser } from '../handshake/http-head.ts';
import { decodeLatin1 } from './latin1.ts';

/** The head of the final response to a request, as it is read from chunks; interim ones are passed over. */
export class FinalResponse {
  #parser = createParser();

  /** The head; `undefined` while it has not all come. */
  get head(): ResponseHead | undefined {
    return this.#parser.head;
  }

  /**
   * Reads on.
   *
   * @returns What is left of the chunk behind the head.
   * @throws {HttpHeadError} It is no head, or too long a one.
   */
  receive(chunk: Buffer): Buffer {
    let rest = chunk.subarray(this.#parser.receive(chunk));
    while (this.#parser.head !== undefined && isInterim(this.#parser.head)) {
      this.#parser = createParser();
      rest = rest.subarray(this.#parser.receive(rest));
    }
    return rest;
  }
}

function createParser(): ResponseHeadParser {
  return new ResponseHeadParser(DEFAULT_HEAD_LIMITS, decodeLatin1);
}

/** RFC 9110 §15.2: a client takes 1xx responses before the final one, and may ignore them. */
function isInterim({ statusCode }: ResponseHead): boolean {
  return statusCode < 200 && statusCode !== 101;
}
