/** The work that a start waits for, and the work after it. */

import { expect, test } from 'vitest';
import { AnonymousAuthenticator } from '../../../shared/authn/request/anonymous-authenticator.ts';
import { createControlPlane } from '../../../shared/server/create-control-plane.ts';
import { wrapStorage, wrapStorages } from '../../../shared/storage/wrap-storages.ts';
import { newLogger } from '../../../shared/util/logger.ts';
import { call } from '../../fixtures/api-server.ts';
import { newTestStorageFactory } from '../../fixtures/storage.ts';

const DEFINITIONS = '/registry/apiextensions.k8s.io/customresourcedefinitions';

test('start completes before definitions are read, since there may be many', async () => {
  const storage = await newTestStorageFactory();
  let letRead = () => {};
  const read = new Promise<void>((resolve) => {
    letRead = resolve;
  });
  const gated = wrapStorages(storage, (config) => {
    const ungated = storage.storageFor(config);
    if (config.resourcePrefix !== DEFINITIONS) return ungated;
    return wrapStorage(ungated, {
      get: (key, options) => read.then(() => ungated.get(key, options)),
      list: (options) => read.then(() => ungated.list(options)),
      snapshot: (maxStalenessMs) => read.then(() => ungated.snapshot(maxStalenessMs)),
      sparse: undefined,
      cachedSnapshot: () => undefined,
      guaranteedUpdate: (key, options) => read.then(() => ungated.guaranteedUpdate(key, options)),
    });
  });
  const plane = await createControlPlane({
    storage: gated,
    authenticator: new AnonymousAuthenticator([]),
    logger: newLogger(() => undefined),
  });
  await plane.start();
  const { status } = await call(plane, 'GET', '/api/v1/namespaces/default/serviceaccounts/default');
  letRead();
  await plane.idle();
  await plane.close();
  await storage.close();
  expect(status).toBe(200);
});
