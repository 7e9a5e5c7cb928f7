/**
 * Work caused by one client's writes and paid for by others: controllers, authorization, policies, discovery and
 * conversion take time linear in the stored data, not quadratic.
 */

// Imported before all measured code, which must be compiled with counters.
import '../fixtures/count-steps.ts';

import { expect, test } from 'vitest';
import { PolicySource } from '../../shared/admission/policy/policy-source.ts';
import { calculateUsage } from '../../shared/admission/quota/calculate-usage.ts';
import type { ListObjects } from '../../shared/admission/quota/list-objects.ts';
import { MergedDiscovery } from '../../shared/aggregator/merged-discovery.ts';
import { fetchVersion, RemoteDiscovery } from '../../shared/aggregator/remote-discovery.ts';
import { RemoteServers } from '../../shared/aggregator/remote-servers.ts';
import { WebhookConverter } from '../../shared/apiextensions/conversion/webhook-converter.ts';
import { customResourceTableConvertor } from '../../shared/apiextensions/registry/customresource/table-convertor.ts';
import { summaryOf } from '../../shared/apiextensions/serving/definition-summary.ts';
import { CustomResourceDiscovery } from '../../shared/apiextensions/serving/discovery.ts';
import { NodeAuthorizer } from '../../shared/authz/node/node-authorizer.ts';
import { NodeIndex } from '../../shared/authz/node/node-index.ts';
import { ScopePolicy } from '../../shared/authz/rbac/policy.ts';
import { ClusterRoleAggregation } from '../../shared/controllers/cluster-role/cluster-role-aggregation.ts';
import {
  CLAIM_PROTECTION,
  VolumeProtection,
} from '../../shared/controllers/volume-protection/volume-protection.ts';
import { certificateSigningRequestStatusStrategy } from '../../shared/registry/certificates/certificatesigningrequest/strategy.ts';
import { TestCluster } from '../fixtures/admission.ts';
import { growthOf } from '../fixtures/count-steps.ts';
import { testRequestContext } from '../fixtures/request-context.ts';
import { attributes, MemoryLister, user } from './authz/fixtures.ts';

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

const inCluster = (list: ListObjects) => ({ list, featureEnabled: () => true });
const objects = (count: number) => times(count, (i) => ({ metadata: { name: `o${i}`, namespace: 'ns' } }));

const listed = (items: readonly unknown[]) => new MemoryLister(items as never[]);
/** A node whose pods each mount a claim bound to a volume that requires a secret. */
function nodeWith(pods: number): NodeAuthorizer {
  const index = new NodeIndex({
    pods: listed(
      times(pods, (i) => ({
        metadata: { name: `p${i}`, namespace: 'ns' },
        spec: {
          nodeName: 'n',
          containers: [],
          volumes: [{ name: 'v', persistentVolumeClaim: { claimName: `c${i}` } }],
        },
      })),
    ),
    persistentVolumes: listed(
      times(pods, (i) => ({
        metadata: { name: `pv${i}` },
        spec: {
          claimRef: { namespace: 'ns', name: `c${i}` },
          csi: { nodeStageSecretRef: { namespace: 'ns', name: `s${i}` } },
        },
      })),
    ),
    volumeAttachments: listed([]),
    resourceSlices: listed([]),
    podCertificateRequests: listed([]),
  } as never);
  return new NodeAuthorizer(index, () => false);
}
const aNode = user('system:node:n', ['system:nodes']);

/** A pod whose resource claims were generated for it. */
const claimingPod = (claims: number) => ({
  metadata: { name: 'p', namespace: 'ns' },
  spec: {
    nodeName: 'n',
    containers: [],
    resourceClaims: times(claims, (i) => ({ name: `c${i}`, resourceClaimTemplateName: 't' })),
  },
  status: {
    resourceClaimStatuses: times(claims, (i) => ({ name: `c${i}`, resourceClaimName: `made${i}` })),
  },
});

const ADMISSION = 'admissionregistration.k8s.io/v1';
const policies = (count: number, bindingsOfEach: number, rulesOfEach = 1) =>
  new TestCluster(
    times(count, (i) => [
      {
        apiVersion: ADMISSION,
        kind: 'ValidatingAdmissionPolicy',
        metadata: { name: `p${i}` },
        spec: { matchConstraints: { resourceRules: times(rulesOfEach, () => podRule) } },
      },
      ...times(bindingsOfEach, (j) => ({
        apiVersion: ADMISSION,
        kind: 'ValidatingAdmissionPolicyBinding',
        metadata: { name: `b${i}-${j}` },
        spec: { policyName: `p${i}`, validationActions: ['Deny'] },
      })),
    ]).flat(),
  );
const podRule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] };
const madePod = {
  kind: { group: '', version: 'v1', kind: 'Pod' },
  resource: { group: '', version: 'v1', resource: 'configmaps' },
  subresource: '',
  operation: 'CREATE',
  objects: { equivalents: () => [] },
} as never;
const sourceOf = (resources: TestCluster) =>
  new PolicySource('validating', { resources, options: {} } as never, async () => undefined);

/** Each group has this number of versions. */
const definitions = (groups: number, versions: number) =>
  times(groups, (i) =>
    summaryOf({
      metadata: { name: `things.g${i}`, resourceVersion: '1' },
      spec: {
        group: `g${i}`,
        scope: 'Cluster',
        names: { plural: 'things', kind: 'Thing' },
        versions: times(versions, (j) => ({ name: `v${j + 1}`, served: true, storage: j === 0 })),
      },
      status: {
        acceptedNames: { plural: 'things', kind: 'Thing' },
        conditions: [
          { type: 'NamesAccepted', status: 'True' },
          { type: 'Established', status: 'True' },
        ],
      },
    } as never),
  );
const discoveryOf = (summaries: readonly unknown[]) =>
  new CustomResourceDiscovery({ summaries: async () => summaries } as never);

const apiService = (i: number) => ({
  metadata: { name: `v${i}.remote`, resourceVersion: '1' },
  spec: {
    group: 'remote',
    version: `v${i}`,
    groupPriorityMinimum: 1,
    versionPriority: 1,
    service: { namespace: 'ns', name: 's' },
  },
});
/** A remote server that responds with this text. */
const answering = (answer: object) => ({
  send: async () =>
    Object.assign(
      (async function* () {
        yield Buffer.from(JSON.stringify(answer));
      })(),
      { statusCode: 200 },
    ),
});
const silent = { send: () => Promise.reject(new Error('nobody is there')) };

const things = (count: number, version: string) =>
  times(count, (i) => ({
    apiVersion: `a.b/${version}`,
    kind: 'Thing',
    metadata: { name: `t${i}`, labels: { a: 'b' } },
    spec: {},
  }));
/** A converter with a prepared response. */
const convertingTo = (converted: readonly object[]) =>
  new WebhookConverter(
    {
      post: async (_: unknown, { request: { uid } }: { request: { uid: string } }) => ({
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'ConversionReview',
        response: { uid, result: { status: 'Success' }, convertedObjects: converted },
      }),
    } as never,
    { strategy: 'Webhook', webhook: { clientConfig: {}, conversionReviewVersions: ['v1'] } },
  );

interface Row {
  readonly prepare: (n: number) => unknown;
  readonly act: (prepared: never) => unknown;
}

test.each<[string, Row]>([
  [
    'authorization of a user in many subjects of one binding, to a role of many rules',
    {
      prepare: (n) => policyOf([binding('b', n)], n),
      act: (policy: ScopePolicy) => policy.grantFor(asked),
    },
  ],
  [
    'authorization of a user with many bindings to a role of many rules',
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
    'the rules of a user with many bindings',
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
    'a role aggregated from many selectors of many rules',
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
    'usage of a quota of many names by many objects',
    {
      prepare: (n) => ({
        of: quota({
          configmaps: '1',
          ...Object.fromEntries(times(n, (i) => [`count/a${i}.b`, '1'])),
        }),
        list: objects(n),
      }),
      act: ({ of, list }: { of: never; list: never[] }) =>
        calculateUsage(
          of,
          inCluster(async ({ resource }) => (resource === 'configmaps' ? list : [])),
          0,
        ),
    },
  ],
  [
    'usage of a quota with a repeated scope',
    {
      prepare: (n) => ({
        of: quota(
          { pods: '1' },
          times(n, () => 'NotTerminating'),
        ),
        list: times(n, () => ({ metadata: { name: 'p', namespace: 'ns' }, spec: {}, status: {} })),
      }),
      act: ({ of, list }: { of: never; list: never[] }) =>
        calculateUsage(
          of,
          inCluster(async () => list),
          0,
        ),
    },
  ],
  [
    'many claims that wait for one pod',
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
  [
    "times of a signing request's conditions",
    {
      prepare: (n) => {
        const request = (lastTransitionTime?: string) => ({
          metadata: { name: 'r' },
          spec: {},
          status: { conditions: times(n, (i) => ({ type: `c${i}`, status: 'True', lastTransitionTime })) },
        });
        return { now: request(), before: request('2026-01-01T00:00:00Z') };
      },
      act: ({ now, before }: { now: never; before: never }) =>
        certificateSigningRequestStatusStrategy.prepareForUpdate?.(testRequestContext(), now, before),
    },
  ],
  [
    'authorization of a node for secrets that its pods mount',
    {
      prepare: (n) => ({ authorizer: nodeWith(n), n }),
      act: async ({ authorizer, n }: { authorizer: NodeAuthorizer; n: number }) => {
        for (let i = 0; i < n; i++) {
          const secret = attributes(aNode, 'get', 'secrets', { namespace: 'ns', name: `s${i}` });
          expect((await authorizer.authorize(secret)).decision).toBe('Allow');
        }
      },
    },
  ],
  [
    'authorization for a claim generated for one of many pods',
    {
      prepare: (n) =>
        new NodeAuthorizer(new NodeIndex({ pods: listed([claimingPod(n)]) } as never), () => false),
      act: async (authorizer: NodeAuthorizer) => {
        const claimOf = attributes(aNode, 'get', 'resourceclaims.resource.k8s.io', {
          namespace: 'ns',
          name: 'made1',
        });
        expect((await authorizer.authorize(claimOf)).decision).toBe('Allow');
      },
    },
  ],
  [
    'a policy of many bindings for one request',
    {
      prepare: (n) => sourceOf(policies(1, n)),
      act: async (source: PolicySource<never, never, unknown>) =>
        expect((await source.hooks(madePod)).length).toBe(1),
    },
  ],
  [
    'a request that matches none of many rules of two policies',
    {
      prepare: (n) => sourceOf(policies(2, 1, n)),
      act: async (source: PolicySource<never, never, unknown>) => {
        for (const { matcher } of await source.hooks(madePod)) {
          expect(await matcher.match(madePod, new TestCluster([]))).toBeUndefined();
        }
      },
    },
  ],
  [
    'objects converted by a webhook',
    {
      prepare: (n) => ({ converter: convertingTo(things(n, 'v2')), objects: things(n, 'v1') }),
      act: async ({ converter, objects }: { converter: WebhookConverter; objects: never[] }) =>
        expect((await converter.convert(objects, 'a.b/v2')).length).toBe(objects.length),
    },
  ],
  [
    'columns that visit each item of a list',
    {
      prepare: (n) => ({
        spec: { list: times(n, (i) => ({ name: `n${i}`, deep: { a: 1 } })) },
        metadata: {},
      }),
      act: (object: never) =>
        customResourceTableConvertor(
          ['.spec.list[?(@.name=="x")].name', '.spec..a', '.spec.list[*].deep..a'].map((jsonPath) => ({
            name: 'C',
            type: 'string',
            jsonPath,
          })),
        ).cells(object),
    },
  ],
  [
    'discovery of definitions of as many groups',
    {
      prepare: (n) => discoveryOf(definitions(n, 1)),
      act: async (discovery: CustomResourceDiscovery) => discovery.groups(),
    },
  ],
  [
    'discovery of a definition of many versions',
    {
      prepare: (n) => discoveryOf(definitions(1, n)),
      act: async (discovery: CustomResourceDiscovery) => discovery.groups(),
    },
  ],
  [
    'discovery of a group with many versions on two servers',
    {
      prepare: (n) => {
        const group = (from: number) => ({
          name: 'g',
          versions: times(n, (i) => ({
            version: `v${from + i}`,
            resources: [],
            freshness: 'Current' as const,
          })),
        });
        return new MergedDiscovery([{ groups: () => [group(0)] }, { groups: () => [group(1)] }]);
      },
      act: async (discovery: MergedDiscovery) => discovery.groups(),
    },
  ],
  [
    'discovery of many APIServices of one group with an unreachable server',
    {
      prepare: (n) =>
        new RemoteDiscovery({
          all: async () =>
            new Map(times(n, (i) => [`v${i}.remote`, { apiService: apiService(i), server: silent }])),
        } as never),
      act: async (discovery: RemoteDiscovery) => expect((await discovery.groups()).length).toBe(1),
    },
  ],
  [
    'the servers of many APIServices',
    {
      prepare: (n) => {
        const lister = listed(times(n, apiService));
        return new RemoteServers({ lister: () => lister } as never, {} as never);
      },
      act: async (servers: RemoteServers) => expect((await servers.all()).size).toBeGreaterThan(0),
    },
  ],
  [
    'a remote server of many resources',
    {
      prepare: (n) => ({
        apiService: apiService(1),
        server: answering({
          resources: times(n, (i) => [
            { name: `r${i}`, kind: 'R', namespaced: true },
            { name: `r${i}/status`, kind: 'R', namespaced: true },
          ]).flat(),
        }),
      }),
      act: async (remote: never) =>
        expect((await fetchVersion(remote)).resources[1]?.subresources).toEqual([
          { subresource: 'status', responseKind: { group: 'remote', version: 'v1', kind: 'R' }, verbs: [] },
        ]),
    },
  ],
])('%s', async (_, { prepare, act }) => {
  expect(await growthOf(100, prepare, act as (prepared: unknown) => unknown)).toBeLessThan(3);
});
