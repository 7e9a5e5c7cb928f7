/**
 * Calls webhooks for conversion and admission
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/util/webhook/client.go). Connections are kept alive;
 * redirects are not followed.
 */

import type { Agent, RequestOptions } from 'node:https';
import { setTimeout } from 'node:timers/promises';
import { quote } from '../runtime/go-format.ts';
import { checkAnswerBudget } from '../runtime/serializer/body-budget.ts';
import { readJSON } from '../runtime/serializer/json/read-json.ts';
import { type AddressGuard, ANY_ADDRESS } from '../util/address-guard.ts';
import { BoundedCache } from '../util/bounded-cache.ts';
import { breathe, inPieces } from '../util/breathe.ts';
import { stringifyInPieces } from '../util/exact-json.ts';
import type { Logger } from '../util/logger.ts';
import { traceHeaders } from '../util/spans.ts';
import { tlsTrust } from '../util/tls-trust.ts';
import { tracedCall } from '../util/traced-call.ts';
import { keepTurn } from '../util/turns.ts';
import { whenWithoutResponse } from '../util/without-response.ts';
import type { ResolveService } from './service-resolver.ts';
import { readBody, type WebhookAnswer } from './webhook-answer.ts';
import { callFailure, statusFailure } from './webhook-errors.ts';

/** A webhook's `clientConfig` from its definition or configuration. */
export interface WebhookClientConfig {
  readonly url?: string | undefined;
  readonly service?:
    | {
        readonly namespace: string;
        readonly name: string;
        readonly path?: string | undefined;
        readonly port?: number | undefined;
      }
    | undefined;
  /** PEM, base64-encoded; if empty, the system's CAs apply. */
  readonly caBundle?: string | undefined;
}

/** Client credentials of the server. PEM. */
export interface WebhookCredentials {
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  /** The value of the `authorization` header. */
  readonly authorization?: string | undefined;
}

export interface WebhookCall {
  /** Also sent as `?timeout=`. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Parses the answer; the errors it throws are reported. Defaults to parsing any JSON. */
  readonly read?: ((answer: Uint8Array) => unknown) | undefined;
  /** Called with the number of bytes received so far. An error that it throws ends the call; a StatusError is kept. */
  readonly received?: ((bytes: number) => void) | undefined;
}

export interface WebhookClientOptions {
  /** Defaults to `https://<name>.<namespace>.svc:<port>`, for servers inside of the cluster network. */
  readonly resolveService?: ResolveService | undefined;
  /** Looks up credentials by host and port; for services `<name>.<namespace>.svc:<port>`. */
  readonly credentials?: ((host: string) => WebhookCredentials | undefined) | undefined;
  /** If absent, all addresses are allowed. */
  readonly addresses?: AddressGuard | undefined;
  /** Logs calls. */
  readonly logger?: Logger | undefined;
}

const inCluster: ResolveService = async ({ namespace, name, port }) =>
  new URL(`https://${name}.${namespace}.svc:${port}`);

const DEFAULT_PORT = 443;
const MAX_AGENTS = 200;
/** client-go's number of retries. */
const MAX_RETRIES = 10;

/** There was no valid answer. The message is meant for the API's client. */
class WebhookCallError extends Error {
  override readonly name = 'WebhookCallError';
}

interface Sent {
  readonly body: Buffer;
  readonly call: WebhookCall;
  readonly signal: AbortSignal;
}

interface Target {
  /** The form for messages: services by name, always with port. */
  readonly shown: string;
  readonly url: URL;
  /** The expected name in the certificate; defaults to the URL's host. */
  readonly serverName?: string;
  readonly credentials: WebhookCredentials;
}

export class WebhookClient {
  readonly #resolveService: ResolveService;
  readonly #credentials: (host: string) => WebhookCredentials | undefined;
  readonly #addresses: AddressGuard;
  readonly #logger: Logger | undefined;
  /** Keyed by all parameters of a connection. */
  readonly #agents = new BoundedCache<string, Agent>({
    max: MAX_AGENTS,
    evicted: (agent) => agent.destroy(),
  });

  constructor({
    resolveService = inCluster,
    credentials = () => undefined,
    addresses = ANY_ADDRESS,
    logger,
  }: WebhookClientOptions = {}) {
    this.#resolveService = resolveService;
    this.#credentials = credentials;
    this.#addresses = addresses;
    this.#logger = logger;
  }

  /** POSTs JSON and parses the answer. Throws `WebhookCallError`, or the StatusError of `received`. */
  async post(config: WebhookClientConfig, body: unknown, call: WebhookCall): Promise<unknown> {
    const target = await this.#target(config, call);
    const timeout = AbortSignal.timeout(call.timeoutMs);
    const signal = call.signal === undefined ? timeout : AbortSignal.any([timeout, call.signal]);
    const sent: Sent = { body: Buffer.from(await inPieces(stringifyInPieces(body))), call, signal };
    const { status, contentType, body: answer } = await keepTurn(this.#withRetries(target, config, sent));
    if (status < 200 || status > 206) {
      throw new WebhookCallError(statusFailure(status, answer.toString(), contentType));
    }
    if (answer.length === 0) {
      const message = `0-length response with status code: ${status} and content type: ${contentType}`;
      throw new WebhookCallError(message);
    }
    try {
      checkAnswerBudget(answer, sent.body);
      // Many answers may arrive at once.
      await breathe();
      return await (call.read ?? readJSON)(answer);
    } catch (cause) {
      throw new WebhookCallError((cause as Error).message, { cause });
    }
  }

  /** Retries as long as the server is busy, specifies a delay, and the timeout allows it. */
  async #withRetries(target: Target, config: WebhookClientConfig, sent: Sent): Promise<WebhookAnswer> {
    for (let attempt = 0; ; attempt++) {
      const answer = await tracedCall(
        this.#logger,
        { method: 'POST', url: target.url, codeOf: (received: WebhookAnswer) => received.status },
        () => this.#send(target, config, sent),
      );
      if (answer.retryAfterMs === undefined || attempt === MAX_RETRIES) return answer;
      try {
        await setTimeout(answer.retryAfterMs, undefined, { signal: sent.signal });
      } catch (cause) {
        throw noAnswer(target, cause as Error);
      }
    }
  }

  /** Closes all connections, including those in use. */
  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }

  async #target({ url, service }: WebhookClientConfig, { timeoutMs }: WebhookCall): Promise<Target> {
    const timeout = `timeout=${Math.ceil(timeoutMs / 1000)}s`;
    if (service === undefined) {
      const target = new URL(url ?? '');
      target.pathname = joined(target.pathname);
      target.search = timeout;
      const host = `${target.hostname}:${target.port || DEFAULT_PORT}`;
      return { shown: target.href, url: target, credentials: this.#credentials(host) ?? {} };
    }
    const { namespace, name, path, port = DEFAULT_PORT } = service;
    const serverName = `${name}.${namespace}.svc`;
    const shown = `https://${serverName}:${port}/${(path ?? '').replace(/^\//, '')}?${timeout}`;
    const credentials = this.#credentials(`${serverName}:${port}`) ?? {};
    try {
      const base = await this.#resolveService({ namespace, name, port });
      const target = new URL(base);
      target.pathname = joined(path || '/');
      target.search = timeout;
      return { shown, url: target, serverName, credentials };
    } catch (cause) {
      throw new WebhookCallError(`Post ${quote(shown)}: ${(cause as Error).message}`, { cause });
    }
  }

  async #send(
    target: Target,
    { caBundle }: WebhookClientConfig,
    { body, call, signal }: Sent,
  ): Promise<WebhookAnswer> {
    const { url, serverName, credentials } = target;
    const secure = url.protocol !== 'http:';
    const { request } = secure ? await import('node:https') : await import('node:http');
    const options: RequestOptions = {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, */*',
        'accept-encoding': 'gzip',
        'user-agent': 'kube-apiserver-admission',
        'content-length': body.byteLength,
        ...traceHeaders(),
        ...(credentials.authorization && { authorization: credentials.authorization }),
      },
      signal,
      ...(secure && { agent: await this.#agent({ caBundle, serverName, credentials }) }),
    };
    return new Promise((resolve, reject) => {
      const fail = (cause: Error): void => reject(noAnswer(target, cause));
      try {
        const connection = this.#addresses.connection(url);
        const outgoing = request(url, { ...options, ...connection }, (response) =>
          readBody(response, { received: call.received, refuse: reject, fail, resolve }),
        );
        whenWithoutResponse(outgoing, fail);
        outgoing.end(body);
      } catch (error) {
        fail(error as Error);
      }
    });
  }

  async #agent(connection: {
    readonly caBundle: string | undefined;
    readonly serverName: string | undefined;
    readonly credentials: WebhookCredentials;
  }): Promise<Agent> {
    const key = JSON.stringify(connection);
    const { Agent } = await import('node:https');
    const { caBundle, serverName, credentials } = connection;
    const ca = caBundle && Buffer.from(caBundle, 'base64').toString().trim();
    const agent =
      this.#agents.get(key) ??
      new Agent({
        keepAlive: true,
        ...tlsTrust(ca),
        ...(serverName && { servername: serverName }),
        ...(credentials.certificate && { cert: credentials.certificate }),
        ...(credentials.key && { key: credentials.key }),
      });
    this.#agents.set(key, agent);
    return agent;
  }
}

/** Collapses repeated slashes, as Go's clients do when they join path segments. */
function joined(path: string): string {
  return path.replace(/\/{2,}/g, '/');
}

function noAnswer({ shown }: Pick<Target, 'shown'>, cause: Error): WebhookCallError {
  return new WebhookCallError(`Post ${quote(shown)}: ${callFailure(cause)}`, { cause });
}
