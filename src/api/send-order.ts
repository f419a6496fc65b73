import { type SendData, toBytes } from './payload.ts';

/** Keeps what is sent in order when some of it, a Blob, has to be read first. */
export class SendOrder {
  /** Settles when all that was sent so far is out; `undefined` when nothing waits. */
  #last: Promise<void> | undefined;

  /**
   * Calls `send` with the bytes of `data`: at once, or when the Blobs before it have been read.
   *
   * @param onUnreadable - Called instead when `data` is a Blob that can't be read.
   * @throws {TypeError} `data` has no bytes.
   */
  run(data: SendData, send: (bytes: Uint8Array) => void, onUnreadable: (error: Error) => void): void {
    if (!(data instanceof Blob) && this.#last === undefined) {
      send(toBytes(data));
      return;
    }
    const bytes = data instanceof Blob ? readBlob(data) : Promise.resolve(toBytes(data));
    // It is looked at in its turn only: until then a failure must not be an unhandled one.
    bytes.catch(() => {});
    const last = (this.#last ?? Promise.resolve())
      .then(() => bytes)
      .then(send, onUnreadable)
      .then(() => {
        if (this.#last === last) this.#last = undefined;
      });
    this.#last = last;
  }
}

async function readBlob(blob: Blob): Promise<Uint8Array> {
  return new Uint8Array(await blob.arrayBuffer());
}
