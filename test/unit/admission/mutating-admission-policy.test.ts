import { describe, expect, it } from 'vitest';
import { admissionChain } from '../../../shared/admission/chain.ts';
import { mutatingAdmissionPolicy } from '../../../shared/admission/plugins/mutating-admission-policy.ts';
import {
  type AdmissionCase,
  type AdmissionOutcome,
  PASSED,
  runPlugin,
  TestCluster,
  testAttributes,
  testDependencies,
} from '../../fixtures/admission.ts';
import type { Manifest } from '../../fixtures/internal-object.ts';
import { testRequestContext } from '../../fixtures/request-context.ts';

const EVERYTHING = {
  resourceRules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] }],
};
const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ns', labels: { tier: 'prod' } } };
const configMap = (data: object = { a: '1' }) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'cm', namespace: 'ns' },
  data,
});
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd', namespace: 'ns' },
  spec: {
    selector: { matchLabels: { a: 'b' } },
    template: {
      metadata: { labels: { a: 'b' } },
      spec: { containers: [{ name: 'c', image: 'i:1', env: [{ name: 'X', value: '1' }] }] },
    },
  },
};
const policy = (spec: object, name = 'p'): Manifest => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingAdmissionPolicy',
  metadata: { name },
  spec: { matchConstraints: EVERYTHING, reinvocationPolicy: 'Never', ...spec },
});
const binding = (spec: object = {}, policyName = 'p'): Manifest => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingAdmissionPolicyBinding',
  metadata: { name: `${policyName}-b` },
  spec: { policyName, ...spec },
});
const apply = (expression: string) => ({
  patchType: 'ApplyConfiguration',
  applyConfiguration: { expression },
});
const patch = (expression: string) => ({ patchType: 'JSONPatch', jsonPatch: { expression } });
const mutations = (...list: object[]) => ({ mutations: list });

const run = (objects: readonly Manifest[], request: AdmissionCase = {}): Promise<AdmissionOutcome> =>
  runPlugin(mutatingAdmissionPolicy, {
    object: configMap(),
    ...request,
    cluster: [namespace, ...objects],
  });
const mutate = (mutation: object, request?: AdmissionCase) =>
  run([policy(mutations(mutation)), binding()], request);

function denial(message: string, reason = 'Invalid', by = "policy 'p' with binding 'p-b'") {
  const text = `${by} denied request: ${message}`;
  return { changes: {}, refused: `403 ${reason}: ${text}`, causes: [{ message: text }] };
}
const compilation = (issue: string): AdmissionOutcome =>
  denial(`compilation failed: ERROR: <input>:${issue}`);

describe('apply configurations', () => {
  it.each<[string, string, AdmissionOutcome, AdmissionCase?]>([
    ['set fields', 'Object{data: {"b": "2"}}', { changes: { 'data.b': '2' } }],
    [
      'of structs',
      'Object{metadata: Object.metadata{labels: {"tier": string(namespaceObject.metadata.labels.tier)}}}',
      { changes: { 'metadata.labels': { tier: 'prod' } } },
    ],
    [
      'merge lists by their keys',
      `Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{
        containers: object.spec.template.spec.containers.map(c,
          Object.spec.template.spec.containers{name: c.name, env: [
            Object.spec.template.spec.containers.env{name: "Y", value: "2"}]}),
      }}}}`,
      {
        changes: {
          'spec.template.spec.containers': [
            expect.objectContaining({
              name: 'c',
              image: 'i:1',
              env: [
                { name: 'X', value: '1' },
                { name: 'Y', value: '2' },
              ],
            }),
          ],
        },
      },
      { object: deployment },
    ],
    [
      'are defaulted',
      `Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{
        initContainers: [Object.spec.template.spec.initContainers{name: "i", image: "i:1"}]}}}}`,
      {
        changes: {
          'spec.template.spec.initContainers': [
            expect.objectContaining({ name: 'i', imagePullPolicy: 'IfNotPresent' }),
          ],
        },
      },
      { object: deployment },
    ],
    ['may be empty', 'has(object.data.b) ? Object{data: {"b": "2"}} : Object{}', PASSED],
    [
      "can't replace atomic lists",
      'Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: [Object.spec.template.spec.containers{name: "c", args: ["x"]}]}}}}',
      denial(
        'error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.template.spec.containers[0].args',
      ),
      { object: deployment },
    ],
    [
      'with an unknown field',
      'Object{spec: Object.spec{wrong: 1}}',
      denial(
        'error applying patch: failed to convert patch object to typed object: .spec.wrong: field not declared in schema',
      ),
      { object: deployment },
    ],
    [
      'with a type in the wrong place',
      'Object{spec: Object.wrong{replicas: 1}}',
      denial(
        'type mismatch: unexpected type name "Object.wrong", expected "Object.spec", which matches field name path from root Object type',
      ),
      { object: deployment },
    ],
    ['of another type', '"x"', denial('must evaluate to Object but got string')],
    [
      'that do not compile',
      'Object{',
      compilation(
        "1:8: Syntax error: mismatched input '<EOF>' expecting {'}', ',', '?', IDENTIFIER, ESC_IDENTIFIER}\n | Object{\n | .......^",
      ),
    ],
    [
      'that fail',
      'Object{data: {"b": object.data.x}}',
      denial(`expression 'Object{data: {"b": object.data.x}}' resulted in error: no such key: x`),
    ],
  ])('%s', async (_, expression, outcome, request) => {
    const { annotations: _none, ...actual } = await mutate(apply(expression), request);
    const expected = { ...outcome } as AdmissionOutcome;
    if (actual.refused !== undefined && request?.object === deployment) {
      expect(actual.refused).toBe(expected.refused);
      return;
    }
    expect(actual).toEqual(expected);
  });
});

describe('JSON patches', () => {
  it.each<[string, string, AdmissionOutcome]>([
    ['add', '[JSONPatch{op: "add", path: "/data/b", value: "2"}]', { changes: { 'data.b': '2' } }],
    [
      'with keys escaped',
      '[JSONPatch{op: "add", path: "/metadata/labels", value: {}}, JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("example.com/a~b"), value: "x"}]',
      { changes: { 'metadata.labels': { 'example.com/a~b': 'x' } } },
    ],
    [
      'move',
      '[JSONPatch{op: "move", from: "/data/a", path: "/data/b"}]',
      { changes: { 'data.a': undefined, 'data.b': '1' } },
    ],
    [
      'with objects',
      '[JSONPatch{op: "add", path: "/metadata/labels", value: Object.metadata.labels{a: "b"}}]',
      { changes: { 'metadata.labels': { a: 'b' } } },
    ],
    ['none', '[]', denial('must evaluate to list(JSONPatch) but got list(dyn)')],
    [
      'a passing test',
      '[JSONPatch{op: "test", path: "/data/a", value: "1"}, JSONPatch{op: "add", path: "/data/b", value: "2"}]',
      { changes: { 'data.b': '2' } },
    ],
    [
      'a failing test skips the whole patch',
      '[JSONPatch{op: "add", path: "/data/b", value: "2"}, JSONPatch{op: "test", path: "/data/a", value: "2"}]',
      PASSED,
    ],
    [
      'that do not apply',
      '[JSONPatch{op: "remove", path: "/data/z"}]',
      denial(
        "JSON Patch: error in remove for path: '/data/z': Unable to remove nonexistent key: z: missing value",
      ),
    ],
    ['of another type', 'Object{}', denial('must evaluate to list(JSONPatch) but got Object')],
    [
      'with an unknown field',
      '[JSONPatch{operation: "add"}]',
      compilation(
        '1:21: undefined field \'operation\'\n | [JSONPatch{operation: "add"}]\n | ....................^',
      ),
    ],
  ])('%s', async (_, expression, outcome) => {
    expect(await mutate(patch(expression))).toEqual(outcome);
  });

  it('that do not result in an object', async () => {
    const { refused } = await mutate(patch('[JSONPatch{op: "replace", path: "/data", value: 5}]'));
    expect(refused).toMatch(/^500 InternalError: Internal error occurred: /);
  });
});

describe('several', () => {
  it('mutations see the results of earlier ones', async () => {
    const spec = mutations(
      apply('Object{data: {"b": object.data.a + "x"}}'),
      patch('[JSONPatch{op: "add", path: "/data/c", value: object.data.b + "y"}]'),
    );
    expect(await run([policy(spec), binding()])).toEqual({ changes: { 'data.b': '1x', 'data.c': '1xy' } });
  });

  it('policies are applied by name', async () => {
    const objects = ['b', 'a'].flatMap((name) => [
      policy(
        mutations(
          apply(`Object{data: {"seen": (has(object.data.seen) ? object.data.seen : "") + "${name}"}}`),
        ),
        name,
      ),
      binding({}, name),
    ]);
    expect(await run(objects)).toEqual({ changes: { 'data.seen': 'ab' } });
  });

  it('continue after a failure, and all failures are reported', async () => {
    const spec = mutations(
      apply('Object{data: {"b": object.data.x}}'),
      apply('Object{data: {"c": "1"}}'),
      apply('Object{data: {"b": object.data.y}}'),
    );
    const { refused, causes, changes } = await run([policy(spec), binding()]);
    expect(refused).toMatch(/^403 Invalid: policy 'p' with binding 'p-b' denied request: .*no such key: x$/);
    expect(causes?.map(({ message }) => message?.slice(-1))).toEqual(['x', 'y']);
    expect(changes).toEqual({ 'data.c': '1' });
  });
});

describe('policies', () => {
  const set = mutations(apply('Object{data: {"b": "2"}}'));
  const changed = { changes: { 'data.b': '2' } };

  it('without binding have no effect', async () => {
    expect(await run([policy(set)])).toEqual(PASSED);
  });

  it('with ignored failures admit', async () => {
    const spec = { ...mutations(apply('Object{data: {"b": object.data.x}}')), failurePolicy: 'Ignore' };
    expect(await run([policy(spec), binding()])).toEqual(PASSED);
  });

  it('take parameters', async () => {
    const spec = {
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      ...mutations(apply('Object{data: {"b": string(params.data.value)}}')),
    };
    const params = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'x', namespace: 'ns' },
      data: { value: 'v' },
    };
    const bound = binding({ paramRef: { name: 'x', parameterNotFoundAction: 'Deny' } });
    expect(await run([policy(spec), bound, params])).toEqual({ changes: { 'data.b': 'v' } });
    expect(await run([policy(spec), bound])).toEqual(
      denial(
        'failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction',
        'Forbidden',
      ),
    );
  });

  it('have variables and match conditions', async () => {
    const spec = (wanted: string) => ({
      variables: [{ name: 'a', expression: 'object.data.a' }],
      matchConditions: [{ name: 'm', expression: `variables.a == "${wanted}"` }],
      ...set,
    });
    expect(await run([policy(spec('1')), binding()])).toEqual(changed);
    expect(await run([policy(spec('2')), binding()])).toEqual(PASSED);
  });

  it('with failing conditions deny', async () => {
    const spec = { matchConditions: [{ name: 'm', expression: 'object.data.x == ""' }], ...set };
    expect(await run([policy(spec), binding()])).toEqual(
      denial(`expression 'object.data.x == ""' resulted in error: no such key: x`),
    );
  });

  it('ignore deletions', async () => {
    expect(
      await run([policy(set), binding()], { object: undefined as never, oldObject: configMap() }),
    ).toEqual(PASSED);
  });

  it('see the version of their rules', async () => {
    const resourceRules = [
      {
        operations: ['*'],
        apiGroups: ['autoscaling'],
        apiVersions: ['v1'],
        resources: ['horizontalpodautoscalers'],
      },
    ];
    const spec = {
      matchConstraints: { resourceRules, matchPolicy: 'Equivalent' },
      ...mutations(apply('Object{spec: Object.spec{targetCPUUtilizationPercentage: 70}}')),
    };
    const object = {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'h', namespace: 'ns' },
      spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'd' } },
    };
    const target = { type: 'Utilization', averageUtilization: 70 };
    const { changes } = await run([policy(spec), binding()], { object });
    expect(changes['spec.metrics']).toEqual([{ type: 'Resource', resource: { name: 'cpu', target } }]);
  });
});

it('with reinvocation run again after others have changed the object', async () => {
  const counting = (name: string, reinvocationPolicy: string): Manifest[] => [
    policy(
      {
        reinvocationPolicy,
        ...mutations(
          apply(`Object{data: {"${name}": (has(object.data.${name}) ? object.data.${name} : "") + "x"}}`),
        ),
      },
      name,
    ),
    binding({}, name),
  ];
  const cluster = new TestCluster([
    namespace,
    ...counting('again', 'IfNeeded'),
    ...counting('once', 'Never'),
  ]);
  const attributes = testAttributes({ object: configMap({ start: '1' }) });
  const chain = admissionChain([mutatingAdmissionPolicy(testDependencies({ cluster }))]);
  await chain.admit(attributes, testRequestContext('ns'));
  expect(attributes.object).toMatchObject({ data: { again: 'xx', once: 'x' } });
});

it.each([
  ['IfNeeded', 'xx'],
  ['Never', 'x'],
])('a single policy with reinvocation %s makes %s', async (reinvocationPolicy, made) => {
  const adding = apply('Object{data: {"a": (has(object.data.a) ? object.data.a : "") + "x"}}');
  const cluster = new TestCluster([
    namespace,
    policy({ reinvocationPolicy, ...mutations(adding) }),
    binding(),
  ]);
  const attributes = testAttributes({ object: configMap({ start: '1' }) });
  const chain = admissionChain([mutatingAdmissionPolicy(testDependencies({ cluster }))]);
  await chain.admit(attributes, testRequestContext('ns'));
  expect(attributes.object).toMatchObject({ data: { a: made } });
});
