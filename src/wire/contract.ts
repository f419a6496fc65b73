/** What one end sends: each type of event as a function from its data to the reply. */
export type EventMap = object;

/**
 * What a hub and its clients send each other, as one type for both ends.
 *
 * @example
 * type Chat = {
 *   client: { say: (data: { text: string }) => { id: string } };
 *   server: { said: (data: { from: string; text: string }) => void };
 * };
 */
export interface Contract {
  /** What clients send. */
  readonly client: EventMap;
  /** What the hub sends. */
  readonly server: EventMap;
}

/** The contract of those who gave none: any type, with data that is to be looked at before use. */
export interface OpenContract {
  readonly client: Record<string, (data: unknown) => unknown>;
  readonly server: Record<string, (data: unknown) => unknown>;
}

/** The types of event in a map. */
export type TypeIn<Map extends EventMap> = keyof Map & string;

/** The data of an event. */
export type DataOf<Map extends EventMap, Type extends keyof Map> = Map[Type] extends (
  ...args: infer Args
) => unknown
  ? Args extends []
    ? undefined
    : Args extends [infer Data, ...unknown[]]
      ? Data
      : Args extends [(infer Data)?, ...unknown[]]
        ? Data | undefined
        : undefined
  : never;

/** What an event is answered with. */
export type ReplyTo<Map extends EventMap, Type extends keyof Map> = Map[Type] extends (
  ...args: never[]
) => infer Reply
  ? Awaited<Reply>
  : never;

/** The arguments behind an event's type, its data first: it may be left out where it may be undefined. */
export type DataArguments<Map extends EventMap, Type extends keyof Map, Rest extends unknown[] = []> =
  undefined extends DataOf<Map, Type>
    ? [data?: DataOf<Map, Type>, ...Rest]
    : [data: DataOf<Map, Type>, ...Rest];
