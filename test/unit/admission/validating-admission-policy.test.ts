import { describe, expect, it } from 'vitest';
import { validatingAdmissionPolicy } from '../../../shared/admission/plugins/validating-admission-policy.ts';
import {
  type AdmissionCase,
  type AdmissionOutcome,
  PASSED,
  runPlugin,
  TestCluster,
  testDependencies,
} from '../../fixtures/admission.ts';
import type { Manifest } from '../../fixtures/internal-object.ts';

const EVERYTHING = {
  resourceRules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] }],
};
const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ns', labels: { tier: 'prod' } } };
const configMap = (data: object = {}, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'cm', namespace: 'ns', ...metadata },
  data,
});
const policy = (spec: object, name = 'p'): Manifest => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name },
  spec: { matchConstraints: EVERYTHING, ...spec },
});
const binding = (spec: object = {}, name = 'b', policyName = 'p'): Manifest => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  metadata: { name },
  spec: { policyName, validationActions: ['Deny'], ...spec },
});
const limits = (name: string, max: string, labels: object = {}, ns = 'ns') => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: ns, labels },
  data: { max },
});
const PARAM_KIND = { apiVersion: 'v1', kind: 'ConfigMap' };

const run = (objects: readonly Manifest[], request: AdmissionCase = {}): Promise<AdmissionOutcome> =>
  runPlugin(validatingAdmissionPolicy, {
    object: configMap({ a: '1' }),
    ...request,
    cluster: [namespace, ...objects],
  });
const validate = (expression: string, more: object = {}) => ({ validations: [{ expression, ...more }] });

function denial(message: string, { by = "'p' with binding 'b'", code = 422, reason = 'Invalid' } = {}) {
  const text = `ValidatingAdmissionPolicy ${by} denied request: ${message}`;
  return {
    changes: {},
    refused: `${code} ${reason}: configmaps "cm" is forbidden: ${text}`,
    causes: [{ message: text }],
  };
}

describe('the input of an expression', () => {
  const table: [string, string, AdmissionCase?][] = [
    ['the object', 'object.data.a == "1" && object.kind == "ConfigMap" && object.apiVersion == "v1"'],
    ['no old object', 'oldObject == null'],
    ['both objects', 'oldObject.data.a == "0" && object.data.a == "1"', { oldObject: configMap({ a: '0' }) }],
    [
      'no object at deletion',
      'object == null && oldObject.data.a == "0"',
      { object: undefined as never, oldObject: configMap({ a: '0' }) },
    ],
    [
      'the request',
      'request.operation == "CREATE" && request.name == "cm" && request.namespace == "ns" && request.kind.kind == "ConfigMap" && request.resource.resource == "configmaps" && !request.dryRun && request.userInfo.username == "bob" && "devs" in request.userInfo.groups && !has(request.subResource)',
    ],
    ['the options', 'request.options.kind == "CreateOptions"'],
    [
      'the namespace',
      'namespaceObject.metadata.labels.tier == "prod" && namespaceObject.metadata.name == "ns"',
    ],
    [
      'no namespace for a namespace',
      'namespaceObject == null && object.metadata.name == "ns"',
      { object: namespace, namespace: 'ns' },
    ],
    ['no params', 'params == null', {}],
    [
      'the authorizer',
      'authorizer.group("apps").resource("deployments").namespace("x").check("create").allowed() && !authorizer.requestResource.check("delete").allowed()',
      {
        authorize: ({ verb, apiGroup, resource, namespace: ns }) =>
          `${verb} ${apiGroup} ${resource} ${ns}` === 'create apps deployments x',
      },
    ],
    [
      'the authorizer of paths',
      'authorizer.path("/healthz").check("get").allowed()',
      { authorize: ({ verb, path }) => `${verb} ${path}` === 'get /healthz' },
    ],
    [
      'another account',
      'authorizer.serviceAccount("ns", "default").group("").resource("pods").check("list").allowed()',
      { authorize: ({ user }) => user.name === 'system:serviceaccount:ns:default' },
    ],
  ];
  it.each(table)('%s', async (_, expression, request) => {
    const spec = {
      ...validate(expression),
      ...(expression.startsWith('params') && { paramKind: PARAM_KIND }),
    };
    expect(await run([policy(spec), binding()], request)).toEqual(PASSED);
  });

  it("the version of the policy's rules", async () => {
    const autoscaler = {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'h', namespace: 'ns' },
      spec: {
        maxReplicas: 3,
        scaleTargetRef: { kind: 'Deployment', name: 'd' },
        metrics: [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } },
          },
        ],
      },
    };
    const resourceRules = [
      {
        operations: ['CREATE'],
        apiGroups: ['autoscaling'],
        apiVersions: ['v1'],
        resources: ['horizontalpodautoscalers'],
      },
    ];
    const spec = {
      matchConstraints: { resourceRules, matchPolicy: 'Equivalent' },
      ...validate(
        'object.spec.targetCPUUtilizationPercentage == 70 && request.kind.version == "v1" && request.requestKind.version == "v2"',
      ),
    };
    expect(await run([policy(spec), binding()], { object: autoscaler })).toEqual(PASSED);
    const exact = {
      ...spec,
      matchConstraints: { resourceRules, matchPolicy: 'Exact' },
      ...validate('false'),
    };
    expect(await run([policy(exact), binding()], { object: autoscaler })).toEqual(PASSED);
  });
});

describe('the outcome', () => {
  const no = 'object.data.a == "2"';
  it.each<[string, object, AdmissionOutcome]>([
    ['the default message', validate(` ${no} `), denial(`failed expression: ${no}`)],
    ['a message', validate(no, { message: ' wrong ' }), denial('wrong')],
    [
      'a reason',
      validate(no, { message: 'wrong', reason: 'Forbidden' }),
      denial('wrong', { code: 403, reason: 'Forbidden' }),
    ],
    [
      'a size',
      validate(no, { message: 'big', reason: 'RequestEntityTooLarge' }),
      denial('big', { code: 413, reason: 'RequestEntityTooLarge' }),
    ],
    [
      'a message expression',
      validate(no, { message: 'unused', messageExpression: '"a is " + object.data.a' }),
      denial('a is 1'),
    ],
    [
      'an empty message expression',
      validate(no, { message: 'used', messageExpression: '" "' }),
      denial('used'),
    ],
    [
      'a message expression with two lines',
      validate(no, { message: 'used', messageExpression: '"a\\nb"' }),
      denial('used'),
    ],
    [
      'a failing message expression',
      validate(no, { message: 'used', messageExpression: 'object.data.b' }),
      denial('used'),
    ],
    [
      'a too long message',
      validate(no, { message: 'used', messageExpression: `"${'x'.repeat(5121)}"` }),
      denial('used'),
    ],
    [
      'the first of several failures',
      {
        validations: [
          { expression: 'true' },
          { expression: no, message: 'one' },
          { expression: no, message: 'two' },
        ],
      },
      denial('one'),
    ],
  ])('%s', async (_, spec, outcome) => {
    expect(await run([policy(spec), binding()])).toEqual(outcome);
  });
});

describe('failures', () => {
  const deep = 'object.data.b == "1"';
  it.each<[string, object, string]>([
    ['an error', validate(deep), `expression '${deep}' resulted in error: no such key: b`],
    [
      'an invalid expression',
      validate('object.'),
      "compilation error: compilation failed: ERROR: <input>:1:8: Syntax error: no viable alternative at input '.'\n | object.\n | .......^",
    ],
    [
      'an expression of another type',
      validate('"x"'),
      'compilation error: must evaluate to bool but got string',
    ],
    [
      'an expression that exceeds its cost limit',
      validate(
        '[0,1,2,3,4,5,6,7,8,9].all(a, [0,1,2,3,4,5,6,7,8,9].all(b, [0,1,2,3,4,5,6,7,8,9].all(c, [0,1,2,3,4,5,6,7,8,9].all(d, [0,1,2,3,4,5,6,7,8,9].all(e, [0,1,2,3,4,5,6,7,8,9].all(f, true))))))',
      ),
      "expression '[0,1,2,3,4,5,6,7,8,9].all(a, [0,1,2,3,4,5,6,7,8,9].all(b, [0,1,2,3,4,5,6,7,8,9].all(c, [0,1,2,3,4,5,6,7,8,9].all(d, [0,1,2,3,4,5,6,7,8,9].all(e, [0,1,2,3,4,5,6,7,8,9].all(f, true))))))' resulted in error: operation cancelled: actual cost limit exceeded",
    ],
  ])('%s', async (_, spec, message) => {
    expect(await run([policy(spec), binding()])).toEqual(denial(message));
    expect(await run([policy({ ...spec, failurePolicy: 'Ignore' }), binding()])).toEqual(PASSED);
  });

  it('expressions that use up the budget together', async () => {
    const expression = `${JSON.stringify(Array.from({ length: 60 }, (_, index) => index))}.all(a, [0,1,2,3,4,5,6,7,8,9].all(b, [0,1,2,3,4,5,6,7,8,9].all(c, [0,1,2,3,4,5,6,7,8,9].all(d, true))))`;
    const spec = { validations: Array.from({ length: 60 }, () => ({ expression })) };
    expect(await run([policy(spec), binding()])).toEqual(
      denial('validation failed due to running out of cost budget, no further validation rules will be run'),
    );
  });

  it('an invalid selector', async () => {
    const matchConstraints = {
      ...EVERYTHING,
      objectSelector: { matchExpressions: [{ key: 'a', operator: 'Is' }] },
    };
    expect(await run([policy({ ...validate('true'), matchConstraints }), binding()])).toEqual(
      denial(
        'failed to configure policy: Internal error occurred: "Is" is not a valid label selector operator',
        { by: "'p'" },
      ),
    );
  });
});

describe('variables', () => {
  const variables = [
    { name: 'data', expression: 'object.data' },
    { name: 'size', expression: 'size(variables.data)' },
    { name: 'broken', expression: 'variables.data.nothing' },
    { name: 'wrong', expression: 'variables.later' },
  ];
  it.each<[string, string, AdmissionOutcome]>([
    ['use earlier ones', 'variables.size == 1', PASSED],
    [
      'are typed',
      'variables.size.startsWith("x")',
      denial(
        "compilation error: compilation failed: ERROR: <input>:1:26: found no matching overload for 'startsWith' applied to 'int.(string)'\n | variables.size.startsWith(\"x\")\n | .........................^",
      ),
    ],
    [
      'fail when they are used',
      'variables.broken == "x"',
      denial(
        `expression 'variables.broken == "x"' resulted in error: composited variable "broken" fails to evaluate: no such key: nothing`,
      ),
    ],
    ["don't fail when they are unused", 'variables.size == 1 || variables.broken == "x"', PASSED],
    [
      "fail if they don't compile",
      'variables.wrong',
      denial(
        `expression 'variables.wrong' resulted in error: composited variable "wrong" fails to compile: compilation failed: ERROR: <input>:1:10: undefined field 'later'\n | variables.later\n | .........^`,
      ),
    ],
    [
      'must be there',
      'variables.none == 1',
      denial(
        "compilation error: compilation failed: ERROR: <input>:1:10: undefined field 'none'\n | variables.none == 1\n | .........^",
      ),
    ],
  ])('%s', async (_, expression, outcome) => {
    const spec = {
      variables,
      ...validate(expression === 'variables.wrong' ? 'variables.wrong == true' : expression),
    };
    const expected = JSON.parse(
      JSON.stringify(outcome).replaceAll(
        "expression 'variables.wrong'",
        "expression 'variables.wrong == true'",
      ),
    );
    expect(await run([policy(spec), binding()])).toEqual(expected);
  });

  it('may call the authorizer', async () => {
    const spec = {
      variables: [
        { name: 'may', expression: 'authorizer.requestResource.check("break").allowed()' },
        { name: 'both', expression: 'variables.may && authorizer.requestResource.check("fix").allowed()' },
      ],
      ...validate('variables.both'),
    };
    const asked: string[] = [];
    const authorize = ({ verb }: { verb: string }): boolean => asked.push(verb) > 0;
    expect(await run([policy(spec), binding()], { authorize })).toEqual(PASSED);
    expect(asked).toEqual(['break', 'fix']);
  });
});

describe('match conditions', () => {
  const conditions = (...expressions: string[]) => ({
    matchConditions: expressions.map((expression, index) => ({ name: `c${index}`, expression })),
  });
  it.each<[string, object, AdmissionOutcome]>([
    [
      'that match',
      conditions('request.operation == "CREATE"', 'object.data.a == "1"'),
      denial('failed expression: false'),
    ],
    ["one that doesn't match", conditions('true', 'object.data.a == "2"'), PASSED],
    [
      'one that fails',
      conditions('object.data.b == "2"'),
      denial(`expression 'object.data.b == "2"' resulted in error: no such key: b`),
    ],
    [
      'one that fails, with failures ignored',
      { ...conditions('object.data.b == "2"'), failurePolicy: 'Ignore' },
      PASSED,
    ],
    ["one that fails and one that doesn't match", conditions('object.data.b == "2"', 'false'), PASSED],
    [
      'that use variables',
      { ...conditions('variables.x == "2"'), variables: [{ name: 'x', expression: 'object.data.a' }] },
      PASSED,
    ],
  ])('%s', async (_, spec, outcome) => {
    expect(await run([policy({ ...spec, ...validate('false') }), binding()])).toEqual(outcome);
  });
});

describe('bindings', () => {
  const no = policy(validate('false', { message: 'no' }));

  it('a policy without one has no effect', async () => {
    expect(await run([no])).toEqual(PASSED);
    expect(await run([no, binding({}, 'b', 'other')])).toEqual(PASSED);
  });

  it('determine the validation actions', async () => {
    const warning = "Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': no";
    const audit = {
      'validation.policy.admission.k8s.io/validation_failure': JSON.stringify([
        {
          message: 'no',
          policy: 'p',
          binding: 'b',
          expressionIndex: 0,
          validationActions: ['Audit', 'Warn'],
        },
      ]),
    };
    expect(await run([no, binding({ validationActions: ['Warn'] })])).toEqual({
      changes: {},
      warnings: [warning],
    });
    expect(await run([no, binding({ validationActions: ['Audit', 'Warn'] })])).toEqual({
      changes: {},
      warnings: [warning],
      annotations: audit,
    });
    expect(await run([no, binding({ validationActions: [] })])).toEqual(PASSED);
  });

  it('narrow what a policy matches', async () => {
    const selecting = (tier: string) => ({
      matchResources: { namespaceSelector: { matchLabels: { tier } }, objectSelector: {} },
    });
    expect(await run([no, binding(selecting('test'))])).toEqual(PASSED);
    expect(await run([no, binding(selecting('prod'))])).toEqual(denial('no'));
    const others = { matchResources: { excludeResourceRules: EVERYTHING.resourceRules } };
    expect(await run([no, binding(others)])).toEqual(PASSED);
  });

  it('rules may name objects', async () => {
    const named = (name: string) =>
      policy({
        ...validate('false', { message: 'no' }),
        matchConstraints: { resourceRules: [{ ...EVERYTHING.resourceRules[0], resourceNames: [name] }] },
      });
    expect(await run([named('other'), binding()])).toEqual(PASSED);
    expect(await run([named('cm'), binding()])).toEqual(denial('no'));
  });
});

describe('params', () => {
  const spec = {
    paramKind: PARAM_KIND,
    ...validate('int(object.data.a) <= int(params.data.max)', {
      messageExpression: '"at most " + params.data.max',
    }),
  };
  const objects = [
    limits('low', '0', { set: 'x' }),
    limits('high', '9', { set: 'x' }),
    limits('elsewhere', '0', { set: 'y' }, 'other'),
  ];
  const ref = (paramRef: object) => [policy(spec), binding({ paramRef }), ...objects];
  const configured = (why: string) => denial(`failed to configure binding: ${why}`);
  it.each<[string, object, AdmissionOutcome]>([
    ['by name', { name: 'high' }, PASSED],
    ['by name, of the request’s namespace', { name: 'low' }, denial('at most 0')],
    ['by name, elsewhere', { name: 'elsewhere', namespace: 'other' }, denial('at most 0')],
    ['by labels: all must pass', { selector: { matchLabels: { set: 'x' } } }, denial('at most 0')],
    [
      'by labels, elsewhere',
      { selector: { matchLabels: { set: 'y' } }, namespace: 'other' },
      denial('at most 0'),
    ],
    ['missing, allowed', { name: 'gone', parameterNotFoundAction: 'Allow' }, PASSED],
    [
      'missing, denied',
      { name: 'gone', parameterNotFoundAction: 'Deny' },
      configured('no params found for policy binding with `Deny` parameterNotFoundAction'),
    ],
    [
      'none selected, denied',
      { selector: { matchLabels: { set: 'z' } }, parameterNotFoundAction: 'Deny' },
      configured('no params found for policy binding with `Deny` parameterNotFoundAction'),
    ],
    [
      'none selected, allowed',
      { selector: { matchLabels: { set: 'z' } }, parameterNotFoundAction: 'Allow' },
      PASSED,
    ],
  ])('%s', async (_, paramRef, outcome) => {
    expect(await run(ref(paramRef))).toEqual(outcome);
  });

  it('of an unknown kind', async () => {
    const unknown = policy({ ...spec, paramKind: { apiVersion: 'example.com/v1', kind: 'Limit' } });
    expect(await run([unknown, binding({ paramRef: { name: 'x' } })])).toEqual(
      configured("failed to find resource referenced by paramKind: 'example.com/v1, Kind=Limit'"),
    );
  });

  it('of a namespaced kind, for an object without a namespace', async () => {
    const object = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } };
    const { refused } = await run(ref({ name: 'low' }), { object });
    expect(refused).toContain(
      'failed to configure binding: cannot use namespaced paramRef in policy binding that matches cluster-scoped resources',
    );
  });

  it('of a cluster-scoped kind, with a namespace', async () => {
    const nodes = policy({ ...spec, paramKind: { apiVersion: 'v1', kind: 'Node' } });
    expect(await run([nodes, binding({ paramRef: { name: 'x', namespace: 'ns' } })])).toEqual(
      configured('paramRef.namespace must not be provided for a cluster-scoped `paramKind`'),
    );
  });
});

describe('audit annotations', () => {
  const annotated = (...valueExpressions: string[]) => ({
    ...validate('true'),
    auditAnnotations: valueExpressions.map((valueExpression, index) => ({
      key: `k${index}`,
      valueExpression,
    })),
  });
  it('are written for every request', async () => {
    const spec = annotated('" a is " + object.data.a', 'null', '""');
    expect(await run([policy(spec), binding()])).toEqual({ changes: {}, annotations: { 'p/k0': 'a is 1' } });
  });

  it('of several params are joined without duplicates', async () => {
    const spec = { ...annotated('"" + params.data.max'), paramKind: PARAM_KIND };
    const selector = { matchLabels: { set: 'x' } };
    const params = ['1', '2', '1'].map((max, index) => limits(`l${index}`, max, { set: 'x' }));
    expect(await run([policy(spec), binding({ paramRef: { selector } }), ...params])).toEqual({
      changes: {},
      annotations: { 'p/k0': '1, 2' },
    });
  });

  it('that fail deny', async () => {
    const spec = annotated('object.data.b');
    expect(await run([policy(spec), binding()])).toEqual(
      denial('compilation error: must evaluate to one of [string null_type] but got dyn'),
    );
    expect(await run([policy({ ...spec, failurePolicy: 'Ignore' }), binding()])).toEqual(PASSED);
  });
});

describe('objects exempt from policies', () => {
  it.each<[string, Manifest]>([
    ['policies', policy(validate('true'), 'other')],
    [
      'authorization checks',
      { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', metadata: {} },
    ],
  ])('%s', async (_, object) => {
    expect(await run([policy(validate('false')), binding()], { object })).toEqual(PASSED);
  });
});

it('a change of a policy takes effect for the next request', async () => {
  const cluster = new TestCluster([namespace, policy(validate('false')), binding()]);
  const plugin = validatingAdmissionPolicy(testDependencies({ cluster }));
  const object = configMap();
  expect(await runPlugin(plugin, { object })).toEqual(denial('failed expression: false'));
  cluster.remove(
    { group: 'admissionregistration.k8s.io', resource: 'validatingadmissionpolicybindings' },
    '',
    'b',
  );
  expect(await runPlugin(plugin, { object })).toEqual(PASSED);
});
