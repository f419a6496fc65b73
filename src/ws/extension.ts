import {
  type ExtensionOffer,
  formatExtensionHeader,
  parseExtensionHeader,
} from '../handshake/header-grammar.ts';

/** The parameters of one offer by name; those without a value are `true`. Without a prototype. */
export type ExtensionParameters = Record<string, Array<string | true>>;

/** The offers of a header by the extension's name, each list in the header's order. Without a prototype. */
export type Extensions = Record<string, ExtensionParameters[]>;

type ParameterValue = string | number | boolean;

/** What {@link extension.format} takes: lists, or the one thing that would be in them. */
export type FormattableExtensions = Record<string, FormattableParameters | readonly FormattableParameters[]>;
type FormattableParameters = Record<string, ParameterValue | readonly ParameterValue[]>;

/** Reads and makes Sec-WebSocket-Extensions headers (RFC 6455 §9.1). */
export const extension = {
  /**
   * Reads a header.
   *
   * @throws {SyntaxError} `Unexpected character at index N` or `Unexpected end of input`.
   */
  parse(header: string): Extensions {
    const extensions = withoutPrototype<ExtensionParameters[]>();
    for (const { name, parameters } of parseExtensionHeader(header)) {
      const collected = withoutPrototype<Array<string | true>>();
      for (const parameter of parameters) add(collected, parameter.name, parameter.value);
      add(extensions, name, collected);
    }
    return extensions;
  },

  /** Makes a header of what {@link extension.parse} returns, or of something shorter. */
  format(extensions: FormattableExtensions): string {
    return formatExtensionHeader(
      Object.entries(extensions).flatMap(([name, offers]) =>
        [offers].flat().map((parameters) => offerOf(name, parameters)),
      ),
    );
  },
};

function offerOf(name: string, parameters: FormattableParameters): ExtensionOffer {
  return {
    name,
    parameters: Object.entries(parameters).flatMap(([parameter, values]) =>
      [values].flat().map((value) => ({ name: parameter, value: value === true || String(value) })),
    ),
  };
}

/** Names come from the peer: they must not meet those that objects have. */
function withoutPrototype<T>(): Record<string, T> {
  return Object.create(null);
}

function add<T>(lists: Record<string, T[]>, name: string, value: T): void {
  const list = lists[name];
  if (list === undefined) lists[name] = [value];
  else list.push(value);
}
