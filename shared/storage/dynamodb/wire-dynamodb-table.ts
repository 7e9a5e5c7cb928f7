/**
 * `DynamoDBTable` over an emulator on this machine, which accepts unsigned requests: DynamoDB's JSON on plain sockets,
 * at a fraction of the SDK's cost per call, and without loading the SDK.
 */

import { connect, type Socket } from 'node:net';
import { BASE64 } from './attributes.ts';
import { callFailure, callRefusal, type RefusalBody } from './call-failure.ts';
import { ConnectedTable, type ConnectedTableOptions } from './connected-table.ts';
import {
  ANONYMOUS_HEADERS,
  type Answer,
  type CallFailure,
  type Connection,
  type Operation,
  REQUEST_TIMEOUT_MS,
  type SendOptions,
} from './connection.ts';
import { TableError } from './dynamodb-table.ts';
import { PageLimits } from './page-limits.ts';

export interface WireDynamoDBTableOptions extends Pick<ConnectedTableOptions, 'tableName' | 'onCapacity'> {
  /** `http://host:port`, or `unix:PATH` of a socket. */
  readonly endpoint: string;
  /** Milliseconds after which a request without a response counts as lost. */
  readonly requestTimeout?: number | undefined;
  /** Milliseconds since the epoch, by the log's clock. */
  readonly now?: (() => number) | undefined;
  readonly onCapacity?: ConnectedTableOptions['onCapacity'];
}

export class WireDynamoDBTable extends ConnectedTable {
  constructor(options: WireDynamoDBTableOptions) {
    super(new WireConnection(options), { ...options, pageLimits: new PageLimits() });
  }
}

/** Maximum number of sockets; further requests wait for one. */
const MAX_SOCKETS = 50;

interface Exchange {
  readonly operation: Operation;
  readonly body: string;
  readonly notAfter: number | undefined;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: CallFailure | TableError) => void;
}

/** Arguments of `connect`. */
type Place = { readonly host: string; readonly port: number } | { readonly path: string };

const UNIX = 'unix:';

function placeOf(endpoint: string): { readonly host: string; readonly place: Place } {
  if (endpoint.startsWith(UNIX)) return { host: 'localhost', place: { path: endpoint.slice(UNIX.length) } };
  const { host, hostname, port } = new URL(endpoint);
  return { host, place: { host: hostname, port: Number(port || 80) } };
}

class WireConnection implements Connection {
  readonly bytes = BASE64;
  readonly #options: WireDynamoDBTableOptions;
  readonly #place: Place;
  readonly #head: string;
  readonly #sockets = new Set<WireSocket>();
  readonly #idle: WireSocket[] = [];
  readonly #waiting: Exchange[] = [];

  constructor(options: WireDynamoDBTableOptions) {
    const { host, place } = placeOf(options.endpoint);
    this.#options = options;
    this.#place = place;
    const headers = { host, 'content-type': 'application/x-amz-json-1.0', ...ANONYMOUS_HEADERS };
    this.#head = Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('');
  }

  send(operation: Operation, input: object, { notAfter }: SendOptions = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ operation, body: JSON.stringify(input), notAfter, resolve, reject });
      const socket = this.#idle.pop() ?? (this.#sockets.size < MAX_SOCKETS ? this.#open() : undefined);
      if (socket !== undefined) this.#next(socket);
    });
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    for (const { reject } of this.#waiting.splice(0))
      reject(callFailure('Closed', 'the connection was closed'));
  }

  #open(): WireSocket {
    const socket = new WireSocket(this.#place, {
      timeoutMs: this.#options.requestTimeout ?? REQUEST_TIMEOUT_MS,
      onFree: () => this.#next(socket),
      onEnd: () => this.#ended(socket),
    });
    this.#sockets.add(socket);
    return socket;
  }

  /** Assigns the request that has waited longest to a free socket. */
  #next(socket: WireSocket): void {
    const now = this.#options.now ?? Date.now;
    for (;;) {
      const exchange = this.#waiting.shift();
      if (exchange === undefined) break;
      const { operation, body, notAfter } = exchange;
      if (notAfter !== undefined && now() > notAfter) {
        exchange.reject(new TableError('TooLate', 'the revision is too old to write with'));
        continue;
      }
      const length = Buffer.byteLength(body);
      const head = `POST / HTTP/1.1\r\n${this.#head}x-amz-target: DynamoDB_20120810.${operation}\r\n`;
      socket.exchange(`${head}content-length: ${length}\r\n\r\n${body}`, exchange);
      return;
    }
    this.#idle.push(socket);
    socket.unref();
  }

  #ended(socket: WireSocket): void {
    this.#sockets.delete(socket);
    const at = this.#idle.indexOf(socket);
    if (at >= 0) this.#idle.splice(at, 1);
    if (this.#waiting.length > 0) this.#next(this.#open());
  }
}

interface WireSocketOptions {
  readonly timeoutMs: number;
  /** Called when the response is complete, and another request may be sent. */
  readonly onFree: () => void;
  /** Called when no more requests can be sent. */
  readonly onEnd: () => void;
}

const END_OF_HEAD = Buffer.from('\r\n\r\n');

/** One socket with one request at a time. The end of the socket fails the request in flight. */
class WireSocket {
  readonly #options: WireSocketOptions;
  readonly #socket: Socket;
  #exchange: Exchange | undefined;
  #timer: NodeJS.Timeout | undefined;
  #chunks: Buffer[] = [];
  #received = 0;
  /** Length of the response including its head; unset until the head is complete. */
  #expected: number | undefined;
  #bodyAt = 0;

  constructor(place: Place, options: WireSocketOptions) {
    this.#options = options;
    this.#socket = connect({ ...place, noDelay: true });
    this.#socket.on('data', (chunk) => this.#take(chunk));
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.#fail(error.code ?? error.name, error));
    this.#socket.on('close', () => {
      this.#fail('Closed', new Error('the connection ended before the response'));
      options.onEnd();
    });
  }

  exchange(request: string, exchange: Exchange): void {
    this.#exchange = exchange;
    this.#socket.ref();
    this.#timer = setTimeout(() => {
      this.#fail('TimeoutError', new Error(`no response in ${this.#options.timeoutMs} ms`));
      this.#socket.destroy();
    }, this.#options.timeoutMs);
    this.#socket.write(request);
  }

  unref(): void {
    this.#socket.unref();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#received += chunk.length;
    if (this.#expected === undefined && !this.#readHead()) return;
    if (this.#received < this.#expected!) return;
    const answer = this.#joined();
    const status = Number(answer.toString('latin1', 9, 12));
    const body = answer.toString('utf8', this.#bodyAt, this.#expected);
    this.#chunks = [];
    this.#received = 0;
    this.#expected = undefined;
    this.#answer(status, body);
  }

  /** Parses the response head; false until it is complete. */
  #readHead(): boolean {
    const all = this.#joined();
    const end = all.indexOf(END_OF_HEAD);
    if (end < 0) return false;
    const length = /\r\ncontent-length: *(\d+)/i.exec(all.toString('latin1', 0, end))?.[1];
    if (length === undefined) {
      this.#socket.destroy(new Error('a response without a length'));
      return false;
    }
    this.#bodyAt = end + END_OF_HEAD.length;
    this.#expected = this.#bodyAt + Number(length);
    return true;
  }

  #joined(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]!;
  }

  #answer(status: number, body: string): void {
    const exchange = this.#end();
    // No request is in flight: the data would be mistaken for the next response.
    if (exchange === undefined) {
      this.destroy();
      return;
    }
    try {
      const answer = JSON.parse(body) as Answer & RefusalBody;
      if (status < 300) exchange.resolve(answer);
      else exchange.reject(callRefusal(status, answer));
    } catch (cause) {
      exchange.reject(callFailure('SyntaxError', `response with status ${status}: ${cause}`, status));
    }
    this.#options.onFree();
  }

  #fail(name: string, error: Error): void {
    this.#end()?.reject(callFailure(name, error.message));
  }

  #end(): Exchange | undefined {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    clearTimeout(this.#timer);
    return exchange;
  }
}
