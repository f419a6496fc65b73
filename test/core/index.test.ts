import { expect, it } from 'vitest';
import * as core from '../../src/core/index.ts';

it('exports these names, and no others', () => {
  expect(Object.keys(core).sort()).toEqual([
    'BINARY',
    'CLOSE',
    'CONTINUATION',
    'CloseCode',
    'MAX_CONTROL_PAYLOAD_BYTES',
    'PING',
    'PONG',
    'Protocol',
    'ProtocolError',
    'TEXT',
    'Utf8Validator',
    'applyMask',
    'createFrameHeader',
    'frameHeaderLength',
    'isValidCloseCode',
    'isValidUtf8',
    'parseClosePayload',
    'parseFrameHeader',
    'serializeClosePayload',
    'serializeFrame',
    'writeFrameHeader',
  ]);
});
