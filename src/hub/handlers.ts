import {
  assertEventType,
  type Contract,
  type DataOf,
  HubError,
  type ReplyTo,
  type TypeIn,
  type WireMessage,
} from '../wire/index.ts';
import type { MaybePromise } from './adapter.ts';
import type { HubSocket } from './hub-socket.ts';
import { type OutputOf, type StandardSchema, validate } from './standard-schema.ts';

/** Handles one type of event; what it returns is the answer, where one was asked for. */
export type Handler<C extends Contract, Context, Type extends TypeIn<C['client']>> = (
  data: DataOf<C['client'], Type>,
  socket: HubSocket<C, Context>,
) => MaybePromise<ReplyTo<C['client'], Type>>;

/** Handles an event whose data a schema has let through; it answers as any handler of the type. */
export type CheckedHandler<
  C extends Contract,
  Context,
  Type extends TypeIn<C['client']>,
  Schema extends StandardSchema,
> = (data: OutputOf<Schema>, socket: HubSocket<C, Context>) => MaybePromise<ReplyTo<C['client'], Type>>;

export interface HandlerOptions<Schema extends StandardSchema> {
  /** What the data has to be. */
  readonly data: Schema;
}

interface Registered {
  readonly schema: StandardSchema | undefined;
  readonly handle: (data: unknown, socket: HubSocket) => unknown;
}

/** Who handles which type of event. */
export class Handlers {
  readonly #registered = new Map<string, Registered>();

  /**
   * Sets the handler of a type.
   *
   * @throws {TypeError} The type is one of the protocol's, is too long, or has a handler.
   */
  set(
    type: string,
    schema: StandardSchema | undefined,
    handle: (data: never, socket: never) => unknown,
  ): void {
    assertEventType(type);
    if (this.#registered.has(type))
      throw new TypeError(`There is a handler of ${JSON.stringify(type)} already`);
    this.#registered.set(type, { schema, handle: handle as Registered['handle'] });
  }

  delete(type: string): void {
    this.#registered.delete(type);
  }

  /**
   * Handles a message and returns the answer to it.
   *
   * @param begun - Called when the handler has been, which may still be at work.
   * @throws {HubError} UNKNOWN_TYPE, INVALID_DATA, or what the handler threw.
   */
  async run({ type, data }: WireMessage, socket: HubSocket, begun: () => void): Promise<unknown> {
    const registered = this.#registered.get(type);
    if (registered === undefined) throw new HubError('UNKNOWN_TYPE');
    const { schema, handle } = registered;
    const reply = handle(schema === undefined ? data : await validate(schema, data), socket);
    begun();
    return reply;
  }
}
