import type { Mutation } from './mutation.ts';

/** Of what stands against handshakes, sockets and other hosts. */
export const HANDSHAKE_MUTATIONS: readonly Mutation[] = [
  {
    row: 6,
    undoes: 'the range of window bits',
    file: 'handshake/deflate-offer.ts',
    edits: [
      [
        '    if (parameter.value === String(bits)) return bits;',
        '    if (parameter.value !== true) return Number(parameter.value);',
      ],
    ],
  },
  {
    row: 6,
    undoes: 'care for the window that zlib has none of',
    file: 'node/deflate.ts',
    edits: [['const MIN_DEFLATE_WINDOW_BITS = 9;', 'const MIN_DEFLATE_WINDOW_BITS = 8;']],
  },
  {
    row: 9,
    undoes: 'the exact version',
    file: 'handshake/server-handshake.ts',
    edits: [
      ["if (version === '13') return 13;", 'if (Number.parseInt(String(version), 10) === 13) return 13;'],
    ],
  },
  {
    row: 9,
    undoes: 'the list of versions',
    file: 'handshake/server-handshake.ts',
    edits: [["'Sec-WebSocket-Version': '13, 8',", "'Sec-WebSocket-Version': '13',"]],
  },
  {
    row: 9,
    undoes: 'the accept value of a response',
    file: 'handshake/client-handshake.ts',
    edits: [
      [
        "if (headerText(headers, 'sec-websocket-accept') !== ",
        "if ((headerText(headers, 'sec-websocket-accept') ?? acceptFor(expected.key, sha1Base64)) !== ",
      ],
    ],
  },
  {
    row: 9,
    undoes: 'continuations of something only',
    file: 'core/frame-header.ts',
    edits: [
      [
        '} else if ((opcode === CONTINUATION) !== rules.fragmented) {',
        '} else if (opcode !== CONTINUATION && rules.fragmented) {',
      ],
    ],
  },
  {
    row: 11,
    undoes: 'looking at each character once',
    file: 'handshake/header-grammar.ts',
    edits: [
      [
        'while (isWhitespace(this.#code)) this.#position++;',
        'while (isWhitespace(this.#code)) for (let i = this.#position++; i > 0; i--) this.#text.charCodeAt(i);',
      ],
    ],
  },
  {
    row: 11,
    undoes: 'answers to what cannot be parsed',
    file: 'handshake/server-handshake.ts',
    edits: [
      [
        '  } catch {\n    return undefined;',
        '  } catch (error) {\n    if (String(error).includes("index 0")) throw error;\n    return undefined;',
      ],
    ],
  },
  {
    row: 12,
    undoes: 'names that are nothing but names',
    file: 'handshake/header-grammar.ts',
    edits: [
      [
        '    offers.push({ name, parameters });',
        '    if (name in offers) throw new Error(name);\n    offers.push({ name, parameters });',
      ],
    ],
  },
  {
    row: 12,
    undoes: 'tokens only in quotes',
    file: 'handshake/header-grammar.ts',
    edits: [['      if (!isTokenCharCode(this.#code)) throw', '      if (this.atEnd) throw']],
  },
  {
    row: 12,
    undoes: 'values as they were written',
    file: 'handshake/header-grammar.ts',
    edits: [['return value === true ? name : ', 'return value === true ? name.toUpperCase() : ']],
  },
  {
    row: 13,
    undoes: 'headers that may be missing',
    file: 'handshake/server-handshake.ts',
    edits: [
      ["headerText(headers, 'upgrade')?.toLowerCase()", "(headers['upgrade'] as string).toLowerCase()"],
    ],
  },
  {
    row: 13,
    undoes: 'a key that has to be there',
    file: 'handshake/accept-key.ts',
    edits: [
      ["if (key.length !== KEY_LENGTH || !key.endsWith('==')) return false;", 'if (!key) return true;'],
    ],
  },
  {
    row: 13,
    undoes: 'an accept value that has to be there, once',
    file: 'handshake/client-handshake.ts',
    edits: [
      [
        "headerText(headers, 'sec-websocket-accept') !== acceptFor",
        "!(headerText(headers, 'sec-websocket-accept') ?? acceptFor(expected.key, sha1Base64)).startsWith(acceptFor(expected.key, sha1Base64)) || !acceptFor",
      ],
    ],
  },
  {
    row: 14,
    undoes: 'tokens of ASCII',
    file: 'handshake/header-grammar.ts',
    edits: [['return TOKEN_CHARS[code] === 1;', 'return TOKEN_CHARS[code] === 1 || code > 127;']],
  },
  {
    row: 14,
    undoes: 'the subprotocol as it was asked for',
    file: 'handshake/client-handshake.ts',
    edits: [['(subprotocol) => subprotocol === header', '(subprotocol) => header.startsWith(subprotocol)']],
  },
  {
    row: 15,
    undoes: 'the limit on heads',
    file: 'handshake/head-parser.ts',
    edits: [['maxHeadBytes: 16 * 1024,', 'maxHeadBytes: 1024 * 1024,']],
  },
  {
    row: 15,
    undoes: 'reading on where the last chunk ended',
    file: 'handshake/head-parser.ts',
    edits: [['return this.#carried + this', 'return this.#carried.slice(0) + this']],
  },
  {
    row: 15,
    undoes: 'the limit of node:http',
    file: 'node/http-attempt.ts',
    edits: [["      method: 'GET',", "      method: 'GET',\n      maxHeaderSize: 2 ** 20,"]],
  },
  {
    row: 16,
    undoes: 'the check of header values',
    file: 'handshake/header-grammar.ts',
    edits: [['if (!isFieldValueCharCode(value.charCodeAt(i))) return false;', 'i++;']],
  },
  {
    row: 16,
    undoes: 'the check of header names',
    file: 'handshake/header-grammar.ts',
    edits: [['  if (!isToken(name)) {', '  if (!name) {']],
  },
  {
    row: 16,
    undoes: 'the check of lines of a response',
    file: 'handshake/header-grammar.ts',
    edits: [['if (FIELD_VALUE_CHARS[text.charCodeAt(i)] === 0) return false;', 'i++;']],
  },
  {
    row: 16,
    undoes: 'base64 for userinfo',
    file: 'node/userinfo.ts',
    edits: [["toString('base64')", "toString('latin1')"]],
  },
  {
    row: 22,
    undoes: 'the listener to errors of a connection’s socket',
    file: 'node/connection.ts',
    edits: [[".on('finish', finish).on('error', error);", ".on('finish', finish).off('error', error);"]],
  },
  {
    row: 22,
    undoes: 'the listener to errors before the request',
    file: 'node/raw-server.ts',
    edits: [["    this.#socket.on('error', ignore);", '']],
  },
  {
    row: 22,
    undoes: 'errors that nobody has to listen to',
    file: 'api/error-channel.ts',
    edits: [
      [
        "if (websocket.listenerCount('error') > 0) emitSafely(websocket, 'error', error);",
        "websocket.emit('error', error);",
      ],
    ],
  },
  {
    row: 25,
    undoes: 'whole origins',
    file: 'handshake/origin.ts',
    edits: [
      [
        'found !== undefined && origins.includes(found)',
        'found !== undefined && origins.some((own) => own !== undefined && found.startsWith(own))',
      ],
    ],
  },
  {
    row: 25,
    undoes: 'schemes',
    file: 'handshake/origin.ts',
    edits: [["secure ? 'https' : 'http'", "secure ? 'http' : 'http'"]],
  },
  {
    row: 25,
    undoes: 'the refusal of pages without an origin',
    file: 'handshake/origin.ts',
    edits: [
      [
        '    if (origin === undefined) return true;',
        '    if (origin === undefined || origin === NO_ORIGIN) return true;',
      ],
    ],
  },
  {
    row: 27,
    undoes: 'the limit on connections',
    file: 'api/websocket-server.ts',
    edits: [['this.#connections.size >= this.#maxConnections', 'this.#connections.size < 0']],
  },
  {
    row: 27,
    undoes: 'the time for a request',
    file: 'node/raw-server.ts',
    edits: [['if (handshakeTimeout > 0) this.#timer', 'if (handshakeTimeout < 0) this.#timer']],
  },
  {
    row: 27,
    undoes: 'the end of silent peers',
    file: 'api/heartbeat.ts',
    edits: [['    pulse.ws.terminate();', '']],
  },
  {
    row: 28,
    undoes: 'credentials that stay',
    file: 'api/redirect-chain.ts',
    edits: [["['authorization', 'cookie', 'proxy-authorization']", "['authorization', 'cookie']"]],
  },
  {
    row: 28,
    undoes: 'credentials that stay within TLS',
    file: 'api/redirect-chain.ts',
    edits: [['(!sameHost || (this.#first.secure && !destination.secure))', '!sameHost']],
  },
  {
    row: 28,
    undoes: 'the first host as the one that counts',
    file: 'api/redirect-chain.ts',
    edits: [
      [
        'const sameHost = isSameHost(this.#first, destination);',
        "const sameHost = isSameHost(this.#first, destination) || destination.url.host === 'c.example';",
      ],
    ],
  },
  {
    row: 29,
    undoes: 'certificates that are verified',
    file: 'node/open-socket.ts',
    edits: [
      ['...options, ...where, servername }', '...options, ...where, servername, rejectUnauthorized: false }'],
    ],
  },
  {
    row: 29,
    undoes: 'certificates that are verified, by node:http',
    file: 'node/http-attempt.ts',
    edits: [['    servername: name,', '    servername: name,\n    rejectUnauthorized: false,']],
  },
  {
    row: 29,
    undoes: 'TLS whatever the address',
    file: 'node/open-socket.ts',
    edits: [
      ['if (secure) return', 'if (secure && !(options as { headers?: object }).headers) return'],
      [
        "{ secure }: SocketTarget): 'connect' | 'secureConnect' {\n  return secure",
        "{ secure, options }: SocketTarget): 'connect' | 'secureConnect' {\n  return secure && !(options as { headers?: object }).headers",
      ],
    ],
  },
  {
    row: 29,
    undoes: 'certificates of proxies that are verified',
    file: 'node/proxy/tunnel.ts',
    edits: [['secure ? { ...tls, ...chosen }', 'secure ? { rejectUnauthorized: false, ...tls, ...chosen }']],
  },
  {
    row: 29,
    undoes: 'TLS behind a proxy',
    file: 'node/dial.ts',
    edits: [['    if (this.#target.secure) {', '    if (this.#target.secure && !this.#tunnel) {']],
  },
  {
    row: 29,
    undoes: 'TLS behind a proxy, by node:http',
    file: 'node/http-attempt.ts',
    edits: [['target.secure ? secured(target, socket) : socket', 'socket']],
  },
  {
    row: 30,
    undoes: 'http/1.1 alone',
    file: 'node/open-socket.ts',
    edits: [["= ['http/1.1']", "= ['h2', 'http/1.1']"]],
  },
  {
    row: 30,
    undoes: 'the end of sessions without streams',
    file: 'node/http2-sessions.ts',
    edits: [['if (idleTimeout > 0) timer', 'if (idleTimeout < 0) timer']],
  },
  {
    row: 30,
    undoes: 'the limit of streams',
    file: 'node/http2-sessions.ts',
    edits: [['  maxConcurrentStreams: MAX_STREAMS_PER_SESSION,\n', '']],
  },
  {
    row: 30,
    undoes: 'the limit of heads',
    file: 'node/http2-sessions.ts',
    edits: [['  maxHeaderListSize: DEFAULT_HEAD_LIMITS.maxHeadBytes,\n', '']],
  },
  {
    row: 30,
    undoes: 'the time that an answer may take',
    file: 'node/connect-carrier.ts',
    edits: [['  cutOffLater(stream);', '']],
  },
  {
    row: 30,
    undoes: 'the limit of origins',
    file: 'node/http2-client-session.ts',
    edits: [['    if (origins > MAX_ORIGINS) session.destroy();', '']],
  },
  {
    row: 30,
    undoes: 'sessions for one set of options',
    file: 'node/http2-client-pool.ts',
    edits: [['NOT_OF_THE_SOCKET.has(name) || isSame', 'name !== "" || isSame']],
  },
  {
    row: 32,
    undoes: 'servers without passwords',
    file: 'handshake/server-handshake.ts',
    edits: [
      [
        "  if (method !== 'GET') return",
        "  if (headers.authorization === 'Basic YTpi') return refused(401, '');\n  if (method !== 'GET') return",
      ],
    ],
  },
  {
    row: 33,
    undoes: 'redirects only for who asks',
    file: 'api/client-opening.ts',
    edits: [['if (options.followRedirects) this', 'if (options.followRedirects ?? true) this']],
  },
  {
    row: 33,
    undoes: 'care for redirects to Unix sockets',
    file: 'api/client-opening.ts',
    edits: [['    assertReachable(from, this.#destination);', '']],
  },
  {
    row: 33,
    undoes: 'the number of redirects',
    file: 'api/options.ts',
    edits: [['  maxRedirects: 10,', '  maxRedirects: 20,']],
  },
  {
    row: 33,
    undoes: 'no relay',
    file: 'index.ts',
    edits: [
      [
        'export default WebSocket;',
        "import net from 'node:net';\nexport const relay = (port: number) => net.connect(port);\nexport default WebSocket;",
      ],
    ],
  },
  {
    row: 34,
    undoes: 'the time of a client’s handshake',
    file: 'node/opening-handshake.ts',
    edits: [['if (handshakeTimeout > 0) {', 'if (handshakeTimeout < 0) {']],
  },
  {
    row: 34,
    undoes: 'the time of a server’s handshake',
    file: 'node/raw-server.ts',
    edits: [['if (handshakeTimeout > 0) this.#timer', 'if (handshakeTimeout < 0) this.#timer']],
  },
  {
    row: 34,
    undoes: 'the time of a closing handshake',
    file: 'node/connection.ts',
    edits: [
      ['if (this.#closeTimer !== undefined || this.socket.destroyed) return;', 'if (this.socket) return;'],
    ],
  },
  {
    row: 34,
    undoes: 'the time of a peer that has ended its half',
    file: 'node/connection.ts',
    edits: [['    this.#closing();\n    this.#protocol.whenSent', '    this.#protocol.whenSent']],
  },
  {
    row: 34,
    undoes: 'the heartbeat',
    file: 'api/heartbeat.ts',
    edits: [['    pulse.ws.terminate();', '']],
  },
  {
    row: 34,
    undoes: 'the word of ends without a Close frame',
    file: 'node/connection.ts',
    edits: [
      [
        '      this.#events.onClosed(this.#protocol.closeSent);',
        '      if (this.#protocol.closeSent) this.#events.onClosed(true);',
      ],
    ],
  },
  {
    row: 34,
    undoes: 'the end of a socket whose peer has ended',
    file: 'node/connection.ts',
    edits: [
      [
        '    if (this.#endsByClosing) {\n      this.socket.destroy();\n      return;\n    }',
        '    if (this.#endsByClosing) return;',
      ],
    ],
  },
  {
    row: 34,
    undoes: 'the end of the stream when both Close frames went',
    file: 'core/protocol.ts',
    edits: [["    if (sent && this.#reading === 'over') this.#transport.end();", '']],
  },
  {
    row: 34,
    undoes: 'the end of a request that is cut off',
    file: 'node/raw-server.ts',
    edits: [
      [
        'createServer({ noDelay: true }, accept)',
        'createServer({ noDelay: true, allowHalfOpen: true }, accept)',
      ],
    ],
  },
];
