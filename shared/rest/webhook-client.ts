/**
 * Calls webhooks: conversion, admission
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/util/webhook/client.go).
 */

import type { RequestOptions } from 'node:https';

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

export interface WebhookCall {
  /** Sent as `?timeout=`, too. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Where a service of the cluster is reached from here: a base URL, without path. */
export type ResolveService = (service: { namespace: string; name: string; port: number }) => string;

const inCluster: ResolveService = ({ namespace, name, port }) => `https://${name}.${namespace}.svc:${port}`;

/** An answer larger than any object is an attack, or a mistake. */
const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;
const DEFAULT_PORT = 443;

/** No answer, or none that could be read. The message is for the client of the API. */
export class WebhookCallError extends Error {
  override readonly name = 'WebhookCallError';
}

export class WebhookClient {
  readonly #resolveService: ResolveService;

  constructor({ resolveService = inCluster }: { readonly resolveService?: ResolveService } = {}) {
    this.#resolveService = resolveService;
  }

  /** POSTs JSON and reads JSON. Throws `WebhookCallError`. */
  async post(config: WebhookClientConfig, body: unknown, call: WebhookCall): Promise<unknown> {
    const url = this.#urlOf(config);
    url.searchParams.set('timeout', `${call.timeoutMs / 1000}s`);
    const { status, text } = await this.#send(url, config, { body: JSON.stringify(body), call });
    if (status < 200 || status > 206) throw new WebhookCallError(statusText(status, text));
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new WebhookCallError(`unable to decode the answer of ${url}: ${(cause as Error).message}`);
    }
  }

  #urlOf({ url, service }: WebhookClientConfig): URL {
    if (service === undefined) return new URL(url ?? '');
    const { namespace, name, path, port = DEFAULT_PORT } = service;
    return new URL(path || '/', this.#resolveService({ namespace, name, port }));
  }

  async #send(
    url: URL,
    { service, caBundle }: WebhookClientConfig,
    { body, call }: { readonly body: string; readonly call: WebhookCall },
  ): Promise<{ status: number; text: string }> {
    const { request } = url.protocol === 'http:' ? await import('node:http') : await import('node:https');
    const ca = caBundle && Buffer.from(caBundle, 'base64').toString().trim();
    const options: RequestOptions = {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'content-length': Buffer.byteLength(body),
      },
      signal: AbortSignal.any([AbortSignal.timeout(call.timeoutMs), ...(call.signal ? [call.signal] : [])]),
      ...(ca && { ca }),
      ...(service && { servername: `${service.name}.${service.namespace}.svc` }),
    };
    return new Promise((resolve, reject) => {
      const fail = (cause: Error): void => reject(new WebhookCallError(`Post "${url}": ${reasonOf(cause)}`));
      const outgoing = request(url, options, (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > MAX_RESPONSE_BYTES) response.destroy(new Error('http: response body too large'));
          else chunks.push(chunk);
        });
        response.on('error', fail);
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
        );
      });
      outgoing.on('error', fail);
      outgoing.end(body);
    });
  }
}

/** What went wrong, in the words that Go's clients have for it where they are well known. */
function reasonOf(cause: Error & { code?: string; address?: string; port?: number }): string {
  if (cause.name === 'TimeoutError') return 'context deadline exceeded';
  if (cause.name === 'AbortError') return 'context canceled';
  if (cause.code === 'ECONNREFUSED')
    return `dial tcp ${cause.address}:${cause.port}: connect: connection refused`;
  return cause.message;
}

function statusText(status: number, text: string): string {
  const message = statusMessage(text);
  if (message !== undefined) return message;
  if (status === 404) return 'the server could not find the requested resource';
  return `an error on the server (${JSON.stringify(text.trim().slice(0, 2048) || 'unknown')}) has prevented the request from succeeding`;
}

/** Of an answer that is a Status. */
function statusMessage(text: string): string | undefined {
  try {
    const value = JSON.parse(text) as { kind?: unknown; message?: unknown };
    return value.kind === 'Status' && typeof value.message === 'string' ? value.message : undefined;
  } catch {
    return undefined;
  }
}
