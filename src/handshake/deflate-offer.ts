import { type ExtensionOffer, type ExtensionParameter, formatExtensionHeader } from './header-grammar.ts';

/** The extension's registered name (RFC 7692 §9). */
export const EXTENSION_NAME = 'permessage-deflate';

const MIN_WINDOW_BITS = 8;
const MAX_WINDOW_BITS = 15;

/** What to ask for or to agree to; the same names as `ws`'s `perMessageDeflate` option. */
export interface DeflateNegotiationOptions {
  /** `true`: the server keeps no context; `false`: it refuses to be asked for that. */
  readonly serverNoContextTakeover?: boolean | undefined;
  readonly clientNoContextTakeover?: boolean | undefined;
  /** The server's window, 8-15 bits; `false`: an offer that limits it is refused. */
  readonly serverMaxWindowBits?: number | boolean | undefined;
  /** The client's window, 8-15 bits; a client's `true` or nothing: it can be told. */
  readonly clientMaxWindowBits?: number | boolean | undefined;
}

/** What was agreed (RFC 7692 §7.1). */
export interface DeflateParameters {
  readonly serverNoContextTakeover: boolean;
  readonly clientNoContextTakeover: boolean;
  /** 8 to 15. */
  readonly serverMaxWindowBits: number;
  /** 8 to 15. */
  readonly clientMaxWindowBits: number;
}

/** The four parameters as they stand in a header, offered or accepted; `true` for one without a value. */
export interface DeflateHeaderParameters {
  server_no_context_takeover?: true;
  client_no_context_takeover?: true;
  /** 8 to 15. */
  server_max_window_bits?: number;
  /** 8 to 15. */
  client_max_window_bits?: number | true;
}

/**
 * Checks options before anything is negotiated with them: zlib would throw over other window sizes in the middle of a
 * connection.
 *
 * @throws {RangeError} `serverMaxWindowBits` or `clientMaxWindowBits` is a number, but not an integer from 8 to 15.
 * @see RFC 7692 §7.1.2
 */
export function assertDeflateOptions(options: DeflateNegotiationOptions): void {
  for (const name of ['serverMaxWindowBits', 'clientMaxWindowBits'] as const) {
    const bits = options[name];
    if (typeof bits === 'number' && !isWindowBits(bits)) {
      throw new RangeError(`The "${name}" option must be a boolean or an integer from 8 to 15: ${bits}`);
    }
  }
}

/**
 * Returns the Sec-WebSocket-Extensions value of a client's offer (RFC 7692 §7.1).
 *
 * @throws {RangeError} From {@link assertDeflateOptions}.
 */
export function offerDeflate(options: DeflateNegotiationOptions): string {
  assertDeflateOptions(options);
  return format(deflateOffer(options));
}

/** Returns what a client offers (RFC 7692 §7.1). */
export function deflateOffer(options: DeflateNegotiationOptions): DeflateHeaderParameters {
  const bits = options.clientMaxWindowBits;
  const offer: DeflateHeaderParameters = {};
  if (options.serverNoContextTakeover) offer.server_no_context_takeover = true;
  if (options.clientNoContextTakeover) offer.client_no_context_takeover = true;
  if (typeof options.serverMaxWindowBits === 'number')
    offer.server_max_window_bits = options.serverMaxWindowBits;
  if (bits !== false) offer.client_max_window_bits = bits ?? true;
  return offer;
}

/**
 * Takes the first offer of permessage-deflate that `options` allow.
 *
 * @returns What was agreed and the response's header, or `undefined` when there is no such offer.
 * @throws {Error} An offer breaks the grammar, or none can be accepted.
 * @see RFC 7692 §5.1, §7.1
 */
export function acceptDeflateOffers(
  offers: readonly ExtensionOffer[],
  options: DeflateNegotiationOptions,
): { parameters: DeflateParameters; response: string } | undefined {
  assertDeflateOptions(options);
  const requests = offers
    .filter((offer) => offer.name === EXTENSION_NAME)
    .map((offer) => readDeflateParameters(offer.parameters, 'server'));
  if (requests.length === 0) return undefined;
  const response = answerDeflateOffer(chooseDeflateOffer(requests, options), options);
  return { parameters: agreedParameters(response), response: format(response) };
}

/**
 * Returns the first of a client's offers that `options` allow.
 *
 * @throws {Error} There is none.
 */
export function chooseDeflateOffer(
  offers: readonly DeflateHeaderParameters[],
  options: DeflateNegotiationOptions,
): DeflateHeaderParameters {
  const chosen = offers.find((offer) => isAcceptable(offer, options));
  if (chosen === undefined) throw new Error('None of the extension offers can be accepted');
  return chosen;
}

/**
 * Checks what a server accepted of {@link offerDeflate}'s offer.
 *
 * @throws {Error} It breaks the grammar or was not offered.
 * @see RFC 7692 §5.1, §7.1
 */
export function checkDeflateResponse(
  response: ExtensionOffer,
  options: DeflateNegotiationOptions,
): DeflateParameters {
  const accepted = readDeflateParameters(response.parameters, 'client');
  return agreedParameters(checkAcceptedParameters(accepted, options));
}

/**
 * Checks the parameters that a server accepted.
 *
 * @returns The same, with the client's own window where the server says nothing of it.
 * @throws {Error} One was not offered.
 */
export function checkAcceptedParameters(
  accepted: DeflateHeaderParameters,
  options: DeflateNegotiationOptions,
): DeflateHeaderParameters {
  if (options.clientNoContextTakeover === false && accepted.client_no_context_takeover) {
    throw new Error('Unexpected parameter "client_no_context_takeover"');
  }
  const bits = options.clientMaxWindowBits;
  const told = accepted.client_max_window_bits;
  if (told !== undefined && (bits === false || (typeof bits === 'number' && Number(told) > bits))) {
    throw new Error('Unexpected or invalid parameter "client_max_window_bits"');
  }
  const offered = options.serverMaxWindowBits;
  if (typeof offered === 'number' && Number(accepted.server_max_window_bits) > offered) {
    // RFC 7692 §7.1.2.1: the same or a smaller value. One that is missing is borne with, as `ws` does: any window
    // can be inflated with 15 bits.
    throw new Error('Unexpected or invalid parameter "server_max_window_bits"');
  }
  return told === undefined && typeof bits === 'number'
    ? { ...accepted, client_max_window_bits: bits }
    : accepted;
}

function isAcceptable(request: DeflateHeaderParameters, options: DeflateNegotiationOptions): boolean {
  const { serverMaxWindowBits, clientMaxWindowBits } = options;
  if (options.serverNoContextTakeover === false && request.server_no_context_takeover) return false;
  if (request.server_max_window_bits !== undefined) {
    if (serverMaxWindowBits === false) return false;
    if (typeof serverMaxWindowBits === 'number' && serverMaxWindowBits > request.server_max_window_bits)
      return false;
  }
  if (typeof clientMaxWindowBits === 'number') {
    const offered = request.client_max_window_bits;
    // RFC 7692 §7.1.2.2: a client that doesn't offer the parameter can't be told.
    if (offered === undefined || (offered !== true && offered < clientMaxWindowBits)) return false;
  }
  return true;
}

/** What the server answers to an offer that it accepts: the offer with its own options over it (RFC 7692 §7.1). */
export function answerDeflateOffer(
  offer: DeflateHeaderParameters,
  options: DeflateNegotiationOptions,
): DeflateHeaderParameters {
  const { serverMaxWindowBits, clientMaxWindowBits } = options;
  const response: DeflateHeaderParameters = { ...offer };
  if (options.serverNoContextTakeover) response.server_no_context_takeover = true;
  if (options.clientNoContextTakeover) response.client_no_context_takeover = true;
  if (typeof serverMaxWindowBits === 'number') response.server_max_window_bits = serverMaxWindowBits;
  if (typeof clientMaxWindowBits === 'number') response.client_max_window_bits = clientMaxWindowBits;
  // A value is needed in a response; without one of our own the client's window stays as wide as it likes.
  else if (response.client_max_window_bits === true || clientMaxWindowBits === false) {
    delete response.client_max_window_bits;
  }
  return response;
}

/** Tells what a response means, with the defaults of RFC 7692 §7.1 where it says nothing. */
export function agreedParameters(response: DeflateHeaderParameters): DeflateParameters {
  const clientBits = response.client_max_window_bits;
  return {
    serverNoContextTakeover: response.server_no_context_takeover === true,
    clientNoContextTakeover: response.client_no_context_takeover === true,
    serverMaxWindowBits: response.server_max_window_bits ?? MAX_WINDOW_BITS,
    clientMaxWindowBits: typeof clientBits === 'number' ? clientBits : MAX_WINDOW_BITS,
  };
}

/**
 * Reads the parameters of one offer, or of a response.
 *
 * @param reader - Who reads: a client's offer may leave out a value that a server's response has to give.
 * @throws {Error} A parameter is unknown, there twice, or (a TypeError) has a wrong value.
 * @see RFC 7692 §7.1
 */
export function readDeflateParameters(
  list: readonly ExtensionParameter[],
  reader: 'client' | 'server',
): DeflateHeaderParameters {
  const requested: DeflateHeaderParameters = {};
  for (const [name, parameters] of byName(list)) {
    // RFC 7692 §7.1: each parameter is there once at most.
    if (parameters.length > 1) throw new Error(`Parameter "${name}" must have only a single value`);
    if (!isParameterName(name)) throw new Error(`Unknown parameter "${name}"`);
    const parameter = parameters[0]!;
    if (name === 'server_max_window_bits') requested[name] = readWindowBits(parameter);
    else if (name !== 'client_max_window_bits') requested[name] = readFlag(parameter);
    else if (parameter.value === true && reader === 'server') requested[name] = true;
    else requested[name] = readWindowBits(parameter);
  }
  return requested;
}

function byName(parameters: readonly ExtensionParameter[]): Map<string, ExtensionParameter[]> {
  const groups = new Map<string, ExtensionParameter[]>();
  for (const parameter of parameters) {
    const group = groups.get(parameter.name);
    if (group === undefined) groups.set(parameter.name, [parameter]);
    else group.push(parameter);
  }
  return groups;
}

function isParameterName(name: string): name is keyof DeflateHeaderParameters {
  return (
    name === 'server_no_context_takeover' ||
    name === 'client_no_context_takeover' ||
    name === 'server_max_window_bits' ||
    name === 'client_max_window_bits'
  );
}

function readFlag(parameter: ExtensionParameter): true {
  if (parameter.value !== true) throw invalidValue(parameter);
  return true;
}

/** RFC 7692 §7.1.2: a decimal integer from 8 to 15 without leading zeros. */
function readWindowBits(parameter: ExtensionParameter): number {
  for (let bits = MIN_WINDOW_BITS; bits <= MAX_WINDOW_BITS; bits++) {
    if (parameter.value === String(bits)) return bits;
  }
  throw invalidValue(parameter);
}

function isWindowBits(bits: number): boolean {
  return Number.isInteger(bits) && bits >= MIN_WINDOW_BITS && bits <= MAX_WINDOW_BITS;
}

function invalidValue({ name, value }: ExtensionParameter): TypeError {
  return new TypeError(`Invalid value for parameter "${name}": ${value}`);
}

function format(requested: DeflateHeaderParameters): string {
  const parameters = Object.entries(requested).map(([name, value]) => ({
    name,
    value: value === true ? (true as const) : String(value),
  }));
  return formatExtensionHeader([{ name: EXTENSION_NAME, parameters }]);
}
