/** What a client of HTTP/2 sends first (RFC 9113 §3.4). */
export const HTTP2_PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

/** Tells the preface of HTTP/2 from the head of a request, byte by byte. */
export class Http2PrefaceDetector {
  /** How many bytes of it have come. */
  #matched = 0;

  /** The bytes that came are those of the preface: `pending`, as long as more of it may come. */
  get held(): string {
    return HTTP2_PREFACE.slice(0, this.#matched);
  }

  /**
   * Looks at the next bytes.
   *
   * @returns How many of them are the preface's, and whether that is `whole`, still `open`, or `different`: then
   *   {@link held} is what came before, and all of it was a request's.
   */
  receive(
    bytes: Uint8Array,
    end: number,
  ): { readonly used: number; readonly result: 'whole' | 'open' | 'different' } {
    let used = 0;
    while (used < end && this.#matched < HTTP2_PREFACE.length) {
      if (bytes[used] !== HTTP2_PREFACE.charCodeAt(this.#matched)) return { used, result: 'different' };
      used++;
      this.#matched++;
    }
    return { used, result: this.#matched === HTTP2_PREFACE.length ? 'whole' : 'open' };
  }
}
