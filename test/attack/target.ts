/** The server under attack: a process of its own with little memory, users, and somebody else's client beside them. */

import { readFileSync } from 'node:fs';
import { Agent, request as httpsRequest } from 'node:https';
import { type LocalServer, startLocalServer } from '../fixtures/local-server.ts';
import { type AttackRequest, NAMESPACE, type Sender } from './attack.ts';

/** Milliseconds that an answer may take before it counts as none. */
const PATIENCE_MS = 60_000;

/** Namespace and ConfigMap of the client that does nothing wrong. */
export const QUIET = { namespace: 'quiet', name: 'its-own' } as const;

export interface Target {
  readonly server: LocalServer;
  readonly url: URL;
  readonly tokens: Readonly<Record<Exclude<Sender, 'anonymous'>, string>>;
  /** Bearer token of the client that does nothing wrong. */
  readonly quietToken: string;
  /** Resolves with the code of the answer and its size where it is large; never rejects. */
  send(request: AttackRequest): Promise<string>;
}

/** `heapMB`: what the server may take for its objects. */
export async function startTarget(heapMB: number): Promise<Target> {
  const server = await startLocalServer({ env: { NODE_OPTIONS: `--max-old-space-size=${heapMB}` } });
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
  return { server, url, tokens, quietToken, send: (request) => send(url, agent, tokens, request) };
}

function send(
  url: URL,
  agent: Agent,
  tokens: Target['tokens'],
  { method, path, sender = 'admin', type = 'application/json', headers = {}, body }: AttackRequest,
): Promise<string> {
  const authorization = sender === 'anonymous' ? {} : { authorization: `Bearer ${tokens[sender]}` };
  const length =
    body === undefined ? {} : { 'content-type': type, 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((resolve) => {
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
        });
        response.on('error', () => resolve('cut'));
        response.on('end', () => {
          const shown = size > 1_000_000 ? `(${(size / 1_000_000).toFixed(1)} MB)` : '';
          resolve(`${response.statusCode}${shown}`);
        });
      },
    );
    request.on('timeout', () => request.destroy(new Error('none')));
    request.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    request.end(body);
  });
}

/** Seconds of processor time that a process has used, and its memory in MB. Of Linux. */
export function usageOf(pid: number): { cpu: number; memory: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
  return { cpu: (Number(fields[11]) + Number(fields[12])) / 100, memory: (pages * 4096) / 1_000_000 };
}
