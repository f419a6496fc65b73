import { describe, expect, it } from 'vitest';
import { type ConnectionOptions, protocolOptions } from '../../src/node/connection-options.ts';
import { DEFAULT_TUNING, PerMessageDeflate } from '../../src/node/deflate.ts';

const OPTIONS: ConnectionOptions = {
  maxPayload: 1000,
  checkUtf8: true,
  autoPong: true,
  closeTimeout: 1,
  compression: undefined,
  generateMask: undefined,
};

function withDeflate(): ConnectionOptions {
  const parameters = {
    serverMaxWindowBits: 15,
    clientMaxWindowBits: 15,
    serverNoContextTakeover: false,
    clientNoContextTakeover: false,
  };
  return { ...OPTIONS, compression: new PerMessageDeflate('server', parameters, DEFAULT_TUNING) };
}

describe('protocolOptions', () => {
  it('are shared by connections with the same options, and by no others', () => {
    const shared = protocolOptions(OPTIONS);
    expect(protocolOptions(OPTIONS)).toBe(shared);
    const other = { ...OPTIONS, maxPayload: 1 };
    expect(protocolOptions(other).maxPayload).toBe(1);
    expect(protocolOptions(OPTIONS).maxPayload).toBe(1000);
  });

  it('are made anew where messages are compressed', () => {
    const [one, other] = [withDeflate(), withDeflate()];
    expect(protocolOptions(one).compression).toBe(one.compression);
    expect(protocolOptions(other).compression).toBe(other.compression);
    expect(protocolOptions(OPTIONS).compression).toBeUndefined();
  });

  it('check UTF-8, short or long', () => {
    const { isUtf8 } = protocolOptions(OPTIONS);
    for (const length of [1, 63, 64, 1000]) {
      const text = Buffer.alloc(length, 'a');
      expect(isUtf8!(text)).toBe(true);
      text[length - 1] = 0xff;
      expect(isUtf8!(text)).toBe(false);
    }
  });

  it('draw the masking keys that generateMask makes', () => {
    const generateMask = (key: Buffer) => void key.writeUInt32BE(0x01020304);
    expect(protocolOptions({ ...OPTIONS, generateMask }).generateMaskingKey()).toBe(0x01020304);
  });

  it('defer events where they must not come in one tick', () => {
    expect(protocolOptions(OPTIONS).deferEvent).toBeUndefined();
    expect(protocolOptions({ ...OPTIONS, synchronousEvents: false }).deferEvent).toBe(setImmediate);
  });
});
