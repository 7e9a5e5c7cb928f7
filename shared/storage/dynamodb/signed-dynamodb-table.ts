/**
 * `DynamoDBTable` in AWS without the SDK: signs the one kind of request that DynamoDB's API has. For functions, whose
 * cold starts depend on the amount of code.
 */

import { Agent as PlainAgent, request as plainRequest, type RequestOptions } from 'node:http';
import { Agent, request } from 'node:https';
import {
  type AWSCredentials,
  SIGNATURE_ALGORITHM,
  sha256,
  signatureDate,
  signatureOf,
  signatureScope,
  signingKey,
} from '../../util/aws-signature.ts';
import { BASE64 } from './attributes.ts';
import { callFailure, callRefusal, type RefusalBody } from './call-failure.ts';
import { ConnectedTable, type ConnectedTableOptions } from './connected-table.ts';
import {
  type Answer,
  type CallFailure,
  type Connection,
  type Operation,
  REQUEST_TIMEOUT_MS,
  type SendOptions,
} from './connection.ts';
import { TableError } from './dynamodb-table.ts';

export interface SignedDynamoDBTableOptions extends Pick<ConnectedTableOptions, 'tableName' | 'onCapacity'> {
  /** `https://host`, or `http://host:port` of an emulator. */
  readonly endpoint: string;
  readonly region: string;
  /** Credentials valid for as long as the table is used, or a provider. */
  readonly credentials: AWSCredentials | CredentialsProvider;
  /** Milliseconds after which a request without a response counts as lost. */
  readonly requestTimeout?: number | undefined;
  /** Milliseconds since the epoch, by the log's clock. */
  readonly now?: (() => number) | undefined;
}

/** Called again some minutes before `expiration`. */
export type CredentialsProvider = () => Promise<AWSCredentials & { readonly expiration?: Date | undefined }>;

export class SignedDynamoDBTable extends ConnectedTable {
  constructor(options: SignedDynamoDBTableOptions) {
    super(new SignedConnection(options), options);
  }
}

const MAX_SOCKETS = 50;
const CONNECTION_TIMEOUT_MS = 2_000;
/** Tolerated clock difference from DynamoDB, which accepts signatures up to five minutes off; less, as a margin. */
const SKEW_MS = 4 * 60_000;
/** Time before their expiration at which credentials are renewed. */
const RENEWED_MS = 5 * 60_000;
/** Names of DynamoDB's errors for a signature whose time it rejects, among other reasons. */
const SIGNATURE_REFUSALS: ReadonlySet<string> = new Set([
  'InvalidSignatureException',
  'RequestExpired',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
]);

interface Reply {
  readonly status: number;
  readonly body: string;
}

class SignedConnection implements Connection {
  readonly bytes = BASE64;
  readonly #options: SignedDynamoDBTableOptions;
  readonly #url: URL;
  readonly #agent: PlainAgent;
  readonly #request: typeof request;
  /** How far DynamoDB's clock is ahead of this machine's, if that matters. */
  #aheadMs = 0;
  readonly #credentials: () => AWSCredentials | Promise<AWSCredentials>;
  /** The signing key of the last day and secret. */
  #key: { readonly day: string; readonly secret: string; readonly key: Buffer } | undefined;

  constructor(options: SignedDynamoDBTableOptions) {
    this.#options = options;
    this.#url = new URL(options.endpoint);
    const { credentials } = options;
    this.#credentials = typeof credentials === 'function' ? keeping(credentials) : () => credentials;
    const isPlain = this.#url.protocol === 'http:';
    this.#request = isPlain ? plainRequest : request;
    this.#agent = new (isPlain ? PlainAgent : Agent)({ keepAlive: true, maxSockets: MAX_SOCKETS });
  }

  async send(operation: Operation, input: object, options: SendOptions = {}): Promise<Answer> {
    const body = Buffer.from(JSON.stringify(input));
    const before = this.#aheadMs;
    try {
      return await this.#ask(operation, body, options);
    } catch (error) {
      // The response's date corrected the clock; a request refused for its signature had no effect.
      if (this.#aheadMs === before || !SIGNATURE_REFUSALS.has((error as CallFailure).name)) throw error;
      return await this.#ask(operation, body, options);
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  async #ask(operation: Operation, body: Buffer, { notAfter }: SendOptions): Promise<Answer> {
    const { now = Date.now } = this.#options;
    const headers = this.#sign(operation, body, await this.#credentials());
    // After signing: signatures expire, so a process frozen from here on can't write hours later.
    if (notAfter !== undefined && now() > notAfter)
      throw new TableError('TooLate', 'the revision is too old to write with');
    const { status, body: text } = await this.#exchange(headers, body);
    let answer: Answer & RefusalBody;
    try {
      answer = JSON.parse(text) as Answer & RefusalBody;
    } catch (cause) {
      throw callFailure('SyntaxError', `answer of status ${status}: ${cause}`, status);
    }
    if (status >= 300) throw callRefusal(status, answer);
    return answer;
  }

  #sign(operation: Operation, body: Buffer, credentials: AWSCredentials): Record<string, string> {
    const { region } = this.#options;
    const { accessKeyId, secretAccessKey, sessionToken } = credentials;
    const date = signatureDate(Date.now() + this.#aheadMs);
    const scope = signatureScope(date, region, 'dynamodb');
    // Sorted by name, as required for signing.
    const signed: Record<string, string> = {
      'content-type': 'application/x-amz-json-1.0',
      host: this.#url.host,
      'x-amz-date': date,
      ...(sessionToken && { 'x-amz-security-token': sessionToken }),
      'x-amz-target': `DynamoDB_20120810.${operation}`,
    };
    const names = Object.keys(signed).join(';');
    const lines = Object.entries(signed).map(([name, value]) => `${name}:${value}`);
    const canonical = ['POST', '/', '', ...lines, '', names, sha256(body)];
    const signature = signatureOf(canonical, { date, scope, key: this.#keyOf(secretAccessKey, scope) });
    const credential = [accessKeyId, ...scope].join('/');
    return {
      ...signed,
      'content-length': String(body.length),
      authorization: `${SIGNATURE_ALGORITHM} Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`,
    };
  }

  #keyOf(secret: string, scope: readonly string[]): Buffer {
    const [day = ''] = scope;
    if (this.#key?.day !== day || this.#key.secret !== secret)
      this.#key = { day, secret, key: signingKey(secret, scope) };
    return this.#key.key;
  }

  #exchange(headers: Record<string, string>, body: Buffer): Promise<Reply> {
    const { requestTimeout = REQUEST_TIMEOUT_MS } = this.#options;
    const options: RequestOptions = { method: 'POST', path: '/', agent: this.#agent, headers };
    return new Promise((resolve, reject) => {
      const sent = this.#request(this.#url, options, (response) => {
        this.#hearTime(response.headers.date);
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => {
          stop();
          resolve({ status: response.statusCode!, body: Buffer.concat(chunks).toString() });
        });
      });
      const fail = (error: NodeJS.ErrnoException): void => {
        stop();
        reject(callFailure(error.code ?? error.name, error.message));
      };
      const giveUp = (milliseconds: number, what: string) =>
        setTimeout(() => {
          const error = Object.assign(new Error(`${what} in ${milliseconds} ms`), { name: 'TimeoutError' });
          sent.destroy(error);
        }, milliseconds);
      const timers = [giveUp(requestTimeout, 'no answer')];
      const stop = () => {
        for (const timer of timers) clearTimeout(timer);
      };
      sent.on('error', fail);
      sent.on('socket', (socket) => {
        if (!socket.connecting) return;
        const connecting = giveUp(CONNECTION_TIMEOUT_MS, 'no connection');
        timers.push(connecting);
        socket.once('connect', () => clearTimeout(connecting));
      });
      sent.end(body);
    });
  }

  #hearTime(date: string | undefined): void {
    const theirs = Date.parse(date ?? '');
    const ours = Date.now();
    if (Math.abs(theirs - (ours + this.#aheadMs)) > SKEW_MS) this.#aheadMs = theirs - ours;
  }
}

/**
 * Caches a provider's credentials until they are due for renewal; concurrent callers share a call. Failures are not
 * cached.
 */
function keeping(provide: CredentialsProvider): () => Promise<AWSCredentials> {
  let given: ReturnType<CredentialsProvider> | undefined;
  let until = Number.POSITIVE_INFINITY;
  return async () => {
    if (given === undefined || Date.now() >= until) {
      until = Number.POSITIVE_INFINITY;
      const asked = provide();
      given = asked;
      asked.then(
        ({ expiration }) => {
          if (given === asked && expiration !== undefined) until = expiration.getTime() - RENEWED_MS;
        },
        () => {
          if (given === asked) given = undefined;
        },
      );
    }
    return await given;
  };
}
