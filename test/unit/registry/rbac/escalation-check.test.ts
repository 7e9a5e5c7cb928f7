import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Role } from '../../../../shared/apis/rbac/v1/types.ts';
import type { KubeObject } from '../../../../shared/meta/kube-object.ts';
import { newForbidden } from '../../../../shared/meta/status-error.ts';
import type { RESTStorageConfig } from '../../../../shared/registry/generic/rest-storage-provider.ts';
import type { Store } from '../../../../shared/registry/generic/store.ts';
import type { EscalationCheck } from '../../../../shared/registry/rbac/escalation-check.ts';
import { createRBACStorage } from '../../../../shared/registry/rbac/rest-storage.ts';
import type { RequestContext } from '../../../../shared/request/request-context.ts';
import { defaultUpdatedObjectInfo } from '../../../../shared/rest/update.ts';
import type { DynamoDBStorageFactory } from '../../../../shared/storage/dynamodb/dynamodb-storage-factory.ts';
import { internalObject, scheme } from '../../../fixtures/internal-object.ts';
import { DEFAULT_REGISTRY_OPTIONS } from '../../../fixtures/registry-options.ts';
import { testRequestContext } from '../../../fixtures/request-context.ts';
import { newTestStorageFactory } from '../../../fixtures/storage.ts';

const allow = async (): Promise<void> => {};
let storageFactory: DynamoDBStorageFactory;
let roles: Store<Role>;
const seen: unknown[] = [];

/** Rejects grants of `escalate`, and records the rules checked. */
const check: EscalationCheck<KubeObject> = async (_context: RequestContext, object, old) => {
  const rules = (role: KubeObject | undefined) =>
    (role as Role | undefined)?.rules?.flatMap(({ verbs }) => verbs);
  seen.push([object.metadata.name, rules(object), rules(old)]);
  if (rules(object)?.includes('escalate')) {
    throw newForbidden({ group: 'rbac.authorization.k8s.io', resource: 'roles' }, 'r', 'too much');
  }
};

beforeAll(async () => {
  storageFactory = await newTestStorageFactory();
  const config: RESTStorageConfig = {
    scheme,
    storageFactory,
    resources: { lister: () => expect.fail('not used'), client: undefined as never },
    isResourceServed: () => true,
    options: DEFAULT_REGISTRY_OPTIONS,
  };
  const checks = { role: check, clusterRole: check, roleBinding: check, clusterRoleBinding: check };
  roles = createRBACStorage(() => checks)
    .restStorage(config)
    .get('v1')!
    .get('roles') as Store<Role>;
});

afterAll(() => storageFactory.close());

const role = (verb: string): Role =>
  internalObject({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'r' },
    rules: [{ verbs: [verb], apiGroups: [''], resources: ['pods'] }],
  });

test('create and update are checked, and rejected before anything is written', async () => {
  const context = testRequestContext('ns');
  const update = { dryRun: false, createValidation: allow, updateValidation: allow };
  const write = (verb: string) => roles.update(context, 'r', defaultUpdatedObjectInfo(role(verb)), update);

  await expect(roles.create(context, role('escalate'), allow, { dryRun: false })).rejects.toThrow('too much');
  await roles.create(context, role('get'), allow, { dryRun: false });
  await write('list');
  await expect(write('escalate')).rejects.toThrow('too much');
  const stored = (await roles.get(context, 'r', {})).object() as Role;
  expect(stored.rules?.[0]?.verbs).toEqual(['list']);
  expect(seen).toEqual([
    ['r', ['escalate'], undefined],
    ['r', ['get'], undefined],
    ['r', ['list'], ['get']],
    ['r', ['escalate'], ['list']],
  ]);
});
