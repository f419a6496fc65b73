import type { Adapter } from './adapter.ts';
import type { Answer } from './answer.ts';

/** Answers to reliable events: each is worked out once, however often and by whichever connection it is asked for. */
export class ReliableAnswers {
  readonly #adapter: Adapter;
  readonly #onFailure: (error: unknown) => void;
  /** Those that are being worked out on this node. */
  readonly #pending = new Map<string, Promise<Answer>>();

  /** @param onFailure - Told where the adapter fails: an event may be handled once more then. */
  constructor(adapter: Adapter, onFailure: (error: unknown) => void) {
    this.#adapter = adapter;
    this.#onFailure = onFailure;
  }

  /**
   * Returns the answer to the event that a session's client named by `key`: a known one, or what `work` returns, which
   * never rejects.
   *
   * @param onPending - Called where it is being worked out already.
   */
  answer(socketId: string, key: string, work: () => Promise<Answer>, onPending: () => void): Promise<Answer> {
    // An id has no space in it.
    const name = `${socketId} ${key}`;
    const pending = this.#pending.get(name);
    if (pending !== undefined) {
      onPending();
      return pending;
    }
    const answer = this.#find(socketId, key, work).finally(() => this.#pending.delete(name));
    this.#pending.set(name, answer);
    return answer;
  }

  async #find(socketId: string, key: string, work: () => Promise<Answer>): Promise<Answer> {
    const known = await this.#attempt(async () => parseAnswer(await this.#adapter.answerTo(socketId, key)));
    if (known !== undefined) return known;
    const answer = await work();
    await this.#attempt(() => this.#adapter.saveAnswer(socketId, key, serializeAnswer(answer)));
    return answer;
  }

  async #attempt<T>(work: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.#onFailure(error);
      return undefined;
    }
  }
}

function serializeAnswer({ type, data }: Answer): string {
  if (!(data instanceof Uint8Array)) return JSON.stringify({ type, data });
  return JSON.stringify({ type, bytes: Buffer.from(data).toString('base64') });
}

function parseAnswer(text: string | undefined): Answer | undefined {
  if (text === undefined) return undefined;
  const { type, data, bytes } = JSON.parse(text) as Answer & { bytes?: string };
  return { type, data: bytes === undefined ? data : Buffer.from(bytes, 'base64') };
}
