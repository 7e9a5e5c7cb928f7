import { expect, test } from 'vitest';
import {
  BOOTSTRAP_FLOW_SCHEMAS,
  BOOTSTRAP_PRIORITY_LEVELS,
} from '../../../../shared/apis/flowcontrol/bootstrap-objects.ts';
import type { FlowSchema } from '../../../../shared/apis/flowcontrol/v1/types.ts';
import {
  flowSchemaStatusStrategy,
  flowSchemaStrategy,
} from '../../../../shared/registry/flowcontrol/flowschema/strategy.ts';
import { priorityLevelConfigurationStrategy } from '../../../../shared/registry/flowcontrol/prioritylevelconfiguration/strategy.ts';
import type { Manifest } from '../../../fixtures/internal-object.ts';
import { createCauses, updateCauses, updateOutcome } from '../../../fixtures/strategy-causes.ts';

const API_VERSION = 'flowcontrol.apiserver.k8s.io/v1';
const schema = (spec: object, name = 'x') => ({
  apiVersion: API_VERSION,
  kind: 'FlowSchema',
  metadata: { name },
  spec: { priorityLevelConfiguration: { name: 'level' }, ...spec },
});
const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const VERBS =
  'supported values: "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"';

const subjects = [{ kind: 'Group', group: { name: 'g' } }];
const resourceRule = { verbs: ['get'], apiGroups: ['apps'], resources: ['deployments'], namespaces: ['ns'] };
const rule = (fields: object) => ({ rules: [{ subjects, ...fields }] });

test.each([...BOOTSTRAP_FLOW_SCHEMAS])('bootstrap schema $metadata.name', async (object) => {
  expect(await createCauses(flowSchemaStrategy, object as unknown as Manifest)).toEqual([]);
});

test.each([...BOOTSTRAP_PRIORITY_LEVELS])('bootstrap level $metadata.name', async (object) => {
  expect(await createCauses(priorityLevelConfigurationStrategy, object as unknown as Manifest)).toEqual([]);
});

test.each<[object, string[]]>([
  [{}, []],
  [rule({ resourceRules: [resourceRule], nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }] }), []],
  [
    { matchingPrecedence: -1, priorityLevelConfiguration: { name: '' } },
    [
      'spec.matchingPrecedence: Invalid value: -1: must be a positive value',
      'spec.priorityLevelConfiguration.name: Required value: must reference a priority level',
    ],
  ],
  [
    {
      matchingPrecedence: 10_001,
      distinguisherMethod: { type: 'ByVerb' },
      priorityLevelConfiguration: { name: 'L' },
    },
    [
      'spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000',
      'spec.distinguisherMethod.type: Unsupported value: {"Type":"ByVerb"}: supported values: "ByNamespace", "ByUser"',
      `spec.priorityLevelConfiguration.name: Invalid value: "L": ${SUBDOMAIN}`,
    ],
  ],
  [
    { matchingPrecedence: 1 },
    [
      "spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1",
    ],
  ],
  [
    { rules: [{ subjects: [] }] },
    [
      'spec.rules[0].subjects: Required value: subjects must contain at least one value',
      'spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty',
    ],
  ],
  [
    {
      rules: [
        {
          subjects: [
            { kind: 'Robot' },
            { kind: 'User', group: { name: 'g' }, serviceAccount: { name: 's', namespace: 'n' } },
            { kind: 'Group', group: { name: '' }, user: { name: 'u' } },
            { kind: 'ServiceAccount', serviceAccount: { name: 'S', namespace: '' } },
            { kind: 'ServiceAccount', serviceAccount: { name: '*', namespace: 'N' } },
            { kind: 'ServiceAccount', user: { name: 'u' }, group: { name: 'g' } },
          ],
          resourceRules: [resourceRule],
        },
      ],
    },
    [
      'spec.rules[0].subjects[0].kind: Unsupported value: "Robot": supported values: "Group", "ServiceAccount", "User"',
      "spec.rules[0].subjects[1].user: Required value: user is required when subject kind is 'User'",
      "spec.rules[0].subjects[1].serviceAccount: Forbidden: serviceAccount is forbidden when subject kind is not 'ServiceAccount'",
      "spec.rules[0].subjects[1].group: Forbidden: group is forbidden when subject kind is not 'Group'",
      'spec.rules[0].subjects[2].group.name: Required value',
      "spec.rules[0].subjects[2].user: Forbidden: user is forbidden when subject kind is not 'User'",
      `spec.rules[0].subjects[3].serviceAccount.name: Invalid value: "S": ${SUBDOMAIN}`,
      'spec.rules[0].subjects[3].serviceAccount.namespace: Required value: must specify namespace for service account',
      `spec.rules[0].subjects[4].serviceAccount.namespace: Invalid value: "N": ${LABEL}`,
      "spec.rules[0].subjects[5].serviceAccount: Required value: serviceAccount is required when subject kind is 'ServiceAccount'",
      "spec.rules[0].subjects[5].user: Forbidden: user is forbidden when subject kind is not 'User'",
      "spec.rules[0].subjects[5].group: Forbidden: group is forbidden when subject kind is not 'Group'",
    ],
  ],
  [
    rule({ resourceRules: [{ verbs: [], apiGroups: [], resources: [], namespaces: [] }] }),
    [
      'spec.rules[0].resourceRules[0].verbs: Required value: verbs must contain at least one value',
      'spec.rules[0].resourceRules[0].apiGroups: Required value: resource rules must supply at least one api group',
      'spec.rules[0].resourceRules[0].resources: Required value: resource rules must supply at least one resource',
      'spec.rules[0].resourceRules[0].namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace',
    ],
  ],
  [
    rule({
      resourceRules: [
        { verbs: ['get', '*'], apiGroups: ['*', 'a'], resources: ['*', 'b'], namespaces: ['*', 'n'] },
        { ...resourceRule, verbs: ['get', 'look'], namespaces: ['N'] },
      ],
    }),
    [
      'spec.rules[0].resourceRules[0].verbs: Invalid value: ["get","*"]: if \'*\' is present, must not specify other verbs',
      'spec.rules[0].resourceRules[0].apiGroups: Invalid value: ["*","a"]: if \'*\' is present, must not specify other api groups',
      'spec.rules[0].resourceRules[0].resources: Invalid value: ["*","b"]: if \'*\' is present, must not specify other resources',
      'spec.rules[0].resourceRules[0].namespaces: Invalid value: ["*","n"]: if \'*\' is present, must not specify other namespaces',
      `spec.rules[0].resourceRules[1].verbs: Unsupported value: ["get","look"]: ${VERBS}`,
      `spec.rules[0].resourceRules[1].namespaces[0]: Invalid value: "N": each member of this list must be '*' or a DNS-1123 label; ${LABEL}`,
    ],
  ],
  [
    rule({
      nonResourceRules: [
        { verbs: ['get'], nonResourceURLs: [] },
        { verbs: ['get'], nonResourceURLs: ['*', '/'] },
        {
          verbs: ['get'],
          nonResourceURLs: ['', '/', 'healthz', '/a b', '/a//b', '/a*', '/*/b', '/a/*', '/*/*'],
        },
      ],
    }),
    [
      'spec.rules[0].nonResourceRules[0].nonResourceURLs: Required value: nonResourceURLs must contain at least one value',
      'spec.rules[0].nonResourceRules[1].nonResourceURLs: Invalid value: ["*","/"]: if \'*\' is present, must not specify other non-resource URLs',
      'spec.rules[0].nonResourceRules[2].nonResourceURLs[0]: Invalid value: "": must not be empty',
      'spec.rules[0].nonResourceRules[2].nonResourceURLs[2]: Invalid value: "healthz": must start with slash',
      'spec.rules[0].nonResourceRules[2].nonResourceURLs[3]: Invalid value: "/a b": must not contain white-space',
      'spec.rules[0].nonResourceRules[2].nonResourceURLs[4]: Invalid value: "/a//b": must not contain double slash',
      'spec.rules[0].nonResourceRules[2].nonResourceURLs[5]: Invalid value: "/a*": wildcard can only do suffix matching',
      'spec.rules[0].nonResourceRules[2].nonResourceURLs[6]: Invalid value: "/*/b": wildcard can only do suffix matching',
      'spec.rules[0].nonResourceRules[2].nonResourceURLs[8]: Invalid value: "/*/*": wildcard can only do suffix matching',
    ],
  ],
])('flow schema %#', async (spec, causes) => {
  expect(await createCauses(flowSchemaStrategy, schema(spec))).toEqual(causes);
});

test('the catch-all schema is fixed', async () => {
  const { spec } = BOOTSTRAP_FLOW_SCHEMAS.find(({ metadata }) => metadata.name === 'catch-all')!;
  const causes = await createCauses(
    flowSchemaStrategy,
    schema({ ...spec, matchingPrecedence: 9 }, 'catch-all'),
  );
  expect(causes).toEqual([
    `spec: Invalid value: {"PriorityLevelConfiguration":{"Name":"catch-all"},"MatchingPrecedence":9,"DistinguisherMethod":{"Type":"ByUser"},"Rules":[{"Subjects":[{"Kind":"Group","User":null,"Group":{"Name":"system:unauthenticated"},"ServiceAccount":null},{"Kind":"Group","User":null,"Group":{"Name":"system:authenticated"},"ServiceAccount":null}],"ResourceRules":[{"Verbs":["*"],"APIGroups":["*"],"Resources":["*"],"ClusterScope":true,"Namespaces":["*"]}],"NonResourceRules":[{"Verbs":["*"],"NonResourceURLs":["*"]}]}]}: spec of 'catch-all' must equal the fixed value`,
  ]);
});

test('status is written separately', async () => {
  const conditions = [{ type: 'Dangling' }, { type: 'Dangling' }, {}];
  const update = { from: schema({}), to: { ...schema({ matchingPrecedence: 7 }), status: { conditions } } };
  expect(await updateCauses(flowSchemaStatusStrategy, update)).toEqual([
    'status.conditions[1].type: Duplicate value: "Dangling"',
    'status.conditions[2].type: Required value',
  ]);
  const { object } = await updateOutcome<FlowSchema>(flowSchemaStrategy, update);
  expect(object).toMatchObject({
    metadata: { generation: 2 },
    spec: { matchingPrecedence: 7 },
    status: {},
  });
});

const level = (spec: object, name = 'x', apiVersion = API_VERSION) => ({
  apiVersion,
  kind: 'PriorityLevelConfiguration',
  metadata: { name },
  spec,
});
const limited = (fields: object) =>
  level({ type: 'Limited', limited: { limitResponse: { type: 'Reject' }, ...fields } });
const queuing = (fields: object) => limited({ limitResponse: { type: 'Queue', queuing: fields } });

test.each<[Manifest, string[]]>([
  [limited({ borrowingLimitPercent: 0, lendablePercent: 100 }), []],
  [queuing({}), []],
  [level({ type: 'Exempt', exempt: { nominalConcurrencyShares: 10, lendablePercent: 50 } }, 'exempt'), []],
  [level({ type: 'Some' }), ['spec.type: Unsupported value: "Some": supported values: "Exempt", "Limited"']],
  [
    level({
      type: 'Exempt',
      limited: { limitResponse: { type: 'Reject' } },
      exempt: { nominalConcurrencyShares: -1, lendablePercent: 101 },
    }),
    [
      "spec.type: Invalid value: \"Exempt\": must be 'Exempt' if and only if `name` is 'exempt'",
      'spec.exempt.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer',
      'spec.exempt.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive',
      'spec.limited: Forbidden',
    ],
  ],
  [level({ type: 'Limited', exempt: {} }), ['spec.exempt: Forbidden', 'spec.limited: Required value']],
  [
    limited({
      nominalConcurrencyShares: -1,
      limitResponse: { type: 'Reject', queuing: {} },
      lendablePercent: -1,
      borrowingLimitPercent: -1,
    }),
    [
      'spec.limited.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer',
      'spec.limited.lendablePercent: Invalid value: -1: must be between 0 and 100, inclusive',
      'spec.limited.borrowingLimitPercent: Invalid value: -1: if specified, must be a non-negative integer',
      'spec.limited.limitResponse.queuing: Forbidden',
    ],
  ],
  [
    level(
      {
        type: 'Limited',
        limited: { assuredConcurrencyShares: -1, limitResponse: { type: 'Queue' } },
      },
      'x',
      'flowcontrol.apiserver.k8s.io/v1beta1',
    ),
    [
      'spec.limited.assuredConcurrencyShares: Invalid value: -1: must be a non-negative integer',
      'spec.limited.limitResponse.queuing: Required value',
    ],
  ],
  [
    limited({ limitResponse: { type: 'Wait' } }),
    ['spec.limited.limitResponse.type: Unsupported value: "Wait": supported values: "Queue", "Reject"'],
  ],
  [
    queuing({ queues: -1, handSize: -1, queueLengthLimit: -1 }),
    [
      'spec.limited.limitResponse.queuing.queueLengthLimit: Invalid value: -1: must be positive',
      'spec.limited.limitResponse.queuing.queues: Invalid value: -1: must be positive',
      'spec.limited.limitResponse.queuing.handSize: Invalid value: -1: must be positive',
    ],
  ],
  [
    queuing({ queues: 10_000_001, handSize: 1 }),
    ['spec.limited.limitResponse.queuing.queues: Invalid value: 10000001: must not be greater than 10000000'],
  ],
  [
    queuing({ queues: 4, handSize: 5 }),
    ['spec.limited.limitResponse.queuing.handSize: Invalid value: 5: should not be greater than queues (4)'],
  ],
  [
    queuing({ queues: 512, handSize: 7 }),
    [
      'spec.limited.limitResponse.queuing.handSize: Invalid value: 7: required entropy bits of deckSize 512 and handSize 7 should not be greater than 60',
    ],
  ],
])('priority level %#', async (object, causes) => {
  expect(await createCauses(priorityLevelConfigurationStrategy, object)).toEqual(causes);
});

test('mandatory levels are fixed', async () => {
  const catchAll = await createCauses(priorityLevelConfigurationStrategy, {
    ...limited({}),
    metadata: { name: 'catch-all' },
  });
  expect(catchAll).toEqual([
    `spec: Invalid value: {"Type":"Limited","Limited":{"NominalConcurrencyShares":30,"LimitResponse":{"Type":"Reject","Queuing":null},"LendablePercent":0,"BorrowingLimitPercent":null},"Exempt":null}: spec of 'catch-all' must equal the fixed value`,
  ]);
  const exempt = await createCauses(priorityLevelConfigurationStrategy, {
    ...limited({}),
    metadata: { name: 'exempt' },
  });
  expect(exempt).toHaveLength(2);
  expect(exempt[1]).toMatch(/spec of 'exempt' except the 'spec\.exempt' field must equal the fixed value$/);
});

test('the annotation of v1beta3 is not stored', async () => {
  const annotation = 'flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares';
  const metadata = { name: 'x', annotations: { [annotation]: '' } };
  expect(await createCauses(priorityLevelConfigurationStrategy, { ...limited({}), metadata })).toEqual([
    `metadata.annotations: Forbidden: annotation '${annotation}' is forbidden`,
  ]);
});
