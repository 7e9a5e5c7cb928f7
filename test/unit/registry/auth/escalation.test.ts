import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { installAll } from '../../../../shared/apis/install.ts';
import { builtinTypeTables } from '../../../../shared/apis/type-tables.ts';
import { rbacRuleResolver } from '../../../../shared/authz/rbac/listers.ts';
import { RBACAuthorizer } from '../../../../shared/authz/rbac/rbac-authorizer.ts';
import type { KubeObject } from '../../../../shared/meta/kube-object.ts';
import { StatusError } from '../../../../shared/meta/status-error.ts';
import type { RESTStorageConfig } from '../../../../shared/registry/generic/rest-storage-provider.ts';
import type { Store } from '../../../../shared/registry/generic/store.ts';
import { createRBACStorage } from '../../../../shared/registry/rbac/rest-storage.ts';
import type { RequestContext } from '../../../../shared/request/request-context.ts';
import { API_SERVER_USER, type UserInfo } from '../../../../shared/request/user-info.ts';
import type {
  ListerSnapshot,
  ResourceAccess,
  ResourceLister,
} from '../../../../shared/rest/resource-access.ts';
import { Scheme } from '../../../../shared/runtime/scheme.ts';
import type { DynamoDBStorageFactory } from '../../../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import type { Snapshot } from '../../../../shared/storage/storage.ts';
import { listerSnapshot } from '../../../fixtures/lister-snapshot.ts';
import { DEFAULT_REGISTRY_OPTIONS } from '../../../fixtures/registry-options.ts';
import { testRequestContext } from '../../../fixtures/request-context.ts';
import { newTestStorageFactory } from '../../../fixtures/storage.ts';

const scheme = new Scheme(builtinTypeTables());
installAll(scheme);
const apiGroup = 'rbac.authorization.k8s.io';
const anna: UserInfo = { name: 'anna', uid: '', groups: ['dev'], extra: {} };

let storageFactory: DynamoDBStorageFactory;
let storages: ReadonlyMap<string, unknown>;
const store = (resource: string) => storages.get(resource) as Store<KubeObject>;

/** Reads a store's replica as the server's listers do. */
function lister(resource: string): ResourceLister<KubeObject> {
  const decoded = new WeakMap<Snapshot<KubeObject>, ListerSnapshot<KubeObject>>();
  const snapshot = async () => {
    const stored = await store(resource).storage.snapshot(0);
    if (!decoded.has(stored)) {
      const items = stored.items.map((item) => item.object());
      decoded.set(stored, listerSnapshot(items, stored.resourceVersion));
    }
    return decoded.get(stored)!;
  };
  const unused = () => expect.fail('not used');
  const get = async (namespace: string, name: string) =>
    (await snapshot()).get(namespace === '' ? name : `${namespace}/${name}`);
  return { snapshot, get, list: unused, count: unused, replacedAt: unused };
}

beforeAll(async () => {
  storageFactory = await newTestStorageFactory();
  const resources: ResourceAccess = {
    lister: ({ resource }) => lister(resource) as never,
    client: undefined as never,
  };
  const config: RESTStorageConfig = {
    scheme,
    storageFactory,
    resources,
    authorizer: new RBACAuthorizer(rbacRuleResolver(resources)),
    isResourceServed: () => true,
    options: DEFAULT_REGISTRY_OPTIONS,
  };
  storages = createRBACStorage().restStorage(config).get('v1')!;
});
afterAll(() => storageFactory.close());

function context(user: UserInfo, resource: string, namespace = '', name = ''): RequestContext {
  const base = testRequestContext(namespace);
  return { ...base, user, requestInfo: { ...base.requestInfo, apiGroup, resource, namespace, name } };
}
const accept = async () => {};
const create = (user: UserInfo, resource: string, object: KubeObject) =>
  store(resource).create(context(user, resource, object.metadata.namespace), object, accept, {
    dryRun: false,
  });
const update = (user: UserInfo, resource: string, object: KubeObject) => {
  const { name = '', namespace } = object.metadata;
  const options = { dryRun: false, createValidation: accept, updateValidation: accept };
  const objectInfo = {
    updatedObject: async (_context: unknown, old: KubeObject | undefined) => ({
      ...old,
      ...object,
      metadata: { ...old?.metadata, ...object.metadata },
    }),
  };
  return store(resource).update(context(user, resource, namespace, name), name, objectInfo, options);
};
async function refusal(answer: Promise<unknown>): Promise<string> {
  try {
    await answer;
  } catch (error) {
    if (error instanceof StatusError) return `${error.status.code} ${error.message}`;
    throw error;
  }
  return expect.fail('it was accepted');
}

const rule = (verbs: string[], resources: string[], more: object = {}) => ({
  verbs,
  apiGroups: [''],
  resources,
  ...more,
});
const meta = (name: string, namespace?: string) => ({ metadata: { name, ...(namespace && { namespace }) } });
const clusterRole = (name: string, ...rules: object[]) => ({ ...meta(name), rules }) as KubeObject;
const role = (name: string, ...rules: object[]) => ({ ...meta(name, 'shop'), rules }) as KubeObject;
const binding = (name: string, kind: string, roleName: string, namespace?: string) =>
  ({
    ...meta(name, namespace),
    subjects: [{ kind: 'User', apiGroup, name: 'anna' }],
    roleRef: { apiGroup, kind, name: roleName },
  }) as KubeObject;

let run = 0;
const unique = (name: string) => `${name}-${run}`;
beforeAll(async () => {
  await create(API_SERVER_USER, 'clusterroles', clusterRole('pods', rule(['get', 'list'], ['pods'])));
  await create(API_SERVER_USER, 'clusterroles', clusterRole('secrets', rule(['get'], ['secrets'])));
  await create(API_SERVER_USER, 'clusterroles', clusterRole('bindable', rule(['*'], ['*'])));
  await create(
    API_SERVER_USER,
    'clusterroles',
    clusterRole(
      'special',
      rule(['bind'], ['clusterroles'], { apiGroups: [apiGroup], resourceNames: ['bindable'] }),
      rule(['escalate'], ['roles'], { apiGroups: [apiGroup], resourceNames: ['mine'] }),
    ),
  );
  await create(API_SERVER_USER, 'rolebindings', binding('anna-pods', 'ClusterRole', 'pods', 'shop'));
  await create(API_SERVER_USER, 'rolebindings', binding('anna-special', 'ClusterRole', 'special', 'shop'));
});
beforeEach(() => {
  run++;
});

const forbidden = (resource: string, name: string) =>
  `403 ${resource}.${apiGroup} "${name}" is forbidden: user "anna" (groups=["dev"]) is attempting to grant RBAC permissions not currently held:\n`;

describe('roles', () => {
  test('may contain rules that their author has', async () => {
    await create(anna, 'roles', role(unique('ok'), rule(['get'], ['pods'])));
  });

  test('may not contain more', async () => {
    const name = unique('more');
    expect(await refusal(create(anna, 'roles', role(name, rule(['get', 'delete'], ['pods']))))).toBe(
      `${forbidden('roles', name)}{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}`,
    );
    expect(await refusal(update(anna, 'roles', role(name, rule(['delete'], ['pods']))))).toContain(
      forbidden('roles', name),
    );
  });

  test('cluster roles require cluster-wide rights', async () => {
    const name = unique('wide');
    expect(await refusal(create(anna, 'clusterroles', clusterRole(name, rule(['get'], ['pods']))))).toContain(
      forbidden('clusterroles', name),
    );
  });

  test("updates of a role beyond one's rights are rejected even without new rules, except for the garbage collector's fields", async () => {
    const name = unique('foreign');
    await create(API_SERVER_USER, 'roles', role(name, rule(['delete'], ['pods'])));
    const touched = role(name, rule(['delete'], ['pods']));
    expect(
      await refusal(
        update(anna, 'roles', { ...touched, metadata: { ...touched.metadata, labels: { a: 'b' } } }),
      ),
    ).toContain(forbidden('roles', name));
    await update(anna, 'roles', {
      ...touched,
      metadata: { ...touched.metadata, finalizers: ['example.com/x'] },
    });
  });

  test('the verb escalate overrides it, for the named role', async () => {
    await create(API_SERVER_USER, 'roles', role('mine'));
    await update(anna, 'roles', role('mine', rule(['delete'], ['pods'])));
    await create(API_SERVER_USER, 'roles', role('other'));
    expect(await refusal(update(anna, 'roles', role('other', rule(['delete'], ['pods']))))).toContain(
      forbidden('roles', 'other'),
    );
  });

  test('an aggregation rule requires all rights', async () => {
    const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] };
    const name = unique('aggregate');
    expect(
      await refusal(create(anna, 'clusterroles', { ...clusterRole(name), aggregationRule } as KubeObject)),
    ).toBe(
      `403 clusterroles.${apiGroup} "${name}" is forbidden: must have cluster-admin privileges to use the aggregationRule`,
    );
    await create(API_SERVER_USER, 'clusterroles', { ...clusterRole(name), aggregationRule } as KubeObject);
    expect(
      await refusal(
        update(anna, 'clusterroles', { ...clusterRole(name), aggregationRule: undefined } as KubeObject),
      ),
    ).toContain('must have cluster-admin privileges');
  });
});

describe('bindings', () => {
  test('may grant rights that their author has there', async () => {
    await create(anna, 'rolebindings', binding(unique('ok'), 'ClusterRole', 'pods', 'shop'));
  });

  test.each([
    ["users can't grant permissions they lack", 'rolebindings', 'secrets', 'shop'],
    ["users can't grant permissions in other namespaces", 'rolebindings', 'pods', 'bank'],
    ["users can't grant permissions at cluster scope", 'clusterrolebindings', 'pods', undefined],
    [
      "the right to bind in one namespace doesn't hold at cluster scope",
      'clusterrolebindings',
      'bindable',
      undefined,
    ],
  ])('%s', async (_name, resource, roleName, namespace) => {
    const name = unique('b');
    expect(
      await refusal(create(anna, resource, binding(name, 'ClusterRole', roleName, namespace))),
    ).toContain(forbidden(resource, name));
    expect(
      await refusal(update(anna, resource, binding(name, 'ClusterRole', roleName, namespace))),
    ).toContain(forbidden(resource, name));
  });

  test('the verb bind overrides it', async () => {
    await create(anna, 'rolebindings', binding(unique('bind'), 'ClusterRole', 'bindable', 'shop'));
  });

  test('a missing role can be bound only with the verb bind', async () => {
    expect(await refusal(create(anna, 'rolebindings', binding(unique('gone'), 'Role', 'gone', 'shop')))).toBe(
      `404 roles.${apiGroup} "gone" not found`,
    );
    expect(
      await refusal(create(anna, 'clusterrolebindings', binding(unique('gone'), 'ClusterRole', 'gone'))),
    ).toBe(`404 clusterroles.${apiGroup} "gone" not found`);
  });
});
