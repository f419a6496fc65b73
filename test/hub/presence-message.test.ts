import { expect, it } from 'vitest';
import { presenceMessage } from '../../src/hub/presence-message.ts';

it('tells who came and who went, and is not kept', () => {
  expect(presenceMessage('/#a', { joined: [{ id: 'x', info: 1 }], left: ['y'] })).toEqual({
    room: '/#a',
    type: '$presence',
    body: '{"joined":[{"id":"x","info":1}],"left":["y"]}',
    except: [],
    volatile: true,
  });
});
