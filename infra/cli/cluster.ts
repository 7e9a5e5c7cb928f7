/** A cluster's API as accessed by kubectl, which authenticates, so that every kind of kubeconfig works. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseJSON, stringifyJSON } from '../../shared/util/exact-json.ts';

export interface ClusterOptions {
  /** kubeconfig file; unset: kubectl's default. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  /** kubectl's program. */
  readonly kubectl?: string | undefined;
}

export interface RequestOptions {
  /** An object, sent as JSON. */
  readonly body?: unknown;
  readonly accept?: string;
  /** Called with the API's warnings. */
  readonly warned?: (text: string) => void;
}

/** An error response of the API. */
export class ClusterError extends Error {
  readonly status: number;
  /** The API's own message. */
  readonly reason: string;

  constructor(message: string, status: number, reason: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

export interface Cluster {
  /** Path -> response. Throws `ClusterError`. */
  get<T>(path: string): Promise<T>;
  request<T>(method: string, path: string, more?: RequestOptions): Promise<T>;
  /** Like `get`, for responses other than JSON. */
  text(path: string): Promise<string>;
  close(): Promise<void>;
}

/** Maximum attempts of a request that a busy API server asks to retry. */
const MAX_TRIES = 10;
const WARNING = /299 \S+ "((?:[^"\\]|\\.)*)"/g;

/**
 * Starts `kubectl proxy` at a socket in a private folder. A proxy acts with its user's rights, and its ports would be open
 * to every user of the machine. Throws Error with kubectl's message.
 */
export async function connectCluster(options: ClusterOptions): Promise<Cluster> {
  const { kubeconfig, context, kubectl = 'kubectl' } = options;
  const folder = mkdtempSync(join(tmpdir(), 'zeroplane-'));
  const socket = join(folder, 'api');
  const args = [
    'proxy',
    `--unix-socket=${socket}`,
    // The API of a stack or of a fleet's tenant is below a path.
    '--append-server-path',
    ...(kubeconfig === undefined ? [] : [`--kubeconfig=${kubeconfig}`]),
    ...(context ? [`--context=${context}`] : []),
  ];
  const child = spawn(kubectl, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const interrupted = () => {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
    process.exit(130);
  };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  const close = async () => {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    if (child.pid !== undefined && child.exitCode === null) {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await proxyStarted(child, kubectl);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    get: async <T>(path: string) => parseJSON(await request(socket, 'GET', path)) as T,
    request: async <T>(method: string, path: string, more?: RequestOptions) =>
      parseJSON(await request(socket, method, path, more)) as T,
    text: (path) => request(socket, 'GET', path, { accept: '*/*' }),
    close,
  };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

function send(
  socketPath: string,
  path: string,
  { method, headers, body }: { method: string; headers: OutgoingHttpHeaders; body?: string },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const failed = ({ message }: Error) => reject(new Error(`kubectl proxy ended: ${message}`));
    // Node.js gives the body of a deletion no length.
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const sent = httpRequest({
      ...{ socketPath, path, method },
      headers: { host: 'localhost', ...length, ...headers },
    });
    sent.once('error', failed).once('response', async (answer) => {
      try {
        const chunks: Buffer[] = [];
        for await (const chunk of answer) chunks.push(chunk);
        const { statusCode: status = 0, headers } = answer;
        resolve({ status, headers, text: Buffer.concat(chunks).toString() });
      } catch (error) {
        failed(error as Error);
      }
    });
    sent.end(body);
  });
}

async function request(
  socket: string,
  method: string,
  path: string,
  { body, accept = 'application/json', warned }: RequestOptions = {},
): Promise<string> {
  const sent = {
    method,
    headers: { accept, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: stringifyJSON(body) }),
  };
  let answer = await send(socket, path, sent);
  for (let tries = 1; tries < MAX_TRIES && answer.headers['retry-after'] !== undefined; tries++) {
    await sleep(Math.max(1, Number(answer.headers['retry-after']) || 1) * 1000);
    answer = await send(socket, path, sent);
  }
  const { status, headers, text } = answer;
  for (const [, warning = ''] of String(headers['warning'] ?? '').matchAll(WARNING)) {
    warned?.(warning.replaceAll(/\\(.)/g, '$1'));
  }
  if (status >= 200 && status < 300) return text;
  const reason = messageOf(text, status);
  throw new ClusterError(`${method} ${path}: ${reason}`, status, reason);
}

async function proxyStarted(child: ChildProcess, kubectl: string): Promise<void> {
  let output = '';
  child.stderr!.on('data', (chunk) => {
    output += chunk;
  });
  const failed = new Promise<never>((_, reject) => {
    child.once('error', () => reject(new Error(`can't run ${kubectl}: is it installed?`)));
    child.once('exit', () => reject(new Error(output.trim() || 'kubectl proxy ended')));
  });
  failed.catch(() => {});
  const started = (async () => {
    for await (const line of createInterface({ input: child.stdout! })) {
      if (line.startsWith('Starting to serve on ')) return;
    }
    await failed;
  })();
  await Promise.race([started, failed]);
}

const UNREACHABLE = "the API that the kubeconfig names can't be reached";
/** kubectl's default address without a kubeconfig. */
const NO_KUBECONFIG = /(127\.0\.0\.1|\[::1\]|localhost):8080\b/;
const HINT = " (kubectl's default without a kubeconfig: name one with --kubeconfig or KUBECONFIG)";

function messageOf(text: string, status: number): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text;
  } catch {
    const output = text.trim().slice(0, 500);
    // An error of the proxy: an API server's would be a Status.
    return status >= 500 ? `${UNREACHABLE}: ${output}${NO_KUBECONFIG.test(output) ? HINT : ''}` : output;
  }
}
