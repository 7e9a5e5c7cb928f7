/**
 * The bootstrap objects of flow control
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/apis/flowcontrol/bootstrap/default.go).
 */

import type { FlowSchema, PolicyRulesWithSubjects, PriorityLevelConfiguration, Subject } from './v1/types.ts';

const API_VERSION = 'flowcontrol.apiserver.k8s.io/v1';
/** Whether a server may update the object's spec. */
export const AUTO_UPDATE_ANNOTATION = 'apf.kubernetes.io/autoupdate-spec';
const metadata = (name: string) => ({ name, annotations: { [AUTO_UPDATE_ANNOTATION]: 'true' } });

const group = (name: string): Subject => ({ kind: 'Group', group: { name } });
const user = (name: string): Subject => ({ kind: 'User', user: { name } });
const KUBE_SYSTEM: Subject = {
  kind: 'ServiceAccount',
  serviceAccount: { namespace: 'kube-system', name: '*' },
};
const EVERYONE = [group('system:unauthenticated'), group('system:authenticated')];
const NODES = [group('system:nodes')];

const resourceRule = (
  verbs: string[],
  apiGroups: string[],
  resources: string[],
  scope: { readonly clusterScope?: true } = {},
) => ({
  verbs,
  apiGroups,
  resources,
  ...scope,
  namespaces: ['*'],
});
const everything = (subjects: Subject[]): PolicyRulesWithSubjects => ({
  subjects,
  resourceRules: [resourceRule(['*'], ['*'], ['*'], { clusterScope: true })],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
});

/** Name, level, precedence, flow distinguisher, rules. */
type SchemaRow = readonly [string, string, number, '' | 'ByUser' | 'ByNamespace', PolicyRulesWithSubjects];

const SCHEMAS: readonly SchemaRow[] = [
  ['exempt', 'exempt', 1, '', everything([group('system:masters')])],
  [
    'probes',
    'exempt',
    2,
    '',
    {
      subjects: EVERYONE,
      nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }],
    },
  ],
  [
    'system-leader-election',
    'leader-election',
    100,
    'ByUser',
    {
      subjects: [user('system:kube-controller-manager'), user('system:kube-scheduler'), KUBE_SYSTEM],
      resourceRules: [resourceRule(['get', 'create', 'update'], ['coordination.k8s.io'], ['leases'])],
    },
  ],
  [
    'system-node-high',
    'node-high',
    400,
    'ByUser',
    {
      subjects: NODES,
      resourceRules: [
        resourceRule(['*'], [''], ['nodes', 'nodes/status'], { clusterScope: true }),
        resourceRule(['*'], ['coordination.k8s.io'], ['leases']),
      ],
    },
  ],
  ['system-nodes', 'system', 500, 'ByUser', everything(NODES)],
  [
    'kube-controller-manager',
    'workload-high',
    800,
    'ByNamespace',
    everything([user('system:kube-controller-manager')]),
  ],
  ['kube-scheduler', 'workload-high', 800, 'ByNamespace', everything([user('system:kube-scheduler')])],
  ['kube-system-service-accounts', 'workload-high', 900, 'ByNamespace', everything([KUBE_SYSTEM])],
  ['service-accounts', 'workload-low', 9000, 'ByUser', everything([group('system:serviceaccounts')])],
  ['global-default', 'global-default', 9900, 'ByUser', everything(EVERYONE)],
  ['catch-all', 'catch-all', 10000, 'ByUser', everything(EVERYONE)],
];

/** Name, nominal shares, lendable percent, and for queuing the number of queues and the hand size. */
type LevelRow = readonly [string, number, number, (readonly [queues: number, handSize: number])?];

const QUEUE_LENGTH_LIMIT = 50;
const LIMITED_LEVELS: readonly LevelRow[] = [
  ['catch-all', 5, 0],
  ['system', 30, 33, [64, 6]],
  ['node-high', 40, 25, [64, 6]],
  ['leader-election', 10, 0, [16, 4]],
  ['workload-high', 40, 50, [128, 6]],
  ['workload-low', 100, 90, [128, 6]],
  ['global-default', 20, 50, [128, 6]],
];

function flowSchema([name, level, matchingPrecedence, method, rules]: SchemaRow): FlowSchema {
  return {
    kind: 'FlowSchema',
    apiVersion: API_VERSION,
    metadata: metadata(name),
    spec: {
      priorityLevelConfiguration: { name: level },
      matchingPrecedence,
      ...(method !== '' && { distinguisherMethod: { type: method } }),
      rules: [rules],
    },
    status: {},
  };
}

function priorityLevel(name: string, spec: PriorityLevelConfiguration['spec']): PriorityLevelConfiguration {
  return {
    kind: 'PriorityLevelConfiguration',
    apiVersion: API_VERSION,
    metadata: metadata(name),
    spec,
    status: {},
  };
}

function limitedLevel([name, shares, lendablePercent, queuing]: LevelRow): PriorityLevelConfiguration {
  const limitResponse =
    queuing === undefined
      ? { type: 'Reject' }
      : {
          type: 'Queue',
          queuing: { queues: queuing[0], handSize: queuing[1], queueLengthLimit: QUEUE_LENGTH_LIMIT },
        };
  return priorityLevel(name, {
    type: 'Limited',
    limited: { nominalConcurrencyShares: shares, lendablePercent, limitResponse },
  });
}

const EXEMPT = priorityLevel('exempt', {
  type: 'Exempt',
  exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 },
});

/** Levels and schemas that are always reset to these definitions. */
export const MANDATORY = ['exempt', 'catch-all'];

export const BOOTSTRAP_PRIORITY_LEVELS: readonly PriorityLevelConfiguration[] = [
  EXEMPT,
  ...LIMITED_LEVELS.map(limitedLevel),
];

export const BOOTSTRAP_FLOW_SCHEMAS: readonly FlowSchema[] = SCHEMAS.map(flowSchema);
