type EventClass = new (type: string, init?: object) => Event;

/** The classes of the platform for some types; not every platform has them. */
const CLASS_NAMES: Record<string, string | undefined> = { message: 'MessageEvent', close: 'CloseEvent' };

/** Makes an event with the given members. */
export function makeEvent<Members extends object>(type: string, members: Members): Event & Members {
  const Class = (globalThis as unknown as Record<string, EventClass | undefined>)[CLASS_NAMES[type] ?? ''];
  if (Class) return new Class(type, members) as Event & Members;
  return Object.assign(new Event(type), members);
}
