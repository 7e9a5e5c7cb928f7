/**
 * Client for webhooks configured by a kubeconfig (authentication, authorization, audit, image policy): JSON over HTTPS,
 * one response per request (https://github.com/kubernetes/apiserver/blob/master/pkg/util/webhook/webhook.go).
 */

import type { Agent, RequestOptions } from 'node:https';
import { readJSON } from '../../runtime/serializer/json/read-json.ts';
import { type AddressGuard, AddressNotAllowed, ANY_ADDRESS } from '../../util/address-guard.ts';
import { inPieces } from '../../util/breathe.ts';
import { systemClock } from '../../util/clock.ts';
import { stringifyInPieces } from '../../util/exact-json.ts';
import { ForeignFault } from '../../util/foreign-fault.ts';
import type { Logger } from '../../util/logger.ts';
import { traceHeaders } from '../../util/spans.ts';
import { tlsTrust } from '../../util/tls-trust.ts';
import { tracedCall } from '../../util/traced-call.ts';
import { whenWithoutResponse } from '../../util/without-response.ts';
import type { WebhookConnection } from './kubeconfig.ts';

/** The webhook did not respond, or its response is unusable. */
class WebhookError extends ForeignFault {
  override readonly name = 'WebhookError';
  /** Of the response; undefined without one. */
  readonly status: number | undefined;

  constructor(message: string, options: { status?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = options.status;
  }

  /** Whether a retry may succeed. */
  get retriable(): boolean {
    if (this.cause instanceof AddressNotAllowed) return false;
    return this.status === undefined || this.status === 429 || this.status >= 500;
  }
}

interface Answer {
  readonly status: number;
  readonly bytes: Uint8Array;
}

const MAX_ANSWER_BYTES = 10 * 1024 * 1024;

export interface GenericWebhookOptions {
  /** Default: 30 seconds. */
  readonly timeoutMs?: number | undefined;
  /** Logs each call. */
  readonly logger?: Logger | undefined;
  /** The addresses that the webhook may have; default: any. */
  readonly addresses?: AddressGuard | undefined;
}

export class GenericWebhook {
  readonly #config: WebhookConnection;
  readonly #timeoutMs: number;
  readonly #logger: Logger | undefined;
  readonly #addresses: AddressGuard;
  #agent: Agent | undefined;

  constructor(
    config: WebhookConnection,
    { timeoutMs = 30_000, logger, addresses = ANY_ADDRESS }: GenericWebhookOptions = {},
  ) {
    this.#config = config;
    this.#timeoutMs = timeoutMs;
    this.#logger = logger;
    this.#addresses = addresses;
  }

  /** POSTs `body` as JSON and returns the parsed response; undefined if it is empty. Rejects with `WebhookError`. */
  async post(body: unknown): Promise<unknown> {
    return this.postText(await inPieces(stringifyInPieces(body)));
  }

  /** Like `post`, for a body that is JSON already. `signal`: ends the call. */
  async postText(sent: string, signal?: AbortSignal): Promise<unknown> {
    const { status, bytes } = await this.#traced(() => this.#send(sent, signal));
    if (status < 200 || status > 299) {
      throw new WebhookError(`the webhook answered with status ${status}`, { status });
    }
    if (bytes.byteLength === 0) return undefined;
    try {
      return await readJSON(bytes);
    } catch (cause) {
      throw new WebhookError("the webhook's answer is no JSON", { status, cause });
    }
  }

  #traced(send: () => Promise<Answer>): Promise<Answer> {
    const url = new URL(this.#config.url);
    return tracedCall(this.#logger, { method: 'POST', url, codeOf: ({ status }: Answer) => status }, send);
  }

  async #options(url: URL, length: number, signal: AbortSignal | undefined): Promise<RequestOptions> {
    const { ca, serverName, insecureSkipTLSVerify, certificate, key, token, basic } = this.#config;
    if (url.protocol === 'https:' && this.#agent === undefined) {
      const { Agent } = await import('node:https');
      this.#agent ??= new Agent({
        keepAlive: true,
        ...tlsTrust(ca),
        ...(certificate !== undefined && { cert: certificate }),
        ...(key !== undefined && { key }),
        ...(serverName !== undefined && { servername: serverName }),
        rejectUnauthorized: !insecureSkipTLSVerify,
      });
    }
    const credentials = basic && Buffer.from(`${basic.username}:${basic.password}`).toString('base64');
    const authorization = token ? `Bearer ${token}` : credentials && `Basic ${credentials}`;
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    return {
      method: 'POST',
      ...this.#addresses.connection(url),
      ...(this.#agent && { agent: this.#agent }),
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        'content-length': length,
        ...traceHeaders(),
        ...(authorization && { authorization }),
      },
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
    };
  }

  async #send(body: string, signal: AbortSignal | undefined): Promise<Answer> {
    const url = new URL(this.#config.url);
    const { request } = await (url.protocol === 'https:' ? import('node:https') : import('node:http'));
    const unanswered = (cause: Error) =>
      new WebhookError(`the webhook did not answer: ${cause.message}`, { cause });
    const options = await this.#options(url, Buffer.byteLength(body), signal).catch((error: Error) => {
      throw unanswered(error);
    });
    return new Promise((resolve, reject) => {
      const fail = (cause: Error) => reject(unanswered(cause));
      const sent = request(url, options, (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > MAX_ANSWER_BYTES) response.destroy(new Error('the answer is too long'));
          else chunks.push(chunk);
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, bytes: Buffer.concat(chunks) }));
        response.on('error', fail);
      });
      whenWithoutResponse(sent, fail);
      sent.end(body);
    });
  }
}

export interface Backoff {
  readonly initialDelayMs: number;
  readonly factor: number;
  /** Maximum random addition, as a fraction of the delay. */
  readonly jitter: number;
  /** Total number of attempts. */
  readonly steps: number;
}

/** Upstream's `webhook.DefaultRetryBackoffWithInitialDelay`. */
export function webhookBackoff(initialDelayMs: number): Backoff {
  return { initialDelayMs, factor: 1.5, jitter: 0.2, steps: 5 };
}

/**
 * Retries `run` until it succeeds, fails with a non-retriable error, has run `steps` times, or `signal` aborts; rejects
 * with the last error.
 */
export async function withBackoff<T>(
  { initialDelayMs, factor, jitter, steps }: Backoff,
  run: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  let delay = initialDelayMs;
  for (let step = 1; ; step++) {
    try {
      return await run();
    } catch (error) {
      const retriable = error instanceof WebhookError && error.retriable;
      if (!retriable || step >= steps) throw error;
      await systemClock.sleep(delay * (1 + Math.random() * jitter), signal);
      if (signal?.aborted) throw error;
      delay *= factor;
    }
  }
}
