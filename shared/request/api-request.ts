/** The plain requests and responses that the core speaks, whichever host it runs in. */

import type { ConvertYAML } from '../runtime/serializer/yaml/convert-yaml.ts';

import type { RequestObserver } from './request-record.ts';

/** Header fields: names lower case, every field line kept. */
export type HeaderFields = ReadonlyMap<string, readonly string[]>;

/** What a host asks of answers that go on, in milliseconds. */
export interface StreamBounds {
  /**
   * A watch whose client said for how long, and so comes again, ends by then: the host can't always tell that a client
   * is gone, and goes on serving it.
   */
  readonly watchMs: number;
  /** The host cuts a body off that is silent for somewhat longer than this. */
  readonly silenceMs: number;
}

/** What an answer will take while it is put together. */
export interface AnswerSize {
  readonly bytes: number;
  /** Of the largest objects that become values for it at the same time, as they are stored; 0: stored bytes are sent as they are. */
  readonly objectBytes: number;
}

export interface ApiRequest {
  /** Upper case. */
  readonly method: string;
  /** As sent, still percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Where the request went, as the connection or the gateway has it: a name, with its port if one was given. */
  readonly host?: string | undefined;
  readonly headers: HeaderFields;
  readonly body: Uint8Array;
  /**
   * The body is still with the client, and `body` is empty: reads it, once, for a user, up to `maxBytes` and one more.
   * Rejects with a StatusError for what comes too slowly, or finds no room.
   */
  readonly readBody?: ((maxBytes: number, user: string) => Promise<Uint8Array>) | undefined;
  /** PEM of the client certificate the connection was made with, and the chain below it; not yet verified. */
  readonly clientCertificates?: readonly string[] | undefined;
  readonly remoteAddress?: string | undefined;
  /** Aborted when the client goes away, or when the host must end the answer. */
  readonly signal: AbortSignal;
  /** The host can send a body bit by bit. Where it can't, a watch is cut short and sent as one piece. */
  readonly canStream: boolean;
  /** Left out: answers may go on for as long as they like. */
  readonly streamBounds?: StreamBounds | undefined;
  /**
   * Asked once it is known who asks, before anything is done for him. Rejects with a StatusError, the answer, when he
   * has to come again.
   */
  readonly admit?: (() => Promise<void>) | undefined;
  /** Told when the answer has ended. */
  readonly onEnd?: RequestObserver | undefined;
  /** The host can turn the connection into a WebSocket: an answer may be 101. */
  readonly canUpgrade?: boolean | undefined;
  /** Counts this request as unauthenticated; too many end its HTTP/2 connection. Absent on other connections. */
  readonly countUnauthenticated?: (() => void) | undefined;
  /** Takes room for an answer before it is put together, or for the work before it. Throws a StatusError where there is none now. */
  readonly claimAnswer?: ((size: AnswerSize) => void) | undefined;
  /** The host reads large YAML where it holds up nobody. Absent: it is read where it is needed. */
  readonly convertYAML?: ConvertYAML | undefined;
}

/** The request with `changes`. Its signal is made when it is asked for, as before: a spread would ask for it. */
export function changedRequest(
  request: ApiRequest,
  changes: Partial<Omit<ApiRequest, 'signal'>>,
): ApiRequest {
  const same: { [K in keyof Required<ApiRequest>]: ApiRequest[K] } = {
    method: request.method,
    path: request.path,
    query: request.query,
    host: request.host,
    headers: request.headers,
    body: request.body,
    readBody: request.readBody,
    clientCertificates: request.clientCertificates,
    remoteAddress: request.remoteAddress,
    canStream: request.canStream,
    streamBounds: request.streamBounds,
    admit: request.admit,
    onEnd: request.onEnd,
    canUpgrade: request.canUpgrade,
    countUnauthenticated: request.countUnauthenticated,
    claimAnswer: request.claimAnswer,
    convertYAML: request.convertYAML,
    get signal() {
      return request.signal;
    },
  };
  return Object.assign(same, changes);
}

/** 101 has a body of messages: each chunk is one, text or bytes, and the WebSocket is closed after the last. */
export interface ApiResponse {
  readonly status: number;
  /** Names lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
  /** The messages of a 101 are text. */
  readonly isText?: boolean | undefined;
}

/** Serves one request. Never throws: what goes wrong becomes a Status. */
export type ApiHandler = (request: ApiRequest) => Promise<ApiResponse>;

/** The first value of a header field. */
export function headerOf(headers: HeaderFields, name: string): string | undefined {
  return headers.get(name)?.[0];
}

/** Collects field lines under lower-case names. */
export function headerFields(lines: Iterable<readonly [string, string]>): HeaderFields {
  const fields = new Map<string, string[]>();
  for (const [name, value] of lines) {
    const key = name.toLowerCase();
    const values = fields.get(key);
    if (values === undefined) fields.set(key, [value]);
    else values.push(value);
  }
  return fields;
}
