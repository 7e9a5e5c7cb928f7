import { expect, test } from 'vitest';
import { mutatingWebhookConfigurationStrategy } from '../../../../shared/registry/admissionregistration/mutatingwebhookconfiguration/strategy.ts';
import { validatingWebhookConfigurationStrategy } from '../../../../shared/registry/admissionregistration/validatingwebhookconfiguration/strategy.ts';
import { createCauses, createOutcome, updateCauses } from '../../../fixtures/strategy-causes.ts';

const webhook = (fields: object = {}) => ({
  name: 'hook.example.com',
  clientConfig: { service: { namespace: 'ns', name: 'service' } },
  rules: [{ operations: ['CREATE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'] }],
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  ...fields,
});
const configuration =
  (kind: string, version = 'v1') =>
  (...webhooks: object[]) => ({
    apiVersion: `admissionregistration.k8s.io/${version}`,
    kind,
    webhooks,
  });
const validating = configuration('ValidatingWebhookConfiguration');
const mutating = configuration('MutatingWebhookConfiguration');
const rule = (fields: object) =>
  webhook({
    rules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'], ...fields }],
  });
const NAME_PART =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const DNS_1035 =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

test.each<[string, object[], string[]]>([
  ['none', [], []],
  ['one', [webhook()], []],
  [
    'all fields',
    [
      webhook({
        clientConfig: { url: 'https://example.com/path', caBundle: 'AAAA' },
        failurePolicy: 'Ignore',
        matchPolicy: 'Exact',
        namespaceSelector: { matchLabels: { a: 'b' } },
        objectSelector: {},
        timeoutSeconds: 30,
        admissionReviewVersions: ['v2', 'v1beta1'],
        matchConditions: [{ name: 'a', expression: "request.userInfo.username != 'x'" }],
      }),
    ],
    [],
  ],
  ['a duplicate name', [webhook(), webhook()], ['webhooks[1].name: Duplicate value: "hook.example.com"']],
  [
    'nearly all fields invalid',
    [
      webhook({
        name: 'hook',
        clientConfig: {},
        failurePolicy: 'Hope',
        matchPolicy: 'Roughly',
        sideEffects: 'Some',
        timeoutSeconds: 31,
        namespaceSelector: { matchLabels: { a: '-' } },
        admissionReviewVersions: ['v2', 'v2', 'V3'],
      }),
    ],
    [
      'webhooks[0].name: Invalid value: "hook": should be a domain with at least three segments separated by dots',
      'webhooks[0].failurePolicy: Unsupported value: "Hope": supported values: "Fail", "Ignore"',
      'webhooks[0].matchPolicy: Unsupported value: "Roughly": supported values: "Equivalent", "Exact"',
      'webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"',
      'webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds',
      "webhooks[0].namespaceSelector.matchLabels: Invalid value: \"-\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
      'webhooks[0].clientConfig: Required value: exactly one of url or service is required',
      'webhooks[0].admissionReviewVersions[1]: Invalid value: "v2": duplicate version',
      `webhooks[0].admissionReviewVersions[2]: Invalid value: "V3": ${DNS_1035}`,
      'webhooks[0].admissionReviewVersions: Invalid value: ["v2","v2","V3"]: must include at least one of v1, v1beta1',
    ],
  ],
  [
    'an empty configuration',
    [webhook({ sideEffects: undefined, admissionReviewVersions: [] })],
    [
      'webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun',
      'webhooks[0].admissionReviewVersions: Required value: must specify one of v1, v1beta1',
    ],
  ],
  [
    'invalid clients',
    [
      webhook({ name: 'a.b.c', clientConfig: { url: 'http://user@/?q#f' } }),
      webhook({
        name: 'a.b.d',
        clientConfig: { service: { name: '', namespace: '', port: 0, path: 'x' } },
      }),
    ],
    [
      'webhooks[0].clientConfig.url: Invalid value: "http": \'https\' is the only allowed URL scheme; desired format: https://host[/path]',
      'webhooks[0].clientConfig.url: Invalid value: "": host must be specified; desired format: https://host[/path]',
      'webhooks[0].clientConfig.url: Invalid value: "user": user information is not permitted in the URL',
      'webhooks[0].clientConfig.url: Invalid value: "f": fragments are not permitted in the URL',
      'webhooks[0].clientConfig.url: Invalid value: "q": query parameters are not permitted in the URL',
      'webhooks[1].clientConfig.service.name: Required value',
      'webhooks[1].clientConfig.service.namespace: Required value',
      'webhooks[1].clientConfig.service.port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive',
      'webhooks[1].clientConfig.service.path: Invalid value: "x": must start with a \'/\'',
      'webhooks[1].clientConfig.service.path: Invalid value: "x": segment[0] may not be empty',
    ],
  ],
  [
    'an empty rule',
    [webhook({ rules: [{}] })],
    [
      'webhooks[0].rules[0].operations: Required value',
      'webhooks[0].rules[0].apiGroups: Required value',
      'webhooks[0].rules[0].apiVersions: Required value',
      'webhooks[0].rules[0].resources: Required value',
    ],
  ],
  [
    'a rule with a wildcard and other values',
    [
      rule({
        operations: ['*', 'LOOK'],
        apiGroups: ['*', 'a'],
        apiVersions: ['*', ''],
        resources: ['*', 'pods'],
        scope: 'Some',
      }),
    ],
    [
      'webhooks[0].rules[0].operations: Invalid value: ["*","LOOK"]: if \'*\' is present, must not specify other operations',
      'webhooks[0].rules[0].operations[1]: Unsupported value: "LOOK": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"',
      'webhooks[0].rules[0].apiGroups: Invalid value: ["*","a"]: if \'*\' is present, must not specify other API groups',
      'webhooks[0].rules[0].apiVersions: Invalid value: ["*",""]: if \'*\' is present, must not specify other API versions',
      'webhooks[0].rules[0].apiVersions[1]: Required value',
      'webhooks[0].rules[0].resources: Invalid value: ["*","pods"]: if \'*\' is present, must not specify other resources without subresources',
      'webhooks[0].rules[0].scope: Unsupported value: "Some": supported values: "*", "Cluster", "Namespaced"',
    ],
  ],
  [
    'resources covered by others',
    [rule({ resources: ['', 'a/*', 'a/b', '*/x', 'c/x', '*/*'] })],
    [
      'webhooks[0].rules[0].resources[0]: Required value',
      'webhooks[0].rules[0].resources[2]: Invalid value: "a/b": if \'a/*\' is present, must not specify a/b',
      'webhooks[0].rules[0].resources[4]: Invalid value: "c/x": if \'*/x\' is present, must not specify c/x',
      'webhooks[0].rules[0].resources: Invalid value: ["","a/*","a/b","*/x","c/x","*/*"]: if \'*/*\' is present, must not specify other resources',
    ],
  ],
  [
    'match conditions',
    [
      webhook({
        matchConditions: [
          { name: '', expression: ' ' },
          { name: '?', expression: 'object.x' },
          { name: 'a', expression: ' true ' },
          { name: 'a', expression: 'params.x == 1' },
          { name: 'b', expression: "'text'" },
        ],
      }),
    ],
    [
      'webhooks[0].matchConditions[0].expression: Required value',
      'webhooks[0].matchConditions[0].name: Required value',
      'webhooks[0].matchConditions[1].expression: Invalid value: "object.x": must evaluate to bool but got dyn',
      `webhooks[0].matchConditions[1].name: Invalid value: "?": ${NAME_PART}`,
      "webhooks[0].matchConditions[3].expression: Invalid value: \"params.x == 1\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'params' (in container '')\n | params.x == 1\n | ^",
      'webhooks[0].matchConditions[3].name: Duplicate value: "a"',
      'webhooks[0].matchConditions[4].expression: Invalid value: "\'text\'": must evaluate to bool but got string',
    ],
  ],
  [
    'too many match conditions',
    [
      webhook({
        matchConditions: Array.from({ length: 65 }, (_, index) => ({
          name: `c${index}`,
          expression: 'true',
        })),
      }),
    ],
    ['webhooks[0].matchConditions: Too many: 65: must have at most 64 items'],
  ],
])('%s', async (_, webhooks, causes) => {
  expect(await createCauses(validatingWebhookConfigurationStrategy, validating(...webhooks))).toEqual(causes);
  expect(await createCauses(mutatingWebhookConfigurationStrategy, mutating(...webhooks))).toEqual(causes);
});

test('reinvocation is for mutating webhooks only', async () => {
  const manifest = mutating(webhook({ reinvocationPolicy: 'Always' }));
  expect(await createCauses(mutatingWebhookConfigurationStrategy, manifest)).toEqual([
    'webhooks[0].reinvocationPolicy: Unsupported value: "Always": supported values: "IfNeeded", "Never"',
  ]);
});

test('v1beta1 accepts side effects and duplicate names', async () => {
  const beta = configuration('ValidatingWebhookConfiguration', 'v1beta1');
  const some = webhook({ sideEffects: 'Some' });
  expect(await createCauses(validatingWebhookConfigurationStrategy, beta(some, some))).toEqual([]);
});

test('stored errors are accepted', async () => {
  const bad = webhook({
    sideEffects: 'Unknown',
    admissionReviewVersions: ['v9'],
    namespaceSelector: { matchExpressions: [{ key: 'a', operator: 'In', values: ['-'] }] },
    matchConditions: [{ name: 'a', expression: 'nonsense' }],
  });
  const from = validating(bad, bad);
  const to = validating({ ...bad, timeoutSeconds: 5 }, bad);
  expect(await updateCauses(validatingWebhookConfigurationStrategy, { from, to })).toEqual([]);
  const fixed = webhook();
  const spoiled = validating({ ...fixed, sideEffects: 'Unknown' });
  const update = { from: validating(fixed), to: spoiled };
  expect(await updateCauses(validatingWebhookConfigurationStrategy, update)).toEqual([
    'webhooks[0].sideEffects: Unsupported value: "Unknown": supported values: "None", "NoneOnDryRun"',
  ]);
});

test('names for static configuration', async () => {
  const manifest = { ...validating(), metadata: { name: 'a.static.k8s.io' } };
  const off = { without: ['ManifestBasedAdmissionControlConfig'] };
  expect((await createOutcome(validatingWebhookConfigurationStrategy, manifest, off)).warnings).toEqual([
    'metadata.name: names ending with ".static.k8s.io" are reserved for static manifest-based configurations and cannot be managed via the API',
  ]);
});
