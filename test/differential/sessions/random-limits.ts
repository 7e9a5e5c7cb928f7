/** Pods, claims and services of random sizes with random quotas and limits. */

import fc from '../../fixtures/fuzz.ts';
import type { Session, Step } from '../exchange.ts';
import { get, object, patch, post, put, remove, TABLE } from './steps.ts';

const NAMESPACE = '/api/v1/namespaces/$N';
const PODS = `${NAMESPACE}/pods`;
const CLAIMS = `${NAMESPACE}/persistentvolumeclaims`;
const SERVICES = `${NAMESPACE}/services`;
const QUOTA = `${NAMESPACE}/resourcequotas/q`;
const PODS_EACH = 12;

const AMOUNTS: Readonly<Record<string, readonly string[]>> = {
  cpu: ['0', '1m', '100m', '500m', '1', '1500m', '2', '1e3m', '1.0001'],
  memory: ['0', '1', '64Mi', '128Mi', '1Gi', '1G', '1.5Gi', '1e9', '129e6'],
  'ephemeral-storage': ['0', '1Ki', '1Gi', '2Gi'],
  'hugepages-2Mi': ['0', '2Mi', '4Mi'],
  'example.com/gpu': ['0', '1', '2'],
};

const amountOf = (resource: string) => fc.constantFrom(...AMOUNTS[resource]!);
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });
const amountsOf = (...names: string[]) =>
  fc
    .subarray(names)
    .chain((chosen) => fc.record(Object.fromEntries(chosen.map((name) => [name, amountOf(name)]))));
/** Go reports resources in random order, so only one of them may be wrong. */
const resources = fc.record({
  requests: optional(amountsOf('cpu', 'memory', 'ephemeral-storage')),
  limits: optional(amountsOf('cpu', 'example.com/gpu', 'hugepages-2Mi')),
});
const podResources = fc.record({
  requests: optional(amountsOf('cpu', 'memory')),
  limits: optional(amountsOf('cpu')),
});
const container = fc.record({ resources: optional(resources) });
const podSpec = fc.record({
  containers: fc.array(container, { minLength: 1, maxLength: 2 }),
  initContainers: optional(
    fc.array(
      fc.record({
        resources: optional(resources),
        restartPolicy: fc.constantFrom(undefined, 'Always'),
      }),
      { minLength: 1, maxLength: 2 },
    ),
  ),
  resources: optional(podResources),
  activeDeadlineSeconds: optional(fc.constant(30)),
  priorityClassName: optional(fc.constant('system-cluster-critical')),
});

/** Go reports the resources of a limit in random order, so each limit has one. */
const limit = fc.constantFrom('cpu', 'memory', 'ephemeral-storage').chain((resource) =>
  fc.record({
    type: fc.constantFrom('Container', 'Pod'),
    ...Object.fromEntries(
      ['max', 'min', 'default', 'defaultRequest'].map((name) => [
        name,
        optional(amountOf(resource).map((amount) => ({ [resource]: amount }))),
      ]),
    ),
    maxLimitRequestRatio: optional(
      fc.constantFrom('1', '2', '1500m').map((ratio) => ({ [resource]: ratio })),
    ),
  }),
);

const HARD: Readonly<Record<string, readonly string[]>> = {
  pods: ['1', '2', '3'],
  cpu: ['1', '2'],
  memory: ['1Gi', '256Mi'],
  'requests.cpu': ['1500m', '3'],
  'limits.cpu': ['1', '4'],
  'requests.memory': ['1Gi'],
  'limits.memory': ['2Gi'],
  'requests.ephemeral-storage': ['1Gi'],
  'requests.example.com/gpu': ['1'],
  'hugepages-2Mi': ['4Mi'],
  'count/pods': ['2'],
  'requests.storage': ['5Gi', '1Gi'],
  persistentvolumeclaims: ['1', '2'],
  'fast.storageclass.storage.k8s.io/requests.storage': ['1Gi'],
  'fast.storageclass.storage.k8s.io/persistentvolumeclaims': ['1'],
  services: ['1', '2'],
  'services.nodeports': ['1', '0'],
  'services.loadbalancers': ['0', '1'],
  'count/services': ['2'],
};
const SCOPES = [
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'PriorityClass',
  'CrossNamespacePodAffinity',
];
const POD_HARD = ['pods', 'cpu', 'requests.cpu', 'limits.memory', 'count/pods'];

const hardOf = (names: readonly string[]) =>
  fc
    .subarray([...names], { minLength: 1, maxLength: 4 })
    .chain((chosen) =>
      fc.record(Object.fromEntries(chosen.map((name) => [name, fc.constantFrom(...HARD[name]!)]))),
    );
const quotaSpec = fc.oneof(
  fc.record({ hard: hardOf(Object.keys(HARD)) }),
  fc.record({ hard: hardOf(POD_HARD), scopes: fc.subarray(SCOPES, { minLength: 1, maxLength: 2 }) }),
  fc.record({
    hard: hardOf(POD_HARD),
    scopeSelector: fc.record({
      matchExpressions: fc.array(
        fc.record({
          scopeName: fc.constantFrom(...SCOPES),
          operator: fc.constantFrom('In', 'NotIn', 'Exists', 'DoesNotExist'),
          values: optional(fc.constantFrom(['system-cluster-critical'], ['other'])),
        }),
        { minLength: 1, maxLength: 2 },
      ),
    }),
  }),
);
const claim = fc.record({
  storage: fc.constantFrom('1Gi', '2Gi', '512Mi'),
  storageClassName: fc.constantFrom(undefined, 'fast', 'slow'),
});
const service = fc.record({
  type: fc.constantFrom('ClusterIP', 'NodePort', 'LoadBalancer'),
  ports: fc.constantFrom(
    [{ port: 1 }],
    [
      { name: 'a', port: 1 },
      { name: 'b', port: 2 },
    ],
  ),
});
const session = fc.record({
  limits: fc.array(limit, { minLength: 1, maxLength: 3 }),
  quota: quotaSpec,
  pods: fc.array(podSpec, { minLength: PODS_EACH, maxLength: PODS_EACH }),
  claims: fc.array(claim, { minLength: 4, maxLength: 4 }),
  services: fc.array(service, { minLength: 4, maxLength: 4 }),
});

type Asked = typeof session extends fc.Arbitrary<infer T> ? T : never;

const named = (list: readonly object[] | undefined, letter: string) =>
  list?.map((one, index) => ({ name: `${letter}${index}`, image: 'x', ...one }));

function podOf(name: string, spec: Asked['pods'][number]): object {
  const { containers, initContainers, ...rest } = spec;
  return object('v1', 'Pod', name, {
    spec: { ...rest, containers: named(containers, 'c'), initContainers: named(initContainers, 'i') },
  });
}

const resized = (spec: Asked['pods'][number]) => ({
  spec: {
    containers: named(spec.containers, 'c')!.map((one) => ({ resources: {}, ...one, image: undefined })),
  },
});

function stepsOf({ limits, quota, pods, claims, services }: Asked): Step[] {
  const used = Object.fromEntries(Object.keys(quota.hard).map((name) => [name, '0']));
  const quotaObject = object('v1', 'ResourceQuota', 'q', { spec: quota });
  const tried = pods.flatMap((spec, index) => [
    post(PODS, podOf(`p${index}`, spec)),
    patch('strategic', `${PODS}/p${Math.max(index - 1, 0)}/resize`, resized(spec)),
  ]);
  return [
    post(`${NAMESPACE}/limitranges?dryRun=All`, object('v1', 'LimitRange', 'l', { spec: { limits } })),
    ...limits.map((one, index) =>
      post(
        `${NAMESPACE}/limitranges?dryRun=All`,
        object('v1', 'LimitRange', `l${index}`, { spec: { limits: [one] } }),
      ),
    ),
    ...pods.map((spec, index) => post(`${PODS}?dryRun=All`, podOf(`d${index}`, spec))),
    {
      ...post(
        `${NAMESPACE}/limitranges`,
        object('v1', 'LimitRange', 'l', { spec: { limits: limits.slice(0, 1) } }),
      ),
      // Upstream's admission is notified later.
      settles: `${NAMESPACE}/limitranges`,
    },
    ...pods.map((spec, index) => post(`${PODS}?dryRun=All`, podOf(`l${index}`, spec))),
    post(`${NAMESPACE}/resourcequotas`, quotaObject),
    { ...put(`${QUOTA}/status`, { ...quotaObject, status: { hard: quota.hard, used } }), settles: QUOTA },
    ...tried,
    ...claims.map(({ storage, storageClassName }, index) =>
      post(
        CLAIMS,
        object('v1', 'PersistentVolumeClaim', `v${index}`, {
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } }, storageClassName },
        }),
      ),
    ),
    ...services.map((spec, index) => post(SERVICES, object('v1', 'Service', `s${index}`, { spec }))),
    ...services.map(({ type }, index) =>
      patch('merge', `${SERVICES}/s${(index + 1) % 4}`, { spec: { type } }),
    ),
    get(QUOTA),
    get(`${NAMESPACE}/resourcequotas`, TABLE),
    get(PODS, TABLE),
    get(PODS),
    // There are only 254 addresses.
    ...services.map((_, index) => remove(`${SERVICES}/s${index}`)),
  ];
}

/** As many sessions as `seeds`; the same in every run. */
export const randomLimits = (seeds: number): Session[] =>
  fc
    .sample(session, { numRuns: seeds, seed: 5 })
    .map((asked, index) => ({ name: `random limits ${index}`, steps: stepsOf(asked) }));
