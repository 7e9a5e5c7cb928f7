/** A cluster's API as accessed by kubectl, which authenticates, so that every kind of kubeconfig works. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
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

/** Starts `kubectl proxy` on a free port of this machine. Throws Error with kubectl's message. */
export async function connectCluster(options: ClusterOptions): Promise<Cluster> {
  const { kubeconfig, context, kubectl = 'kubectl' } = options;
  const args = [
    'proxy',
    '--port=0',
    // The API of a stack or of a fleet's tenant is below a path.
    '--append-server-path',
    ...(kubeconfig === undefined ? [] : [`--kubeconfig=${kubeconfig}`]),
    ...(context ? [`--context=${context}`] : []),
  ];
  const child = spawn(kubectl, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const address = await proxyAddress(child, kubectl);
  return {
    get: async <T>(path: string) => parseJSON(await request(address, 'GET', path)) as T,
    request: async <T>(method: string, path: string, more?: RequestOptions) =>
      parseJSON(await request(address, method, path, more)) as T,
    text: (path) => request(address, 'GET', path, { accept: '*/*' }),
    async close() {
      if (child.exitCode !== null) return;
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}

async function request(
  address: string,
  method: string,
  path: string,
  { body, accept = 'application/json', warned }: RequestOptions = {},
): Promise<string> {
  const sent = {
    method,
    headers: { accept, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: stringifyJSON(body) }),
  };
  let answer = await fetch(`http://${address}${path}`, sent);
  for (let tries = 1; tries < MAX_TRIES && answer.headers.has('retry-after'); tries++) {
    await answer.body?.cancel();
    await sleep(Math.max(1, Number(answer.headers.get('retry-after')) || 1) * 1000);
    answer = await fetch(`http://${address}${path}`, sent);
  }
  const text = await answer.text();
  for (const [, warning = ''] of (answer.headers.get('warning') ?? '').matchAll(WARNING)) {
    warned?.(warning.replaceAll(/\\(.)/g, '$1'));
  }
  if (answer.ok) return text;
  const reason = messageOf(text, answer.status);
  throw new ClusterError(`${method} ${path}: ${reason}`, answer.status, reason);
}

async function proxyAddress(child: ChildProcess, kubectl: string): Promise<string> {
  let said = '';
  child.stderr!.on('data', (chunk) => {
    said += chunk;
  });
  const failed = new Promise<never>((_, reject) => {
    child.once('error', () => reject(new Error(`can't run ${kubectl}: is it installed?`)));
    child.once('exit', () => reject(new Error(said.trim() || 'kubectl proxy ended')));
  });
  failed.catch(() => {});
  const started = (async () => {
    for await (const line of createInterface({ input: child.stdout! })) {
      const address = /^Starting to serve on (\S+)/.exec(line)?.[1];
      if (address !== undefined) return address;
    }
    return await failed;
  })();
  return await Promise.race([started, failed]);
}

const UNREACHABLE = "the API that the kubeconfig names can't be reached";
/** kubectl's default address without a kubeconfig. */
const NO_KUBECONFIG = /(127\.0\.0\.1|\[::1\]|localhost):8080\b/;
const HINT = ' (where kubectl looks when it finds no kubeconfig: name one by --kubeconfig or KUBECONFIG)';

function messageOf(text: string, status: number): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text;
  } catch {
    const said = text.trim().slice(0, 500);
    // An error of the proxy: an API server's would be a Status.
    return status >= 500 ? `${UNREACHABLE}: ${said}${NO_KUBECONFIG.test(said) ? HINT : ''}` : said;
  }
}
