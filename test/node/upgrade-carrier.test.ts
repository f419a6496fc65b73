import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { UpgradeCarrier } from '../../src/node/upgrade-carrier.ts';
import { MemorySocket } from '../handshake/ws-oracle.ts';

const REQUEST = {
  method: 'GET',
  headers: {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-version': '13',
  },
};

function carrier(request: ConstructorParameters<typeof UpgradeCarrier>[0] = REQUEST) {
  let text = '';
  const socket = new MemorySocket((written) => {
    text += written;
  });
  return { carrier: new UpgradeCarrier(request, socket), socket, text: () => text };
}

const ACCEPTANCE = { subprotocol: 'chat', extensions: undefined, fastPath: undefined };

describe('UpgradeCarrier', () => {
  it('answers with 101, with the lines as they were changed', () => {
    const { carrier: made, text } = carrier();
    expect(made.check().opening).toMatchObject({ version: 13 });
    made.accept({ ...ACCEPTANCE, onLines: (lines) => void lines.push('X: y') });
    expect(text()).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
    expect(text()).toMatch(/\r\nSec-WebSocket-Protocol: chat\r\nX: y\r\n\r\n$/);
    expect(text()).toContain('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n');
  });

  it('refuses, and ends the socket', async () => {
    const { carrier: made, socket, text } = carrier({ method: 'POST', headers: {} });
    const { refusal } = made.check();
    made.refuse(refusal!);
    await once(socket, 'close');
    expect(text()).toMatch(/^HTTP\/1\.1 405 /);
  });

  it('leaves no client waiting when the application’s part throws', () => {
    const accepting = carrier();
    accepting.carrier.check();
    const onLines = (lines: string[]): void => void lines.push('a\r\nb');
    expect(() => accepting.carrier.accept({ ...ACCEPTANCE, onLines })).toThrow(TypeError);
    const refusing = carrier();
    expect(() => refusing.carrier.refuse({ statusCode: 99, message: '' })).toThrow(RangeError);
    expect([accepting.socket.destroyed, refusing.socket.destroyed]).toEqual([true, true]);
  });
});
