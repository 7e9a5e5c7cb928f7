/** One of several servers on one table: creates ConfigMaps on command, and reports the responses. */

import { once } from 'node:events';
import { AnonymousAuthenticator } from '../../../shared/authn/request/anonymous-authenticator.ts';
import { createControlPlane } from '../../../shared/server/create-control-plane.ts';
import { SDKStorageFactory } from '../../../shared/storage/dynamodb/sdk-storage-factory.ts';
import { newLogger } from '../../../shared/util/logger.ts';
import { call } from '../../fixtures/api-server.ts';

export interface QuotaWorkerOrders {
  readonly name: string;
  readonly endpoint: string;
  readonly tableName: string;
  readonly creates: number;
}

const { name, creates, ...place } = JSON.parse(process.argv[2]!) as QuotaWorkerOrders;
const storage = new SDKStorageFactory(place);
const server = await createControlPlane({
  storage,
  controllers: 'whenAsked',
  authenticator: new AnonymousAuthenticator([]),
  logger: newLogger(() => undefined),
});
await server.start();
console.log('ready');
// The parent process has exited.
process.stdin.once('end', () => process.exit(1));
await once(process.stdin, 'data');
const answers = await Promise.all(
  Array.from({ length: creates }, async (_, index) => {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `${name}-${index}` } };
    const { status, text } = await call(server, 'POST', '/api/v1/namespaces/default/configmaps', { body });
    return { status, text };
  }),
);
console.log(JSON.stringify(answers));
await server.close();
await storage.close();
process.exit(0);
