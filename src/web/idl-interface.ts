/**
 * Makes a class look as the JavaScript binding of a WebIDL interface has to: its members can be listed, and its objects
 * have its name.
 *
 * @see https://webidl.spec.whatwg.org/#js-interfaces
 */
export function exposeInterface<Interface extends object>(
  interfaceObject: { readonly prototype: Interface },
  name: string,
  members: ReadonlyArray<keyof Interface>,
): void {
  const { prototype } = interfaceObject;
  for (const member of members) Object.defineProperty(prototype, member, { enumerable: true });
  Object.defineProperty(prototype, Symbol.toStringTag, { value: name, configurable: true });
  // A bundler may have renamed the class, where another has its name.
  Object.defineProperty(interfaceObject, 'name', { value: name, configurable: true });
}
