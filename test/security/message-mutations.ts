import type { Mutation } from './mutation.ts';

/** Of what stands against frames and messages. */
export const MESSAGE_MUTATIONS: readonly Mutation[] = [
  {
    row: 1,
    undoes: 'one buffer for all parts',
    file: 'core/payload-buffer.ts',
    edits: [
      [
        'this.#length = needed;',
        'this.#length = needed; ((this as { parts?: unknown[] }).parts ??= []).push(source.slice(start, end));',
      ],
    ],
  },
  {
    row: 1,
    undoes: 'an end to the fragments that are told apart',
    file: 'core/message-assembler.ts',
    edits: [['if (ends.length === MAX_FRAGMENTS_TOLD) ends.pop();', '']],
  },
  {
    row: 1,
    undoes: 'a pause of who does not read a message in pieces',
    file: 'api/message-stream-iterator.ts',
    edits: [['if (last || isFull) this.#hold?.hold();', 'if (last) this.#hold?.hold();']],
  },
  {
    row: 2,
    undoes: 'no limit on the number of fragments',
    file: 'api/options.ts',
    edits: [['  maxFragments: 0,', '  maxFragments: 16_384,']],
  },
  {
    row: 2,
    undoes: 'the limit on empty fragments',
    file: 'core/protocol.ts',
    edits: [['if (payloadLength === 0 && this.#tooManyFrames())', 'if (payloadLength < 0)']],
  },
  {
    row: 3,
    undoes: 'memory of its own for a message',
    file: 'node/payload-memory.ts',
    edits: [
      ['    return bufferOf(pool, at, length);', '    return Buffer.alloc(65_536).subarray(0, length);'],
    ],
  },
  {
    row: 3,
    undoes: 'chunks that are let go',
    file: 'core/payload-buffer.ts',
    edits: [['this.#length = needed;', 'this.#length = needed; Object.assign(this, { source });']],
  },
  {
    row: 3,
    undoes: 'memory of its own for what waits',
    file: 'core/frame-sender.ts',
    edits: [['return buffer.byteLength > MAX_SHARED_BLOCK_BYTES && ', 'return buffer.byteLength < 0 && ']],
  },
  {
    row: 3,
    undoes: 'memory of its own for a server’s subprotocol',
    file: 'api/server-opening.ts',
    edits: [['subprotocol && textInOwnMemory(subprotocol)', 'subprotocol']],
  },
  {
    row: 3,
    undoes: 'a client’s own text of its subprotocol',
    file: 'handshake/client-handshake.ts',
    edits: [['  return chosen;', '  return header;']],
  },
  {
    row: 4,
    undoes: 'the sum over the fragments',
    file: 'core/frame-reader.ts',
    edits: [[' : limit) - this.#assembler.length;', ' : limit);']],
  },
  {
    row: 4,
    undoes: 'the limit on compressed bytes and on what is inflated',
    file: 'core/protocol.ts',
    edits: [
      [
        '#inflate(payload, true, this.#options.maxPayload, (message',
        '#inflate(payload, true, this.#options.maxPayload * 9, (message',
      ],
    ],
  },
  {
    row: 4,
    undoes: 'the sum over what was told in pieces',
    file: 'core/message-assembler.ts',
    edits: [['return this.#handedOver + this.#payload.length;', 'return this.#payload.length;']],
  },
  {
    row: 4,
    undoes: 'the sum over what was inflated in pieces',
    file: 'core/protocol.ts',
    edits: [[' - assembler.toldBytes;', ';']],
  },
  {
    row: 4,
    undoes: 'letting go of what was told in pieces',
    file: 'core/message-assembler.ts',
    edits: [
      [
        'this.#handedOver += piece.length;',
        'this.#handedOver += piece.length; ((this as { told?: unknown[] }).told ??= []).push(piece);',
      ],
    ],
  },
  {
    row: 5,
    undoes: 'the small portions of what is told in pieces',
    file: 'core/frame-reader.ts',
    edits: [['const MAX_DEFLATED_PIECE_BYTES = 4096;', 'const MAX_DEFLATED_PIECE_BYTES = 65_536;']],
  },
  {
    row: 5,
    undoes: 'the end in the middle of inflating',
    file: 'node/zlib-stream.ts',
    edits: [
      ['    if (job.length > job.maxLength) this.#fail', '    if (job.length < 0) this.#fail'],
      [
        '    const { chunks, length } = this.#job;',
        '    const { chunks, length } = this.#job;\n    if (length > this.#job.maxLength) return this.#fail(new OutputTooLongError());',
      ],
    ],
  },
  {
    row: 5,
    undoes: 'the limit itself among what passes, at once',
    file: 'node/zlib-stream.ts',
    edits: [['length > this.#job!.maxLength', 'length >= this.#job!.maxLength']],
  },
  {
    row: 5,
    undoes: 'the limit itself among what passes, in the thread pool',
    file: 'node/zlib-stream.ts',
    edits: [['job.length > job.maxLength', 'job.length >= job.maxLength']],
  },
  {
    row: 5,
    undoes: 'room for what deflate makes longer',
    file: 'core/compression.ts',
    edits: [['return length + Math.ceil(length / 8) + Math.ceil(length / 64) + 16;', 'return length;']],
  },
  {
    row: 5,
    undoes: 'the last byte of the limit',
    file: 'node/zlib-stream.ts',
    edits: [['length > this.#job!.maxLength', 'length > this.#job!.maxLength + 1']],
  },
  {
    row: 7,
    undoes: 'the upper half of a length',
    file: 'core/frame-header.ts',
    edits: [['readUint32(bytes, start) * 2 ** 32 + readUint32', '0 * 2 ** 32 + readUint32']],
  },
  {
    row: 7,
    undoes: 'the shortest form of 64 bits',
    file: 'core/frame-header.ts',
    edits: [['header.payloadLength < 0x1_0000', 'header.payloadLength < 0']],
  },
  {
    row: 7,
    undoes: 'the shortest form of 16 bits',
    file: 'core/frame-header.ts',
    edits: [['header.payloadLength < 126', 'header.payloadLength < 0']],
  },
  {
    row: 7,
    undoes: 'refusal before memory',
    file: 'core/frame-header.ts',
    edits: [
      [
        '    throw messageTooBig();',
        '    throw Object.assign(messageTooBig(), { kept: kept.push(new Uint8Array(2 ** 21)) });',
      ],
      ['/** The longest header:', 'const kept: Uint8Array[] = [];\n/** The longest header:'],
    ],
  },
  {
    row: 8,
    undoes: 'memory by what came',
    file: 'core/payload-buffer.ts',
    edits: [['Math.min(needed + promised, needed * MAX_GROWTH)', 'needed + promised']],
  },
  {
    row: 10,
    undoes: 'the default of maxPayload',
    file: 'api/connection-options.ts',
    edits: [['limitOf(options.maxPayload, DEFAULTS.maxPayload)', 'limitOf(options.maxPayload, 0)']],
  },
  {
    row: 10,
    undoes: 'the default of the web’s WebSocket',
    file: 'web/websocket-init.ts',
    edits: [['init.maxPayload ?? DEFAULT_MAX_PAYLOAD_BYTES', 'init.maxPayload ?? Number.MAX_SAFE_INTEGER']],
  },
  {
    row: 10,
    undoes: 'the default of maxConnections',
    file: 'api/options.ts',
    edits: [['  maxConnections: 65_536,', '  maxConnections: 0,']],
  },
  {
    row: 17,
    undoes: 'numbers as text',
    file: 'api/payload.ts',
    edits: [
      [
        "typeof data === 'number') return Buffer.from(data.toString());",
        "typeof data === 'number') return Buffer.allocUnsafe(data % 5000);",
      ],
    ],
  },
  {
    row: 17,
    undoes: 'the part that a view shows',
    file: 'api/payload.ts',
    edits: [
      [
        'return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);',
        'return new Uint8Array(data.buffer);',
      ],
    ],
  },
  {
    row: 17,
    undoes: 'the types of a close reason',
    file: 'api/payload.ts',
    edits: [
      [
        "if (bytes.length > 0 && typeof reason !== 'string'",
        "if (bytes.length < 0 && typeof reason !== 'string'",
      ],
    ],
  },
  {
    row: 17,
    undoes: 'streams that forget what others sent',
    file: 'node/spare-streams.ts',
    edits: [['    stream.reset();\n', '']],
  },
  {
    row: 18,
    undoes: 'a key for each frame',
    file: 'node/masking-key.ts',
    edits: [
      ['let used = POOL_BYTES;', 'let used = POOL_BYTES;\nlet filled = false;'],
      ['    randomFillSync(pool);', '    if (!filled) randomFillSync(pool);\n    filled = true;'],
    ],
  },
  {
    row: 18,
    undoes: 'the system’s random numbers',
    file: 'node/masking-key.ts',
    edits: [
      [
        'randomFillSync(pool);',
        'for (let i = 0; i < POOL_BYTES; i++) pool[i] = Math.floor(Math.random() * 255);',
      ],
    ],
  },
  {
    row: 18,
    undoes: 'masking in a copy',
    file: 'core/frame-serializer.ts',
    edits: [
      [
        '  frame.set(payload, payloadAt);\n  if (maskingKey !== undefined)',
        '  if (maskingKey !== undefined) applyMask(payload, 0, payload.length, maskingKey, 0);\n  frame.set(payload, payloadAt);\n  if (maskingKey === 0)',
      ],
    ],
  },
  {
    row: 19,
    undoes: 'deafness after a fault',
    file: 'core/protocol.ts',
    edits: [
      [
        '    this.#stopReading();\n    this.#sender?.dropWaiting(error);',
        '    this.#reading = "frames";\n    this.#sender?.dropWaiting(error);',
      ],
    ],
  },
  {
    row: 19,
    undoes: 'the mask that has to be there, or not',
    file: 'core/frame-header.ts',
    edits: [
      ['if (header.masked !== rules.masked) throw', 'if (header.masked && rules.masked === undefined) throw'],
    ],
  },
  {
    row: 20,
    undoes: 'the end of a peer that does not read',
    file: 'api/options.ts',
    edits: [["  slowPeer: 'close',", "  slowPeer: 'wait',"]],
  },
  {
    row: 21,
    undoes: 'the limit on pongs that wait',
    file: 'core/protocol.ts',
    edits: [['if (this.#pendingAutoPongs >= (', 'if (this.#pendingAutoPongs < 0 && (']],
  },
  {
    row: 21,
    undoes: 'the limit on pings and pongs',
    file: 'core/protocol.ts',
    edits: [['if (this.#tooManyFrames()) throw tooManyControlFrames();', '']],
  },
  {
    row: 21,
    undoes: 'the precedence of pongs',
    file: 'core/frame-sender.ts',
    edits: [
      [
        "return opcode !== CLOSE && (this.#waitsFor === 'room'",
        "return opcode === CLOSE && (this.#waitsFor === 'room'",
      ],
    ],
  },
  {
    row: 31,
    undoes: 'pongs that are forgotten',
    file: 'core/protocol.ts',
    edits: [
      [
        '    else this.#frameEvents.onPong(payload);',
        '    else ((this as { pongs?: unknown[] }).pongs ??= []).push(payload);',
      ],
    ],
  },
  {
    row: 35,
    undoes: 'a new stream behind the end of one',
    file: 'node/deflate-direction.ts',
    edits: [
      [
        "if (stream.usable && (!fin || 'own' in this.#source)) return;",
        "if (!fin || 'own' in this.#source) return;",
      ],
    ],
  },
];
