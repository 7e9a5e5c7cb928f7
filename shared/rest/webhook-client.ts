/**
 * Calls webhooks: conversion, admission
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/util/webhook/client.go). Connections are kept; redirects
 * are not followed.
 */

import type { Agent, RequestOptions } from 'node:https';
import { setTimeout } from 'node:timers/promises';
import { quote } from '../runtime/go-format.ts';
import { checkAnswerBudget } from '../runtime/serializer/body-budget.ts';
import { type AddressGuard, ANY_ADDRESS } from '../util/address-guard.ts';
import { BoundedCache } from '../util/bounded-cache.ts';
import { breathe, inPieces } from '../util/breathe.ts';
import { stringifyInPieces } from '../util/exact-json.ts';
import type { Logger } from '../util/logger.ts';
import { traceHeaders } from '../util/spans.ts';
import { tracedCall } from '../util/traced-call.ts';
import { trusting } from '../util/trusting.ts';
import { keepTurn } from '../util/turns.ts';
import type { ResolveService } from './service-resolver.ts';
import { readBody, readJSON, type WebhookAnswer } from './webhook-answer.ts';
import { callFailure, statusFailure } from './webhook-errors.ts';

/** A webhook's `clientConfig`, as its definition or configuration has it. */
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
  /** PEM, base64; empty: the system's authorities. */
  readonly caBundle?: string | undefined;
}

/** With what the server proves who it is. PEM. */
export interface WebhookCredentials {
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  /** Of the header `authorization`. */
  readonly authorization?: string | undefined;
}

export interface WebhookCall {
  /** Sent as `?timeout=`, too. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Reads the answer; what it throws is told. Default: any JSON. */
  readonly read?: ((answer: Uint8Array) => unknown) | undefined;
}

export interface WebhookClientOptions {
  /** Default: `https://<name>.<namespace>.svc:<port>`, for servers inside of the cluster network. */
  readonly resolveService?: ResolveService | undefined;
  /** By host and port, of services `<name>.<namespace>.svc:<port>`. */
  readonly credentials?: ((host: string) => WebhookCredentials | undefined) | undefined;
  /** Default: any may be called. */
  readonly addresses?: AddressGuard | undefined;
  /** Told of calls. */
  readonly logger?: Logger | undefined;
}

const inCluster: ResolveService = async ({ namespace, name, port }) =>
  new URL(`https://${name}.${namespace}.svc:${port}`);

const DEFAULT_PORT = 443;
const MAX_AGENTS = 200;
/** As often as client-go asks again. */
const MAX_RETRIES = 10;

/** No answer, or none that could be read. The message is for the client of the API. */
class WebhookCallError extends Error {
  override readonly name = 'WebhookCallError';
}

interface Sent {
  readonly body: Buffer;
  readonly call: WebhookCall;
  readonly signal: AbortSignal;
}

interface Target {
  /** As messages show it: services by their name, never without port. */
  readonly shown: string;
  readonly url: URL;
  /** Whose certificate it has to be; the URL's host unless said otherwise. */
  readonly serverName?: string;
  readonly credentials: WebhookCredentials;
}

export class WebhookClient {
  readonly #resolveService: ResolveService;
  readonly #credentials: (host: string) => WebhookCredentials | undefined;
  readonly #addresses: AddressGuard;
  readonly #logger: Logger | undefined;
  /** By what connections depend on. */
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

  /** POSTs JSON and reads JSON. Throws `WebhookCallError`. */
  async post(config: WebhookClientConfig, body: unknown, call: WebhookCall): Promise<unknown> {
    const target = await this.#target(config, call);
    const timeout = AbortSignal.timeout(call.timeoutMs);
    const signal = call.signal === undefined ? timeout : AbortSignal.any([timeout, call.signal]);
    const sent: Sent = { body: Buffer.from(await inPieces(stringifyInPieces(body))), call, signal };
    const { status, contentType, body: answer } = await keepTurn(this.#patiently(target, config, sent));
    if (status < 200 || status > 206) {
      throw new WebhookCallError(statusFailure(status, answer.toString(), contentType));
    }
    if (answer.length === 0) {
      const message = `0-length response with status code: ${status} and content type: ${contentType}`;
      throw new WebhookCallError(message);
    }
    try {
      checkAnswerBudget(answer, sent.body);
      // Many may answer at once.
      await breathe();
      return await (call.read ?? readJSON)(answer);
    } catch (cause) {
      throw new WebhookCallError((cause as Error).message, { cause });
    }
  }

  /** Asks again, while there is time, where the server is busy and says when to. */
  async #patiently(target: Target, config: WebhookClientConfig, sent: Sent): Promise<WebhookAnswer> {
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

  /** Closes the connections that nobody uses. */
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
    { body, signal }: Sent,
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
          readBody(response, fail, resolve),
        );
        outgoing.on('error', fail);
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
        ...trusting(ca),
        ...(serverName && { servername: serverName }),
        ...(credentials.certificate && { cert: credentials.certificate }),
        ...(credentials.key && { key: credentials.key }),
      });
    this.#agents.set(key, agent);
    return agent;
  }
}

/** Go's clients join the parts of a path, which leaves one slash where there were several. */
function joined(path: string): string {
  return path.replace(/\/{2,}/g, '/');
}

function noAnswer({ shown }: Pick<Target, 'shown'>, cause: Error): WebhookCallError {
  return new WebhookCallError(`Post ${quote(shown)}: ${callFailure(cause)}`, { cause });
}
