/** Targets of the benchmarks: a local server, or an external one. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import packageJson from '../../../package.json' with { type: 'json' };
import { type LoadOptions, type LoadRequest, type LoadResult, load } from './load.ts';

export const JSON_HEADERS = { 'content-type': 'application/json', accept: 'application/json' };

export interface Target {
  readonly name: string;
  readonly url: string;
  readonly tls: LoadOptions['tls'];
  /** All processes of the server; empty if unknown. */
  readonly pids: () => readonly number[];
  /** Longest hold of the event loop since the last call, in milliseconds; absent if it can't be measured. */
  longestHoldMs?(): Promise<number>;
}

export interface LocalTarget extends Target {
  readonly child: ChildProcess;
  readonly readyMs: number;
  /** Memory of the server itself, without its store. */
  residentMB(): number;
  longestHoldMs(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts `zeroplane start` with the data and certificates in `folder`. */
export async function startLocal(
  folder: string,
  args: readonly string[] = ['--in-memory'],
): Promise<LocalTarget> {
  // The arguments after `node` in `npm start`.
  const words = packageJson.scripts.start.split(' ');
  const start = words.slice(words.indexOf('node') + 1);
  const command = [
    `--import=${resolve('test/bench/server/loop-meter.mjs')}`,
    ...start,
    '--secure-port=0',
    `--data-dir=${folder}`,
    ...args,
  ];
  const limits = ['--max-requests-inflight=5000', '--max-mutating-requests-inflight=1000'];
  const child = spawn(process.execPath, [...command, ...limits], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const pid = child.pid!;
  for await (const line of createInterface({ input: child.stdout! })) {
    const ready = /^zeroplane ready in (\d+) ms at (\S+)$/.exec(line);
    if (ready === null) continue;
    const pki = (name: string) => readFileSync(join(folder, 'pki/default', name), 'utf8');
    return {
      name: 'zeroplane',
      url: ready[2]!,
      readyMs: Number(ready[1]),
      tls: { ca: pki('ca.crt'), cert: pki('admin.crt'), key: pki('admin.key') },
      pids: () => [pid, ...descendantsOf(pid)],
      child,
      residentMB: () => residentMB([pid]),
      longestHoldMs: async () => {
        child.send('report');
        const [milliseconds] = (await once(child, 'message')) as [number];
        return milliseconds;
      },
      stop: async () => {
        child.kill('SIGINT');
        await once(child, 'exit');
      },
    };
  }
  throw new Error('the server did not start');
}

/**
 * `NAME=URL,ca,cert,key`, the last three being files; optionally followed by `pid+pid` to measure the peer's resources.
 */
export function parsePeer(text: string): Target {
  const [, name, rest] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  const [url, ca, cert, key, pids] = rest?.split(',') ?? [];
  if (!name || !url || !ca || !cert || !key) throw new Error(`--peer ${text}: expected NAME=URL,ca,cert,key`);
  const read = (file: string) => readFileSync(file, 'utf8');
  const known = pids?.split('+').map(Number) ?? [];
  return { name, url, tls: { ca: read(ca), cert: read(cert), key: read(key) }, pids: () => known };
}

/** Sends a request; resolves with the response body. Rejects for error statuses other than `accepted`. */
export function call(
  { url, tls }: Pick<Target, 'url' | 'tls'>,
  { method, path, headers = JSON_HEADERS, body }: LoadRequest,
  accepted?: number,
): Promise<string> {
  return new Promise((done, fail) => {
    const outgoing = request(
      `${url}${path}`,
      { method, headers: { ...headers }, ...tls },
      async (response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk as Buffer);
        const text = Buffer.concat(chunks).toString();
        const { statusCode = 500 } = response;
        if (statusCode >= 400 && statusCode !== accepted) fail(new Error(`${method} ${path}: ${text}`));
        else done(text);
      },
    );
    outgoing.on('error', fail);
    outgoing.end(body);
  });
}

export interface Measured extends Omit<LoadResult, 'requests'> {
  /** Of all its processes, per request; undefined if unknown. */
  readonly cpuMs: number | undefined;
}

/** Runs a load on a target and measures its cost there. */
export async function measure(
  target: Target,
  options: Pick<LoadOptions, 'connections' | 'durationMs' | 'next'>,
): Promise<Measured> {
  const before = cpuMs(target.pids());
  const { requests, ...result } = await load({ ...options, url: target.url, tls: target.tls });
  const after = cpuMs(target.pids());
  return { ...result, cpuMs: before && after && (after - before) / requests };
}

/** Milliseconds of processor time; undefined if the system does not report it. */
export function cpuMs(pids: readonly number[]): number | undefined {
  if (pids.length === 0) return undefined;
  try {
    return pids
      .flatMap((pid) => readdirSync(`/proc/${pid}/task`).map((task) => `/proc/${pid}/task/${task}/schedstat`))
      .reduce((sum, file) => sum + Number(readFileSync(file, 'utf8').split(' ')[0]) / 1e6, 0);
  } catch {
    return undefined;
  }
}

function descendantsOf(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return children === ''
      ? []
      : children.split(' ').flatMap((child) => [Number(child), ...descendantsOf(Number(child))]);
  } catch {
    return [];
  }
}

/** The sum over these processes. */
export function residentMB(pids: readonly number[]): number {
  const kilobytes = pids.map((pid) =>
    Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]),
  );
  return Math.round(kilobytes.reduce((sum, each) => sum + each, 0) / 1024);
}

/** Runs `work` `count` times, 64 concurrently. */
export async function inBatches(count: number, work: (i: number) => Promise<unknown>): Promise<void> {
  const width = 64;
  for (let i = 0; i < count; i += width) {
    await Promise.all(Array.from({ length: Math.min(width, count - i) }, (_, k) => work(i + k)));
  }
}
