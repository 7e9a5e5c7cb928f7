/** What one writes, and another pays for: controllers and authorization take time as what is stored grows, not by its square. */

// Before all that is counted: it must be compiled with counters.
import '../fixtures/count-steps.ts';

import { expect, test } from 'vitest';
import { calculateUsage } from '../../shared/admission/quota/calculate-usage.ts';
import { ScopePolicy } from '../../shared/authz/rbac/policy.ts';
import { ClusterRoleAggregation } from '../../shared/controllers/cluster-role/cluster-role-aggregation.ts';
import {
  CLAIM_PROTECTION,
  VolumeProtection,
} from '../../shared/controllers/volume-protection/volume-protection.ts';
import { TestCluster } from '../fixtures/admission.ts';
import { growthOf } from '../fixtures/count-steps.ts';
import { attributes, user } from './authz/fixtures.ts';

const times = <T>(count: number, of: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => of(i));
const RBAC = 'rbac.authorization.k8s.io';
const rule = (i: number) => ({
  verbs: ['get'],
  apiGroups: [''],
  resources: ['configmaps'],
  resourceNames: [`a${i}`],
});
const someone = { kind: 'User', name: 'ada', apiGroup: RBAC };
const binding = (name: string, subjects: number) => ({
  metadata: { name, namespace: 'ns' },
  roleRef: { apiGroup: RBAC, kind: 'Role', name: 'r' },
  subjects: times(subjects, () => someone),
});
const ada = user('ada');
const asked = attributes(ada, 'get', 'configmaps', { namespace: 'ns', name: 'none' });

function policyOf(bindings: readonly object[], rules: number): ScopePolicy {
  const ofRole = times(rules, rule);
  return new ScopePolicy(bindings as never, 'ns', () => ofRole);
}

const clusterRole = (name: string, more: object) => ({
  apiVersion: `${RBAC}/v1`,
  kind: 'ClusterRole',
  metadata: { name, labels: { a: 'b' } },
  ...more,
});
const quota = (hard: object, scopes?: readonly string[]) =>
  ({ metadata: { name: 'q', namespace: 'ns' }, spec: { hard, scopes }, status: {} }) as never;
const pod = (claims: number) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'ns' },
  spec: {
    containers: [{ name: 'c', image: 'i' }],
    volumes: times(claims, (i) => ({ name: `v${i}`, persistentVolumeClaim: { claimName: `c${i}` } })),
  },
});
const claim = (i: number) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: {
    name: `c${i}`,
    namespace: 'ns',
    deletionTimestamp: '2026-01-01T00:00:00Z',
    finalizers: ['kubernetes.io/pvc-protection'],
  },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1' } } },
});

const objects = (count: number) => times(count, (i) => ({ metadata: { name: `o${i}`, namespace: 'ns' } }));

interface Row {
  readonly prepare: (n: number) => unknown;
  readonly act: (prepared: never) => unknown;
}

test.each<[string, Row]>([
  [
    'a decision about who is bound again and again by one binding to a role of many rules',
    {
      prepare: (n) => policyOf([binding('b', n)], n),
      act: (policy: ScopePolicy) => policy.grantFor(asked),
    },
  ],
  [
    'a decision about who is bound by many bindings to a role of many rules',
    {
      prepare: (n) =>
        policyOf(
          times(n, (i) => binding(`b${i}`, 1)),
          n,
        ),
      act: (policy: ScopePolicy) => policy.grantFor(asked),
    },
  ],
  [
    'the rules of who is bound so',
    {
      prepare: (n) =>
        policyOf(
          times(n, (i) => binding(`b${i}`, 1)),
          n,
        ),
      act: (policy: ScopePolicy) => expect(policy.rulesFor(ada).rules.length).toBeLessThanOrEqual(1000),
    },
  ],
  [
    'a role that is put together by many selectors of many rules',
    {
      prepare: (n) =>
        new TestCluster([
          clusterRole('sum', {
            rules: times(n, rule),
            aggregationRule: {
              clusterRoleSelectors: times(n, (i) => ({
                matchExpressions: [{ key: 'a', operator: 'NotIn', values: [`x${i}`] }],
              })),
            },
          }),
          clusterRole('part', { rules: times(n, rule) }),
        ]),
      act: (cluster: TestCluster) => new ClusterRoleAggregation(cluster).reconcile(),
    },
  ],
  [
    'what is used of a quota of many names, of many objects',
    {
      prepare: (n) => ({
        of: quota({
          configmaps: '1',
          ...Object.fromEntries(times(n, (i) => [`count/a${i}.b`, '1'])),
        }),
        list: objects(n),
      }),
      act: ({ of, list }: { of: never; list: never[] }) =>
        calculateUsage(of, async ({ resource }) => (resource === 'configmaps' ? list : []), 0),
    },
  ],
  [
    'the same of a scope that is named again and again',
    {
      prepare: (n) => ({
        of: quota(
          { pods: '1' },
          times(n, () => 'NotTerminating'),
        ),
        list: times(n, () => ({ metadata: { name: 'p', namespace: 'ns' }, spec: {}, status: {} })),
      }),
      act: ({ of, list }: { of: never; list: never[] }) => calculateUsage(of, async () => list, 0),
    },
  ],
  [
    'claims that wait for a pod of as many',
    {
      prepare: (n) => new TestCluster([pod(n), ...times(n, claim)]),
      act: async (cluster: TestCluster) => {
        const controller = new VolumeProtection(cluster, CLAIM_PROTECTION);
        for (const { metadata } of await cluster
          .lister({ group: '', resource: 'persistentvolumeclaims' })
          .list('ns')) {
          await controller.reconcile(`ns/${metadata.name}`);
        }
      },
    },
  ],
])('%s', async (_, { prepare, act }) => {
  expect(await growthOf(100, prepare, act as (prepared: unknown) => unknown)).toBeLessThan(3);
});
