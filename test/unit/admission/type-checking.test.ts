import { describe, expect, it } from 'vitest';
import { typeCheck } from '../../../shared/admission/policy/type-checking.ts';
import { newStructural } from '../../../shared/apiextensions/schema/structural.ts';
import { typeSchemaOf } from '../../../shared/apiextensions/schema/type-schema.ts';
import type {
  ExpressionWarning,
  ValidatingAdmissionPolicy,
} from '../../../shared/apis/admissionregistration/v1/types.ts';
import type { GroupVersionResource } from '../../../shared/runtime/group-version.ts';
import { internalObject, scheme } from '../../fixtures/internal-object.ts';

/** Kinds of resources, as in discovery. */
const KINDS: Readonly<Record<string, string>> = {
  deployments: 'Deployment',
  replicasets: 'ReplicaSet',
  pods: 'Pod',
  configmaps: 'ConfigMap',
  validatingadmissionpolicies: 'ValidatingAdmissionPolicy',
  customresourcedefinitions: 'CustomResourceDefinition',
  ...Object.fromEntries([...'abcdefghijkl'].map((letter) => [`${letter}s`, 'Widget'])),
};
const objectMeta = scheme.schema({ group: '', version: 'v1', kind: 'Pod' });
if (objectMeta.kind !== 'struct') throw new Error('no struct');
const widget = typeSchemaOf(
  'Widget',
  newStructural({
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        properties: {
          size: { type: 'integer' },
          'a-b': { type: 'string' },
          namespace: { type: 'string' },
          free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          port: { 'x-kubernetes-int-or-string': true },
        },
      },
    },
  }),
  { objectMeta: objectMeta.fields.get('metadata')!.schema },
);

const dependencies = {
  kindOf: async ({ group, version, resource }: GroupVersionResource) =>
    Object.hasOwn(KINDS, resource) ? { group, version, kind: KINDS[resource]! } : undefined,
  schemaOf: async (kind: { group: string; version: string; kind: string }) =>
    kind.kind === 'Widget' ? widget : scheme.recognizes(kind) ? scheme.schema(kind) : undefined,
};

const rule = (resources: string[], apiGroups = ['apps'], apiVersions = ['v1']) => ({
  apiGroups,
  apiVersions,
  resources,
  operations: ['*'],
});
const check = (spec: object): Promise<ExpressionWarning[]> =>
  typeCheck(
    internalObject<ValidatingAdmissionPolicy>({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: 'p' },
      spec,
    }),
    dependencies,
  );
/** Warnings for a single expression. */
const warningsOf = (expression: string, spec: object = {}, rules = [rule(['deployments'])]) =>
  check({ matchConstraints: { resourceRules: rules }, validations: [{ expression }], ...spec });
const FIRST = 'spec.validations[0].expression';
const DEPLOYMENT = 'apps/v1, Kind=Deployment';

/** An issue formatted for a terminal. */
const issue = (source: string, column: number, message: string, kind = DEPLOYMENT) =>
  `${kind}: ERROR: <input>:1:${column}: ${message}\n | ${source}\n | ${'.'.repeat(column - 1)}^\n`;

describe('valid expressions', () => {
  it.each([
    "object.metadata.name == 'x' && has(oldObject.spec)",
    'object.spec.replicas > 1',
    "object.spec.template.spec.containers.all(c, c.image.startsWith('a') && c.ports.exists(p, p.containerPort == 1))",
    "object.metadata.labels['a'] == 'b' && object.metadata.__namespace__ == object.metadata.namespace",
    "object.metadata.creationTimestamp > timestamp('2020-01-01T00:00:00Z')",
    "object.spec.template.spec.containers.all(c, quantity(c.resources.limits['cpu']).isLessThan(quantity('1')))",
    'type(object.spec.strategy.rollingUpdate.maxSurge) == int',
    "authorizer.group('').resource('endpoints').check('create').allowed()",
    "request.operation == 'CREATE' && namespaceObject.metadata.name == 'x'",
    '"any type will do"',
  ])('%s', async (expression) => {
    expect(await warningsOf(expression)).toEqual([]);
  });

  it('types that contain themselves', async () => {
    const rules = [rule(['customresourcedefinitions'], ['apiextensions.k8s.io'])];
    const deep = 'object.spec.versions[0].schema.openAPIV3Schema.properties["a"].properties["b"].type == "x"';
    expect(await warningsOf(deep, {}, rules)).toEqual([]);
    const [warning] = await warningsOf(deep.replace('.type', '.tipe'), {}, rules);
    expect(warning?.warning).toContain("undefined field 'tipe'");
  });

  it.each([
    'object.spec.size > 1 && object.spec.a__dash__b == "x" && object.spec.namespace == "y"',
    'object.spec.port == 1 || object.spec.port == "http"',
    'has(object.spec.free) && object.metadata.name == "x"',
  ])('a custom resource: %s', async (expression) => {
    expect(await warningsOf(expression, {}, [rule(['as'], ['example.com'])])).toEqual([]);
  });
});

describe('type errors', () => {
  it.each<[string, number, string]>([
    ["object.foo == 'bar'", 7, "undefined field 'foo'"],
    ["object.spec.replicas == 'x'", 22, "found no matching overload for '_==_' applied to '(int, string)'"],
    ['oldObject.spec.template.spek != null', 24, "undefined field 'spek'"],
    [
      'authorizer.allowed()',
      19,
      "found no matching overload for 'allowed' applied to 'kubernetes.authorization.Authorizer.()'",
    ],
    ['params.x == 1', 1, "undeclared reference to 'params' (in container '')"],
    ['object.spec.', 13, "Syntax error: no viable alternative at input '.'"],
  ])('%s', async (expression, column, message) => {
    expect(await warningsOf(expression)).toEqual([
      { fieldRef: FIRST, warning: issue(expression, column, message) },
    ]);
  });

  it('each kind is reported by group, version and name', async () => {
    const rules = [rule(['replicasets', 'deployments']), rule(['pods'], [''])];
    const expression = 'object.replicas > 1';
    const message = "undefined field 'replicas'";
    expect(await warningsOf(expression, {}, rules)).toEqual([
      {
        fieldRef: FIRST,
        warning: [
          issue(expression, 7, message, '/v1, Kind=Pod'),
          issue(expression, 7, message),
          issue(expression, 7, message, 'apps/v1, Kind=ReplicaSet'),
        ].join('\n'),
      },
    ]);
  });

  it('every expression and its message', async () => {
    const warnings = await check({
      matchConstraints: { resourceRules: [rule(['deployments'])] },
      validations: [
        { expression: 'object.spec.replicas > 0', messageExpression: 'object.spec.replicas + 1.0' },
        { expression: 'object.bar' },
      ],
    });
    expect(warnings.map(({ fieldRef }) => fieldRef)).toEqual([
      'spec.validations[0].messageExpression',
      'spec.validations[1].expression',
    ]);
  });
});

describe('parameters and variables', () => {
  const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' };
  it.each<[string, object, string | undefined]>([
    ["params.data['a'] == 'x'", { paramKind }, undefined],
    ['params.dat == 1', { paramKind }, "undefined field 'dat'"],
    ['params.anything == 1', { paramKind: { ...paramKind, kind: 'Unknown' } }, undefined],
    ['variables.n > 1', { variables: [{ name: 'n', expression: 'object.spec.replicas' }] }, undefined],
    [
      "variables.n > 'x'",
      { variables: [{ name: 'n', expression: 'object.spec.replicas' }] },
      "found no matching overload for '_>_' applied to '(int, string)'",
    ],
    ['variables.m > 1', { variables: [{ name: 'n', expression: '1' }] }, "undefined field 'm'"],
    ['variables.n > 1', { variables: [{ name: 'n', expression: 'object.nothing' }] }, undefined],
  ])('%s %j', async (expression, spec, message) => {
    const warnings = await warningsOf(expression, spec);
    if (message === undefined) expect(warnings).toEqual([]);
    else expect(warnings).toEqual([{ fieldRef: FIRST, warning: expect.stringContaining(message) }]);
  });

  it('objects and parameters of one kind', async () => {
    const rules = [rule(['configmaps'], [''])];
    expect(await warningsOf('object.data == params.data', { paramKind }, rules)).toEqual([]);
  });
});

describe('limits of type checking', () => {
  const bad = 'object.foo';
  it.each<[string, object[]]>([
    ['all groups', [rule(['deployments'], ['*'])]],
    ['all versions', [rule(['deployments'], ['apps'], ['v1', '*'])]],
    ['all resources', [rule(['*', 'deployments/scale', '*/*'])]],
    ['an unknown resource', [rule(['nothings'])]],
    ['a kind without a known type', [rule(['deployments'], ['nobody.example.com'])]],
    ['nothing matched', []],
  ])('nothing is reported for %s', async (_, resourceRules) => {
    expect(await check({ matchConstraints: { resourceRules }, validations: [{ expression: bad }] })).toEqual(
      [],
    );
  });

  it('at most ten kinds are checked', async () => {
    const versions = [...'123456789'].map((digit) => `v${digit}`);
    const rules = [rule(['as', 'bs'], ['example.com'], versions), rule(['deployments'])];
    const [warning] = await warningsOf(bad, {}, rules);
    expect(warning?.warning.match(/^\S+, Kind=\w+/gm)).toEqual(
      versions.slice(0, 5).map((version) => `example.com/${version}, Kind=Widget`),
    );
  });
});
