import assert from 'node:assert/strict';
import fc from 'fast-check';
import { checkUpgradeResponse, HandshakeError } from '../../src/handshake/client-handshake.ts';
import type { DeflateNegotiationOptions, DeflateParameters } from '../../src/handshake/deflate-offer.ts';
import { decideUpgrade } from '../../src/handshake/server-handshake.ts';
import { PerMessageDeflate } from '../../src/node/deflate.ts';
import { deflateOptions } from '../handshake/deflate-options.ts';
import { SAMPLE_ACCEPT, SAMPLE_KEY, sha1Base64, token } from '../handshake/wire.ts';
import type { Target } from './target.ts';

interface Input {
  readonly header: string;
  readonly options: DeflateNegotiationOptions;
}

const PARAMETERS = [
  'server_no_context_takeover',
  'client_no_context_takeover',
  'server_max_window_bits',
  'client_max_window_bits',
];
const VALUES = [
  '',
  '=8',
  '=9',
  '=15',
  '=7',
  '=16',
  '=08',
  '="10"',
  '="1\\0"',
  '=1000',
  '=""',
  '=',
  '=-8',
  '=9.5',
];

const parameter = fc
  .tuple(
    fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...PARAMETERS) }, token),
    fc.constantFrom(...VALUES),
  )
  .map(([name, value]) => name + value);
const offer = fc
  .tuple(
    fc.oneof({ weight: 5, arbitrary: fc.constant('permessage-deflate') }, token),
    fc.array(parameter, { maxLength: 4 }),
    fc.constantFrom('; ', ';', ' ;\t', ';;', '\\;', '";"'),
  )
  .map(([name, parameters, separator]) => [name, ...parameters].join(separator));
const header = fc
  .tuple(fc.array(offer, { minLength: 1, maxLength: 3 }), fc.constantFrom(', ', ',', ',,', '\t,'))
  .map(([offers, separator]) => offers.join(separator));

const bits = fc.constantFrom(undefined, true, false, 8, 9, 15);
const options = deflateOptions(bits);

/** Extension headers in both directions: refused as a handshake, or agreed on what zlib takes. */
export const extensions: Target<Input> = {
  name: 'extensions',
  inputs: fc.record({ header, options }),
  async check({ header, options }) {
    for (const parameters of [onServer(header, options), onClient(header, options)]) {
      if (parameters !== undefined) await useInZlib(parameters);
    }
  },
};

function onServer(header: string, options: DeflateNegotiationOptions): DeflateParameters | undefined {
  const { upgrade, refusal } = decideUpgrade(
    {
      method: 'GET',
      httpVersion: '1.1',
      headers: {
        upgrade: 'websocket',
        connection: 'Upgrade',
        'sec-websocket-key': SAMPLE_KEY,
        'sec-websocket-version': '13',
        'sec-websocket-extensions': header,
      },
    },
    options,
  );
  assert.ok((upgrade === undefined) !== (refusal === undefined));
  return upgrade?.deflate?.parameters;
}

function onClient(header: string, options: DeflateNegotiationOptions): DeflateParameters | undefined {
  const headers = {
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-accept': SAMPLE_ACCEPT,
    'sec-websocket-extensions': header,
  };
  try {
    const expected = { key: SAMPLE_KEY, subprotocols: [], deflate: options };
    return checkUpgradeResponse({ headers }, expected, sha1Base64).deflate;
  } catch (error) {
    if (!(error instanceof HandshakeError)) throw error;
    return undefined;
  }
}

const SAMPLE = Buffer.from('a message of a message');

/** What was agreed on carries a message from one end to the other. */
async function useInZlib(parameters: DeflateParameters): Promise<void> {
  const { serverMaxWindowBits, clientMaxWindowBits } = parameters;
  for (const bits of [serverMaxWindowBits, clientMaxWindowBits]) {
    assert.ok(Number.isInteger(bits) && bits >= 8 && bits <= 15, `${bits} bits of window`);
  }
  const server = new PerMessageDeflate('server', parameters, {});
  const client = new PerMessageDeflate('client', parameters, {});
  if (server.worthwhile(2000)) {
    const compressed = await new Promise<Uint8Array>((resolve, reject) =>
      server.compress(SAMPLE, true, (error, output) => (error ? reject(error) : resolve(output!))),
    );
    const message = await new Promise<Uint8Array>((resolve, reject) =>
      client.inflate(compressed, true, SAMPLE.length, (error, output) =>
        error ? reject(error) : resolve(output!),
      ),
    );
    assert.deepEqual(Buffer.from(message), SAMPLE);
  }
  server.close();
  client.close();
}
