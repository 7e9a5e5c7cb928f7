/** A local server in a child process, with its store in another, both to be killed. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

export interface KilledServer {
  readonly child: ChildProcess;
  readonly api: Api;
}

/** The address and credentials of an API. */
export interface Api {
  readonly url: string;
  readonly agent: Agent;
}

function spawnServer(dataDir: string, args: readonly string[]) {
  const command = [resolve('infra/local/zeroplane.mjs'), 'start', `--data-dir=${dataDir}`, ...args];
  return spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Starts a server and kills it after `ms` milliseconds. */
export async function killStart(dataDir: string, args: readonly string[], ms: number): Promise<void> {
  const child = spawnServer(dataDir, args);
  const exited = once(child, 'exit');
  await sleep(ms);
  child.kill('SIGKILL');
  await exited;
}

/** Resolves when the server is ready. `name`: of the kubeconfig it writes. Rejects with its last output. */
export async function startServer(
  dataDir: string,
  { name, args }: { readonly name: string; readonly args: readonly string[] },
): Promise<KilledServer> {
  const child = spawnServer(dataDir, args);
  let said = '';
  child.stderr.on('data', (chunk) => {
    said = (said + chunk).slice(-2_000);
  });
  let isReady = false;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.includes('export KUBECONFIG')) {
      isReady = true;
      break;
    }
  }
  if (!isReady) throw new Error(`the server did not start: ${said}`);
  return { child, api: apiOf(readFileSync(join(dataDir, `${name}.kubeconfig`), 'utf8')) };
}

/** Reads a kubeconfig. */
export function apiOf(kubeconfig: string): Api {
  const value = (name: string) => new RegExp(`${name}: "?([^"\\s]+)`).exec(kubeconfig)?.[1] ?? '';
  const data = (name: string) => Buffer.from(value(`${name}-data`), 'base64').toString();
  const credentials = {
    ca: data('certificate-authority'),
    cert: data('client-certificate'),
    key: data('client-key'),
  };
  return { url: value('server'), agent: new Agent({ keepAlive: true, ...credentials }) };
}

export interface Answer {
  readonly status: number;
  readonly json: unknown;
}

/** Rejects if there is no response. */
export function call(
  { url, agent }: Api,
  method: string,
  path: string,
  body?: object,
  contentType = 'application/json',
): Promise<Answer> {
  return new Promise((done, fail) => {
    const headers = { 'content-type': contentType };
    const outgoing = request(`${url}${path}`, { agent, method, headers, timeout: 30_000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        try {
          done({ status: response.statusCode ?? 0, json: JSON.parse(text) });
        } catch (error) {
          fail(error as Error);
        }
      });
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer')));
    outgoing.on('error', fail);
    outgoing.end(body && JSON.stringify(body));
  });
}

/** Process IDs of the server's store. */
export function storesOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const [, parent] = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]!.split(' ');
        return Number(parent) === pid && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes('/dynoxide');
      } catch {
        return false;
      }
    })
    .map(Number);
}
