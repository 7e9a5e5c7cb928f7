import { expect, test } from 'vitest';
import type { ResourceClaim } from '../../../../shared/apis/resource/v1/types.ts';
import type { AuthorizerAttributes } from '../../../../shared/authz/authorizer.ts';
import type { RESTStorageConfig } from '../../../../shared/registry/generic/rest-storage-provider.ts';
import {
  createResourceClaimStatusStrategy,
  createResourceClaimStrategy,
} from '../../../../shared/registry/resource/resourceclaim/strategy.ts';
import { createResourceClaimTemplateStrategy } from '../../../../shared/registry/resource/resourceclaimtemplate/strategy.ts';
import {
  createCauses,
  createOutcome,
  type StrategyRequest,
  updateCauses,
  updateOutcome,
} from '../../../fixtures/strategy-causes.ts';

/** A server whose namespace has these labels; without `allows` there is no authorizer. */
function server(
  labels: Record<string, string> | undefined = {},
  allows?: (attributes: AuthorizerAttributes) => boolean,
): RESTStorageConfig {
  const get = async () => labels && { metadata: { name: 'ns', labels } };
  const authorize = async (attributes: AuthorizerAttributes) => ({
    decision: allows?.(attributes) ? 'Allow' : 'NoOpinion',
    reason: '',
  });
  return {
    resources: { lister: () => ({ get }) },
    ...(allows && { authorizer: { authorize } }),
  } as unknown as RESTStorageConfig;
}

const claims = createResourceClaimStrategy(server());
const claim = (devices: object, status: object = {}) => ({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceClaim',
  spec: { devices },
  status,
});
const exactly = (fields: object) => ({
  requests: [{ name: 'r', exactly: { deviceClassName: 'class', ...fields } }],
});
const selected = (...expressions: string[]) =>
  exactly({ selectors: expressions.map((expression) => ({ cel: { expression } })) });

const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const C_IDENTIFIER =
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')";
const REFERENCE =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";
const NAME_PART =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const LABEL_VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const BETA = 'spec.devices.requests[0]';

test.each<[string, object, string[]]>([
  ['nothing', {}, []],
  [
    'all fields',
    {
      requests: [
        {
          name: 'a',
          exactly: {
            deviceClassName: 'class.example.com',
            selectors: [{ cel: { expression: "device.driver == 'd'" } }],
            allocationMode: 'All',
            tolerations: [
              { key: 'k', operator: 'Equal', value: 'v', effect: 'None' },
              { operator: 'Exists' },
            ],
            capacity: { requests: { memory: '1Gi' } },
          },
        },
        {
          name: 'b',
          firstAvailable: [
            { name: 'x', deviceClassName: 'class' },
            { name: 'y', deviceClassName: 'class', count: 2 },
          ],
        },
      ],
      constraints: [
        { requests: ['a', 'b/x'], matchAttribute: 'example.com/model' },
        { distinctAttribute: 'example.com/id' },
      ],
      config: [{ requests: ['b'], opaque: { driver: 'd.example.com', parameters: { a: 1 } } }],
    },
    [],
  ],
  [
    'requests',
    {
      requests: [
        { name: 'A' },
        {
          name: 'b',
          exactly: { deviceClassName: '' },
          firstAvailable: [{ name: 'x', deviceClassName: 'c' }],
        },
        { name: 'c', exactly: { deviceClassName: '', allocationMode: 'Some' } },
        { name: 'c', exactly: { deviceClassName: 'C', allocationMode: 'All', count: 1 } },
        {
          name: 'd',
          firstAvailable: [
            { name: 'x', deviceClassName: 'c', count: -1 },
            { name: 'x', deviceClassName: 'c' },
          ],
        },
      ],
    },
    [
      `spec.devices.requests[0].name: Invalid value: "A": ${LABEL}`,
      'spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required',
      'spec.devices.requests[1]: Invalid value: null: exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set',
      'spec.devices.requests[2].exactly.deviceClassName: Required value',
      `spec.devices.requests[3].exactly.deviceClassName: Invalid value: "C": ${SUBDOMAIN}`,
      "spec.devices.requests[3].exactly.count: Invalid value: 1: must not be specified when allocationMode is 'All'",
      'spec.devices.requests[4].firstAvailable[0].count: Invalid value: -1: must be greater than zero',
      'spec.devices.requests[3]: Duplicate value: {"name":"c","exactly":{"deviceClassName":"C","allocationMode":"All","count":1}}',
      'spec.devices.requests[2].exactly.allocationMode: Unsupported value: "Some": supported values: "All", "ExactCount"',
      'spec.devices.requests[4].firstAvailable[1]: Duplicate value: {"name":"x","deviceClassName":"c","allocationMode":"ExactCount","count":1}',
    ],
  ],
  [
    'tolerations',
    exactly({
      tolerations: [
        { key: '?', operator: 'Exists', value: 'v', effect: 'Evict' },
        { operator: 'Maybe' },
        { operator: 'Equal', value: '?' },
      ],
    }),
    [
      `${BETA}.exactly.tolerations[0].value: Invalid value: "v": must be empty for operator \`Exists\``,
      `${BETA}.exactly.tolerations[2].value: Invalid value: "?": ${LABEL_VALUE}`,
      `${BETA}.exactly.tolerations[0].key: Invalid value: "?": ${NAME_PART}`,
      `${BETA}.exactly.tolerations[0].effect: Unsupported value: "Evict": supported values: "NoExecute", "NoSchedule", "None"`,
      `${BETA}.exactly.tolerations[1].operator: Unsupported value: "Maybe": supported values: "Equal", "Exists"`,
    ],
  ],
  [
    'too many items',
    {
      requests: Array.from({ length: 33 }, () => ({ name: '?' })),
      constraints: Array.from({ length: 33 }, () => ({})),
      config: Array.from({ length: 33 }, () => ({})),
    },
    [
      'spec.devices.requests: Too many: 33: must have at most 32 items',
      'spec.devices.constraints: Too many: 33: must have at most 32 items',
      'spec.devices.config: Too many: 33: must have at most 32 items',
    ],
  ],
  [
    'constraints',
    {
      ...exactly({}),
      constraints: [
        {},
        { requests: ['r', 'r', 'x', 'r/y', 'a/b/c'], matchAttribute: 'model' },
        { distinctAttribute: `Example_com/${'x'.repeat(33)}` },
        { matchAttribute: '/1a' },
        { matchAttribute: 'example.com/' },
      ],
    },
    [
      'spec.devices.constraints[0]: Required value: exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set',
      `spec.devices.constraints[1].requests[2]: Invalid value: "x": ${REFERENCE}`,
      `spec.devices.constraints[1].requests[3]: Invalid value: "r/y": ${REFERENCE}`,
      `spec.devices.constraints[1].requests[4]: Invalid value: "a/b/c": ${REFERENCE}`,
      'spec.devices.constraints[1].requests[1]: Duplicate value: "r"',
      'spec.devices.constraints[1].matchAttribute: Invalid value: "model": a fully qualified name must be a domain and a name separated by a slash',
      `spec.devices.constraints[2].distinctAttribute: Invalid value: "Example_com": prefix: ${SUBDOMAIN}`,
      'spec.devices.constraints[2].distinctAttribute: Too long: may not be more than 32 bytes',
      'spec.devices.constraints[3].matchAttribute: Invalid value: "": prefix must not be empty',
      `spec.devices.constraints[3].matchAttribute: Invalid value: "1a": ${C_IDENTIFIER}`,
      'spec.devices.constraints[4].matchAttribute: Invalid value: "": name must not be empty',
    ],
  ],
  [
    'configurations',
    {
      config: [
        {},
        { opaque: { driver: '', parameters: null } },
        { opaque: { driver: 'd', parameters: [1] } },
        { opaque: { driver: 'd', parameters: { a: 'x'.repeat(10 * 1024) } } },
      ],
    },
    [
      'spec.devices.config[0].opaque: Required value',
      'spec.devices.config[1].opaque.parameters: Required value',
      'spec.devices.config[2].opaque.parameters: Invalid value: "<value omitted>": must be a valid JSON object',
      'spec.devices.config[3].opaque.parameters: Too long: may not be more than 10240 bytes',
      'spec.devices.config[1].opaque.driver: Required value',
    ],
  ],
])('claim: %s', async (_, devices, causes) => {
  expect(await createCauses(claims, claim(devices))).toEqual(causes);
});

test.each<[string, RegExp | string | undefined]>([
  ["device.attributes['example.com'].model == 'a'", undefined],
  ["device.attributes['example.com'].isFast", undefined],
  ["device.capacity['example.com'].memory.compareTo(quantity('1Gi')) >= 0", undefined],
  ['device.allowMultipleAllocations', undefined],
  ["cel.bind(a, device.attributes['example.com'], a.model == 'a' && a.version == '1')", undefined],
  ["device.attributes['d'].version.isGreaterThan(semver('1.0.0'))", undefined],
  ['device.driver', /: must evaluate to bool or the unknown type, not string$/],
  ['device.name', /: compilation failed: ERROR: <input>:1:7: undefined field 'name'/],
  ['cel.bind(a.b, 1, true)', /variable names must be simple identifiers/],
  [
    'device.attributes.all(a, device.attributes.all(b, device.attributes.all(c, device.attributes.all(d, a + b == c + d))))',
    'Forbidden: too complex, exceeds cost limit',
  ],
  [`device.driver == '${'x'.repeat(10 * 1024)}'`, 'Too long: may not be more than 10240 bytes'],
])('expression %#', async (expression, expected) => {
  const path = 'spec.devices.requests[0].exactly.selectors[0].cel.expression';
  const causes = await createCauses(claims, claim(selected(expression)));
  if (expected === undefined) expect(causes).toEqual([]);
  else if (expected instanceof RegExp) expect(causes).toEqual([expect.stringMatching(expected)]);
  else expect(causes).toEqual([`${path}: ${expected}`]);
});

test('a selector requires an expression', async () => {
  expect(await createCauses(claims, claim(exactly({ selectors: [{}] })))).toEqual([
    'spec.devices.requests[0].exactly.selectors[0].cel: Required value',
  ]);
});

test('v1beta1 has exact requests without their field', async () => {
  const manifest = {
    ...claim({ requests: [{ name: 'r', deviceClassName: 'class', allocationMode: 'Some' }] }),
    apiVersion: 'resource.k8s.io/v1beta1',
  };
  expect(await createCauses(claims, manifest)).toEqual([
    'spec.devices.requests[0].exactly.allocationMode: Unsupported value: "Some": supported values: "All", "ExactCount"',
  ]);
});

test('the spec is immutable', async () => {
  const update = { from: claim(exactly({})), to: claim(exactly({ count: 2 })) };
  expect(await updateCauses(claims, update)).toEqual(['spec: Invalid value: null: field is immutable']);
});

const ADMIN =
  'spec.devices.requests[0].adminAccess: Forbidden: admin access to devices requires the `resource.kubernetes.io/admin-access: true` label on the containing namespace';

test('admin access requires a labelled namespace', async () => {
  const manifest = claim(exactly({ adminAccess: true }));
  expect(await createCauses(claims, manifest)).toEqual([ADMIN]);
  const labelled = createResourceClaimStrategy(server({ 'resource.kubernetes.io/admin-access': 'true' }));
  expect(await createCauses(labelled, manifest)).toEqual([]);
  const template = {
    ...manifest,
    kind: 'ResourceClaimTemplate',
    spec: { spec: manifest.spec },
    status: undefined,
  };
  expect(await createCauses(createResourceClaimTemplateStrategy(server()), template)).toEqual([ADMIN]);
});

test('a template is for claims with labels and annotations, and immutable', async () => {
  const templates = createResourceClaimTemplateStrategy(server());
  const template = (metadata: object, devices: object = {}) => ({
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaimTemplate',
    spec: { metadata, spec: { devices } },
  });
  expect(await createCauses(templates, template({ labels: { a: 'b' } }))).toEqual([]);
  expect(await createCauses(templates, template({ name: 'x' }, { requests: [{ name: 'r' }] }))).toEqual([
    'spec.metadata.name: Forbidden: cannot be set',
    'spec.spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required',
  ]);
  const update = { from: template({}), to: template({ labels: { a: 'b' } }) };
  expect(await updateCauses(templates, update)).toEqual([
    expect.stringMatching(/^spec: Invalid value: .*: field is immutable$/),
  ]);
});

const statuses = createResourceClaimStatusStrategy(server());
const LOWERCASE_UUID = 'must be a lowercase UUID in 8-4-4-4-12 format';
const UID = '0123abcd-0000-4000-8000-000000000001';
const result = (fields: object = {}) => ({
  request: 'r',
  driver: 'd.example.com',
  pool: 'pool',
  device: 'gpu-0',
  ...fields,
});
const allocation = (...results: object[]) => ({ allocation: { devices: { results } } });
const consumer = { resource: 'pods', name: 'p', uid: 'u' };
const device = (fields: object = {}) => {
  const { request: _, ...identity } = result();
  return { ...identity, ...fields };
};

test.each<[string, object, string[]]>([
  ['allocated', { ...allocation(result()), reservedFor: [consumer] }, []],
  [
    'all fields',
    {
      allocation: {
        devices: {
          results: [result({ shareID: UID, bindingConditions: ['a'], bindingFailureConditions: ['b'] })],
          config: [{ source: 'FromClaim', requests: ['r'], opaque: { driver: 'd', parameters: { a: 1 } } }],
        },
        nodeSelector: {
          nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node'] }] }],
        },
      },
      devices: [
        device({
          shareID: UID,
          data: { a: 1 },
          networkData: { interfaceName: 'eth0', ips: ['10.0.0.1/24', 'fd00::1/64'] },
        }),
      ],
    },
    [],
  ],
  [
    'reserved without allocation',
    { reservedFor: [{ resource: '', name: '', uid: '' }] },
    [
      'status.reservedFor[0].resource: Required value',
      'status.reservedFor[0].name: Required value',
      'status.reservedFor[0].uid: Required value',
      'status.reservedFor: Forbidden: may not be specified when `allocated` is not set',
    ],
  ],
  [
    'a duplicate reservation',
    { ...allocation(result()), reservedFor: [consumer, consumer] },
    ['status.reservedFor[1]: Duplicate value: {"resource":"pods","name":"p","uid":"u"}'],
  ],
  [
    'invalid results',
    {
      allocation: {
        devices: {
          results: [
            result({ request: 'x', driver: '', pool: '', device: 'D', shareID: 'one' }),
            result({
              pool: 'a/B',
              bindingConditions: ['a', 'a'],
              bindingFailureConditions: ['a', 'b', 'b'],
            }),
            result({ bindingConditions: ['a'] }),
            result({ bindingFailureConditions: ['?'] }),
          ],
          config: [{ source: '' }, { source: 'FromSomewhere', opaque: { driver: 'd', parameters: {} } }],
        },
        nodeSelector: { nodeSelectorTerms: [] },
      },
    },
    [
      `status.allocation.devices.results[0].request: Invalid value: "x": ${REFERENCE}`,
      `status.allocation.devices.results[0].device: Invalid value: "D": ${LABEL}`,
      'status.allocation.devices.results[1].bindingConditions[1]: Duplicate value: "a"',
      'status.allocation.devices.results[1].bindingFailureConditions[0]: Invalid value: "a": bindingFailureConditions must not overlap with bindingConditions',
      'status.allocation.devices.results[1].bindingFailureConditions[2]: Duplicate value: "b"',
      'status.allocation.devices.results[2].bindingFailureConditions: Invalid value: null: bindingFailureConditions are required to use bindingConditions',
      `status.allocation.devices.results[3].bindingFailureConditions[0]: Invalid value: "?": ${NAME_PART}`,
      'status.allocation.devices.results[3].bindingConditions: Invalid value: null: bindingConditions are required to use bindingFailureConditions',
      'status.allocation.devices.config[0].opaque: Required value',
      'status.allocation.nodeSelector.nodeSelectorTerms: Required value: must have at least one node selector term',
      'status.allocation.devices.results[0].driver: Required value',
      'status.allocation.devices.results[0].pool: Required value',
      `status.allocation.devices.results[0].shareID: Invalid value: "one": ${LOWERCASE_UUID}`,
      `status.allocation.devices.results[1].pool: Invalid value: "B": segment 1: ${SUBDOMAIN}`,
      'status.allocation.devices.config[0].source: Required value',
      'status.allocation.devices.config[1].source: Unsupported value: "FromSomewhere": supported values: "FromClaim", "FromClass"',
    ],
  ],
  [
    'invalid devices',
    {
      ...allocation(result()),
      devices: [
        device({ data: 'text' }),
        device(),
        device({ device: 'gpu-1', shareID: UID.toUpperCase() }),
        device({
          device: 'gpu-2',
          networkData: {
            interfaceName: 'x'.repeat(257),
            hardwareAddress: 'x'.repeat(129),
            ips: ['10.0.0.1', '010.0.0.1/24', '10.0.0.1/24', '10.0.0.1/24'],
          },
        }),
      ],
    },
    [
      'status.devices[0].data: Invalid value: "<value omitted>": must be a valid JSON object',
      `status.devices[2]: Invalid value: {"Driver":"d.example.com","Pool":"pool","Device":"gpu-1","ShareID":"${UID.toUpperCase()}"}: must be an allocated device in the claim`,
      'status.devices[3]: Invalid value: {"Driver":"d.example.com","Pool":"pool","Device":"gpu-2","ShareID":""}: must be an allocated device in the claim',
      'status.devices[3].networkData.ips[0]: Invalid value: "10.0.0.1": must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)',
      'status.devices[3].networkData.ips[1]: Invalid value: "010.0.0.1/24": must be in canonical form ("10.0.0.1/24")',
      'status.devices[1]: Duplicate value: {"driver":"d.example.com","pool":"pool","device":"gpu-0","conditions":null}',
      `status.devices[2].shareID: Invalid value: "${UID.toUpperCase()}": ${LOWERCASE_UUID}`,
      'status.devices[3].networkData.interfaceName: Too long: may not be more than 256 bytes',
      'status.devices[3].networkData.ips[3]: Duplicate value: "10.0.0.1/24"',
      'status.devices[3].networkData.hardwareAddress: Too long: may not be more than 128 bytes',
    ],
  ],
])('status: %s', async (_, status, causes) => {
  const devices = exactly({});
  const update = { from: claim(devices), to: claim(devices, status) };
  expect(await updateCauses(statuses, update)).toEqual(causes);
});

test.each([
  UID.replaceAll('-', ''),
  `{${UID}}`,
  `urn:uuid:${UID}`,
  `(${UID})`,
  `${UID.slice(0, -1)}x`,
  UID.replaceAll('-', '0'),
])('share %s', async (shareID) => {
  const devices = exactly({});
  const update = { from: claim(devices), to: claim(devices, allocation(result({ shareID }))) };
  expect(await updateCauses(statuses, update)).toEqual([
    `status.allocation.devices.results[0].shareID: Invalid value: "${shareID}": ${LOWERCASE_UUID}`,
  ]);
});

test('a declarative error for a list that is too long suppresses no other', async () => {
  const requests = [
    { name: 'r', exactly: { deviceClassName: 'c', tolerations: [{ operator: 'Odd' }] } },
    {
      name: 's',
      exactly: { deviceClassName: 'c', allocationMode: 'Odd' },
      firstAvailable: [{ name: 'x', deviceClassName: 'C' }],
    },
  ];
  const S = 'spec.devices.requests[1]';
  expect(await createCauses(claims, claim({ requests }))).toEqual([
    `${S}: Invalid value: null: exactly one of \`exactly\` or \`firstAvailable\` is required, but multiple fields are set`,
    `${BETA}.exactly.tolerations[0].operator: Unsupported value: "Odd": supported values: "Equal", "Exists"`,
    `${S}.exactly.allocationMode: Unsupported value: "Odd": supported values: "All", "ExactCount"`,
    `${S}.firstAvailable[0].deviceClassName: Invalid value: "C": ${SUBDOMAIN}`,
  ]);
});

test('an allocation is immutable until released, and its devices are released with it', async () => {
  const devices = exactly({});
  const from = claim(devices, { ...allocation(result()), devices: [device()] });
  const other = claim(devices, allocation(result({ device: 'gpu-1' })));
  expect(await updateCauses(statuses, { from, to: other })).toEqual([
    'status.allocation: Invalid value: null: field cannot be modified once set',
  ]);
  const to = claim(devices, { devices: [device()] });
  const { causes, object } = await updateOutcome<ResourceClaim>(statuses, { from, to });
  expect(causes).toEqual([]);
  expect(object.status).toEqual({});
});

test('a claim being deleted is not reserved again', async () => {
  const metadata = { deletionTimestamp: '2026-01-02T03:04:05Z', finalizers: ['example.com/f'] };
  const from = { ...claim(exactly({}), { ...allocation(result()), reservedFor: [consumer] }), metadata };
  const to = {
    ...from,
    status: { ...from.status, reservedFor: [consumer, { ...consumer, uid: 'v' }] },
  };
  expect(await updateCauses(statuses, { from, to })).toEqual([
    'status.reservedFor: Forbidden: new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set',
  ]);
});

const bob: StrategyRequest = {
  user: { name: 'bob', uid: '', groups: [], extra: {} },
};
const driverOn = (node: string): StrategyRequest => ({
  user: {
    name: 'system:serviceaccount:ns:driver',
    uid: '',
    groups: [],
    extra: { 'authentication.kubernetes.io/node-name': [node] },
  },
});
const onNode = {
  nodeSelector: {
    nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node'] }] }],
  },
};

test('the permission to allocate includes binding', async () => {
  const asked: AuthorizerAttributes[] = [];
  const strategy = createResourceClaimStatusStrategy(
    server({}, (attributes) => {
      asked.push(attributes);
      return false;
    }),
  );
  const devices = exactly({});
  const update = { from: claim(devices), to: claim(devices, allocation(result())) };
  expect((await updateOutcome(strategy, update, bob)).causes).toEqual([
    expect.stringMatching(
      /^status\.allocation: Forbidden: changing status\.allocation or status\.reservedFor requires resource="resourceclaims\/binding", verb="\w*" permission: .*User "bob" cannot /,
    ),
  ]);
  expect(asked).toEqual([expect.objectContaining({ subresource: 'binding', namespace: '', name: '' })]);
});

test.each<[string, StrategyRequest, string[]]>([
  ['a driver on the node', driverOn('node'), ['associated-node', 'arbitrary-node']],
  ['a driver on another node', driverOn('other'), ['arbitrary-node']],
  ['another user', bob, ['arbitrary-node']],
])('%s reports device status', async (_, request, prefixes) => {
  const asked: AuthorizerAttributes[] = [];
  const strategy = createResourceClaimStatusStrategy(
    server({}, (attributes) => {
      asked.push(attributes);
      return false;
    }),
  );
  const devices = exactly({});
  const allocated = { allocation: { devices: { results: [result()] }, ...onNode } };
  const update = {
    from: claim(devices, allocated),
    to: claim(devices, { ...allocated, devices: [device()] }),
  };
  const { causes } = await updateOutcome(strategy, update, request);
  expect(causes).toEqual([
    expect.stringMatching(
      /^status\.devices: Forbidden: changing status\.devices requires resource="resourceclaims\/driver", verb="\[.*\]" permission: /,
    ),
  ]);
  expect(asked.map(({ verb, name, subresource }) => [verb.split(':')[0], name, subresource])).toEqual(
    prefixes.map((prefix) => [prefix, 'd.example.com', 'driver']),
  );
});

test('unchanged fields need no permission', async () => {
  const strategy = createResourceClaimStatusStrategy(server({}, () => false));
  const same = claim(exactly({}), { ...allocation(result()), devices: [device()] });
  expect((await updateOutcome(strategy, { from: same, to: same }, bob)).causes).toEqual([]);
});

test('a new claim has no status', async () => {
  const { object } = await createOutcome<ResourceClaim>(claims, claim({}, allocation(result())));
  expect(object.status).toEqual({});
});

const derived = (attributes: object[], constraints: object[] = [{ matchAttribute: 'd/numa' }]) => ({
  ...exactly({ derivedAttributes: attributes }),
  constraints,
});
const DERIVED = 'spec.devices.requests[0].exactly.derivedAttributes';
const SCALAR = 'must evaluate to a primitive scalar (string, integer, boolean, semver)';
const UNUSED =
  'must be referenced by at least one matchAttribute or distinctAttribute constraint targeting this request';
/** A costly expression, of which a claim may have several. */
const COSTLY = 'device.attributes.all(a, device.attributes.all(b, device.attributes.all(c, true))) ? 1 : 2';

test.each<[string, object, string[]]>([
  ['a scalar', derived([{ name: 'd/numa', expression: "device.attributes['d'].numa" }]), []],
  [
    'of a request that has alternatives',
    {
      requests: [
        {
          name: 'r',
          firstAvailable: ['a', 'b', 'c'].map((name) => ({
            name,
            deviceClassName: 'class',
            derivedAttributes: [{ name: 'd/numa', expression: '1' }],
          })),
        },
        {
          name: 's',
          exactly: {
            deviceClassName: 'class',
            derivedAttributes: [{ name: 'd/numa', expression: "semver('1.0.0')" }],
          },
        },
      ],
      constraints: [
        { requests: ['r/a', 's'], matchAttribute: 'd/numa' },
        { requests: ['r/b'], distinctAttribute: 'd/numa' },
      ],
    },
    [
      `spec.devices.requests[0].firstAvailable[2].derivedAttributes[0].name: Invalid value: "d/numa": ${UNUSED}`,
    ],
  ],
  [
    'duplicate empty items',
    derived([
      { name: '', expression: '' },
      { name: '', expression: '1' },
    ]),
    [
      `${DERIVED}[1]: Duplicate value: ""`,
      `${DERIVED}[0].name: Required value`,
      `${DERIVED}[0].expression: Required value`,
      `${DERIVED}[1].name: Required value`,
    ],
  ],
  [
    'invalid names and types',
    derived([
      { name: 'numa', expression: '1.5' },
      { name: 'd/numa', expression: '[1, 2]' },
    ]),
    [
      `${DERIVED}[0].name: Invalid value: "numa": ${UNUSED}`,
      `${DERIVED}[0].expression: Invalid value: "1.5": ${SCALAR}, not double`,
      `${DERIVED}[1].expression: Invalid value: "[1, 2]": ${SCALAR}, not list(int)`,
      `${DERIVED}[0].name: Invalid value: "numa": a fully qualified name must be a domain and a name separated by a slash`,
    ],
  ],
  [
    'too many items in total',
    {
      requests: Array.from('abcdefghij', (name) => ({
        name,
        exactly: {
          deviceClassName: 'class',
          derivedAttributes: [{ name: 'd/numa', expression: COSTLY }],
        },
      })),
      constraints: [{ matchAttribute: 'd/numa' }],
    },
    [
      'spec.devices: Forbidden: too complex, total cost of derived attribute CEL expressions in the claim exceeds cost limit',
    ],
  ],
])('derived attributes: %s', async (_, devices, causes) => {
  const features = ['DRADerivedAttributes'];
  expect(await createCauses(claims, claim(devices), { features })).toEqual(causes);
});

test.each([
  [['DRADerivedAttributes', 'DRAListTypeAttributes'], '[1, 2]', undefined],
  [
    ['DRADerivedAttributes', 'DRAListTypeAttributes'],
    '[[1]]',
    `${SCALAR} or a list of these scalars, not list(list(int))`,
  ],
  [
    ['DRADerivedAttributes', 'DRAListTypeAttributes'],
    'device.attributes',
    `${SCALAR} or a list of these scalars, not map(string, map(string, dyn))`,
  ],
  [
    ['DRADerivedAttributes'],
    'device.attributes',
    `${SCALAR}, not map(string, map(string, google.protobuf.Any))`,
  ],
  [[], '[[1]]', undefined],
])('with %j a derived attribute may be %s: %s', async (features, expression, detail) => {
  const devices = derived([{ name: 'd/numa', expression }]);
  expect(await createCauses(claims, claim(devices), { features })).toEqual(
    detail === undefined
      ? []
      : [`${DERIVED}[0].expression: Invalid value: ${JSON.stringify(expression)}: ${detail}`],
  );
});

test('a constraint without an attribute, where the gate of distinct ones is off', async () => {
  const devices = { ...exactly({}), constraints: [{ requests: ['r'] }] };
  expect(await createCauses(claims, claim(devices), { without: ['DRAConsumableCapacity'] })).toEqual([
    'spec.devices.constraints[0].matchAttribute: Required value',
  ]);
});
