/**
 * Sends requests over a fixed number of keep-alive connections, each of which sends the next when a response arrives.
 */

import { Agent, request } from 'node:https';

export interface LoadOptions {
  readonly url: string;
  readonly connections: number;
  readonly durationMs: number;
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
  /** Returns the n-th request overall. */
  readonly next: (n: number) => LoadRequest;
}

export interface LoadRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface LoadResult {
  /** Total number of requests, including those for warming up. */
  readonly requests: number;
  readonly perSecond: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly failures: number;
  /** Of a response's body, on average; 0 where responses don't state their length. */
  readonly bytes: number;
}

export async function load({ url, connections, durationMs, tls, next }: LoadOptions): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections, ...tls });
  const { hostname, port } = new URL(url);
  const times: number[] = [];
  let failures = 0;
  let bytes = 0;
  let n = 0;
  const send = ({ method, path, headers, body }: LoadRequest): Promise<number> =>
    new Promise((done, fail) => {
      const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
      const outgoing = request(
        { agent, hostname, port, method, path, headers: { ...headers, ...length } },
        (response) => {
          response.resume();
          bytes += Number(response.headers['content-length'] ?? 0);
          response.on('end', () => done(response.statusCode ?? 0));
        },
      );
      outgoing.on('error', fail);
      outgoing.end(body);
    });
  // Warm up connections and code before measuring.
  const warmUntil = performance.now() + Math.min(1000, durationMs / 3);
  let until = warmUntil;
  const worker = async (): Promise<void> => {
    while (performance.now() < until) {
      const startedAt = performance.now();
      const status = await send(next(n++));
      times.push(performance.now() - startedAt);
      if (status >= 400) failures++;
    }
  };
  const round = () => Promise.all(Array.from({ length: connections }, worker));
  await round();
  times.length = 0;
  failures = 0;
  const startedAt = performance.now();
  until = startedAt + durationMs;
  await round();
  const seconds = (performance.now() - startedAt) / 1000;
  agent.destroy();
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  const perSecond = times.length / seconds;
  return { requests: n, perSecond, medianMs: at(0.5), p99Ms: at(0.99), failures, bytes: bytes / n };
}
