/** The host-independent requests and responses that the core handles. */

import type { ConvertYAML } from '../runtime/serializer/yaml/convert-yaml.ts';
import type { Holder } from '../util/turns.ts';

import type { RequestObserver } from './request-record.ts';

/** Header fields by lower-case name; every field line is kept. */
export type HeaderFields = ReadonlyMap<string, readonly string[]>;

/** Limits that a host sets on streamed responses, in milliseconds. */
export interface StreamBounds {
  /**
   * A watch whose client set a timeout, and therefore reconnects, ends within this time: the host can't always detect
   * that a client is gone and would keep serving it.
   */
  readonly watchMs: number;
  /** The host closes a response body that is silent for slightly longer than this. */
  readonly silenceMs: number;
}

/** Memory that a response takes while it is assembled. */
export interface AnswerSize {
  readonly bytes: number;
  /** Stored size of the largest objects decoded at the same time; 0 if stored bytes are sent unchanged. */
  readonly objectBytes: number;
}

export interface ApiRequest {
  /** Upper case. */
  readonly method: string;
  /** As sent, still percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The host addressed, as reported by the connection or the gateway: a name, with the port if one was given. */
  readonly host?: string | undefined;
  readonly headers: HeaderFields;
  readonly body: Uint8Array;
  /**
   * Set if the body has not been received yet; `body` is then empty. Reads it, once, on behalf of `user`, up to
   * `maxBytes` plus one byte. Rejects with a StatusError if the body arrives too slowly or there is no memory for it.
   */
  readonly readBody?: ((maxBytes: number, user: string) => Promise<Uint8Array>) | undefined;
  /** The client certificate of the connection and its chain, PEM; not yet verified. */
  readonly clientCertificates?: readonly string[] | undefined;
  readonly remoteAddress?: string | undefined;
  /** Aborted when the client disconnects, or when the host must end the response. */
  readonly signal: AbortSignal;
  /** Whether the host can stream a body. If not, a watch is cut short and sent in one piece. */
  readonly canStream: boolean;
  /** Undefined: responses may stream without a limit. */
  readonly streamBounds?: StreamBounds | undefined;
  /**
   * Called once the user is authenticated, before any work is done for the request. Rejects with a StatusError, which
   * is the response, if the client must retry later.
   */
  readonly admit?: (() => Promise<void>) | undefined;
  /** Called once the user is authenticated, with the user's recent time on the event loop, for fairness. */
  readonly identified?: ((party: Holder) => void) | undefined;
  /** Called when the response has ended. */
  readonly onEnd?: RequestObserver | undefined;
  /** Whether the host can upgrade the connection to a WebSocket: the response may then be a 101. */
  readonly canUpgrade?: boolean | undefined;
  /** Counts this request as unauthenticated; too many end its HTTP/2 connection. Absent on other connections. */
  readonly countUnauthenticated?: (() => void) | undefined;
  /**
   * Reserves memory for a response before it is assembled, or for the work before that. Throws a StatusError if there
   * is none at present.
   */
  readonly claimAnswer?: ((size: AnswerSize) => void) | undefined;
  /**
   * Reserves memory for as long as the request and its response last, of which one user has half at most. Throws a
   * StatusError if there is none at present.
   */
  readonly claimMemory?: ((bytes: number, user: string) => void) | undefined;
  /** Converts large YAML off the event loop. Absent: YAML is parsed in place. */
  readonly convertYAML?: ConvertYAML | undefined;
}

/** The request with `changes`. `signal` stays a lazy getter; a spread would evaluate it. */
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
    identified: request.identified,
    onEnd: request.onEnd,
    canUpgrade: request.canUpgrade,
    countUnauthenticated: request.countUnauthenticated,
    claimAnswer: request.claimAnswer,
    claimMemory: request.claimMemory,
    convertYAML: request.convertYAML,
    get signal() {
      return request.signal;
    },
  };
  return Object.assign(same, changes);
}

/**
 * The body of a 101 consists of messages: each chunk is one, text or binary, and the WebSocket is closed after the
 * last.
 */
export interface ApiResponse {
  readonly status: number;
  /** Header fields by lower-case name. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
  /** Whether the messages of a 101 are text. */
  readonly isText?: boolean | undefined;
}

/** Serves one request. Never rejects: errors become a Status. */
export type ApiHandler = (request: ApiRequest) => Promise<ApiResponse>;

/** Returns the first value of a header field. */
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
