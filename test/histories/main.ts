/**
 * `npm run histories -- [--seconds N] [--clients N] [--kill MS]`: two servers on one store, and clients that write and
 * read the same objects through both; their observations of each object must be linearizable. `--kill` kills and
 * restarts one of the servers at this interval; its calls in flight may or may not have taken effect.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startDynamoDBServer } from '../../infra/emulator/dynamodb-server.ts';
import { type LocalServer, startLocalServer } from '../fixtures/local-server.ts';
import { Random } from '../fixtures/random.ts';
import { type Call, findViolation, type State } from './linearizable.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    clients: { type: 'string', default: '8' },
    kill: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
  },
});
const PATH = '/api/v1/namespaces/default/configmaps';
/** Number of concurrent objects. */
const OBJECTS = 3;
/** Calls per object, after which it is replaced by a new one, to keep the search for an order short. */
const CALLS_OF_ONE = 120;
const PATIENCE_MS = 30_000;

interface Server {
  local: LocalServer;
  agent: Agent;
}

interface Answer {
  readonly status: number;
  readonly value: State;
  readonly revision: string | undefined;
}

function credentials(kubeconfig: string) {
  const text = readFileSync(kubeconfig, 'utf8');
  const data = (name: string) =>
    Buffer.from(new RegExp(`${name}: "?([^"\\s]+)`).exec(text)?.[1] ?? '', 'base64').toString();
  return {
    ca: data('certificate-authority-data'),
    cert: data('client-certificate-data'),
    key: data('client-key-data'),
  };
}

function ask({ local, agent }: Server, method: string, path: string, body?: object): Promise<Answer> {
  return new Promise((done, fail) => {
    const headers = { 'content-type': 'application/json' };
    const outgoing = request(
      `${local.url}${path}`,
      { agent, method, headers, timeout: PATIENCE_MS },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => {
          try {
            const json = JSON.parse(Buffer.concat(chunks).toString()) as {
              readonly metadata?: { readonly resourceVersion?: string };
              readonly data?: { readonly value?: string };
            };
            const revision = json.metadata?.resourceVersion;
            done({ status: response.statusCode ?? 0, value: json.data?.value, revision });
          } catch (error) {
            fail(error as Error);
          }
        });
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer')));
    outgoing.on('error', fail);
    outgoing.end(body && JSON.stringify(body));
  });
}

const folder = mkdtempSync(join(tmpdir(), 'zeroplane-histories-'));
const dynamodb = await startDynamoDBServer();

async function start(name: string): Promise<Server> {
  const local = await startLocalServer({
    dataDir: join(folder, name),
    env: { AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint },
  });
  return { local, agent: new Agent({ keepAlive: true, ...credentials(local.kubeconfig) }) };
}

const servers = [await start('one'), await start('other')];
const until = performance.now() + Number(values.seconds) * 1000;
const histories = new Map<string, Call[]>();
const current = Array.from({ length: OBJECTS }, (_, i) => ({ name: `h-${i}-0`, next: 1 }));
const counts = { calls: 0, unknown: 0, kills: 0 };
let writes = 0;

/** The state transitions that a response allows. */
type Outcome = Call['apply'];

const unchangedIf =
  (holds: (state: State) => boolean): Outcome =>
  (state) =>
    holds(state) && { state };

/** Status codes of requests that had no effect, in any state. */
const REFUSED = [429, 503];

async function call(random: Random, known: Map<string, Answer>): Promise<void> {
  const place = random.pick(current);
  const { name } = place;
  const history = histories.get(name) ?? [];
  histories.set(name, history);
  if (history.length >= CALLS_OF_ONE) {
    place.name = `${name.slice(0, name.lastIndexOf('-'))}-${place.next++}`;
    return;
  }
  const server = random.pick(servers);
  const before = known.get(name);
  const value = `v${++writes}`;
  const path = `${PATH}/${name}`;
  const object = { metadata: { name, resourceVersion: before?.revision }, data: { value } };
  const kinds = before?.value === undefined ? ['get', 'create'] : ['get', 'get', 'update', 'put', 'delete'];
  const kind = random.pick(kinds);
  const begun = performance.now();
  let outcome: Outcome | undefined;
  let answer: Answer | undefined;
  try {
    if (kind === 'get') {
      answer = await ask(server, 'GET', path);
      const seen = answer.status === 200 ? answer.value : undefined;
      if (answer.status === 200 || answer.status === 404) outcome = unchangedIf((state) => state === seen);
    } else if (kind === 'create') {
      answer = await ask(server, 'POST', PATH, { ...object, metadata: { name } });
      if (answer.status === 201) outcome = (state) => state === undefined && { state: value };
      else if (answer.status === 409) outcome = unchangedIf((state) => state !== undefined);
    } else if (kind === 'put') {
      answer = await ask(server, 'PUT', path, { ...object, metadata: { name } });
      if (answer.status === 200) outcome = (state) => state !== undefined && { state: value };
      else if (answer.status === 404) outcome = unchangedIf((state) => state === undefined);
    } else if (kind === 'update') {
      answer = await ask(server, 'PUT', path, object);
      if (answer.status === 200) outcome = (state) => state === before?.value && { state: value };
      else if (answer.status === 409) outcome = unchangedIf((state) => state !== before?.value);
      else if (answer.status === 404) outcome = unchangedIf((state) => state === undefined);
    } else {
      answer = await ask(server, 'DELETE', path);
      if (answer.status === 200) outcome = (state) => state !== undefined && { state: undefined };
      else if (answer.status === 404) outcome = unchangedIf((state) => state === undefined);
    }
  } catch (error) {
    // Connection refused: the call had no effect. Other errors leave it unknown.
    if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') return;
  }
  // Failed reads impose no order.
  if (outcome === undefined && kind === 'get') return;
  if (answer !== undefined && outcome === undefined && REFUSED.includes(answer.status)) return;
  const end = outcome === undefined ? Number.POSITIVE_INFINITY : performance.now();
  counts.calls++;
  if (outcome === undefined) counts.unknown++;
  const written = kind === 'delete' ? undefined : value;
  const perhaps: Outcome = () => ({ state: written });
  history.push({
    name: `${kind} ${kind === 'get' ? (answer?.value ?? '-') : value}: ${answer?.status ?? 'no answer'}, ${Math.round(begun)} to ${Math.round(end)}`,
    start: begun,
    end,
    apply: outcome ?? perhaps,
  });
  if (answer === undefined || outcome === undefined) return;
  if (answer.status < 300 && kind !== 'delete') known.set(name, answer);
  else if (answer.status === 409 && kind !== 'create') known.delete(name);
  else if (answer.status === 404 || kind === 'delete') known.delete(name);
}

async function client(id: number): Promise<void> {
  const random = new Random(Number(values.seed) * 1000 + id);
  const known = new Map<string, Answer>();
  while (performance.now() < until) {
    await call(random, known);
    await sleep(random.below(20));
  }
}

async function killer(everyMs: number): Promise<void> {
  while (everyMs > 0 && performance.now() + everyMs < until) {
    await sleep(everyMs);
    const at = counts.kills++ % 2;
    const { local } = servers[at]!;
    process.kill(local.pid, 'SIGKILL');
    while (local.isRunning()) await sleep(10);
    servers[at] = await start(at === 0 ? 'one' : 'other');
  }
}

const violations: string[] = [];
try {
  await Promise.all([
    killer(Number(values.kill)),
    ...Array.from({ length: Number(values.clients) }, (_, id) => client(id)),
  ]);
  for (const [name, history] of histories) {
    const violation = findViolation(history, undefined);
    if (violation === undefined) continue;
    violations.push([name, ...violation.slice(-12).map((one) => `  ${one.name}`)].join('\n'));
  }
} finally {
  for (const { local } of servers) await local.stop();
  await dynamodb.stop();
  rmSync(folder, { recursive: true, force: true });
}
console.log(
  `${counts.calls} calls of ${histories.size} objects through two servers, ${counts.unknown} of unknown outcome, ${counts.kills} kills; ` +
    `${violations.length} objects of no one order`,
);
for (const violation of violations.slice(0, 5)) console.log(violation);
process.exit(violations.length > 0 ? 1 : 0);
