import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { cancelStream, type Http2Stream, hasEnded } from './http2-stream.ts';

/** Of what was written in one turn, as one. */
type Chunks = ReadonlyArray<{ readonly chunk: Buffer }>;

type WriteCallback = (error?: Error | null) => void;

/**
 * A stream of HTTP/2 as a socket: what it ends goes out as END_STREAM, what it destroys before as RST_STREAM with CANCEL
 * (RFC 8441 §5). What is asked of the connection is asked of the one that all streams of the session are on.
 */
export class Http2Socket extends Duplex {
  readonly stream: Http2Stream;

  constructor(stream: Http2Stream) {
    super({ allowHalfOpen: true, decodeStrings: true });
    this.stream = stream;
    stream.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) stream.pause();
    });
    stream.on('end', () => this.push(null));
    stream.on('error', (error) => this.destroy(error));
    stream.on('close', () => this.#onClose());
    stream.pause();
    if (stream.destroyed) process.nextTick(() => this.#onClose());
  }

  get remoteAddress(): string | undefined {
    return this.#connection?.remoteAddress;
  }

  get remotePort(): number | undefined {
    return this.#connection?.remotePort;
  }

  get remoteFamily(): string | undefined {
    return this.#connection?.remoteFamily;
  }

  get localAddress(): string | undefined {
    return this.#connection?.localAddress;
  }

  get localPort(): number | undefined {
    return this.#connection?.localPort;
  }

  /** Whether the session is on TLS. */
  get encrypted(): boolean {
    return this.#connection?.encrypted ?? false;
  }

  get authorized(): boolean {
    return this.#connection?.authorized ?? false;
  }

  /** What TLS says of the peer; `undefined` without TLS, and when the session is closed. */
  getPeerCertificate(detailed = false): ReturnType<TLSSocket['getPeerCertificate']> | undefined {
    const connection = this.#connection;
    return connection?.encrypted ? connection.getPeerCertificate(detailed) : undefined;
  }

  /** Tells 'timeout' when the stream is idle for so many milliseconds; 0 for never. */
  setTimeout(timeoutMs: number, callback?: () => void): this {
    this.stream.setTimeout(timeoutMs, () => this.emit('timeout'));
    if (callback !== undefined) this.once('timeout', callback);
    return this;
  }

  /** Does nothing: the session has no delay. */
  setNoDelay(): this {
    return this;
  }

  /** Does nothing: it is the session's. */
  setKeepAlive(): this {
    return this;
  }

  override _read(): void {
    this.stream.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: WriteCallback): void {
    if (this.#isAnswered(callback)) this.stream.write(chunk, callback);
  }

  override _writev(chunks: Chunks, callback: WriteCallback): void {
    if (!this.#isAnswered(callback)) return;
    const { stream } = this;
    const last = chunks.length - 1;
    stream.cork();
    chunks.forEach(({ chunk }, i) => {
      stream.write(chunk, i === last ? callback : undefined);
    });
    stream.uncork();
  }

  override _final(callback: WriteCallback): void {
    this.stream.end(() => callback());
  }

  override _destroy(error: Error | null, callback: WriteCallback): void {
    if (!this.stream.closed && !hasEnded(this.stream)) cancelStream(this.stream);
    callback(error);
  }

  /** The connection of the session, while there is one. */
  get #connection(): TLSSocket | undefined {
    const { session } = this.stream;
    return session === undefined || session.destroyed ? undefined : (session.socket as Socket as TLSSocket);
  }

  /** Written to before there is a response, the stream would begin one by itself, which accepts. */
  #isAnswered(callback: WriteCallback): boolean {
    if ((this.stream as ServerHttp2Stream).headersSent !== false) return true;
    callback(new Error('Over HTTP/2 a request is answered by stream.respond()'));
    return false;
  }

  /** A stream that ended both ways is read to its end first, as a socket is. */
  #onClose(): void {
    const { stream } = this;
    if (stream.rstCode !== 0 || !stream.readableEnded) this.destroy();
  }
}
