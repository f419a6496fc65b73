import { describe, expect, it } from 'vitest';
import { Outbox } from '../../src/client/outbox.ts';

const ONCE = { isRepeated: false };
const REPEATED = { isRepeated: true };

function create(maxMessages = 100) {
  const written: unknown[] = [];
  const sent: unknown[] = [];
  const dropped: unknown[] = [];
  const connection = { isWritable: true };
  const outbox = new Outbox(
    { maxMessages, maxBytes: 10_000, overflow: 'drop-oldest' },
    {
      isWritable: () => connection.isWritable,
      write: (frame) => written.push(typeof frame === 'string' ? JSON.parse(frame).data : frame),
      onSent: ({ id }) => sent.push(id),
      onDropped: ({ data }) => dropped.push(data),
    },
  );
  const post = (data: unknown, id?: number, posting = ONCE) => outbox.post({ type: 'a', data, id }, posting);
  return { outbox, post, written, sent, dropped, connection };
}

describe('Outbox', () => {
  it('keeps the order of all kinds over connections', () => {
    const { outbox, post, written } = create();
    post('a');
    post('b', 1, REPEATED);
    post('c', 2);
    outbox.open();
    post('d');
    expect(written).toEqual(['a', 'b', 'c', 'd']);
    outbox.close();
    post('e');
    post('f', 3, REPEATED);
    written.length = 0;
    outbox.open();
    expect(written).toEqual(['b', 'e', 'f']);
  });

  it('repeats until it is settled, and sends the rest once', () => {
    const { outbox, post, written, sent } = create();
    outbox.open();
    post('a', 1, REPEATED);
    post('b', 2);
    expect(sent).toEqual([2]);
    outbox.settle(1);
    outbox.settle(1);
    outbox.close();
    outbox.open();
    expect(written).toEqual(['a', 'b']);
  });

  it('does not send what nobody waits for any more', () => {
    const { outbox, post, written } = create();
    post('a', 1);
    outbox.settle(1);
    outbox.open();
    expect(written).toEqual([]);
  });

  it('has 50 out that are not answered, and what comes behind waits', () => {
    const { outbox, post, written } = create();
    for (let id = 1; id <= 51; id++) post(id, id, REPEATED);
    post('behind');
    outbox.open();
    expect(written.length).toBe(50);
    outbox.settle(3);
    expect(written.slice(50)).toEqual([51, 'behind']);
  });

  it('writes nothing to a connection that is being closed', () => {
    const { outbox, post, written, connection } = create();
    outbox.open();
    connection.isWritable = false;
    post('a');
    expect(written).toEqual([]);
    outbox.close();
    connection.isWritable = true;
    outbox.open();
    expect(written).toEqual(['a']);
  });

  it('tells what it drops', () => {
    const { post, dropped } = create(1);
    post('a');
    post('b');
    expect(dropped).toEqual(['a']);
  });

  it('keeps data as it was', () => {
    const { outbox, post, written } = create();
    const data = { n: 1 };
    post(data);
    data.n = 2;
    post(Uint8Array.of(1));
    outbox.open();
    expect(written).toEqual([{ n: 1 }, Uint8Array.of(1, 0, 12, ...Buffer.from('{"type":"a"}'), 1)]);
  });

  it('forgets all of it', () => {
    const { outbox, post, written } = create();
    post('a', 1, REPEATED);
    outbox.clear();
    outbox.open();
    outbox.settle(1);
    expect(written).toEqual([]);
  });
});
