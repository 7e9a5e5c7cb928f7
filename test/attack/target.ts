/** The server under attack, in a process with little memory, with its users and another client. */

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type LocalServer, startLocalServer } from '../fixtures/local-server.ts';
import { type AttackRequest, type MakeSetting, NAMESPACE, type Sender } from './attack.ts';

/** Milliseconds before a response counts as missing. */
const PATIENCE_MS = 60_000;

/** Namespace and ConfigMap of the well-behaved client. */
export const QUIET = { namespace: 'quiet', name: 'its-own' } as const;

export interface Target {
  readonly server: LocalServer;
  readonly url: URL;
  readonly tokens: Readonly<Record<Exclude<Sender, 'anonymous'>, string>>;
  /** Bearer token of the well-behaved client. */
  readonly quietToken: string;
  /**
   * Returns the longest hold of the server's event loop since the last call, in milliseconds of processor time; NaN if
   * the server has exited.
   */
  longestHold(): Promise<number>;
  /** Resolves with the status code of the response, and its size if large; never rejects. */
  send(request: AttackRequest): Promise<string>;
  /** The response parsed as JSON; `{}` if it isn't JSON. */
  read(request: AttackRequest): Promise<{ readonly metadata?: { readonly resourceVersion?: string } }>;
  /** Stops the server and the setting's other servers. */
  stop(): Promise<void>;
}

/** Makes the server load a module of this folder before its own. */
const importing = (file: string) => `--import=${pathToFileURL(resolve('test/attack', file))}`;

/** `heapMB`: limit of the server's heap; `isProfiled`: long holds are profiled; `setting`: default none. */
export async function startTarget(
  heapMB: number,
  { isProfiled = false, setting }: { readonly isProfiled?: boolean; readonly setting?: MakeSetting } = {},
): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), 'zeroplane-attack-'));
  const holdsFile = join(folder, 'holds');
  const { flags, close } = (await setting?.(folder)) ?? { flags: [] };
  const server = await startLocalServer({
    args: flags,
    env: {
      NODE_OPTIONS: [
        `--max-old-space-size=${heapMB}`,
        importing('hold-sampler.mjs'),
        ...(isProfiled ? [importing('hold-profiler.mjs')] : []),
      ].join(' '),
      ZEROPLANE_ATTACK_HOLDS: holdsFile,
    },
  });
  for (const namespace of [NAMESPACE, QUIET.namespace]) await server.run(['create', 'namespace', namespace]);
  const account = async (namespace: string, name: string, role?: string): Promise<string> => {
    await server.run(['create', 'serviceaccount', name, `--namespace=${namespace}`]);
    const subject = `--serviceaccount=${namespace}:${name}`;
    if (role === 'cluster-admin') {
      await server.run(['create', 'clusterrolebinding', name, subject, '--clusterrole=cluster-admin']);
    } else if (role !== undefined) {
      await server.run(['create', 'rolebinding', name, subject, `--clusterrole=${role}`, `-n${namespace}`]);
    }
    return (await server.run(['create', 'token', name, `--namespace=${namespace}`])).trim();
  };
  const tokens = {
    ordinary: await account(NAMESPACE, 'ordinary'),
    admin: await account(NAMESPACE, 'admin', 'admin'),
    clusterAdmin: await account(NAMESPACE, 'of-the-cluster', 'cluster-admin'),
  };
  const quietToken = await account(QUIET.namespace, 'quiet', 'edit');
  await server.run([
    'create',
    'configmap',
    QUIET.name,
    `--namespace=${QUIET.namespace}`,
    '--from-literal=a=b',
  ]);
  const url = new URL(server.url);
  const agent = new Agent({ keepAlive: true, maxSockets: 500, rejectUnauthorized: false });
  let asked = 0;
  const longestHold = async () => {
    if (!server.isRunning()) return Number.NaN;
    process.kill(server.pid, 'SIGUSR2');
    asked++;
    for (let tries = 0; tries < 600 && server.isRunning(); tries++) {
      const [told, milliseconds] = existsSync(holdsFile) ? readFileSync(holdsFile, 'utf8').split(' ') : [];
      if (Number(told) === asked && milliseconds) return Number(milliseconds);
      await new Promise((done) => setTimeout(done, 50));
    }
    return Number.NaN;
  };
  return {
    server,
    url,
    tokens,
    quietToken,
    longestHold,
    send: (request) => send(url, agent, tokens, request),
    read: async (request) => {
      const chunks: Buffer[] = [];
      await send(url, agent, tokens, request, (chunk) => chunks.push(chunk));
      try {
        return JSON.parse(Buffer.concat(chunks).toString());
      } catch {
        return {};
      }
    },
    stop: async () => {
      await server.stop();
      await close?.();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function send(
  url: URL,
  agent: Agent,
  tokens: Target['tokens'],
  { method, path, sender = 'admin', type = 'application/json', headers = {}, body }: AttackRequest,
  take: (chunk: Buffer) => void = () => undefined,
): Promise<string> {
  const authorization = sender === 'anonymous' ? {} : { authorization: `Bearer ${tokens[sender]}` };
  const length =
    body === undefined ? {} : { 'content-type': type, 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((answer) => {
    const request = httpsRequest(
      {
        host: url.hostname,
        port: url.port,
        agent,
        path,
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: { ...authorization, ...length, ...headers },
        timeout: PATIENCE_MS,
      },
      (response) => {
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.byteLength;
          take(chunk);
        });
        response.on('error', () => answer('cut'));
        response.on('end', () => {
          const shown = size > 1_000_000 ? `(${(size / 1_000_000).toFixed(1)} MB)` : '';
          answer(`${response.statusCode}${shown}`);
        });
      },
    );
    request.on('timeout', () => request.destroy(new Error('none')));
    request.on('error', (error: NodeJS.ErrnoException) => answer(error.code ?? error.message));
    request.end(body);
  });
}

/** Seconds of processor time used by a process, and its memory in MB. Linux only. */
export function usageOf(pid: number): { cpu: number; memory: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  return { cpu: (Number(fields[11]) + Number(fields[12])) / 100, memory: (pages * 4096) / 1_000_000 };
}
