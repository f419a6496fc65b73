import type { HubSocket } from '../../src/hub/hub-socket.ts';
import type { PreparedMessage } from '../../src/index.ts';
import type { WireMessage } from '../../src/wire/index.ts';

/** A socket in a room, which keeps what it is sent. */
export class FakeSocket {
  readonly id: string;
  readonly got: WireMessage[] = [];
  readonly connection = {
    OPEN: 1,
    readyState: 1,
    writableNeedDrain: false,
    send: (frame: PreparedMessage): void => this.deliver(frame),
  };

  constructor(id: string) {
    this.id = id;
  }

  get types(): string[] {
    return this.got.map(({ type }) => type);
  }

  get asSocket(): HubSocket {
    return this as unknown as HubSocket;
  }

  deliver(frame: PreparedMessage): void {
    this.got.push(JSON.parse(Buffer.from(frame.payload).toString()) as WireMessage);
  }

  send(message: WireMessage): void {
    this.got.push(message);
  }
}
