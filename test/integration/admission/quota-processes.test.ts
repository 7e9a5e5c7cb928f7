import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SDKStorageFactory } from '../../../shared/storage/dynamodb/sdk-storage-factory.ts';
import { call, startTestServer, type TestServer } from '../../fixtures/api-server.ts';
import { newTestTable } from '../../fixtures/storage.ts';
import { buildWorker, WorkerProcess } from '../../fixtures/worker-process.ts';
import type { QuotaWorkerOrders } from './quota-worker.ts';

const QUOTAS = '/api/v1/namespaces/default/resourcequotas';

let place: { readonly endpoint: string; readonly tableName: string };
let server: TestServer;
const workers: WorkerProcess[] = [];
let program: string;

beforeAll(async () => {
  program = await buildWorker(join(import.meta.dirname, 'quota-worker.ts'));
  place = await newTestTable();
  server = await startTestServer({}, { storage: new SDKStorageFactory(place) });
}, 60_000);
afterAll(async () => {
  for (const worker of workers) worker.kill();
  await server.close();
});

const worker = (orders: QuotaWorkerOrders) => new WorkerProcess(program, orders);

test('64 concurrent creates over two processes: a quota of ten admits ten', { timeout: 60_000 }, async () => {
  const quota = {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'ten' },
    spec: { hard: { configmaps: '10' } },
  };
  const created = await call(server, 'POST', QUOTAS, { body: quota });
  expect(created.status).toBe(201);
  const status = { hard: quota.spec.hard, used: { configmaps: '0' } };
  const charged = await call(server, 'PUT', `${QUOTAS}/ten/status`, { body: { ...created.json, status } });
  expect(charged.status).toBe(200);

  workers.push(...['a', 'b'].map((name) => worker({ ...place, name, creates: 32 })));
  await Promise.all(workers.map((worker) => worker.hear()));
  const told = await Promise.all(workers.map((worker) => worker.tell()));
  const answers = told.flatMap((line) => JSON.parse(line) as { status: number; text: string }[]);

  expect(answers).toHaveLength(64);
  expect(answers.filter((answer) => answer.status === 201)).toHaveLength(10);
  const refused = answers.filter((answer) => answer.status !== 201);
  for (const { status, text } of refused) {
    expect(status, text).toBe(403);
    expect(text).toContain(
      'exceeded quota: ten, requested: configmaps=1, used: configmaps=10, limited: configmaps=10',
    );
  }
  const { json } = await call(server, 'GET', `${QUOTAS}/ten`);
  expect(json?.['status']).toEqual({ hard: { configmaps: '10' }, used: { configmaps: '10' } });
  const maps = await call(server, 'GET', '/api/v1/namespaces/default/configmaps');
  expect(maps.json?.['items']).toHaveLength(10);
});
