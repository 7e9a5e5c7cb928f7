/** The local server beside a bare HTTPS server that sends the same bytes. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { functionWeights } from './function-weights.ts';
import { type LoadOptions, type LoadRequest, load } from './load.ts';

const DURATION_MS = 2_500;
const CONNECTIONS = [1, 16, 64];
const PODS = 500;
const DEPLOYMENTS = 100;
const OBJECTS = 10_000;
const WATCHERS = 1_000;
const IDLE_MS = 45_000;
const JSON_HEADERS = { 'content-type': 'application/json', accept: 'application/json' };

type TLS = LoadOptions['tls'];

interface Target {
  readonly url: string;
  readonly tls: TLS;
}

/** A pod of some 3 KB, as controllers make them. */
function pod(name: string) {
  const env = Array.from({ length: 20 }, (_, i) => ({
    name: `SETTING_${i}`,
    value: `value-${i}-of-this-container`,
  }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: 'bench', tier: 'one' }, annotations: { note: 'x'.repeat(200) } },
    spec: {
      containers: [
        { name: 'main', image: 'registry.example/app:1.2.3', env, ports: [{ containerPort: 8080 }] },
        { name: 'sidecar', image: 'registry.example/sidecar:4.5', args: ['--verbose', '--listen=:9090'] },
      ],
    },
  };
}

/** A Deployment of some 3 KB; `round` changes one value in it. */
function deployment(name: string, round: number) {
  const { spec } = pod(name);
  const [main, ...others] = spec.containers;
  const env = [...(main!.env ?? []), { name: 'ROUND', value: `r${round}` }];
  const args = Array.from({ length: 12 }, (_, i) => `--option-of-the-command-${i}=some-value-for-it`);
  const containers = [{ ...main, env, args }, ...others];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels: { app: 'bench' } },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers } },
    },
  };
}

const configMap = (name: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data: { key: 'value' },
});

function call(
  { url, tls }: Target,
  { method, path, headers = JSON_HEADERS, body }: LoadRequest,
): Promise<string> {
  return new Promise((done, fail) => {
    const outgoing = request(
      `${url}${path}`,
      { method, headers: { ...headers }, ...tls },
      async (response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk as Buffer);
        const text = Buffer.concat(chunks).toString();
        if ((response.statusCode ?? 500) >= 400) fail(new Error(`${method} ${path}: ${text}`));
        else done(text);
      },
    );
    outgoing.on('error', fail);
    outgoing.end(body);
  });
}

interface Local extends Target {
  readonly child: ChildProcess;
  readonly readyMs: number;
  residentMB(): number;
  stop(): Promise<void>;
}

async function startLocal(folder: string, args: readonly string[] = ['--in-memory']): Promise<Local> {
  const command = [
    resolve('infra/local/zeroplane.mjs'),
    'start',
    '--secure-port=0',
    `--data-dir=${folder}`,
    ...args,
  ];
  const limits = ['--max-requests-inflight=5000', '--max-mutating-requests-inflight=1000'];
  const child = spawn(process.execPath, [...command, ...limits], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const ready = /^zeroplane ready in (\d+) ms at (\S+)$/.exec(line);
    if (ready === null) continue;
    const pki = (name: string) => readFileSync(join(folder, 'pki/default', name), 'utf8');
    return {
      url: ready[2]!,
      readyMs: Number(ready[1]),
      tls: { ca: pki('ca.crt'), cert: pki('admin.crt'), key: pki('admin.key') },
      child,
      residentMB: () => residentMB(child.pid!),
      stop: async () => {
        child.kill('SIGINT');
        await once(child, 'exit');
      },
    };
  }
  throw new Error('the server did not start');
}

function residentMB(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kilobytes) / 1024);
}

async function startBare(
  folder: string,
  answers: Record<string, string>,
): Promise<{ url: string; child: ChildProcess }> {
  const child = spawn(process.execPath, [resolve('test/bench/server/bare-server.mjs')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const pki = (name: string) => readFileSync(join(folder, 'pki/default', name), 'utf8');
  child.stdin.end(JSON.stringify({ key: pki('apiserver.key'), cert: pki('apiserver.crt'), answers }));
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return { url: `https://127.0.0.1:${port.toString().trim()}`, child };
}

async function inBatches(count: number, work: (i: number) => Promise<unknown>): Promise<void> {
  const width = 64;
  for (let i = 0; i < count; i += width) {
    await Promise.all(Array.from({ length: Math.min(width, count - i) }, (_, k) => work(i + k)));
  }
}

const POD_PATH = '/api/v1/namespaces/default/pods/pod-7';
const LIST_PATH = '/api/v1/namespaces/default/pods';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const DEPLOYMENTS_PATH = '/apis/apps/v1/namespaces/default/deployments';

export async function run(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'zeroplane-bench-'));
  const server = await startLocal(folder);
  const readyMB = server.residentMB();
  await inBatches(PODS, (i) =>
    call(server, { method: 'POST', path: LIST_PATH, body: JSON.stringify(pod(`pod-${i}`)) }),
  );
  const apply = (n: number, round: number): LoadRequest => ({
    method: 'PATCH',
    path: `${DEPLOYMENTS_PATH}/web-${n % DEPLOYMENTS}?fieldManager=bench`,
    headers: { ...JSON_HEADERS, 'content-type': 'application/apply-patch+yaml' },
    body: JSON.stringify(deployment(`web-${n % DEPLOYMENTS}`, round)),
  });
  await inBatches(DEPLOYMENTS, (i) => call(server, apply(i, 0)));
  const appliedKB = (JSON.stringify(deployment('web-0', 0)).length / 1000).toFixed(1);
  const answers = {
    [POD_PATH]: await call(server, { method: 'GET', path: POD_PATH }),
    [LIST_PATH]: await call(server, { method: 'GET', path: LIST_PATH }),
  };
  const bare = await startBare(folder, answers);
  const rows: string[] = [];
  let created = 0;
  const get = (path: string) => () => ({ method: 'GET', path, headers: JSON_HEADERS });
  const operations: { name: string; next: (n: number) => LoadRequest; bare?: string }[] = [
    { name: `GET a pod (${answers[POD_PATH]!.length} bytes)`, next: get(POD_PATH), bare: POD_PATH },
    {
      name: `LIST ${PODS} pods (${Math.round(answers[LIST_PATH]!.length / 1000)} KB)`,
      next: get(LIST_PATH),
      bare: LIST_PATH,
    },
    {
      name: 'CREATE a ConfigMap',
      next: () => ({
        method: 'POST',
        path: CONFIG_MAPS,
        headers: JSON_HEADERS,
        body: JSON.stringify(configMap(`cm-${created++}`)),
      }),
    },
    {
      name: 'UPDATE one of 100 ConfigMaps',
      next: (n) => ({
        method: 'PUT',
        path: `${CONFIG_MAPS}/cm-${n % 100}`,
        headers: JSON_HEADERS,
        body: JSON.stringify({ ...configMap(`cm-${n % 100}`), data: { key: `value-${n}` } }),
      }),
    },
    {
      name: 'PATCH one of 500 pods',
      next: (n) => ({
        method: 'PATCH',
        path: `${LIST_PATH}/pod-${n % PODS}`,
        headers: { ...JSON_HEADERS, 'content-type': 'application/merge-patch+json' },
        body: JSON.stringify({ metadata: { labels: { round: `p${n}` } } }),
      }),
    },
    {
      name: `PATCH one of ${DEPLOYMENTS} Deployments`,
      next: (n) => ({
        method: 'PATCH',
        path: `${DEPLOYMENTS_PATH}/web-${n % DEPLOYMENTS}`,
        headers: { ...JSON_HEADERS, 'content-type': 'application/merge-patch+json' },
        body: JSON.stringify({ metadata: { labels: { round: `p${n}` } } }),
      }),
    },
    { name: `APPLY one of ${DEPLOYMENTS} Deployments (${appliedKB} KB)`, next: (n) => apply(n, n) },
  ];
  for (const { name, next, bare: path } of operations) {
    for (const connections of CONNECTIONS) {
      const options = { connections, durationMs: DURATION_MS, tls: server.tls };
      const result = await load({ ...options, url: server.url, next });
      const floor =
        path === undefined ? undefined : await load({ ...options, url: bare.url, next: get(path) });
      const ratio = floor === undefined ? '' : `${Math.round((100 * result.perSecond) / floor.perSecond)} %`;
      const failed = result.failures > 0 ? `, ${result.failures} failed` : '';
      rows.push(
        `| ${name} | ${connections} | ${result.perSecond.toFixed(0)}${failed} | ${result.medianMs.toFixed(1)} | ${result.p99Ms.toFixed(1)} | ${ratio} |`,
      );
      console.error(rows.at(-1));
    }
  }
  const watch = await watchers(server);
  await inBatches(Math.max(0, OBJECTS - PODS - created), (i) =>
    call(server, { method: 'POST', path: CONFIG_MAPS, body: JSON.stringify(configMap(`filler-${i}`)) }),
  );
  await call(server, { method: 'GET', path: CONFIG_MAPS });
  const fullMB = server.residentMB();
  await server.stop();
  bare.child.kill();
  const { readyMs: again, idleMB } = await restart(folder);
  const weights = await functionWeights();
  rmSync(folder, { recursive: true, force: true });
  return [
    '| request | connections | per second | median ms | p99 ms | of a bare server |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    weights,
    '',
    '| other figures | |',
    '| --- | --- |',
    `| start to ready, empty | ${server.readyMs} ms |`,
    `| start to ready, with its certificates and first objects there | ${again} ms |`,
    `| resident memory, ready | ${readyMB} MB |`,
    `| resident memory, idle for ${IDLE_MS / 1000} s | ${idleMB} MB |`,
    `| resident memory, ${OBJECTS} objects listed | ${fullMB} MB |`,
    `| ${WATCHERS} watchers of one resource: one write reaches all | ${watch.allMs.toFixed(0)} ms, the first after ${watch.firstMs.toFixed(0)} ms |`,
  ].join('\n');
}

/** A write, and the time until the first and the last watcher has it. */
async function watchers(server: Local): Promise<{ firstMs: number; allMs: number }> {
  const path = '/api/v1/namespaces/default/secrets?watch=1&resourceVersion=0';
  const times: number[] = [];
  let startedAt = 0;
  let all = () => {};
  const delivered = new Promise<void>((done) => {
    all = done;
  });
  const requests = await Promise.all(
    Array.from({ length: WATCHERS }, async () => {
      const outgoing = request(`${server.url}${path}`, { headers: JSON_HEADERS, ...server.tls });
      outgoing.on('error', () => undefined);
      outgoing.end();
      const [response] = (await once(outgoing, 'response')) as [
        AsyncIterable<Buffer> & { on(event: string, listener: (chunk: Buffer) => void): void },
      ];
      response.on('data', (chunk) => {
        if (!chunk.includes('"bench-secret"')) return;
        times.push(performance.now() - startedAt);
        if (times.length === WATCHERS) all();
      });
      return outgoing;
    }),
  );
  startedAt = performance.now();
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'bench-secret' } };
  await call(server, {
    method: 'POST',
    path: '/api/v1/namespaces/default/secrets',
    body: JSON.stringify(secret),
  });
  await Promise.race([
    delivered,
    new Promise((_, fail) =>
      setTimeout(() => fail(new Error(`${times.length} of ${WATCHERS} watchers got it`)), 30_000),
    ),
  ]);
  for (const outgoing of requests) outgoing.destroy();
  return { firstMs: Math.min(...times), allMs: Math.max(...times) };
}

/** A server that keeps its data, started the second time and left alone. */
async function restart(folder: string): Promise<{ readyMs: number; idleMB: number }> {
  const kept = join(folder, 'kept');
  await (await startLocal(kept, [])).stop();
  const second = await startLocal(kept, []);
  await sleep(IDLE_MS);
  const idleMB = second.residentMB();
  await second.stop();
  return { readyMs: second.readyMs, idleMB };
}
