/** The work of a function before its first request, and that of the request itself. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fleetHandler, fleetServer } from '../../functions/adapter/fleet-handler.ts';
import { functionServer } from '../../functions/adapter/function-server.ts';
import { FUNCTION_HOSTING } from '../../functions/adapter/management-plane.ts';
import { PLACEHOLDER_TENANT } from '../../shared/fleet/control-plane.ts';
import { SDKStorageFactory } from '../../shared/storage/dynamodb/sdk-storage-factory.ts';
import type { Claim } from '../../shared/storage/once.ts';
import { recordConfig } from '../../shared/storage/record-config.ts';
import { call } from '../fixtures/api-server.ts';
import { newTestTable } from '../fixtures/storage.ts';

const root = mkdtempSync(join(tmpdir(), 'zeroplane-function-'));
mkdirSync(join(root, 'config'));
writeFileSync(join(root, 'config/tokens.csv'), 'secret,admin,1,system:masters\n');
afterAll(() => rmSync(root, { recursive: true }));

const environmentOf = ({ endpoint, tableName }: { endpoint: string; tableName: string }) => ({
  AWS_ENDPOINT_URL_DYNAMODB: endpoint,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  LAMBDA_TASK_ROOT: root,
  ZEROPLANE_TENANT: 'started',
  ZEROPLANE_TABLE: tableName,
  ZEROPLANE_ARGUMENTS: '--authorization-mode=RBAC --token-auth-file=config/tokens.csv',
});

interface Addresses {
  readonly serverAddressByClientCIDRs: readonly { readonly serverAddress: string }[];
}

/** The address in the response to `/api`. */
async function addressOf(handler: Parameters<typeof call>[0]['handler']): Promise<string> {
  const headers = { authorization: 'Bearer secret' };
  const { json } = await call({ handler }, 'GET', '/api', { headers });
  const { serverAddressByClientCIDRs: addresses } = json as unknown as Addresses;
  return addresses.map(({ serverAddress }) => serverAddress).join();
}

test('it starts when loaded, and learns its address from its first request', async () => {
  const { endpoint, tableName: other } = await newTestTable();
  const place = { endpoint, tableName: `${other}-later` };
  const environment = environmentOf(place);
  const early = functionServer(environment);
  // Loading never rejects: the caller gets the error, and the next one retries.
  await early.loaded;
  await expect(early.create(undefined)).rejects.toThrow(place.tableName);
  const storage = new SDKStorageFactory(place);
  await storage.createTable();
  expect(await addressOf(await early.create(undefined))).toBe('127.0.0.1:443');
  const claim = () => storage.storageFor(recordConfig<Claim>('/zeroplane/claims')).get('bootstrap');
  const made = await claim();
  expect(made.object()).toMatchObject({ done: 1, owner: '' });

  const { loaded, create } = functionServer(environment);
  await loaded;
  const handler = await create('https://abc.execute-api.us-east-1.amazonaws.com/v1');
  expect(await addressOf(handler)).toBe('abc.execute-api.us-east-1.amazonaws.com:443');
  expect((await claim()).resourceVersion).toBe(made.resourceVersion);
  await storage.close();
});

test("a fleet's function has no control plane when loaded, and gets missing settings from a request", async () => {
  const environment = {
    ...environmentOf(await newTestTable()),
    ZEROPLANE_TENANT_ROLE: 'arn:aws:iam::1:role/a',
  };
  const { fleet, prepare, handler } = fleetHandler(environment, FUNCTION_HOSTING, () => undefined);
  await prepare();
  expect(fleet.runtime.names()).toEqual([PLACEHOLDER_TENANT]);
  expect((await call({ handler }, 'GET', '/tenants/acme/api')).status).toBe(401);
  expect(fleet.runtime.names()).toEqual([PLACEHOLDER_TENANT]);
  await fleet.runtime.close();

  const { loaded, create } = fleetServer({ ...environment, ZEROPLANE_TENANT_ROLE: '' });
  await loaded;
  await expect(create(undefined)).rejects.toThrow('ZEROPLANE_TENANT_ROLE must name');
});
