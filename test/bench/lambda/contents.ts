/** The contents of the tables besides the requested objects, and the user of the requests. */

import { AnonymousAuthenticator } from '../../../shared/authn/request/anonymous-authenticator.ts';
import type { KubeObject } from '../../../shared/meta/kube-object.ts';
import { type ControlPlane, createControlPlane } from '../../../shared/server/create-control-plane.ts';
import { SDKStorageFactory } from '../../../shared/storage/dynamodb/sdk-storage-factory.ts';
import { newLogger } from '../../../shared/util/logger.ts';
import { object, pathOf } from '../../fixtures/apiextensions/manifest.ts';
import { benchDefinition, benchSpec } from '../apiextensions/definitions.ts';

export interface Contents {
  readonly definitions: number;
  /** Bindings for other users: half of them cluster-wide, half in namespaces. */
  readonly bindings: number;
  /** ConfigMaps in the namespace `default`. */
  readonly objects: number;
}

export interface TablePlace {
  readonly endpoint: string;
  readonly tableName: string;
}

/** The user of the requests, and the kind of the custom resource. */
export const USER = 'ada';
export const KIND = 'Bench0a';
export const CORE = { group: '', version: 'v1' };
export const DEFINITIONS = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  resource: 'customresourcedefinitions',
};
const RBAC = 'rbac.authorization.k8s.io';
export const rbac = (resource: string) => ({ group: RBAC, version: 'v1', resource });
export const NAMESPACE = 'default';
const AT_ONCE = 16;

/** A control plane in this process over the table, without AWS latency; `reconcile` runs its controllers. */
export async function openPlane(place: TablePlace) {
  const storage = new SDKStorageFactory(place);
  const plane = await createControlPlane({
    storage,
    controllers: 'whenAsked',
    bootstrap: 'oncePerTenant',
    options: { authorizationMode: ['RBAC'] },
    authenticator: new AnonymousAuthenticator([]),
    logger: newLogger(console.error),
  });
  return {
    plane,
    storage,
    async close() {
      await plane.close();
      await storage.close();
    },
  };
}

/** Creates the table, the objects of a new control plane, and the contents. */
export async function fill(place: TablePlace, contents: Contents): Promise<void> {
  const { plane, storage, close } = await openPlane(place);
  await storage.createTable();
  await plane.start();
  const { client } = plane.resources;
  await allow(plane);
  await times(contents.bindings, (n) => bind(plane, n));
  await times(contents.definitions, (n) =>
    client.create(DEFINITIONS, benchDefinition(`Bench${n}a`) as unknown as KubeObject),
  );
  const maps = { ...CORE, resource: 'configmaps' };
  const inDefault = { namespace: NAMESPACE };
  await client.create(maps, { metadata: { name: 'asked' } } as KubeObject, inDefault);
  await times(contents.objects, (n) => client.create(maps, configMap(`some-${n}`), inDefault));
  if (contents.definitions > 0) {
    const [, , group = '', version = '', , , resource = ''] = pathOf(KIND).split('/');
    const asked = object(KIND, 'asked', { spec: benchSpec() }) as unknown as KubeObject;
    await client.create({ group, version, resource }, asked, inDefault);
  }
  // Controllers maintain the indexes.
  await plane.reconcile({ changes: undefined, patienceMs: 60_000 });
  await close();
}

/** A ConfigMap of half a kilobyte. */
const configMap = (name: string): KubeObject =>
  ({ metadata: { name }, data: { text: name.repeat(64) } }) as unknown as KubeObject;

async function times(count: number, make: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await make(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** The user's permissions: one role, one binding. */
async function allow({ resources: { client } }: ControlPlane): Promise<void> {
  const rules = [
    { apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'create'] },
    { nonResourceURLs: ['*'], verbs: ['get'] },
  ];
  await client.create(rbac('clusterroles'), { metadata: { name: 'user' }, rules } as unknown as KubeObject);
  await client.create(rbac('clusterrolebindings'), binding(USER, USER));
}

const bind = ({ resources: { client } }: ControlPlane, n: number): Promise<unknown> =>
  n % 2 === 0
    ? client.create(rbac('clusterrolebindings'), binding(`b-${n}`, `user-${n}`))
    : client.create(rbac('rolebindings'), binding(`b-${n}`, `user-${n}`), { namespace: 'kube-public' });

export const binding = (name: string, user: string): KubeObject =>
  ({
    metadata: { name },
    subjects: [{ apiGroup: RBAC, kind: 'User', name: user }],
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'user' },
  }) as unknown as KubeObject;
