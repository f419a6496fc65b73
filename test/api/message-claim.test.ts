import { describe, expect, it } from 'vitest';
import { claimMessages, endReading } from '../../src/api/message-claim.ts';
import { WebSocket } from '../../src/api/websocket.ts';

describe('claimMessages', () => {
  it('gives the messages to one reader at a time', () => {
    const ws = new WebSocket(null);
    const giveBack = claimMessages(ws, () => {});
    expect(() => claimMessages(ws, () => {})).toThrow(
      expect.objectContaining({ code: 'WS_ERR_ALREADY_ITERATED' }),
    );
    claimMessages(new WebSocket(null), () => {});
    giveBack();
    claimMessages(ws, () => {});
  });

  it('says how to end the reading', () => {
    const ws = new WebSocket(null);
    let ended = 0;
    endReading(ws);
    const giveBack = claimMessages(ws, () => ended++);
    endReading(ws);
    giveBack();
    endReading(ws);
    expect(ended).toBe(1);
  });
});
