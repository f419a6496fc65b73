import { isUtf8 } from 'node:buffer';
import { constants, inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { SCENARIOS } from '../../bench/scenarios.mjs';
import { clientTurn, payloadsOf, turnsOf } from '../../bench/turns.mjs';
import { createFrameHeader, parseFrameHeader } from '../../src/core/frame-header.ts';
import { applyMask } from '../../src/core/masking.ts';

interface Turn {
  batch: Buffer;
  reply: Buffer;
}

/** Reads the file of turns as the load generator does. */
function readTurns(file: Buffer): Turn[] {
  let at = 0;
  const uint32 = () => {
    at += 4;
    return file.readUInt32LE(at - 4);
  };
  const bytes = (length: number) => {
    at += length;
    return file.subarray(at - length, at);
  };
  const turns = Array.from({ length: uint32() }, () => {
    const lengths = [uint32(), uint32()] as const;
    return { batch: bytes(lengths[0]), reply: bytes(lengths[1]) };
  });
  expect(at).toBe(file.length);
  return turns;
}

/** The payloads of frames that keep to the rules, by the engine's own parser. */
function readFrames(bytes: Buffer, masked: boolean, rsv1: boolean): { text: boolean; payload: string }[] {
  const rules = { masked, rsv1, fragmented: false, payloadLimit: () => 2 ** 21 };
  const header = createFrameHeader();
  const frames = [];
  for (let at = 0; at < bytes.length; ) {
    at += parseFrameHeader(bytes, at, bytes.length, rules, header);
    const payload = Buffer.from(bytes.subarray(at, at + header.payloadLength));
    if (masked) applyMask(payload, 0, payload.length, header.maskingKey, 0);
    expect(header).toMatchObject({ fin: true, rsv1 });
    frames.push({ text: header.opcode === 1, payload: hex(payload) });
    at += header.payloadLength;
  }
  return frames;
}

/** Strings are compared much faster than bytes. */
function hex(payload: Buffer): string {
  return payload.toString('hex');
}

const withMessages = SCENARIOS.filter(({ payload }) => payload !== undefined);
const plain = withMessages.filter(({ deflate, kind }) => !deflate && kind !== 'client');
const compressed = withMessages.filter(({ deflate }) => deflate);

describe('turnsOf', () => {
  it.each(plain)('sends masked frames of $id, and wants them back without mask', (scenario) => {
    const turns = readTurns(turnsOf(scenario, false));
    expect(turns.length).toBe(1);
    const { batch, reply } = turns[0]!;
    const text = scenario.payload![0] === 'text';
    const expected = payloadsOf(scenario, 0).map((payload) => ({ text, payload: hex(payload) }));
    expect(expected.length).toBe(scenario.messages);
    expect(readFrames(batch, true, false)).toEqual(expected);
    expect(readFrames(reply, false, false)).toEqual(expected);
  });

  it.each(compressed)('compresses the messages of $id one by one', (scenario) => {
    const turns = readTurns(turnsOf(scenario, false));
    expect(turns.length).toBe(scenario.variety ?? 1);
    turns.forEach(({ batch, reply }, index) => {
      const inflated = readFrames(batch, true, true).map(({ payload }) =>
        inflateRawSync(Buffer.from(payload, 'hex'), { finishFlush: constants.Z_SYNC_FLUSH }).toString(),
      );
      expect(inflated).toEqual(payloadsOf(scenario, index).map(String));
      expect(reply.length).toBe(0);
    });
  });

  it('wants back what it sent from a server that only echoes bytes', () => {
    const [turn] = readTurns(turnsOf(plain[0]!, true));
    expect(turn!.reply).toEqual(turn!.batch);
  });
});

describe('payloadsOf', () => {
  it.each(withMessages)('makes messages of $id as long as they have to be', (scenario) => {
    const [type, bytes] = scenario.payload!;
    const payloads = payloadsOf(scenario, 0);
    expect(payloads.every(({ length }) => length === bytes)).toBe(true);
    expect(type === 'binary' || payloads.every((payload) => isUtf8(payload))).toBe(true);
  });

  it('never makes the same message twice, nor another the next time', () => {
    const scenario = compressed[0]!;
    const all = Array.from({ length: scenario.variety! }, (_, i) => payloadsOf(scenario, i)).flat();
    expect(new Set(all.map(String)).size).toBe(all.length);
    expect(payloadsOf(scenario, 3)).toEqual(payloadsOf(scenario, 3));
  });
});

describe('clientTurn', () => {
  it('sends unmasked frames, and knows how long the answer is', () => {
    const scenario = withMessages.find(({ kind }) => kind === 'client')!;
    const { turns, turnBytes, answer } = clientTurn(scenario);
    const [turn] = readTurns(turns);
    expect(readFrames(turn!.batch, false, false).length).toBe(scenario.messages);
    expect(turn!.batch.length).toBe(turnBytes);
    expect(turn!.reply).toEqual(answer);
    expect(readFrames(answer, true, false)).toEqual([{ text: true, payload: hex(Buffer.from('.')) }]);
  });
});
