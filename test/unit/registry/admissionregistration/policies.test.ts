import { expect, test } from 'vitest';
import type { ValidatingAdmissionPolicy } from '../../../../shared/apis/admissionregistration/v1/types.ts';
import type { AuthorizerAttributes } from '../../../../shared/authz/authorizer.ts';
import type { KubeObject } from '../../../../shared/meta/kube-object.ts';
import { createMutatingAdmissionPolicyStrategy } from '../../../../shared/registry/admissionregistration/mutatingadmissionpolicy/strategy.ts';
import { createMutatingAdmissionPolicyBindingStrategy } from '../../../../shared/registry/admissionregistration/mutatingadmissionpolicybinding/strategy.ts';
import type { ParamAccessConfig } from '../../../../shared/registry/admissionregistration/param-access.ts';
import {
  createValidatingAdmissionPolicyStatusStrategy,
  createValidatingAdmissionPolicyStrategy,
} from '../../../../shared/registry/admissionregistration/validatingadmissionpolicy/strategy.ts';
import { createValidatingAdmissionPolicyBindingStrategy } from '../../../../shared/registry/admissionregistration/validatingadmissionpolicybinding/strategy.ts';
import type { RESTStrategy } from '../../../../shared/rest/strategy.ts';
import {
  createCauses,
  createOutcome,
  updateCauses,
  updateOutcome,
} from '../../../fixtures/strategy-causes.ts';

interface Asked {
  readonly config: ParamAccessConfig;
  readonly questions: AuthorizerAttributes[];
}

/** A server with these objects, whose authorizer always returns the same decision. */
function server(decision: 'Allow' | 'NoOpinion', objects: readonly KubeObject[] = []): Asked {
  const questions: AuthorizerAttributes[] = [];
  const lister = () => ({
    snapshot: async () => ({ resourceVersion: 1, items: objects }),
    get: async (_namespace: string, name: string) => objects.find(({ metadata }) => metadata.name === name),
    list: async () => objects,
  });
  const config = {
    authorizer: {
      authorize: async (attributes: AuthorizerAttributes) => {
        questions.push(attributes);
        return { decision, reason: '' };
      },
    },
    resources: { lister, client: undefined },
  };
  return { config: config as unknown as ParamAccessConfig, questions };
}

const { config: everything } = server('Allow');
const validating = createValidatingAdmissionPolicyStrategy(everything);
const mutating = createMutatingAdmissionPolicyStrategy(everything);

const MATCH = {
  resourceRules: [
    { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] },
  ],
};
const policy = (spec: object) => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name: 'policy.example.com' },
  spec: { matchConstraints: MATCH, validations: [{ expression: 'true' }], ...spec },
});
const validations = (...list: object[]) => policy({ validations: list });

const NAME_PART =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const DNS_1035 =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const AT_LEAST_ONE = 'Required value: validations or auditAnnotations must contain at least one item';

test.each<[string, ReturnType<typeof policy>, string[]]>([
  ['a valid policy', policy({}), []],
  [
    'all fields',
    policy({
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      failurePolicy: 'Ignore',
      matchConditions: [{ name: 'a', expression: "params.data.x == 'y'" }],
      variables: [
        { name: 'a', expression: 'object.data' },
        { name: 'b', expression: 'variables.a.size() > 1' },
      ],
      validations: [
        {
          expression: 'variables.b && authorizer.requestResource.check("get").allowed()',
          message: 'no',
          messageExpression: "'no ' + string(variables.b)",
          reason: 'Forbidden',
        },
      ],
      auditAnnotations: [{ key: 'k', valueExpression: "variables.b ? 'x' : null" }],
    }),
    [
      'spec.auditAnnotations[0].valueExpression: Invalid value: "variables.b ? \'x\' : null": compilation failed',
    ],
  ],
  [
    'nothing',
    policy({ matchConstraints: undefined, validations: [] }),
    [
      'spec.matchConstraints: Required value',
      `spec.validations: ${AT_LEAST_ONE}`,
      `spec.auditAnnotations: ${AT_LEAST_ONE}`,
    ],
  ],
  [
    'invalid values',
    policy({
      failurePolicy: 'Hope',
      paramKind: { apiVersion: 'Example.com/V1', kind: '1' },
      matchConstraints: {
        matchPolicy: 'Roughly',
        excludeResourceRules: [{ ...MATCH.resourceRules[0], resourceNames: ['a', 'a', 'b/c'] }],
      },
    }),
    [
      'spec.failurePolicy: Unsupported value: "Hope": supported values: "Fail", "Ignore"',
      "spec.paramKind.apiVersion: Invalid value: \"Example.com\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      `spec.paramKind.apiVersion: Invalid value: "V1": ${DNS_1035}`,
      `spec.paramKind.kind: Invalid value: "1": may have mixed case, but should otherwise match: ${DNS_1035}`,
      'spec.matchConstraints.matchPolicy: Unsupported value: "Roughly": supported values: "Equivalent", "Exact"',
      'spec.matchConstraints.excludeResourceRules[0].resourceNames[1]: Duplicate value: "a"',
      'spec.matchConstraints.excludeResourceRules[0].resourceNames[2]: Invalid value: "b/c": may not contain \'/\'',
      'spec.matchConstraints.resourceRules: Required value',
    ],
  ],
  [
    'kinds of parameters without versions',
    policy({ paramKind: { apiVersion: 'a/b/c', kind: '' } }),
    [
      'spec.paramKind.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
      'spec.paramKind.kind: Required value',
    ],
  ],
  [
    'expressions',
    validations(
      { expression: ' ' },
      { expression: 'object.x ==' },
      { expression: "'text'" },
      { expression: 'params.x' },
      { expression: 'true', messageExpression: ' ', message: ' ' },
      { expression: 'true', messageExpression: '1', message: 'a\nb', reason: 'Odd' },
      { expression: 'true', messageExpression: 'string(authorizer.path("/x").check("get").allowed())' },
      { expression: 'variables.x' },
    ),
    [
      'spec.validations[0].expression: Required value: expression is not specified',
      'spec.validations[1].expression: Invalid value: "object.x ==": compilation failed',
      'spec.validations[2].expression: Invalid value: "\'text\'": must evaluate to bool but got string',
      'spec.validations[3].expression: Invalid value: "params.x": compilation failed',
      'spec.validations[4].messageExpression: Invalid value: " ": must be non-empty if specified',
      'spec.validations[4].message: Invalid value: " ": must be non-empty if specified',
      'spec.validations[5].messageExpression: Invalid value: "1": must evaluate to string but got int',
      'spec.validations[5].message: Invalid value: "a\\nb": must not contain line breaks',
      'spec.validations[5].reason: Unsupported value: "Odd": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
      'spec.validations[6].messageExpression: Invalid value: "string(authorizer.path(\\"/x\\").check(\\"get\\").allowed())": compilation failed',
      'spec.validations[7].expression: Invalid value: "variables.x": compilation failed',
    ],
  ],
  [
    'variables',
    policy({
      variables: [
        { name: '', expression: '' },
        { name: 'in', expression: '1' },
        { name: 'a', expression: 'variables.b' },
        { name: 'b', expression: '1' },
        { name: 'c', expression: 'variables.b + 1' },
      ],
      validations: [{ expression: 'variables.c' }, { expression: 'variables.a' }],
    }),
    [
      'spec.variables[0].name: Required value: name is not specified',
      'spec.variables[0].expression: Required value: expression is not specified',
      'spec.variables[1].name: Invalid value: "in": must be a valid CEL identifier',
      'spec.variables[2].expression: Invalid value: "variables.b": compilation failed',
      'spec.validations[0].expression: Invalid value: "variables.c": must evaluate to bool but got int',
      'spec.validations[1].expression: Invalid value: "variables.a": must evaluate to bool but got dyn',
    ],
  ],
  [
    'audit annotations',
    policy({
      auditAnnotations: [
        { key: 'a', valueExpression: ' ' },
        { key: 'a', valueExpression: `'${'x'.repeat(5 * 1024)}'` },
        { key: '?', valueExpression: ' 1 ' },
      ],
    }),
    [
      'spec.auditAnnotations[0].valueExpression: Required value: valueExpression is not specified',
      'spec.auditAnnotations[1].valueExpression: Required value: must not exceed 5120 bytes in length',
      'spec.auditAnnotations[1].key: Duplicate value: "a"',
      `spec.auditAnnotations[2].key: Invalid value: "policy.example.com/?": ${NAME_PART}`,
      'spec.auditAnnotations[2].valueExpression: Invalid value: " 1 ": must evaluate to one of [string null_type] but got int',
    ],
  ],
])('validating policy: %s', async (_, object, causes) => {
  const found = await createCauses(validating, object);
  // The compiler's message is covered by its own tests.
  expect(found.map((cause) => cause.replace(/compilation failed: .*$/s, 'compilation failed'))).toEqual(
    causes,
  );
});

test('unchanged match conditions are not compiled again', async () => {
  const from = policy({ matchConditions: [{ name: 'a', expression: 'nonsense' }] });
  const to = { ...from, spec: { ...from.spec, failurePolicy: 'Ignore' } };
  const { causes, object } = await updateOutcome<ValidatingAdmissionPolicy>(validating, { from, to });
  expect(causes).toEqual([]);
  expect(object.metadata.generation).toBe(2);
});

test("a policy's status", async () => {
  const status = {
    typeChecking: {
      expressionWarnings: [
        { fieldRef: 'spec.validations[0].expression', warning: '' },
        { fieldRef: ' ', warning: 'w' },
        { fieldRef: 'spec[', warning: 'w' },
      ],
    },
  };
  const update = { from: policy({}), to: { ...policy({}), status } };
  const strategy = createValidatingAdmissionPolicyStatusStrategy(everything);
  expect(await updateCauses(strategy, update)).toEqual([
    'status.typeChecking.expressionWarnings[0].warning: Required value',
    'status.typeChecking.expressionWarnings[1].fieldRef: Required value',
    'status.typeChecking.expressionWarnings[2].fieldRef: Invalid value: "spec[": invalid JSONPath: unterminated array',
  ]);
  expect((await updateOutcome<ValidatingAdmissionPolicy>(validating, update)).object.status).toEqual({});
});

const mutatingPolicy = (spec: object) => ({
  ...policy({}),
  kind: 'MutatingAdmissionPolicy',
  spec: {
    matchConstraints: MATCH,
    reinvocationPolicy: 'Never',
    mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{}' } }],
    ...spec,
  },
});

test.each<[string, ReturnType<typeof mutatingPolicy>, string[]]>([
  ['a valid policy', mutatingPolicy({}), []],
  [
    'nothing',
    mutatingPolicy({ matchConstraints: undefined, mutations: [], reinvocationPolicy: undefined }),
    [
      'spec.matchConstraints: Required value',
      'spec.mutations: Required value: mutations must contain at least one item',
      'spec.reinvocationPolicy: Required value',
    ],
  ],
  [
    'invalid mutations',
    mutatingPolicy({
      matchConstraints: {
        resourceRules: [{ ...MATCH.resourceRules[0], operations: ['CREATE', 'DELETE'] }],
      },
      reinvocationPolicy: 'Always',
      mutations: [
        { patchType: '' },
        { patchType: 'Merge' },
        { patchType: 'JSONPatch', applyConfiguration: { expression: 'Object{}' } },
        { patchType: 'ApplyConfiguration', applyConfiguration: { expression: ' ' }, jsonPatch: {} },
      ],
    }),
    [
      'spec.matchConstraints.resourceRules.operations: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"',
      'spec.mutations[0].patchType: Required value',
      'spec.mutations[1].patchType: Unsupported value: "Merge": supported values: "ApplyConfiguration", "JSONPatch"',
      'spec.mutations[2].jsonPatch: Required value: must be specified when patchType is JSONPatch',
      'spec.mutations[2].applyConfiguration: Invalid value: "{applyConfiguration}": must not be specified when patchType is JSONPatch',
      'spec.mutations[3].applyConfiguration.expression: Required value',
      'spec.mutations[3].jsonPatch: Invalid value: "{jsonPatch}": must not be specified when patchType is ApplyConfiguration',
      'spec.reinvocationPolicy: Unsupported value: "Always": supported values: "IfNeeded", "Never"',
    ],
  ],
])('mutating policy: %s', async (_, object, causes) => {
  expect(await createCauses(mutating, object)).toEqual(causes);
});

const mutations = (...list: object[]) =>
  mutatingPolicy({ variables: [{ name: 'size', expression: '1' }], mutations: list });
const apply = (expression: string) => ({
  patchType: 'ApplyConfiguration',
  applyConfiguration: { expression },
});
const patch = (expression: string) => ({ patchType: 'JSONPatch', jsonPatch: { expression } });

test.each<[string, object[], string[]]>([
  [
    'valid mutations',
    [
      apply('Object{spec: Object.spec{replicas: variables.size}}'),
      patch('[JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("a/b"), value: "c"}]'),
    ],
    [],
  ],
  [
    'of another type',
    [apply('1'), patch('Object{}'), apply('object.x ==')],
    [
      'spec.mutations[0].applyConfiguration.expression: Invalid value: "1": must evaluate to Object but got int',
      'spec.mutations[1].jsonPatch.expression: Invalid value: "Object{}": must evaluate to list(JSONPatch) but got Object',
      'spec.mutations[2].applyConfiguration.expression: Invalid value: "object.x ==": compilation failed',
    ],
  ],
])('mutations: %s', async (_, list, causes) => {
  const found = await createCauses(mutating, mutations(...list));
  expect(found.map((cause) => cause.replace(/compilation failed: .*$/s, 'compilation failed'))).toEqual(
    causes,
  );
});

const binding = (kind: string, spec: object) => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind,
  spec: { policyName: 'policy.example.com', ...spec },
});
const validatingBinding = (spec: object) =>
  binding('ValidatingAdmissionPolicyBinding', { validationActions: ['Deny'], ...spec });
const bindings = createValidatingAdmissionPolicyBindingStrategy(everything);

test.each<[string, ReturnType<typeof binding>, string[]]>([
  ['a valid binding', validatingBinding({}), []],
  [
    'with parameters',
    validatingBinding({ paramRef: { name: 'p', namespace: 'n', parameterNotFoundAction: 'Deny' } }),
    [],
  ],
  [
    'invalid values',
    validatingBinding({
      policyName: '',
      paramRef: { name: 'a/b', selector: {}, parameterNotFoundAction: 'Ask' },
      validationActions: ['Deny', 'Warn', 'Deny', 'Ask'],
    }),
    [
      'spec.paramRef.name: Invalid value: "a/b": may not contain \'/\'',
      'spec.paramRef.name: Forbidden: name and selector are mutually exclusive',
      'spec.paramRef.selector: Forbidden: name and selector are mutually exclusive',
      'spec.paramRef.parameterNotFoundAction: Unsupported value: "Ask": supported values: "Deny", "Allow"',
      'spec.validationActions[2]: Duplicate value: "Deny"',
      'spec.validationActions[3]: Unsupported value: "Ask": supported values: "Audit", "Deny", "Warn"',
      'spec.validationActions: Invalid value: ["Deny","Warn","Deny","Ask"]: must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
      'spec.policyName: Required value',
    ],
  ],
  [
    'nothing',
    validatingBinding({ paramRef: {}, validationActions: [] }),
    [
      'spec.paramRef: Required value: one of name or selector must be specified',
      'spec.paramRef.parameterNotFoundAction: Required value',
      'spec.validationActions: Required value',
    ],
  ],
])('validating binding: %s', async (_, object, causes) => {
  expect(await createCauses(bindings, object)).toEqual(causes);
});

test("a mutating binding can't match DELETE", async () => {
  const strategy = createMutatingAdmissionPolicyBindingStrategy(everything);
  const object = binding('MutatingAdmissionPolicyBinding', {
    matchResources: { resourceRules: [{ ...MATCH.resourceRules[0], operations: ['DELETE'] }] },
  });
  expect(await createCauses(strategy, object)).toEqual([
    'spec.matchResources.resourceRules.operations: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"',
  ]);
});

const BOB = { user: { name: 'bob', uid: '7', groups: ['a', 'b'], extra: { scope: ['x'] } } };
const SHOWN = '&{bob 7 [a b] map[scope:[x]]}';
const causesFor = async <T extends KubeObject>(
  strategy: RESTStrategy<T>,
  object: ReturnType<typeof policy>,
) => (await createOutcome(strategy, object, BOB)).causes;

const definition = {
  metadata: { name: 'limits.example.com' },
  spec: {
    group: 'example.com',
    names: { kind: 'Limit', plural: 'limits' },
    versions: [{ name: 'v1', served: true }],
  },
};

test.each<[object, object]>([
  [
    { apiVersion: 'v1', kind: 'ConfigMap' },
    { apiGroup: '', apiVersion: 'v1', resource: 'configmaps' },
  ],
  [
    { apiVersion: 'example.com/v1', kind: 'Limit' },
    { apiGroup: 'example.com', apiVersion: 'v1', resource: 'limits' },
  ],
  [
    { apiVersion: 'example.com/v2', kind: 'Limit' },
    { apiGroup: 'example.com', apiVersion: 'v2', resource: '*' },
  ],
])('the author of a policy must be able to read its parameters: %j', async (paramKind, target) => {
  const { config, questions } = server('NoOpinion', [definition]);
  const { kind, apiVersion } = paramKind as { kind: string; apiVersion: string };
  const causes = await causesFor(createValidatingAdmissionPolicyStrategy(config), policy({ paramKind }));
  expect(causes).toEqual([
    `spec.paramKind: Forbidden: user ${SHOWN} must have "get" permission on all objects of the referenced paramKind (kind=${kind}, apiVersion=${apiVersion})`,
  ]);
  expect(questions).toEqual([
    expect.objectContaining({ verb: 'get', name: '*', namespace: '*', user: BOB.user, ...target }),
  ]);
});

test('unchanged parameters need no permission, nor do administrators', async () => {
  const { config, questions } = server('NoOpinion');
  const strategy = createMutatingAdmissionPolicyStrategy(config);
  const object = mutatingPolicy({ paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } });
  expect((await updateOutcome(strategy, { from: object, to: object }, BOB)).causes).toEqual([]);
  const admin = { user: { ...BOB.user, groups: ['system:masters'] } };
  expect((await createOutcome(strategy, object, admin)).causes).toEqual([]);
  expect(questions).toEqual([]);
});

const withParams = (paramKind?: object) => ({
  metadata: { name: 'policy.example.com' },
  spec: { paramKind },
});
const paramRef = { name: 'p', namespace: 'n', parameterNotFoundAction: 'Deny' };
const FOR_ALL = `to determine minimum required permissions and user ${SHOWN} does not have "get" permission for all groups, versions and resources`;

test.each<[string, KubeObject[], object, string]>(
  [
    ['no policy', [], paramRef, `unable to get policy policy.example.com ${FOR_ALL}`],
    [
      'a policy for parameters',
      [withParams({ apiVersion: 'v1', kind: 'ConfigMap' })],
      paramRef,
      `user ${SHOWN} does not have "get" permission on the object referenced by paramRef`,
    ],
    [
      'parameters by label',
      [withParams({ apiVersion: 'v1', kind: 'ConfigMap' })],
      { selector: {}, parameterNotFoundAction: 'Deny' },
      `user ${SHOWN} does not have "list" permission on the object referenced by paramRef`,
    ],
    [
      'parameters that nothing serves',
      [withParams({ apiVersion: 'example.com/v1', kind: 'Limit' })],
      paramRef,
      `unable to resolve paramKind &{example.com/v1 Limit} ${FOR_ALL}`,
    ],
  ].map(([name, objects, ref, why]) => [name, objects, ref, why] as [string, KubeObject[], object, string]),
)('the author of a binding must be able to read its parameters: %s', async (_, objects, reference, why) => {
  const { config } = server('NoOpinion', objects);
  const strategy = createValidatingAdmissionPolicyBindingStrategy({
    ...config,
    resources: {
      ...config.resources,
      lister: ((resource: { resource: string }) => {
        const served = resource.resource === 'customresourcedefinitions' ? [] : objects;
        return server('Allow', served).config.resources.lister({ group: '', resource: '' });
      }) as never,
    },
  });
  const object = validatingBinding({ paramRef: reference });
  expect((await createOutcome(strategy, object, BOB)).causes).toEqual([`spec.paramRef: Forbidden: ${why}`]);
});
