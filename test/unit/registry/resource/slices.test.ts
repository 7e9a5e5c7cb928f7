import { expect, test } from 'vitest';
import type { ResourceSlice } from '../../../../shared/apis/resource/v1/types.ts';
import { deviceClassStrategy } from '../../../../shared/registry/resource/deviceclass/strategy.ts';
import { resourceSliceStrategy } from '../../../../shared/registry/resource/resourceslice/strategy.ts';
import {
  createCauses,
  createOutcome,
  updateCauses,
  updateOutcome,
} from '../../../fixtures/strategy-causes.ts';

const slice = (spec: object) => ({
  apiVersion: 'resource.k8s.io/v1',
  kind: 'ResourceSlice',
  spec: {
    driver: 'd.example.com',
    pool: { name: 'pool', generation: 1, resourceSliceCount: 1 },
    nodeName: 'node',
    ...spec,
  },
});
const devices = (...list: object[]) => slice({ devices: list });
const device = (fields: object) => devices({ name: 'gpu-0', ...fields });

const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const C_IDENTIFIER =
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')";
const NODES = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';
const OWN_NODES =
  'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
const term = { matchExpressions: [{ key: 'a', operator: 'Exists' }] };
const ONE_OF =
  'must specify one of: `int`, `bool`, `string`, `version`, `ints`, `bools`, `strings`, `versions`';
const D = 'spec.devices[0]';
const numbered = (count: number, value: object) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${index}`, value]));

test.each<[string, ReturnType<typeof slice>, string[]]>([
  ['nothing', slice({}), []],
  [
    'all fields of a device',
    device({
      attributes: {
        model: { string: 'a' },
        'example.com/version': { version: '1.2.3-a+b' },
        fast: { bool: false },
        count: { int: 0 },
      },
      capacity: { memory: { value: '1Gi' } },
      consumesCounters: [{ counterSet: 'c', counters: { x: { value: '1' } } }],
      taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }],
      bindingConditions: ['a'],
      bindingFailureConditions: ['b'],
    }),
    [],
  ],
  ['counters', slice({ sharedCounters: [{ name: 'c', counters: { x: { value: '1' } } }] }), []],
  [
    'invalid values',
    slice({
      driver: '',
      pool: { name: '', generation: -1, resourceSliceCount: 0 },
      nodeName: '',
      allNodes: false,
    }),
    [
      'spec.driver: Required value',
      'spec.pool.name: Required value',
      'spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero',
      'spec.pool.generation: Invalid value: -1: must be greater than or equal to zero',
      'spec.nodeName: Invalid value: "": must be either unset or set to a non-empty string',
      'spec.allNodes: Invalid value: false: must be either unset or set to true',
      `spec: Required value: ${NODES}`,
    ],
  ],
  [
    'several node selections',
    slice({
      nodeName: 'Node',
      nodeSelector: { nodeSelectorTerms: [term, term] },
      allNodes: true,
      perDeviceNodeSelection: true,
    }),
    [
      `spec.nodeName: Invalid value: "Node": ${SUBDOMAIN}`,
      'spec.nodeSelector.nodeSelectorTerms: Invalid value: [{"MatchExpressions":[{"Key":"a","Operator":"Exists","Values":null}],"MatchFields":null},{"MatchExpressions":[{"Key":"a","Operator":"Exists","Values":null}],"MatchFields":null}]: must have exactly one node selector term',
      `spec: Invalid value: "{\`nodeName\`, \`nodeSelector\`, \`allNodes\`, \`perDeviceNodeSelection\`}": ${NODES}, but multiple fields are set`,
    ],
  ],
  [
    'devices and counters',
    slice({
      devices: [{ name: 'a' }, { name: 'a' }],
      sharedCounters: [
        { name: '', counters: {} },
        { name: 'C', counters: { X: { value: '1' } } },
      ],
    }),
    [
      'spec: Invalid value: "": only one of `sharedCounters` or `devices` is allowed',
      'spec.devices[1]: Duplicate value: "a"',
      'spec.sharedCounters[0].name: Required value',
      'spec.sharedCounters[0].counters: Required value',
      `spec.sharedCounters[1].name: Invalid value: "C": ${LABEL}`,
      `spec.sharedCounters[1].counters: Invalid value: "X": ${LABEL}`,
    ],
  ],
  [
    'too many devices',
    slice({ devices: Array.from({ length: 129 }, () => ({ name: 'a' })) }),
    ['spec.devices: Too many: 129: must have at most 128 items'],
  ],
  [
    'too many devices with taints',
    slice({
      devices: [
        ...Array.from({ length: 64 }, (_, index) => ({ name: `d${index}` })),
        { name: 'x', taints: [{ key: 'k', effect: 'None' }] },
      ],
    }),
    ['spec.devices: Too many: 65: must have at most 64 items'],
  ],
  [
    'attributes',
    device({
      name: 'GPU',
      attributes: {
        '/x': { int: 1 },
        '1a': { int: 1 },
        'Example_com/x': { int: 1 },
        a: {},
        b: { int: 1, bool: true },
        c: { string: 'x'.repeat(65) },
        d: { version: '1.2' },
        'x/': { int: 1 },
      },
    }),
    [
      `${D}.name: Invalid value: "GPU": ${LABEL}`,
      `${D}.attributes: Invalid value: "": the domain must not be empty`,
      `${D}.attributes: Invalid value: "1a": ${C_IDENTIFIER}`,
      `${D}.attributes: Invalid value: "Example_com": ${SUBDOMAIN}`,
      `${D}.attributes[c].string: Too long: may not be more than 64 bytes`,
      `${D}.attributes[d].version: Invalid value: "1.2": must be a string compatible with semver.org spec 2.0.0`,
      `${D}.attributes: Invalid value: "": the name must not be empty`,
      `${D}.attributes[a]: Invalid value: "": ${ONE_OF}`,
      `${D}.attributes[b]: Invalid value: "{int, bool}": ${ONE_OF.replace('one', 'exactly one')}`,
    ],
  ],
  [
    'too many attributes',
    device({ attributes: numbered(49, { int: 1 }) }),
    [
      `${D}: Invalid value: 49: the total number of attributes and capacities must not exceed 32`,
      `${D}: Invalid value: 49: the total number of attribute values must not exceed 48`,
    ],
  ],
  [
    'long names are shortened',
    device({ attributes: { [`example.com/${'x'.repeat(100)}`]: {} } }),
    [
      `${D}.attributes: Too long: may not be more than 32 bytes`,
      `${D}.attributes[example.com/${'x'.repeat(35)}...${'x'.repeat(46)}]: Invalid value: "": exactly one value must be specified`,
      `${D}.attributes[example.com/${'x'.repeat(100)}]: Invalid value: "": ${ONE_OF}`,
    ],
  ],
  [
    'taints and counters',
    device({
      taints: [
        { key: '', value: '?', effect: '' },
        { key: 'a', effect: 'Evict' },
      ],
      consumesCounters: [
        { counterSet: '', counters: {} },
        { counterSet: 'c', counters: numbered(33, { value: '1' }) },
      ],
    }),
    [
      `${D}.taints[0].key: Invalid value: "": name part must be non-empty`,
      `${D}.taints[0].key: Invalid value: "": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
      `${D}.taints[0].value: Invalid value: "?": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
      `${D}.consumesCounters[1].counters: Too many: 33: must have at most 32 items`,
      `${D}.consumesCounters[0].counterSet: Required value`,
      `${D}.consumesCounters[0].counters: Required value`,
      `${D}.taints[0].effect: Required value`,
      `${D}.taints[1].effect: Unsupported value: "Evict": supported values: "NoExecute", "NoSchedule", "None"`,
    ],
  ],
  [
    'devices with their own node selection',
    slice({
      nodeName: undefined,
      perDeviceNodeSelection: true,
      devices: [
        { name: 'a' },
        { name: 'b', nodeName: '' },
        { name: 'c', nodeName: 'n', allNodes: true },
        { name: 'd', nodeSelector: { nodeSelectorTerms: [term] } },
        { name: 'e', allNodes: false },
      ],
    }),
    [
      `spec.devices[0]: Required value: ${OWN_NODES}`,
      'spec.devices[1].nodeName: Invalid value: "": must not be empty',
      `spec.devices[1]: Required value: ${OWN_NODES}`,
      `spec.devices[2]: Invalid value: "{\`nodeName\`, \`allNodes\`}": ${OWN_NODES}`,
      'spec.devices[4].allNodes: Invalid value: false: must be either unset or set to true',
      `spec.devices[4]: Required value: ${OWN_NODES}`,
    ],
  ],
  [
    'devices without permission to select nodes',
    device({ nodeName: 'n' }),
    [
      `${D}: Invalid value: null: \`nodeName\`, \`nodeSelector\` and \`allNodes\` can only be set if \`perDeviceNodeSelection\` is set to true in the ResourceSlice spec`,
    ],
  ],
])('slice: %s', async (_, object, causes) => {
  expect(await createCauses(resourceSliceStrategy, object)).toEqual(causes);
});

const P = `${D}.capacity[memory].requestPolicy`;

test.each<[string, object, string[]]>([
  ['values', { default: '2Gi', validValues: ['1Gi', '2Gi', '8Gi'] }, []],
  ['a range', { default: '2Gi', validRange: { min: '1Gi', max: '8Gi', step: '1Gi' } }, []],
  ['nothing', {}, []],
  [
    'values without a default',
    { validValues: ['1Gi'] },
    [`${P}.default: Required value: required when validValues is defined`],
  ],
  [
    'a range without a default',
    { validRange: {} },
    [`${P}.default: Required value: required when validRange is defined`],
  ],
  [
    'both',
    { default: '1Gi', validValues: ['1Gi'], validRange: { min: '1Gi' } },
    [
      `${P}: Forbidden: exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time`,
    ],
  ],
  [
    'invalid values',
    { default: '3Gi', validValues: ['2Gi', '1Gi', '1024Mi', '9Gi'] },
    [
      `${P}.validValues[1]: Invalid value: "1Gi": values must be sorted in ascending order`,
      `${P}.validValues[3]: Invalid value: "9Gi": option is larger than capacity value: 8Gi`,
      `${P}.validValues[2]: Duplicate value: "1073741824"`,
      `${P}.validValues: Invalid value: "3Gi": default value is not valid according to the requestPolicy`,
    ],
  ],
  [
    'too many values',
    { default: '1', validValues: ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11'] },
    [
      `${P}.validValues: Too many: 11: must have at most 10 items`,
      `${P}.validValues: Invalid value: "1": default value is not valid according to the requestPolicy`,
    ],
  ],
  [
    'a range without a minimum',
    { default: '1', validRange: { max: '1' } },
    [`${P}.validRange.min: Required value: required when validRange is defined`],
  ],
  [
    'an invalid range',
    { default: '1Gi', validRange: { min: '10Gi', max: '9Gi', step: '3Gi' } },
    [
      `${P}.validRange.min: Invalid value: "10Gi": min is larger than capacity value: 8Gi`,
      `${P}.validRange.default: Invalid value: "1Gi": default is less than min: 10Gi`,
      `${P}.validRange.max: Invalid value: "10Gi": min is larger than max: 9Gi`,
      `${P}.validRange.max: Invalid value: "9Gi": max is larger than capacity value: 8Gi`,
      `${P}.validRange.step: Invalid value: "3Gi": one step 13Gi is larger than capacity value: 8Gi`,
      `${P}.validRange.step: Invalid value: "9Gi": value is not a multiple of a given step (3Gi) from (10Gi)`,
    ],
  ],
  [
    'a default above the maximum',
    { default: '5Gi', validRange: { min: '1Gi', max: '3Gi', step: '2Gi' } },
    [`${P}.validRange.default: Invalid value: "5Gi": default is more than max: 3Gi`],
  ],
  [
    'a step of zero',
    { default: '2Gi', validRange: { min: '1Gi', step: '0' } },
    [`${P}.validRange.step: Invalid value: "0": must be greater than zero`],
  ],
  [
    'a range too large for steps',
    { default: '-1Gi', validRange: { min: '-2Gi', max: '20E', step: '1Gi' } },
    [
      `${P}.validRange.max: Invalid value: "20E": max is larger than capacity value: 8Gi`,
      `${P}.validRange.default: Invalid value: "-1Gi": must be greater than or equal to 0`,
      `${P}.validRange.min: Invalid value: "-2Gi": must be greater than or equal to 0`,
      `${P}.validRange.max: Invalid value: "20E": must not be larger than 9223372036854775807`,
    ],
  ],
])('how much may be asked for: %s', async (_, requestPolicy, causes) => {
  const capacity = { memory: { value: '8Gi', requestPolicy } };
  const object = device({ allowMultipleAllocations: true, capacity });
  expect(await createCauses(resourceSliceStrategy, object)).toEqual(causes);
});

test('only shared devices have a policy', async () => {
  const capacity = { memory: { value: '8Gi', requestPolicy: {} } };
  expect(await createCauses(resourceSliceStrategy, device({ capacity }))).toEqual([
    `${P}: Forbidden: allowMultipleAllocations must be true`,
  ]);
});

test('owner and node of a slice are immutable', async () => {
  const update = {
    from: slice({}),
    to: slice({
      driver: 'other',
      pool: { name: 'other', generation: 2, resourceSliceCount: 1 },
      nodeName: 'other',
    }),
  };
  expect(await updateCauses(resourceSliceStrategy, update)).toEqual([
    'spec.pool.name: Invalid value: "other": field is immutable',
    'spec.driver: Invalid value: "other": field is immutable',
    'spec.nodeName: Invalid value: "other": field is immutable',
  ]);
});

test('stored taints are not validated again, except declaratively', async () => {
  const taints = [{ key: '?', effect: 'Evict' }];
  const from = device({ taints });
  const to = device({ taints, attributes: { a: { int: 1 } } });
  const { causes, object } = await updateOutcome<ResourceSlice>(resourceSliceStrategy, { from, to });
  expect(causes).toEqual([
    `${D}.taints[0].effect: Unsupported value: "Evict": supported values: "NoExecute", "NoSchedule", "None"`,
  ]);
  expect(object.metadata.generation).toBe(2);
});

test('gated fields are dropped', async () => {
  const object = device({
    attributes: { a: { int: 1, ints: [1] } },
    nodeAllocatableResources: { cpu: { mapping: { deviceMultiplier: '1' } } },
  });
  const outcome = await createOutcome<ResourceSlice>(resourceSliceStrategy, object);
  expect(outcome.causes).toEqual([]);
  expect(outcome.object.spec.devices).toEqual([{ name: 'gpu-0', attributes: { a: { int: 1 } } }]);
});

test('but stored ones are kept', async () => {
  const gated = device({
    attributes: { a: { versions: ['1', '1.2.3'] } },
    nodeAllocatableResources: {
      'ephemeral-storage': { mapping: { capacityMultiplier: '1', capacityKey: 'y' } },
      'example.com/x': { mapping: { capacityMultiplier: '0', capacityKey: 'y', deviceMultiplier: '-1' } },
      cpu: { overhead: {} },
      'hugepages-2Mi': {},
      memory: { mapping: { capacityKey: '' }, overhead: { perPod: '-1', perContainer: '0' } },
    },
  });
  const M = `${D}.nodeAllocatableResources`;
  expect(await updateCauses(resourceSliceStrategy, { from: gated, to: gated })).toEqual([
    `${D}.attributes[a].versions[0]: Invalid value: "1": must be a string compatible with semver.org spec 2.0.0`,
    `${M}[cpu].overhead: Invalid value: "": at least one of perPod or perContainer must be set`,
    `${M}[ephemeral-storage]: Invalid value: "ephemeral-storage": must be a node allocatable resource name`,
    `${M}[ephemeral-storage].mapping.capacityKey: Not found: "y"`,
    `${M}[example.com/x]: Invalid value: "example.com/x": must be a node allocatable resource name`,
    `${M}[example.com/x].mapping.capacityKey: Not found: "y"`,
    `${M}[example.com/x].mapping.capacityMultiplier: Invalid value: "0": must be positive`,
    `${M}[example.com/x].mapping.deviceMultiplier: Invalid value: "-1": must be positive`,
    `${M}[hugepages-2Mi]: Required value: at least one of mapping or overhead must be set`,
    `${M}[memory].mapping.capacityKey: Invalid value: "": capacityKey must not be an empty string`,
    `${M}[memory].mapping.capacityMultiplier: Required value: capacityMultiplier is required when capacityKey is set`,
    `${M}[memory].overhead.perPod: Invalid value: "-1": must be non-negative`,
  ]);
});

test('driver names are lower case', async () => {
  const { causes, warnings } = await createOutcome(resourceSliceStrategy, slice({ driver: 'D.example.com' }));
  expect(causes).toEqual([]);
  expect(warnings).toEqual([
    'spec.driver: driver names should be lowercase; "D.example.com" contains uppercase characters',
  ]);
});

const deviceClass = (spec: object) => ({ apiVersion: 'resource.k8s.io/v1', kind: 'DeviceClass', spec });

test.each<[object, string[]]>([
  [{}, []],
  [
    {
      selectors: [{ cel: { expression: 'true' } }],
      config: [{ opaque: { driver: 'd', parameters: {} } }],
      extendedResourceName: 'example.com/gpu',
    },
    [],
  ],
  [
    { selectors: [{}], config: [{}], extendedResourceName: 'gpu' },
    [
      'spec.selectors[0].cel: Required value',
      'spec.config[0].opaque: Required value',
      `spec.extendedResourceName: Invalid value: "gpu": a name must be a domain-prefixed path, such as 'example.com/my-prop'`,
    ],
  ],
  [
    { extendedResourceName: 'requests.kubernetes.io/A b' },
    [
      'spec.extendedResourceName: Invalid value: "requests.kubernetes.io/A b": must not have "kubernetes.io/" domain',
      'spec.extendedResourceName: Invalid value: "requests.kubernetes.io/A b": must not have "requests." prefix',
      `spec.extendedResourceName: Invalid value: "requests.kubernetes.io/A b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
    ],
  ],
  [
    { config: [{ opaque: { driver: 'A b' } }, { opaque: { driver: 'A'.repeat(300), parameters: {} } }] },
    [
      'spec.config[0].opaque.parameters: Required value',
      `spec.config[0].opaque.driver: Invalid value: "A b": an RFC 1123 subdomain must consist of alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'Example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
      `spec.config[1].opaque.driver: Invalid value: "${'A'.repeat(300)}": must be no more than 253 bytes`,
      'spec.config[1].opaque.driver: Too long: may not be more than 63 characters',
    ],
  ],
])('device class: %j', async (spec, causes) => {
  expect(await createCauses(deviceClassStrategy, deviceClass(spec))).toEqual(causes);
});

test('a stored configuration may exceed the limit', async () => {
  const config = [{ opaque: { driver: 'd', parameters: { a: 'x'.repeat(10 * 1024) } } }];
  const from = deviceClass({ config });
  const to = deviceClass({ config, extendedResourceName: 'example.com/gpu' });
  expect(await updateCauses(deviceClassStrategy, { from, to })).toEqual([]);
});

const consumer = (fields: object) => ({
  name: 'gpu-0',
  consumesCounters: [{ counterSet: 'c', counters: { x: { value: '1' } }, ...fields }],
});

test.each<[string, object[], string[]]>([
  ['two', [consumer({ compatibilityGroups: ['a', 'b'] })], []],
  [
    'three',
    [consumer({ compatibilityGroups: ['a', 'b', 'c'] })],
    [`${D}.consumesCounters[0].compatibilityGroups: Too many: 3: must have at most 2 items`],
  ],
  [
    'a duplicate group with an invalid name',
    [consumer({ compatibilityGroups: ['A', 'A'] })],
    [
      ...[0, 1].map(
        (index) => `${D}.consumesCounters[0].compatibilityGroups[${index}]: Invalid value: "A": ${LABEL}`,
      ),
      `${D}.consumesCounters[0].compatibilityGroups[1]: Duplicate value: "A"`,
    ],
  ],
])('compatibility groups: %s', async (_, list, causes) => {
  const features = ['DRADeviceCompatibilityGroups'];
  expect(await createCauses(resourceSliceStrategy, devices(...list), { features })).toEqual(causes);
});

const PARTITION = 'spec.partitionTypeAttribute';
const NAMED = '`partitionTypeAttribute` names this attribute';

test.each<[string, object[], string[]]>([
  ['d.example.com/type', [{ ...consumer({}), attributes: { type: { string: 'Half' } } }], []],
  [
    'd.example.com/type',
    [{ ...consumer({}), attributes: { 'd.example.com/type': { string: 'Half' } } }, { name: 'whole' }],
    [],
  ],
  [
    'd.example.com/type',
    [{ name: 'whole', attributes: { type: { string: 'Full' } } }],
    [
      `${PARTITION}: Invalid value: "d.example.com/type": may only be set on a slice which declares devices that consume counters`,
    ],
  ],
  [
    'type',
    [consumer({})],
    [
      `${PARTITION}: Invalid value: "type": a fully qualified name must be a domain and a name separated by a slash`,
    ],
  ],
  [
    'e.example.com/type',
    [
      { ...consumer({}), attributes: { type: { string: 'Half' } } },
      { ...consumer({}), name: 'gpu-1', attributes: { 'e.example.com/type': { int: 1 } } },
    ],
    [
      `${D}.attributes[e.example.com/type]: Required value: device consumes counters and ${NAMED}, so it must be set`,
      `spec.devices[1].attributes[e.example.com/type]: Invalid value: {"IntValue":1,"BoolValue":null,"StringValue":null,"VersionValue":null,"IntValues":null,"BoolValues":null,"StringValues":null,"VersionValues":null}: must be a string value because ${NAMED}`,
    ],
  ],
])('partition types: %s of %j', async (partitionTypeAttribute, list, causes) => {
  const features = ['DRAPartitionableDevicesType'];
  const object = slice({ devices: list, partitionTypeAttribute });
  expect(await createCauses(resourceSliceStrategy, object, { features })).toEqual(causes);
});

test('a dropped field still counts as a change', async () => {
  const request = { from: device({}), to: device({ nodeAllocatableResources: { cpu: {} } }) };
  const { causes, object } = await updateOutcome<ResourceSlice>(resourceSliceStrategy, request);
  expect(causes).toEqual([]);
  expect([object.metadata.generation, object.spec]).toEqual([2, request.from.spec]);
});
