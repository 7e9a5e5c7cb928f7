import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type AuditBackend,
  IgnoreErrorsAuditBackend,
  UnionAuditBackend,
} from '../../../shared/audit/backend.ts';
import { BufferedAuditBackend } from '../../../shared/audit/buffered-backend.ts';
import type { AuditEvent } from '../../../shared/audit/event.ts';
import { LogAuditBackend } from '../../../shared/audit/log-backend.ts';
import { openAuditLog } from '../../../shared/audit/log-file.ts';
import { TokenBucket } from '../../../shared/audit/token-bucket.ts';
import { TruncateAuditBackend } from '../../../shared/audit/truncate-backend.ts';
import { WebhookAuditBackend } from '../../../shared/audit/webhook-backend.ts';
import { GenericWebhook } from '../../../shared/request/webhook/generic-webhook.ts';
import { parseJSON } from '../../../shared/util/exact-json.ts';
import { SharedBytes } from '../../../shared/util/shared-bytes.ts';

const event = (auditID: string, more: Partial<AuditEvent> = {}): AuditEvent => ({
  kind: 'Event',
  apiVersion: 'audit.k8s.io/v1',
  level: 'Metadata',
  auditID,
  stage: 'ResponseComplete',
  requestURI: '/',
  verb: 'get',
  user: {},
  requestReceivedTimestamp: '2026-05-01T12:00:00.000000Z',
  stageTimestamp: '2026-05-01T12:00:00.000000Z',
  ...more,
});
const ids = (batches: readonly (readonly AuditEvent[])[]) =>
  batches.map((batch) => batch.map(({ auditID }) => auditID));

class Recording implements AuditBackend {
  readonly batches: (readonly AuditEvent[])[] = [];
  works = true;
  gate: Promise<void> = Promise.resolve();
  async processEvents(events: readonly AuditEvent[]) {
    await this.gate;
    this.batches.push(events);
    return this.works;
  }
  async flush() {}
  async close() {}
}

let lost: string[];
const logger = {
  error: (message: string, error: unknown) => lost.push(`${message}: ${(error as Error).message}`),
};
let folder: string;
beforeEach(() => {
  lost = [];
  folder = mkdtempSync(join(tmpdir(), 'audit-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('log', () => {
  const path = () => join(folder, 'logs', 'audit.log');
  const options = { maxSizeMB: 0, maxBackups: 0, maxAgeDays: 0 };

  test('one line of JSON per event, in order, readable by the owner only', async () => {
    const backend = new LogAuditBackend(openAuditLog({ ...options, path: path() }), 'json', logger);
    const events = Array.from({ length: 50 }, (_, index) => event(`e${index}`));
    await Promise.all(events.map((one) => backend.processEvents([one])));
    await backend.close();
    const lines = readFileSync(path(), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(events);
    expect(statSync(path()).mode & 0o777).toBe(0o600);
  });

  test('a full file is rotated, and old ones are deleted', async () => {
    const write = openAuditLog({ ...options, path: path(), maxSizeMB: 1, maxBackups: 2 });
    const megabyte = `${'x'.repeat(600_000)}\n`;
    for (let i = 0; i < 5; i++) {
      await write(megabyte);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    const names = readdirSync(join(folder, 'logs')).sort();
    expect(names.length).toBe(3);
    expect(names.at(-1)).toBe('audit.log');
    expect(
      names.slice(0, -1).every((name) => /^audit-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}\.log$/.test(name)),
    ).toBe(true);
  });

  test('rotated files may be compressed; similarly named files are not touched', async () => {
    const write = openAuditLog({ ...options, path: path(), maxSizeMB: 1, maxAgeDays: 1, compress: true });
    const beside = [
      'audit-webhook.log',
      'audit-2020-13-01T00-00-00.000.log',
      'audit-2020-01-01T00-00-00.000.txt',
      'audits-2020-01-01T00-00-00.000.log',
    ];
    const old = ['audit-2020-01-01T00-00-00.000.log', 'audit-2020-01-02T00-00-00.000.log.gz'];
    for (const name of [...beside, ...old]) writeFileSync(join(folder, 'logs', name), '');
    const first = `${'x'.repeat(600_000)}\n`;
    await write(first);
    await write(`${'y'.repeat(600_000)}\n`);
    const names = readdirSync(join(folder, 'logs'));
    expect(names).toEqual(expect.arrayContaining([...beside, 'audit.log']));
    expect(names.filter((name) => old.includes(name))).toEqual([]);
    const [backup = ''] = names.filter((name) => /^audit-20\d\d-.*\.log\.gz$/.test(name));
    expect(names.length).toBe(beside.length + 2);
    expect(gunzipSync(readFileSync(join(folder, 'logs', backup))).toString()).toBe(first);
    expect(statSync(join(folder, 'logs', backup)).mode & 0o777).toBe(0o600);
  });

  test('a failed write is reported', async () => {
    const backend = new LogAuditBackend(() => Promise.reject(new Error('disk full')), 'json', logger);
    expect(await backend.processEvents([event('a')])).toBe(false);
    expect(lost).toEqual(['Unable to write audit events: disk full']);
  });
});

test('union: every backend gets every event, and a failure of one is counted', async () => {
  const [good, bad] = [new Recording(), new Recording()];
  bad.works = false;
  const union = new UnionAuditBackend([bad, good]);
  expect(await union.processEvents([event('a')])).toBe(false);
  expect(ids(good.batches)).toEqual([['a']]);
  expect(await new IgnoreErrorsAuditBackend(union).processEvents([event('b')])).toBe(true);
});

describe('batches', () => {
  const config = { bufferSize: 5, maxBatchSize: 2, maxBatchWaitMs: 60_000 };

  test('are sent when full, or flushed', async () => {
    const delegate = new Recording();
    const backend = new BufferedAuditBackend(delegate, config, logger);
    for (const id of ['a', 'b', 'c']) expect(await backend.processEvents([event(id)])).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
    expect(ids(delegate.batches)).toEqual([['a', 'b']]);
    await backend.flush();
    expect(ids(delegate.batches)).toEqual([['a', 'b'], ['c']]);
  });

  test('are sent after an interval', async () => {
    const delegate = new Recording();
    const backend = new BufferedAuditBackend(delegate, { ...config, maxBatchWaitMs: 5 }, logger);
    await backend.processEvents([event('a')]);
    await expect.poll(() => ids(delegate.batches)).toEqual([['a']]);
  });

  test('one by one are sent in order, concurrent ones independently', async () => {
    for (const [concurrent, expected] of [
      [false, []],
      [true, [['c', 'd']]],
    ] as const) {
      const delegate = new Recording();
      let open = () => {};
      delegate.gate = new Promise((resolve) => {
        open = resolve;
      });
      const backend = new BufferedAuditBackend(delegate, { ...config, concurrent }, logger);
      await backend.processEvents([event('a'), event('b')]);
      await new Promise((resolve) => setImmediate(resolve));
      delegate.gate = Promise.resolve();
      await backend.processEvents([event('c'), event('d')]);
      await new Promise((resolve) => setImmediate(resolve));
      expect(ids(delegate.batches)).toEqual(expected);
      open();
      await backend.flush();
      expect(ids(delegate.batches).sort()).toEqual([
        ['a', 'b'],
        ['c', 'd'],
      ]);
    }
  });

  test('are throttled, except on shutdown', async () => {
    const delegate = new Recording();
    const throttle = { qps: 0.001, burst: 1 };
    const backend = new BufferedAuditBackend(delegate, { ...config, throttle, concurrent: true }, logger);
    await backend.processEvents([event('a'), event('b'), event('c'), event('d')]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(ids(delegate.batches)).toEqual([['a', 'b']]);
    await backend.flush();
    expect(ids(delegate.batches)).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  test('waiting events with large objects are bounded by memory', async () => {
    const delegate = new Recording();
    let open = () => {};
    delegate.gate = new Promise((resolve) => {
      open = resolve;
    });
    const backend = new BufferedAuditBackend(delegate, { ...config, maxBytes: 100_000 }, logger);
    const large = { requestObject: { data: { k: 'x'.repeat(40_000) } } };
    for (const id of ['a', 'b', 'c']) await backend.processEvents([event(id, large)]);
    await backend.processEvents([event('d')]);
    expect(lost).toEqual(['1 audit events are lost: audit buffer queue blocked']);
    open();
    await backend.flush();
    expect(ids(delegate.batches)).toEqual([['a', 'b'], ['d']]);
    await backend.processEvents([event('e', large), event('f', large)]);
    await backend.flush();
    expect(ids(delegate.batches).at(-1)).toEqual(['e', 'f']);
  });

  test('backends of one process share memory: one that is stuck leaves room to others', async () => {
    const memory = new SharedBytes(100_000);
    const backends = ['stuck', 'other'].map(() => {
      const delegate = new Recording();
      let open = () => {};
      delegate.gate = new Promise((resolve) => {
        open = resolve;
      });
      const backend = new BufferedAuditBackend(delegate, { ...config, bufferSize: 100, memory }, logger);
      return { delegate, backend, open };
    });
    const large = { requestObject: { data: { k: 'x'.repeat(10_000) } } };
    const [stuck, other] = backends as [(typeof backends)[0], (typeof backends)[0]];
    const fill = async ({ backend }: typeof stuck): Promise<void> => {
      for (let i = 0; i < 20; i++) await backend.processEvents([event('a', large)]);
    };
    await fill(stuck);
    await fill(other);
    for (const { open } of backends) open();
    const sent = async () => {
      for (const { backend } of backends) await backend.flush();
      return backends.map(({ delegate }) => ids(delegate.batches).flat().length);
    };
    // Of the five events that fit in; one backend alone gets no more than half of the memory.
    expect(await sent()).toEqual([3, 2]);
    await stuck.backend.processEvents([event('b', large), event('c', large), event('d', large)]);
    expect(await sent()).toEqual([6, 2]);
  });

  test('events beyond the buffer are dropped and reported', async () => {
    const delegate = new Recording();
    let open = () => {};
    delegate.gate = new Promise((resolve) => {
      open = resolve;
    });
    const backend = new BufferedAuditBackend(delegate, config, logger);
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) await backend.processEvents([event(id)]);
    expect(lost).toEqual(Array(2).fill('1 audit events are lost: audit buffer queue blocked'));
    open();
    await backend.flush();
    expect(ids(delegate.batches)).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    await backend.close();
    await backend.processEvents([event('h')]);
    expect(lost.at(-1)).toBe('1 audit events are lost: audit backend is shut down');
  });
});

test('truncation removes objects from large events, and splits large batches', async () => {
  const delegate = new Recording();
  const backend = new TruncateAuditBackend(delegate, { maxEventSize: 400, maxBatchSize: 700 }, logger);
  const big = { requestObject: { data: 'x'.repeat(500) } };
  const hopeless = { requestURI: 'x'.repeat(500) };
  // An event dropped for its size fails no request, not even in mode `blocking-strict`.
  expect(await backend.processEvents([event('a'), event('b', big), event('c', hopeless), event('d')])).toBe(
    true,
  );
  expect(ids(delegate.batches)).toEqual([['a', 'b'], ['d']]);
  expect(delegate.batches[0]![1]).toEqual(event('b', { annotations: { 'audit.k8s.io/truncated': 'true' } }));
  expect(lost).toEqual(['An audit event is lost: event is too large even after truncating']);
});

test('integers beyond JavaScript numbers lose no event', async () => {
  const delegate = new Recording();
  const backend = new TruncateAuditBackend(delegate, { maxEventSize: 400, maxBatchSize: 700 }, logger);
  const exact = event('a', { requestObject: { spec: { large: 9007199254740993n } } });
  expect(await backend.processEvents([exact])).toBe(true);
  expect(delegate.batches).toEqual([[exact]]);
});

test('a token bucket admits a burst, then a fixed rate', async () => {
  let now = 0;
  const bucket = new TokenBucket({ qps: 100, burst: 2 }, () => now);
  const passed: string[] = [];
  const take = (name: string) => bucket.take().then(() => passed.push(name));
  await Promise.all([take('a'), take('b')]);
  const third = take('c');
  await Promise.resolve();
  expect(passed).toEqual(['a', 'b']);
  await third;
  now = 1_000;
  await Promise.all([take('d'), take('e')]);
  const waiting = take('f');
  bucket.open();
  await waiting;
  await take('g');
  expect(passed).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
});

describe('webhook', () => {
  let server: Server;
  /** In place of a status: no answer. */
  const NEVER = 0;
  let answers: number[];
  let received: { authorization: string | undefined; body: unknown }[];
  beforeEach(async () => {
    answers = [];
    received = [];
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        received.push({
          authorization: request.headers.authorization,
          body: parseJSON(Buffer.concat(chunks).toString()),
        });
        const answer = answers.shift() ?? 200;
        if (answer === NEVER) return;
        response.statusCode = answer;
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  const backend = (abandoned?: AbortSignal) => {
    const { port } = server.address() as AddressInfo;
    const client = new GenericWebhook({ url: `http://127.0.0.1:${port}/audit`, token: 't' });
    const backoff = { initialDelayMs: 1, factor: 1, jitter: 0, steps: 3 };
    return new WebhookAuditBackend(client, backoff, logger, abandoned);
  };

  test('that does not answer is given up when asked, without another attempt', async () => {
    answers = [NEVER];
    const abandoning = new AbortController();
    const processed = backend(abandoning.signal).processEvents([event('a')]);
    await expect.poll(() => received.length).toBe(1);
    abandoning.abort(new Error('the server has closed'));
    expect(await processed).toBe(false);
    expect(lost).toEqual([
      'Unable to send 1 audit events to the webhook: the webhook did not answer: The operation was aborted',
    ]);
    expect(received.length).toBe(1);
    server.closeAllConnections();
  });

  test('gets lists of events', async () => {
    expect(await backend().processEvents([event('a'), event('b')])).toBe(true);
    expect(received).toEqual([
      {
        authorization: 'Bearer t',
        body: {
          kind: 'EventList',
          apiVersion: 'audit.k8s.io/v1',
          metadata: {},
          items: [event('a'), event('b')],
        },
      },
    ]);
  });

  test('gets exact integers', async () => {
    const exact = event('a', { requestObject: { spec: { large: 9007199254740993n } } });
    expect(await backend().processEvents([exact])).toBe(true);
    expect(received[0]!.body).toMatchObject({ items: [exact] });
  });

  test('is retried after a failure, but not after a rejection', async () => {
    answers = [503, 429];
    expect(await backend().processEvents([event('a')])).toBe(true);
    expect(received.length).toBe(3);
    answers = [400];
    expect(await backend().processEvents([event('b')])).toBe(false);
    expect(received.length).toBe(4);
    answers = [500, 500, 500];
    expect(await backend().processEvents([event('c')])).toBe(false);
    expect(lost).toEqual([
      'Unable to send 1 audit events to the webhook: the webhook answered with status 400',
      'Unable to send 1 audit events to the webhook: the webhook answered with status 500',
    ]);
  });

  test('flush waits for batches in flight', async () => {
    const sending = backend();
    void sending.processEvents([event('a')]);
    await sending.flush();
    expect(received.length).toBe(1);
  });
});
