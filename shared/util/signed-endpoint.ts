/** Signed requests to an AWS service without the SDK: POST to `/`, for functions whose cold starts depend on their code. */

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
} from './aws-signature.ts';

export interface SignedEndpointOptions {
  /** `https://host`, or `http://host:port` of an emulator. */
  readonly endpoint: string;
  readonly region: string;
  /** As in the signature's scope: `dynamodb`. */
  readonly service: string;
  /** Milliseconds after which a request without a response counts as lost. */
  readonly timeoutMs: number;
}

export interface Reply {
  readonly status: number;
  readonly body: string;
}

const MAX_SOCKETS = 50;
const CONNECTION_TIMEOUT_MS = 2_000;
/** Tolerated clock difference from AWS, which accepts signatures up to five minutes off; less, as a margin. */
const SKEW_MS = 4 * 60_000;
/** Names of AWS's errors for a signature whose time it rejects, among other reasons. */
const SIGNATURE_REFUSALS: ReadonlySet<string> = new Set([
  'InvalidSignatureException',
  'RequestExpired',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
]);

export class SignedEndpoint {
  readonly #options: SignedEndpointOptions;
  readonly #url: URL;
  readonly #agent: PlainAgent;
  readonly #request: typeof request;
  /** How far AWS's clock is ahead of this machine's, if that matters. */
  #aheadMs = 0;
  /** The signing key of the last day and secret. */
  #key: { readonly day: string; readonly secret: string; readonly key: Buffer } | undefined;

  constructor(options: SignedEndpointOptions) {
    this.#options = options;
    this.#url = new URL(options.endpoint);
    const isPlain = this.#url.protocol === 'http:';
    this.#request = isPlain ? plainRequest : request;
    this.#agent = new (isPlain ? PlainAgent : Agent)({ keepAlive: true, maxSockets: MAX_SOCKETS });
  }

  /**
   * Calls `ask`, and once more if the response to it corrected the clock and the error's name says that the signature
   * was refused, in which case the request had no effect.
   */
  async correctingClock<R>(ask: () => Promise<R>): Promise<R> {
    const before = this.#aheadMs;
    try {
      return await ask();
    } catch (error) {
      if (this.#aheadMs === before || !SIGNATURE_REFUSALS.has((error as Error).name)) throw error;
      return await ask();
    }
  }

  /** The headers to send, with a signature that expires. `headers`: in lower case. */
  sign(
    headers: Readonly<Record<string, string>>,
    body: Buffer,
    { accessKeyId, secretAccessKey, sessionToken }: AWSCredentials,
  ): Record<string, string> {
    const { region, service } = this.#options;
    const date = signatureDate(Date.now() + this.#aheadMs);
    const scope = signatureScope(date, region, service);
    const all = {
      ...headers,
      host: this.#url.host,
      'x-amz-date': date,
      ...(sessionToken && { 'x-amz-security-token': sessionToken }),
    };
    const sorted = Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1));
    const names = sorted.map(([name]) => name).join(';');
    const lines = sorted.map(([name, value]) => `${name}:${value}`);
    const canonical = ['POST', '/', '', ...lines, '', names, sha256(body)];
    const signature = signatureOf(canonical, { date, scope, key: this.#keyOf(secretAccessKey, scope) });
    const credential = [accessKeyId, ...scope].join('/');
    return {
      ...all,
      'content-length': String(body.length),
      authorization: `${SIGNATURE_ALGORITHM} Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`,
    };
  }

  /** Rejects with Error if there is no response: with a system error's `code`, or named TimeoutError. */
  exchange(headers: Readonly<Record<string, string>>, body: Buffer): Promise<Reply> {
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
      const fail = (error: Error): void => {
        stop();
        reject(error);
      };
      const giveUp = (milliseconds: number, what: string) =>
        setTimeout(() => {
          const error = Object.assign(new Error(`${what} in ${milliseconds} ms`), { name: 'TimeoutError' });
          sent.destroy(error);
        }, milliseconds);
      const timers = [giveUp(this.#options.timeoutMs, 'no answer')];
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

  close(): void {
    this.#agent.destroy();
  }

  #keyOf(secret: string, scope: readonly string[]): Buffer {
    const [day = ''] = scope;
    if (this.#key?.day !== day || this.#key.secret !== secret)
      this.#key = { day, secret, key: signingKey(secret, scope) };
    return this.#key.key;
  }

  #hearTime(date: string | undefined): void {
    const theirs = Date.parse(date ?? '');
    const ours = Date.now();
    if (Math.abs(theirs - (ours + this.#aheadMs)) > SKEW_MS) this.#aheadMs = theirs - ours;
  }
}
