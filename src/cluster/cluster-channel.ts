/**
 * The other end of a way between processes or threads: a `cluster.Worker` or `ChildProcess` and the `process` within it, or
 * a `Worker` and the `parentPort` within it, or a `MessagePort`.
 */
export type ClusterPeer = Emitter & (PostsMessages | SendsMessages);

interface Emitter {
  on(event: string, listener: (message: unknown) => void): unknown;
  off(event: string, listener: (message: unknown) => void): unknown;
}

interface PostsMessages {
  postMessage(message: unknown): void;
}

interface SendsMessages {
  send?: ((message: never, sent: (error: Error | null) => void) => unknown) | undefined;
}

/** What is said over a channel; `call` is answered by `result` or `failure` with the same id. */
export type ChannelMessage =
  | { readonly kind: 'call'; readonly id: number; readonly method: string; readonly args: readonly unknown[] }
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly message: string }
  /** A message of a room, as text. */
  | {
      readonly kind: 'deliver';
      readonly room: string;
      readonly offset: string | undefined;
      readonly text: string;
    };

export interface ChannelEvents {
  onMessage(message: ChannelMessage): void;
  /** The other end is gone. */
  onClose(): void;
}

/** The events that tell of the end, of one kind of peer or another. */
const ENDS = ['exit', 'disconnect', 'close'];

/** The messages of adapters on a way that others use too. */
export class ClusterChannel {
  readonly #peer: ClusterPeer;
  readonly #onMessage: (message: unknown) => void;
  readonly #onClose: () => void;
  #isOpen = true;

  constructor(peer: ClusterPeer, events: ChannelEvents) {
    this.#peer = peer;
    this.#onMessage = (message) => {
      const ours = (message as { hawser?: ChannelMessage } | null)?.hawser;
      if (ours !== undefined) events.onMessage(ours);
    };
    this.#onClose = () => {
      if (!this.#isOpen) return;
      this.close();
      events.onClose();
    };
    peer.on('message', this.#onMessage);
    for (const end of ENDS) peer.on(end, this.#onClose);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Sends a message, as long as there is somebody. @throws {Error} There is something in it that cannot be sent. */
  send(message: ChannelMessage): void {
    if (!this.#isOpen) return;
    const wrapped = { hawser: message };
    if ('postMessage' in this.#peer) this.#peer.postMessage(wrapped);
    else this.#peer.send?.(wrapped as never, (error) => error && this.#onClose());
  }

  /** Leaves the way to others. */
  close(): void {
    this.#isOpen = false;
    this.#peer.off('message', this.#onMessage);
    for (const end of ENDS) this.#peer.off(end, this.#onClose);
  }
}
