import { createClient } from 'redis';
import type { Message, RoomName } from '../shared/chat.mts';

const KEPT = 50;
const KEPT_SECONDS = 24 * 60 * 60;
const TIMEOUT_MS = 1_000;

/** What was said in the rooms, in Redis: the hub keeps only what clients need that were away for a moment. */
export class History {
  readonly #redis: ReturnType<typeof connect>;

  private constructor(redis: ReturnType<typeof connect>) {
    this.#redis = redis;
  }

  static async open(url: string, onError: (error: Error) => void): Promise<History> {
    const redis = connect(url);
    redis.on('error', onError);
    await redis.connect();
    return new History(redis);
  }

  /** Rejects at once while Redis is out of reach. */
  async add(room: RoomName, message: Message): Promise<void> {
    const key = keyOf(room);
    await this.#redis
      .multi()
      .rPush(key, JSON.stringify(message))
      .lTrim(key, -KEPT, -1)
      .expire(key, KEPT_SECONDS)
      .exec();
  }

  /** Lists the newest messages of a room, the oldest of them first; one whose author had to send it twice may be there twice. */
  async newest(room: RoomName): Promise<Message[]> {
    const texts = await this.#redis.lRange(keyOf(room), 0, -1);
    return texts.map((text) => JSON.parse(text) as Message);
  }

  close(): void {
    this.#redis.destroy();
  }
}

function connect(url: string) {
  // A message that can't be kept is said all the same, and does not wait.
  return createClient({ url, disableOfflineQueue: true, commandOptions: { timeout: TIMEOUT_MS } });
}

function keyOf(room: RoomName): string {
  return `chat:history:${room}`;
}
