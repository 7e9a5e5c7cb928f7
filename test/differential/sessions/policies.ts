/** Admission policies of both kinds with parameters, bindings, selectors, conditions and mutations of each type. */

import type { Session, Step } from '../exchange.ts';
import { get, object, patch, post, put, remove } from './steps.ts';

const N = '/api/v1/namespaces/$N';
const MAPS = `${N}/configmaps`;
const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
const GROUP = 'admissionregistration.k8s.io/v1';
const DRY = '?dryRun=All';

const here = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': '$N' } } };
const maps = {
  resourceRules: [
    { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] },
  ],
};
const map = (name: string, more: object = {}, metadata: object = {}) => ({
  ...object('v1', 'ConfigMap', name, more),
  metadata: { name, ...metadata },
});
const pod = (name: string, spec: object = {}, metadata: object = {}) => ({
  ...object('v1', 'Pod', name, { spec: { containers: [{ name: 'c', image: 'x' }], ...spec } }),
  metadata: { name, ...metadata },
});

/** Runs the steps while a policy is in effect, which a probe detects: the policy rejects it. */
function validated(
  spec: object,
  bindings: readonly object[],
  steps: readonly Step[],
  probe: object = map('probe'),
): Step[] {
  const policy = `${ADMISSION}/validatingadmissionpolicies`;
  const bound = `${ADMISSION}/validatingadmissionpolicybindings`;
  const told = { expression: "object.metadata.name != 'probe'", message: 'heard' };
  const { validations = [], ...rest } = spec as { validations?: object[] };
  return [
    post(
      policy,
      object(GROUP, 'ValidatingAdmissionPolicy', '$N', {
        spec: { matchConstraints: maps, validations: [told, ...validations], ...rest },
      }),
    ),
    ...bindings.map((binding, at) =>
      post(
        bound,
        object(GROUP, 'ValidatingAdmissionPolicyBinding', `$N-${at}`, {
          spec: { policyName: '$N', validationActions: ['Deny'], matchResources: here, ...binding },
        }),
      ),
    ),
    { ...post(`${MAPS}${DRY}`, probe), until: 'refused' },
    ...steps,
    ...bindings.map((_, at) => remove(`${bound}/$N-${at}`)),
    remove(`${policy}/$N`),
    { ...post(`${MAPS}${DRY}`, probe), until: 201 },
  ];
}

const SEEN = [
  "object.metadata.name == 'a'",
  'has(object.data) && size(object.data) > 0',
  "request.operation == 'CREATE'",
  "request.kind.kind + request.resource.resource + request.subResource == 'x'",
  "request.userInfo.username == 'admin' && 'system:masters' in request.userInfo.groups",
  'request.dryRun == true',
  "namespaceObject.metadata.name == request.namespace && namespaceObject.metadata.labels['none'] == 'x'",
  'oldObject == null',
  'oldObject.data.a == object.data.a',
  "authorizer.group('').resource('pods').namespace(request.namespace).check('get').allowed()",
  "authorizer.serviceAccount('default', 'none').group('').resource('pods').check('get').reason() == ''",
  "request.options.dryRun[0] == 'All'",
  "object.data.all(k, k.startsWith('a'))",
  "object.nothing == 'x'",
  '1 / 0 == 1',
  "object.metadata.labels['none'] == 'x'",
  "object.?metadata.?labels[?'none'].orValue('x') == 'x'",
  "variables.v == 'x'",
  'request.name == object.metadata.name',
  "request.requestKind.kind == 'ConfigMap' && request.requestResource.resource == 'configmaps'",
];

const VALIDATING: readonly Step[] = [
  ...validated(
    {
      variables: [
        { name: 'v', expression: "has(object.data) ? object.data['a'] : 'x'" },
        { name: 'broken', expression: '1 / 0' },
      ],
      validations: SEEN.map((expression, at) => ({
        expression,
        messageExpression: `'no ${at}: ' + request.operation + ' ' + variables.v`,
      })),
    },
    [{}],
    [
      post(`${MAPS}${DRY}`, map('a')),
      post(`${MAPS}${DRY}`, map('a', { data: { b: '1' } })),
      post(`${MAPS}${DRY}`, map('a', { data: { a: 'x' } })),
    ],
  ),
  ...SEEN.flatMap((expression, at) =>
    at % 4 === 0
      ? validated(
          {
            variables: [{ name: 'v', expression: "'x'" }],
            failurePolicy: at % 8 === 0 ? 'Ignore' : 'Fail',
            validations: [
              {
                expression,
                reason: ['Forbidden', 'Invalid', 'RequestEntityTooLarge'][at % 3],
              },
            ],
          },
          [{ validationActions: ['Deny', 'Audit'] }],
          [post(`${MAPS}${DRY}`, map('a')), post(`${MAPS}${DRY}`, map('b', { data: { a: 'x' } }))],
          map('probe'),
        )
      : [],
  ),
  ...validated(
    {
      matchConditions: [
        { name: 'one', expression: "object.metadata.name != 'skip'" },
        {
          name: 'two',
          expression: "has(object.data) || object.metadata.name == 'probe' || object.data.x == 'y'",
        },
      ],
      validations: [{ expression: 'false', message: 'matched' }],
    },
    [{}],
    [
      post(`${MAPS}${DRY}`, map('skip')),
      post(`${MAPS}${DRY}`, map('a', { data: { a: '1' } })),
      post(`${MAPS}${DRY}`, map('a')),
    ],
  ),
  ...validated(
    {
      validations: [
        { expression: 'false', message: 'warned' },
        { expression: 'false', messageExpression: "'w\\n' + 'x'" },
        { expression: "object.data.none == 'x'", message: 'lost' },
      ],
    },
    [
      { validationActions: ['Warn', 'Audit'] },
      {
        validationActions: ['Deny'],
        matchResources: { ...here, objectSelector: { matchLabels: { strict: 'yes' } } },
      },
    ],
    [post(`${MAPS}${DRY}`, map('a')), post(`${MAPS}${DRY}`, map('a', {}, { labels: { strict: 'yes' } }))],
    map('probe', {}, { labels: { strict: 'yes' } }),
  ),
];

const PARAMS = `${N}/configmaps`;
const withParams = (more: object) => ({
  paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
  validations: [
    {
      expression: 'params == null || object.metadata.name.startsWith(params.data.prefix)',
      messageExpression: "'not ' + params.data.prefix",
    },
  ],
  ...more,
});
const PARAMETERS: readonly Step[] = [
  post(PARAMS, map('one', { data: { prefix: 'a' } }, { labels: { of: 'params' } })),
  post(PARAMS, map('two', { data: { prefix: 'b' } }, { labels: { of: 'params' } })),
  post(PARAMS, map('odd', { data: {} })),
  ...[
    { paramRef: { name: 'one', namespace: '$N', parameterNotFoundAction: 'Deny' } },
    { paramRef: { name: 'one', parameterNotFoundAction: 'Deny' } },
    { paramRef: { selector: { matchLabels: { of: 'params' } }, parameterNotFoundAction: 'Deny' } },
    {
      paramRef: {
        selector: { matchLabels: { of: 'nothing' } },
        namespace: '$N',
        parameterNotFoundAction: 'Allow',
      },
    },
    {
      paramRef: {
        selector: { matchLabels: { of: 'nothing' } },
        namespace: '$N',
        parameterNotFoundAction: 'Deny',
      },
    },
    { paramRef: { name: 'none', namespace: '$N', parameterNotFoundAction: 'Allow' } },
    { paramRef: { name: 'none', namespace: '$N', parameterNotFoundAction: 'Deny' } },
    { paramRef: { name: 'odd', namespace: '$N', parameterNotFoundAction: 'Deny' } },
    {},
  ].flatMap((binding) =>
    validated(
      withParams({}),
      [
        binding,
        {
          matchResources: { ...here, objectSelector: { matchLabels: { probe: 'yes' } } },
          paramRef: { name: 'one', namespace: '$N', parameterNotFoundAction: 'Deny' },
        },
      ],
      [
        post(`${MAPS}${DRY}`, map('a1')),
        post(`${MAPS}${DRY}`, map('b1')),
        post(`${MAPS}${DRY}`, map('c1', {}, { labels: { x: 'y' } })),
      ],
      map('probe', {}, { labels: { probe: 'yes' } }),
    ),
  ),
];

const rule = (more: object) => ({ resourceRules: [{ ...maps.resourceRules[0], ...more }] });
const PODS = `${N}/pods`;
const MATCHES: readonly Step[] = [
  post(PODS, pod('p')),
  post(
    '/apis/apps/v1/namespaces/$N/deployments',
    object('apps/v1', 'Deployment', 'd', {
      spec: {
        selector: { matchLabels: { a: 'b' } },
        template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'x' }] } },
      },
    }),
  ),
  ...[
    rule({ resourceNames: ['a'] }),
    rule({ operations: ['DELETE'] }),
    rule({ operations: ['*'], resources: ['*'] }),
    rule({ operations: ['*'], resources: ['*/*'], apiGroups: ['*'], apiVersions: ['*'] }),
    rule({ operations: ['*'], resources: ['pods/*'] }),
    rule({ operations: ['*'], resources: ['*/scale'], apiGroups: ['apps'] }),
    rule({ operations: ['*'], resources: ['*'], scope: 'Cluster' }),
    rule({
      operations: ['UPDATE'],
      resources: [
        'pods',
        'pods/status',
        'pods/ephemeralcontainers',
        'pods/resize',
        'pods/binding',
        'pods/eviction',
      ],
    }),
    {
      ...rule({ operations: ['*'], resources: ['*'] }),
      excludeResourceRules: [
        {
          apiGroups: [''],
          apiVersions: ['v1'],
          operations: ['*'],
          resources: ['configmaps'],
          resourceNames: ['a'],
        },
      ],
    },
    {
      ...rule({ operations: ['*'], resources: ['*'] }),
      objectSelector: { matchExpressions: [{ key: 'x', operator: 'Exists' }] },
    },
    {
      ...rule({ operations: ['*'], resources: ['*'] }),
      namespaceSelector: { matchLabels: { none: 'such' } },
    },
    {
      ...rule({
        operations: ['*'],
        resources: ['horizontalpodautoscalers'],
        apiGroups: ['autoscaling'],
        apiVersions: ['v1'],
      }),
      matchPolicy: 'Exact',
    },
    {
      ...rule({
        operations: ['*'],
        resources: ['horizontalpodautoscalers'],
        apiGroups: ['autoscaling'],
        apiVersions: ['v1'],
      }),
      matchPolicy: 'Equivalent',
    },
  ].flatMap((matchConstraints) => {
    const policy = `${ADMISSION}/validatingadmissionpolicies`;
    const bound = `${ADMISSION}/validatingadmissionpolicybindings`;
    const hpa = object('autoscaling/v2', 'HorizontalPodAutoscaler', 'h', {
      spec: { maxReplicas: 2, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' } },
    });
    const { resourceRules } = matchConstraints as { resourceRules: object[] };
    const told = {
      apiGroups: [''],
      apiVersions: ['v1'],
      operations: ['CREATE'],
      resources: ['secrets'],
      scope: '*',
    };
    return [
      post(
        policy,
        object(GROUP, 'ValidatingAdmissionPolicy', '$N', {
          spec: {
            matchConstraints: { ...matchConstraints, resourceRules: [...resourceRules, told] },
            validations: [
              {
                expression: 'false',
                messageExpression:
                  "request.operation + ' ' + request.resource.resource + '/' + request.subResource + ' ' + request.kind.kind + ' ' + request.requestKind.version + ' ' + request.name + ' ' + (object == null ? 'none' : type(object) == string ? 'x' : 'object')",
              },
            ],
          },
        }),
      ),
      post(
        bound,
        object(GROUP, 'ValidatingAdmissionPolicyBinding', '$N', {
          spec: { policyName: '$N', validationActions: ['Deny'], matchResources: here },
        }),
      ),
      {
        ...post(`${N}/secrets${DRY}`, {
          ...object('v1', 'Secret', 's'),
          metadata: { name: 's', labels: { x: 'y' } },
        }),
        ...(!JSON.stringify(matchConstraints).includes('none') && { until: 422 }),
      },
      post(`${MAPS}${DRY}`, map('a')),
      post(`${MAPS}${DRY}`, map('b')),
      post(`${MAPS}${DRY}`, { ...map('x'), metadata: { generateName: 'g-', labels: { x: 'y' } } }),
      remove(`${PODS}/p${DRY}`),
      remove(`${PODS}${DRY}`),
      patch('merge', `${PODS}/p${DRY}`, { metadata: { labels: { x: 'y' } } }),
      patch('merge', `${PODS}/p/status${DRY}`, { status: { phase: 'Running' } }),
      patch('strategic', `${PODS}/p/ephemeralcontainers${DRY}`, {
        spec: { ephemeralContainers: [{ name: 'e', image: 'x' }] },
      }),
      patch('strategic', `${PODS}/p/resize${DRY}`, {
        spec: { containers: [{ name: 'c', resources: { requests: { cpu: '1' } } }] },
      }),
      post(`${PODS}/p/binding${DRY}`, object('v1', 'Binding', 'p', { target: { kind: 'Node', name: 'n' } })),
      post(`${PODS}/p/eviction${DRY}`, object('policy/v1', 'Eviction', 'p')),
      post(`${PODS}/p/exec?command=x`, undefined),
      get(`${PODS}/p/proxy`),
      patch('merge', `/apis/apps/v1/namespaces/$N/deployments/d/scale${DRY}`, { spec: { replicas: 2 } }),
      post(`/apis/autoscaling/v2/namespaces/$N/horizontalpodautoscalers${DRY}`, hpa),
      post(`/apis/autoscaling/v1/namespaces/$N/horizontalpodautoscalers${DRY}`, {
        ...hpa,
        apiVersion: 'autoscaling/v1',
      }),
      patch('merge', `/api/v1/namespaces/$N${DRY}`, { metadata: { labels: { x: 'y' } } }),
      remove(`${bound}/$N`),
      remove(`${policy}/$N`),
      {
        ...post(`${N}/secrets${DRY}`, {
          ...object('v1', 'Secret', 's'),
          metadata: { name: 's', labels: { x: 'y' } },
        }),
        until: 201,
      },
    ];
  }),
];

const mutation = (expression: string) => ({
  patchType: 'ApplyConfiguration',
  applyConfiguration: { expression },
});
const jsonPatch = (expression: string) => ({ patchType: 'JSONPatch', jsonPatch: { expression } });
const MUTATIONS: readonly (readonly object[])[] = [
  [mutation("Object{metadata: Object.metadata{labels: {'by': 'policy', 'name': object.metadata.name}}}")],
  [
    mutation(
      "Object{metadata: Object.metadata{annotations: has(object.metadata.annotations) ? {} : {'a': 'b'}}}",
    ),
  ],
  [
    mutation(
      "Object{spec: Object.spec{containers: [Object.spec.containers{name: 'c', image: 'y'}, Object.spec.containers{name: 'side', image: 'z'}]}}",
    ),
  ],
  [
    mutation(
      "Object{spec: Object.spec{initContainers: [Object.spec.initContainers{name: 'mesh', image: 'm', restartPolicy: 'Always'}]}}",
    ),
  ],
  [
    mutation(
      "Object{spec: Object.spec{tolerations: [Object.spec.tolerations{key: 'k', operator: 'Exists'}]}}",
    ),
  ],
  [
    mutation(
      "Object{spec: Object.spec{nodeSelector: {'x': 'y'}, securityContext: Object.spec.securityContext{runAsNonRoot: true}}}",
    ),
  ],
  [
    mutation(
      "Object{spec: Object.spec{containers: object.spec.containers.map(c, Object.spec.containers{name: c.name, env: [Object.spec.containers.env{name: 'E', value: c.name}]})}}",
    ),
  ],
  [mutation('Object{spec: Object.spec{nothing: 1}}')],
  [mutation("Object{spec: Object.spec{containers: [Object.spec.containers{image: 'y'}]}}")],
  [mutation('Object{spec: Object.spec{priority: object.nothing}}')],
  [mutation('Object{}')],
  [mutation("Object{metadata: Object.metadata{name: 'other'}}")],
  [mutation("Object{apiVersion: 'v1', kind: 'Pod'}")],
  [
    mutation(
      "Object{spec: Object.spec{volumes: [Object.spec.volumes{name: 'v', emptyDir: Object.spec.volumes.emptyDir{medium: 'Memory'}}]}}",
    ),
  ],
  [jsonPatch("[JSONPatch{op: 'add', path: '/metadata/labels', value: {'a': 'b'}}]")],
  [
    jsonPatch(
      "[JSONPatch{op: 'test', path: '/metadata/name', value: 'none'}, JSONPatch{op: 'remove', path: '/spec'}]",
    ),
  ],
  [
    jsonPatch(
      "[JSONPatch{op: 'replace', path: '/spec/containers/0/image', value: 'y'}, JSONPatch{op: 'add', path: '/spec/containers/-', value: Object.spec.containers{name: 'side', image: 'z'}}]",
    ),
  ],
  [
    jsonPatch(
      "[JSONPatch{op: 'copy', from: '/spec/containers/0', path: '/spec/containers/-'}, JSONPatch{op: 'replace', path: '/spec/containers/1/name', value: 'two'}]",
    ),
  ],
  [
    jsonPatch(
      "[JSONPatch{op: 'add', path: '/metadata/annotations', value: {}}, JSONPatch{op: 'add', path: '/metadata/annotations/' + jsonpatch.escapeKey('a.b/c~d'), value: 'x'}]",
    ),
  ],
  [jsonPatch("[JSONPatch{op: 'remove', path: '/none'}]")],
  [jsonPatch("[JSONPatch{op: 'odd', path: '/none'}]")],
  [jsonPatch("[JSONPatch{op: 'add', path: '/spec/priority', value: 1.5}]")],
  [jsonPatch("has(object.metadata.labels) ? [JSONPatch{op: 'remove', path: '/metadata/labels'}] : []")],
  [jsonPatch("[JSONPatch{op: 'move', from: '/metadata/labels', path: '/metadata/annotations'}]")],
  [jsonPatch("[JSONPatch{op: 'add', path: '/metadata/labels', value: {'a': 1}}]")],
  [
    mutation("Object{metadata: Object.metadata{labels: {'one': '1'}}}"),
    jsonPatch("[JSONPatch{op: 'add', path: '/metadata/labels/two', value: object.metadata.labels['one']}]"),
    mutation("Object{metadata: Object.metadata{labels: {'three': object.metadata.labels['two']}}}"),
  ],
];
const toldOf = (at: number) => ({
  ...object(GROUP, 'MutatingAdmissionPolicy', `$N-told-${at}`, {
    spec: {
      matchConstraints: {
        resourceRules: [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] },
        ],
      },
      failurePolicy: 'Fail',
      reinvocationPolicy: 'Never',
      // A failing test operation would skip the patch.
      mutations: [jsonPatch("[JSONPatch{op: 'remove', path: '/none'}]")],
    },
  }),
});
const MUTATING: readonly Step[] = [
  ...MUTATIONS.flatMap((mutations, at) => {
    const policy = `${ADMISSION}/mutatingadmissionpolicies`;
    const bound = `${ADMISSION}/mutatingadmissionpolicybindings`;
    const probe: Step = post(`${MAPS}${DRY}`, map(`probe-${at}`));
    return [
      post(
        policy,
        object(GROUP, 'MutatingAdmissionPolicy', `$N-${at}`, {
          spec: {
            matchConstraints: {
              resourceRules: [
                { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
              ],
            },
            failurePolicy: at % 5 === 4 ? 'Ignore' : 'Fail',
            reinvocationPolicy: at % 2 === 0 ? 'Never' : 'IfNeeded',
            mutations,
          },
        }),
      ),
      post(
        bound,
        object(GROUP, 'MutatingAdmissionPolicyBinding', `$N-${at}`, {
          spec: { policyName: `$N-${at}`, matchResources: here },
        }),
      ),
      // A policy that signals that everything created before it is in effect.
      post(policy, toldOf(at)),
      post(
        bound,
        object(GROUP, 'MutatingAdmissionPolicyBinding', `$N-told-${at}`, {
          spec: { policyName: `$N-told-${at}`, matchResources: here },
        }),
      ),
      { ...probe, until: 'refused' as const },
      post(`${PODS}${DRY}`, pod('a')),
      post(
        `${PODS}${DRY}`,
        pod(
          'b',
          { tolerations: [{ key: 'x', operator: 'Exists' }], volumes: [{ name: 'w', emptyDir: {} }] },
          { labels: { l: 'm' }, annotations: { n: 'o' } },
        ),
      ),
      remove(`${bound}/$N-${at}`),
      remove(`${policy}/$N-${at}`),
      remove(`${bound}/$N-told-${at}`),
      remove(`${policy}/$N-told-${at}`),
      { ...probe, until: 201 },
    ];
  }),
];

const ODD_BINDINGS: readonly object[] = [
  {},
  { policyName: '' },
  { policyName: 'A b' },
  { policyName: 'x' },
  { policyName: 'x', validationActions: [] },
  { policyName: 'x', validationActions: ['Deny', 'Deny'] },
  { policyName: 'x', validationActions: ['Deny', 'Warn'] },
  { policyName: 'x', validationActions: ['Odd'] },
  ...[
    {},
    { name: 'a' },
    { name: 'a', selector: {} },
    { name: 'a', parameterNotFoundAction: 'Odd' },
    { selector: {}, parameterNotFoundAction: 'Allow' },
    { name: 'A b', namespace: 'C d', parameterNotFoundAction: 'Deny' },
    { selector: { matchExpressions: [{ key: 'x', operator: 'Odd' }] }, parameterNotFoundAction: 'Deny' },
  ].map((paramRef) => ({ policyName: 'x', validationActions: ['Deny'], paramRef })),
  ...[
    {},
    { namespaceSelector: { matchLabels: { 'a b': 'c' } } },
    { objectSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] } },
    { matchPolicy: 'Odd' },
    { resourceRules: [{}] },
    {
      resourceRules: [
        { apiGroups: [''], apiVersions: ['v1'], operations: ['CONNECT', 'Odd'], resources: ['*', 'pods'] },
      ],
    },
    {
      excludeResourceRules: [
        {
          resourceNames: ['a', 'a'],
          apiGroups: ['*', 'a'],
          apiVersions: ['*', 'v1'],
          operations: ['*', 'CREATE'],
          resources: ['pods/*', 'pods/status'],
          scope: 'Odd',
        },
      ],
    },
  ].map((matchResources) => ({ policyName: 'x', validationActions: ['Deny'], matchResources })),
];
const ODD_POLICIES: readonly object[] = [
  {},
  { matchConstraints: {} },
  { matchConstraints: { resourceRules: [] } },
  { matchConstraints: { resourceRules: [{}] } },
  { failurePolicy: 'Odd' },
  { paramKind: {} },
  { paramKind: { apiVersion: 'v1', kind: '' } },
  { paramKind: { apiVersion: 'a/b/c', kind: 'X' } },
  { paramKind: { apiVersion: 'v1', kind: 'A b' } },
  { matchConditions: [{}] },
  {
    matchConditions: [
      { name: 'a', expression: 'true' },
      { name: 'a', expression: 'true' },
    ],
  },
  { matchConditions: [{ name: 'A b!', expression: 'true' }] },
  { matchConditions: [{ name: 'a', expression: 'params.x' }] },
  { matchConditions: Array.from({ length: 65 }, (_, at) => ({ name: `c${at}`, expression: 'true' })) },
  { variables: [{}] },
  {
    variables: [
      { name: 'a', expression: '1' },
      { name: 'a', expression: '2' },
    ],
  },
  {
    variables: [
      { name: 'a', expression: 'variables.b' },
      { name: 'b', expression: '1' },
    ],
  },
  { variables: [{ name: 'a b', expression: '1' }] },
  { variables: [{ name: 'a', expression: 'object.x +' }] },
];
const odd: readonly Step[] = [
  ...ODD_BINDINGS.flatMap((spec) => [
    post(
      `${ADMISSION}/validatingadmissionpolicybindings${DRY}`,
      object(GROUP, 'ValidatingAdmissionPolicyBinding', 'odd', { spec }),
    ),
    post(
      `${ADMISSION}/mutatingadmissionpolicybindings${DRY}`,
      object(GROUP, 'MutatingAdmissionPolicyBinding', 'odd', { spec }),
    ),
  ]),
  ...ODD_POLICIES.flatMap((spec) => [
    post(
      `${ADMISSION}/validatingadmissionpolicies${DRY}`,
      object(GROUP, 'ValidatingAdmissionPolicy', 'odd', {
        spec: { matchConstraints: maps, validations: [{ expression: 'true' }], ...spec },
      }),
    ),
    post(
      `${ADMISSION}/mutatingadmissionpolicies${DRY}`,
      object(GROUP, 'MutatingAdmissionPolicy', 'odd', {
        spec: {
          matchConstraints: maps,
          reinvocationPolicy: 'Never',
          mutations: [mutation('Object{}')],
          ...spec,
        },
      }),
    ),
  ]),
  ...[
    [],
    [{}],
    [{ expression: 'true', message: ' ' }],
    [{ expression: 'true', message: 'a', messageExpression: '"b"' }],
    [{ expression: 'true', messageExpression: 'object' }],
    [{ expression: 'true', reason: 'odd' }],
    [{ expression: 'true', reason: 'Unauthorized' }],
    [{ expression: 'params == null' }],
    [{ expression: 'object.nothing' }],
    [{ expression: "request.uid != ''" }],
    [{ expression: "string(request.requestKind) == ''" }],
    [{ expression: 'params.x == 1' }],
    [{ expression: 'variables.none' }],
    [{ expression: 'authorizer.x' }],
    [{ expression: 'object.all(x, object.all(y, object.all(z, x == y)))' }],
    [{ expression: 'oldSelf' }],
    [{ expression: 'self' }],
  ].map((validations) =>
    post(
      `${ADMISSION}/validatingadmissionpolicies${DRY}`,
      object(GROUP, 'ValidatingAdmissionPolicy', 'odd', { spec: { matchConstraints: maps, validations } }),
    ),
  ),
  ...[
    [{ key: 'a', valueExpression: '1' }],
    [
      { key: 'a', valueExpression: "'x'" },
      { key: 'a', valueExpression: "'y'" },
    ],
    [{ key: 'a b', valueExpression: "'x'" }],
    [{ key: 'a', valueExpression: 'null' }],
    [{ key: 'x'.repeat(100), valueExpression: "'x'" }],
  ].map((auditAnnotations) =>
    post(
      `${ADMISSION}/validatingadmissionpolicies${DRY}`,
      object(GROUP, 'ValidatingAdmissionPolicy', 'odd', {
        spec: { matchConstraints: maps, auditAnnotations },
      }),
    ),
  ),
  ...[
    [{ patchType: 'ApplyConfiguration' }],
    [{ patchType: 'JSONPatch', applyConfiguration: { expression: 'Object{}' } }],
    [
      {
        patchType: 'ApplyConfiguration',
        applyConfiguration: { expression: 'Object{}' },
        jsonPatch: { expression: '[]' },
      },
    ],
    [{}],
    [mutation('')],
    [mutation('1')],
    [mutation('Object{a: }')],
    [jsonPatch('')],
    [jsonPatch('[1]')],
    [jsonPatch("[JSONPatch{op: 1, path: ''}]")],
    [jsonPatch("[JSONPatch{odd: ''}]")],
    [mutation('Object{spec: Object.spec{a: Object.other{}}}')],
    [mutation('params')],
    [mutation('variables.x')],
  ].map((mutations) =>
    post(
      `${ADMISSION}/mutatingadmissionpolicies${DRY}`,
      object(GROUP, 'MutatingAdmissionPolicy', 'odd', {
        spec: { matchConstraints: maps, reinvocationPolicy: 'Never', mutations },
      }),
    ),
  ),
  ...['', 'Odd', 'IfNeeded'].map((reinvocationPolicy) =>
    post(
      `${ADMISSION}/mutatingadmissionpolicies${DRY}`,
      object(GROUP, 'MutatingAdmissionPolicy', 'odd', {
        spec: { matchConstraints: maps, reinvocationPolicy, mutations: [mutation('Object{}')] },
      }),
    ),
  ),
  put(
    `${ADMISSION}/mutatingadmissionpolicies/none${DRY}`,
    object(GROUP, 'MutatingAdmissionPolicy', 'none', {}),
  ),
];

export function policies(): Session[] {
  return [
    { name: 'policies that validate', steps: VALIDATING },
    { name: 'policies and their parameters', steps: PARAMETERS },
    { name: 'policies and what they match', steps: MATCHES },
    { name: 'policies that mutate', steps: MUTATING },
    { name: 'policies that are odd', steps: odd },
  ];
}
