import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  acceptDeflateOffers,
  assertDeflateOptions,
  checkDeflateResponse,
  type DeflateNegotiationOptions,
  type DeflateParameters,
  EXTENSION_NAME,
  offerDeflate,
} from '../../src/handshake/deflate-offer.ts';
import { formatExtensionHeader, parseExtensionHeader } from '../../src/handshake/header-grammar.ts';
import { deflateOptions } from './deflate-options.ts';
import { asWsExtensions, outcome, ws } from './ws-oracle.ts';

const DEFAULTS: DeflateParameters = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};

/** Takes the offers of a header that begins with the extension's name or not. */
function accept(header: string, options: DeflateNegotiationOptions = {}) {
  return acceptDeflateOffers(parseExtensionHeader(header), options);
}

function check(header: string, options: DeflateNegotiationOptions = {}): DeflateParameters {
  return checkDeflateResponse(parseExtensionHeader(header)[0]!, options);
}

/** The configurations of permessage-deflate in a header, in the form of `ws`. */
function configurations(header: string): Array<Record<string, unknown>> {
  return ws.extension.parse(header)[EXTENSION_NAME] ?? [];
}

/** What `ws` accepted, in our form. */
function parametersOf(accepted: Record<string, number | true>): DeflateParameters {
  return {
    serverNoContextTakeover: accepted.server_no_context_takeover === true,
    clientNoContextTakeover: accepted.client_no_context_takeover === true,
    serverMaxWindowBits: Number(accepted.server_max_window_bits ?? 15),
    clientMaxWindowBits: Number(accepted.client_max_window_bits ?? 15),
  };
}

const bits = fc.oneof(fc.integer({ min: 8, max: 15 }), fc.boolean());
const options = deflateOptions(bits);

const PARAMETER_NAMES = [
  'server_no_context_takeover',
  'client_no_context_takeover',
  'server_max_window_bits',
  'client_max_window_bits',
  'foo',
] as const;
const VALUES = ['7', '8', '9', '10', '12', '15', '16', '1000', '-8', '8.5', 'a'] as const;
const parameter = fc.record({
  name: fc.constantFrom(...PARAMETER_NAMES.slice(0, 4), ...PARAMETER_NAMES),
  value: fc.oneof(
    fc.constant(true as const),
    fc.constantFrom(...VALUES),
    fc.integer({ min: 8, max: 15 }).map(String),
  ),
});
const offerHeader = fc
  .array(
    fc.record({
      name: fc.constantFrom(EXTENSION_NAME, EXTENSION_NAME, EXTENSION_NAME, 'foo'),
      parameters: fc.uniqueArray(parameter, { maxLength: 4, selector: ({ name }) => name }),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map(formatExtensionHeader);

/** Parameters that are right as a server's answer, and a few that are not. */
const responseHeader = fc
  .uniqueArray(parameter, { maxLength: 4, selector: ({ name }) => name })
  .map((parameters) => formatExtensionHeader([{ name: EXTENSION_NAME, parameters }]));

describe('offerDeflate', () => {
  it.each<[DeflateNegotiationOptions, string]>([
    [{}, 'permessage-deflate; client_max_window_bits'],
    [{ clientMaxWindowBits: true }, 'permessage-deflate; client_max_window_bits'],
    [{ clientMaxWindowBits: false }, 'permessage-deflate'],
    [{ clientMaxWindowBits: 9 }, 'permessage-deflate; client_max_window_bits=9'],
    [
      {
        clientMaxWindowBits: 15,
        serverMaxWindowBits: 8,
        clientNoContextTakeover: true,
        serverNoContextTakeover: true,
      },
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=8; client_max_window_bits=15',
    ],
  ])('of %j', (given, header) => {
    expect(offerDeflate(given)).toBe(header);
  });

  it('leaves out a server window without a size, which RFC 7692 §7.1.2.1 gives no meaning', () => {
    expect(offerDeflate({ serverMaxWindowBits: true })).toBe('permessage-deflate; client_max_window_bits');
  });

  it('offers what ws offers', () => {
    const withoutTrue = options.filter(({ serverMaxWindowBits }) => serverMaxWindowBits !== true);
    fc.assert(
      fc.property(withoutTrue, (given) => {
        const offer = new ws.PerMessageDeflate({ ...given }).offer();
        expect(offerDeflate(given)).toBe(ws.extension.format({ [EXTENSION_NAME]: offer }));
      }),
    );
  });

  it('offers what a server accepts', () => {
    fc.assert(
      fc.property(options, (given) => {
        expect(accept(offerDeflate(given))).toBeDefined();
      }),
    );
  });
});

describe('options that zlib would throw over', () => {
  it.each([7, 16, 1000, 0, -8, 8.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses %d window bits',
    (size) => {
      for (const name of ['serverMaxWindowBits', 'clientMaxWindowBits'] as const) {
        const given = { [name]: size };
        const expected = new RangeError(
          `The "${name}" option must be a boolean or an integer from 8 to 15: ${size}`,
        );
        expect(() => assertDeflateOptions(given)).toThrow(expected);
        expect(() => offerDeflate(given)).toThrow(expected);
        expect(() => accept('permessage-deflate', given)).toThrow(expected);
      }
    },
  );

  it('takes all others', () => {
    fc.assert(
      fc.property(options, (given) => {
        expect(() => assertDeflateOptions(given)).not.toThrow();
      }),
    );
  });
});

describe('acceptDeflateOffers', () => {
  it.each<[string, DeflateNegotiationOptions, Partial<DeflateParameters>, string]>([
    ['permessage-deflate', {}, {}, 'permessage-deflate'],
    ['foo, permessage-deflate, bar', {}, {}, 'permessage-deflate'],
    ['permessage-deflate; client_max_window_bits', {}, {}, 'permessage-deflate'],
    [
      'permessage-deflate; client_max_window_bits',
      { clientMaxWindowBits: 8 },
      { clientMaxWindowBits: 8 },
      'permessage-deflate; client_max_window_bits=8',
    ],
    [
      'permessage-deflate; client_max_window_bits=10',
      {},
      { clientMaxWindowBits: 10 },
      'permessage-deflate; client_max_window_bits=10',
    ],
    [
      'permessage-deflate; client_max_window_bits=10',
      { clientMaxWindowBits: false },
      {},
      'permessage-deflate',
    ],
    [
      'permessage-deflate; server_max_window_bits="10"',
      {},
      { serverMaxWindowBits: 10 },
      'permessage-deflate; server_max_window_bits=10',
    ],
    [
      'permessage-deflate; server_max_window_bits=10',
      { serverMaxWindowBits: 9 },
      { serverMaxWindowBits: 9 },
      'permessage-deflate; server_max_window_bits=9',
    ],
    [
      'permessage-deflate',
      { serverMaxWindowBits: 9, serverNoContextTakeover: true, clientNoContextTakeover: true },
      { serverMaxWindowBits: 9, serverNoContextTakeover: true, clientNoContextTakeover: true },
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9',
    ],
    [
      'permessage-deflate; client_no_context_takeover; server_no_context_takeover',
      { clientNoContextTakeover: false },
      { serverNoContextTakeover: true, clientNoContextTakeover: true },
      'permessage-deflate; client_no_context_takeover; server_no_context_takeover',
    ],
    [
      'permessage-deflate; server_max_window_bits=8, permessage-deflate',
      { serverMaxWindowBits: false },
      {},
      'permessage-deflate',
    ],
    [
      'permessage-deflate; server_no_context_takeover, permessage-deflate; client_max_window_bits=9',
      { serverNoContextTakeover: false },
      { clientMaxWindowBits: 9 },
      'permessage-deflate; client_max_window_bits=9',
    ],
  ])('answers %j under %j', (header, given, parameters, response) => {
    const accepted = accept(header, given)!;
    expect(accepted.parameters).toEqual({ ...DEFAULTS, ...parameters });
    // A parameter that the server adds stands behind those that the client named; their order says nothing.
    expect(asWsExtensions(parseExtensionHeader(accepted.response))).toEqual(ws.extension.parse(response));
  });

  it.each(['foo', 'PerMessage-Deflate', 'x-webkit-deflate-frame', 'foo; permessage-deflate'])(
    'passes over %j',
    (header) => {
      expect(accept(header)).toBeUndefined();
    },
  );

  it.each<[string, DeflateNegotiationOptions]>([
    ['permessage-deflate; server_no_context_takeover', { serverNoContextTakeover: false }],
    ['permessage-deflate; server_max_window_bits=10', { serverMaxWindowBits: false }],
    ['permessage-deflate; server_max_window_bits=10', { serverMaxWindowBits: 11 }],
    ['permessage-deflate', { clientMaxWindowBits: 10 }],
    ['permessage-deflate; client_max_window_bits=9', { clientMaxWindowBits: 10 }],
  ])('declines %j under %j', (header, given) => {
    expect(() => accept(header, given)).toThrow(new Error('None of the extension offers can be accepted'));
  });

  it.each([
    ['foo', 'Error: Unknown parameter "foo"'],
    ['__proto__', 'Error: Unknown parameter "__proto__"'],
    ['constructor=1', 'Error: Unknown parameter "constructor"'],
    ['foo; foo', 'Error: Parameter "foo" must have only a single value'],
    [
      'client_max_window_bits; client_max_window_bits=9',
      'Error: Parameter "client_max_window_bits" must have only a single value',
    ],
    [
      'server_max_window_bits=99; server_max_window_bits=8',
      'Error: Parameter "server_max_window_bits" must have only a single value',
    ],
    [
      'server_no_context_takeover=1',
      'TypeError: Invalid value for parameter "server_no_context_takeover": 1',
    ],
    [
      'client_no_context_takeover=true',
      'TypeError: Invalid value for parameter "client_no_context_takeover": true',
    ],
    ['server_max_window_bits', 'TypeError: Invalid value for parameter "server_max_window_bits": true'],
    ['server_max_window_bits=7', 'TypeError: Invalid value for parameter "server_max_window_bits": 7'],
    ['client_max_window_bits=16', 'TypeError: Invalid value for parameter "client_max_window_bits": 16'],
    ['client_max_window_bits=1000', 'TypeError: Invalid value for parameter "client_max_window_bits": 1000'],
    ['client_max_window_bits=8.5', 'TypeError: Invalid value for parameter "client_max_window_bits": 8.5'],
  ])('refuses %j as ws does', (parameters, error) => {
    const header = `permessage-deflate; ${parameters}`;
    expect(outcome(() => accept(header))).toEqual({ error });
    const server = new ws.PerMessageDeflate({ isServer: true });
    expect(outcome(() => server.accept(configurations(header)))).toEqual({ error });
  });

  it.each(['08', '0x8', '1e1', '+8', '8.0', '010'])(
    'refuses the window bits %s, which ws lets through',
    (value) => {
      for (const name of ['server_max_window_bits', 'client_max_window_bits']) {
        expect(() => accept(`permessage-deflate; ${name}=${value}`)).toThrow(
          new TypeError(`Invalid value for parameter "${name}": ${value}`),
        );
      }
    },
  );

  it('decides as ws does', () => {
    fc.assert(
      fc.property(offerHeader, options, (header, given) => {
        const theirs = outcome(() => {
          const offers = configurations(header);
          const server = new ws.PerMessageDeflate({ ...given, isServer: true });
          return offers.length === 0 ? undefined : server.accept(offers);
        });
        const ours = outcome(() => accept(header, given));
        if ('error' in theirs || 'error' in ours) {
          expect(ours).toEqual(theirs);
        } else {
          expect(ours.value?.parameters).toEqual(theirs.value && parametersOf(theirs.value));
          const response = theirs.value && ws.extension.format({ [EXTENSION_NAME]: theirs.value });
          expect(ours.value && ws.extension.parse(ours.value.response)).toEqual(
            response && ws.extension.parse(response),
          );
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('answers what the client of the offer takes', () => {
    fc.assert(
      fc.property(options, options, (client, server) => {
        const accepted = outcome(() => accept(offerDeflate(client), server));
        if ('error' in accepted) {
          expect(accepted.error).toBe('Error: None of the extension offers can be accepted');
          return;
        }
        // RFC 7692 §7.1.1.2: without this option the server may still name the parameter, and ws refuses that.
        fc.pre(client.clientNoContextTakeover !== false || !server.clientNoContextTakeover);
        const { parameters, response } = accepted.value!;
        const ours = check(response, client);
        expect({ ...ours, clientMaxWindowBits: 0 }).toEqual({ ...parameters, clientMaxWindowBits: 0 });
        expect(ours.clientMaxWindowBits).toBeLessThanOrEqual(parameters.clientMaxWindowBits);
      }),
    );
  });
});

describe('checkDeflateResponse', () => {
  it.each<[string, DeflateNegotiationOptions, Partial<DeflateParameters>]>([
    ['permessage-deflate', {}, {}],
    ['permessage-deflate', { clientMaxWindowBits: 10 }, { clientMaxWindowBits: 10 }],
    ['permessage-deflate; client_max_window_bits=9', { clientMaxWindowBits: 10 }, { clientMaxWindowBits: 9 }],
    [
      'permessage-deflate; client_max_window_bits=10',
      { clientMaxWindowBits: 10 },
      { clientMaxWindowBits: 10 },
    ],
    ['permessage-deflate; client_max_window_bits=9', {}, { clientMaxWindowBits: 9 }],
    [
      'permessage-deflate; client_max_window_bits=9',
      { clientMaxWindowBits: true },
      { clientMaxWindowBits: 9 },
    ],
    ['permessage-deflate; server_max_window_bits=9', { serverMaxWindowBits: 10 }, { serverMaxWindowBits: 9 }],
    [
      'permessage-deflate; server_max_window_bits=10',
      { serverMaxWindowBits: 10 },
      { serverMaxWindowBits: 10 },
    ],
    ['permessage-deflate', { serverMaxWindowBits: 10, serverNoContextTakeover: true }, {}],
    ['permessage-deflate; server_max_window_bits=9', {}, { serverMaxWindowBits: 9 }],
    [
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
      { serverNoContextTakeover: false },
      { serverNoContextTakeover: true, clientNoContextTakeover: true },
    ],
  ])('takes %j under %j', (header, given, parameters) => {
    expect(check(header, given)).toEqual({ ...DEFAULTS, ...parameters });
  });

  it.each<[string, DeflateNegotiationOptions, string]>([
    [
      'permessage-deflate; client_no_context_takeover',
      { clientNoContextTakeover: false },
      'Error: Unexpected parameter "client_no_context_takeover"',
    ],
    [
      'permessage-deflate; client_max_window_bits=10',
      { clientMaxWindowBits: false },
      'Error: Unexpected or invalid parameter "client_max_window_bits"',
    ],
    [
      'permessage-deflate; client_max_window_bits=11',
      { clientMaxWindowBits: 10 },
      'Error: Unexpected or invalid parameter "client_max_window_bits"',
    ],
    [
      'permessage-deflate; client_max_window_bits',
      {},
      'TypeError: Invalid value for parameter "client_max_window_bits": true',
    ],
    [
      'permessage-deflate; client_max_window_bits=7',
      {},
      'TypeError: Invalid value for parameter "client_max_window_bits": 7',
    ],
    ['permessage-deflate; foo=1', {}, 'Error: Unknown parameter "foo"'],
  ])('refuses %j under %j as ws does', (header, given, error) => {
    expect(outcome(() => check(header, given))).toEqual({ error });
    const client = new ws.PerMessageDeflate({ ...given });
    expect(outcome(() => client.accept(configurations(header)))).toEqual({ error });
  });

  it('refuses a server window above the one that was asked for (RFC 7692 §7.1.2.1)', () => {
    expect(() => check('permessage-deflate; server_max_window_bits=11', { serverMaxWindowBits: 10 })).toThrow(
      new Error('Unexpected or invalid parameter "server_max_window_bits"'),
    );
  });

  it('decides as ws does, but for that', () => {
    const withoutServerBits = options.filter(
      ({ serverMaxWindowBits }) => typeof serverMaxWindowBits !== 'number',
    );
    fc.assert(
      fc.property(responseHeader, withoutServerBits, (header, given) => {
        const client = new ws.PerMessageDeflate({ ...given });
        expect(outcome(() => check(header, given))).toEqual(
          outcome(() => parametersOf(client.accept(configurations(header)))),
        );
      }),
      { numRuns: 2000 },
    );
  });
});
