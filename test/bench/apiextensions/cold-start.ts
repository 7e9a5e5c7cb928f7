/** A new process on an existing table: the time to its first responses, and its memory. Prints JSON. */

import { AnonymousAuthenticator } from '../../../shared/authn/request/anonymous-authenticator.ts';
import { type ControlPlane, createControlPlane } from '../../../shared/server/create-control-plane.ts';
import { SDKStorageFactory } from '../../../shared/storage/dynamodb/sdk-storage-factory.ts';
import { newLogger } from '../../../shared/util/logger.ts';
import { call } from '../../fixtures/api-server.ts';

export interface ColdStart {
  /** Milliseconds. */
  readonly server: number;
  readonly configMap: number;
  readonly instance: number | undefined;
  readonly discovery: number;
  /** Megabytes. */
  readonly before: number;
  readonly withInstance: number;
  readonly withDiscovery: number;
}

const [endpoint, tableName, instance] = process.argv.slice(2) as [string, string, string];

const { gc } = globalThis as { gc?: () => void };
function memory(): number {
  gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return Math.round((heapUsed + external) / 1e6);
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return Math.round(performance.now() - start);
}

const storage = new SDKStorageFactory({ endpoint, tableName });
let server: ControlPlane | undefined;
const made = await timed(async () => {
  server = await createControlPlane({
    storage,
    controllers: 'whenAsked',
    authenticator: new AnonymousAuthenticator([]),
    logger: newLogger(console.error),
  });
});
const get = (path: string) => async () => {
  const { status, text } = await call(server!, 'GET', path);
  if (status !== 200) throw new Error(`${path}: ${text}`);
};
const configMap = await timed(get('/api/v1/namespaces/default/configmaps'));
const before = memory();
const first = instance === '' ? undefined : await timed(get(instance));
const withInstance = memory();
const discovery = await timed(get('/apis'));
const result: ColdStart = {
  server: made,
  configMap,
  instance: first,
  discovery,
  before,
  withInstance,
  withDiscovery: memory(),
};
console.log(JSON.stringify(result));
await server!.close();
await storage.close();
