import { expect, test } from 'vitest';
import { nodeStatusStrategy, nodeStrategy } from '../../../../shared/registry/core/node/strategy.ts';
import type { Manifest } from '../../../fixtures/internal-object.ts';
import { createCauses, updateCauses } from '../../../fixtures/strategy-causes.ts';

const VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const NAME_PART =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

const of = (kind: string, fields: object): Manifest => ({ kind, apiVersion: 'v1', ...fields });
const node = (spec: object, status: object = {}, metadata: object = {}) =>
  of('Node', { spec, status, metadata });

test('resource names that can be resized without preemption', async () => {
  const gate = 'InPlacePodVerticalScalingSchedulerPreemption';
  const names = ['cpu', 'a b', 'cpu', ...Array.from({ length: 3 }, (_, index) => `a.b/c${index}`)];
  const causes = (disableResizePreemption: string[]) =>
    createCauses(nodeStrategy, node({ podPreemptionPolicy: { disableResizePreemption } }), {
      features: [gate],
    });
  expect(await causes(names)).toEqual([
    `spec.podPreemptionPolicy.disableResizePreemption[1]: Invalid value: "a b": ${NAME_PART}`,
    'spec.podPreemptionPolicy.disableResizePreemption[2]: Duplicate value: "cpu"',
  ]);
  expect(await causes(Array.from({ length: 21 }, (_, index) => `a.b/c${index}`))).toEqual([
    'spec.podPreemptionPolicy.disableResizePreemption: Too many: 21: must have at most 20 items',
  ]);
});

test.each<[string, Manifest, string[]]>([
  [
    'a node',
    node(
      { podCIDRs: ['10.0.0.0/24', 'fd00::/64'], taints: [{ key: 'a', effect: 'NoSchedule' }] },
      { capacity: { cpu: '1', 'a.b/c': '2' }, addresses: [{ type: 'InternalIP', address: '10.0.0.1' }] },
    ),
    [],
  ],
  [
    'taints',
    node({
      taints: [
        { key: '', effect: 'NoSchedule' },
        { key: 'a', value: 'b c', effect: 'Odd' },
        { key: 'a' },
        { key: 'b', effect: 'NoExecute' },
        { key: 'b', value: 'c', effect: 'NoExecute' },
      ],
    }),
    [
      'metadata.taints[0].key: Invalid value: "": name part must be non-empty',
      `metadata.taints[0].key: Invalid value: "": ${NAME_PART}`,
      `metadata.taints[1].value: Invalid value: "b c": ${VALUE}`,
      'metadata.taints[1].effect: Unsupported value: "Odd": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
      'metadata.taints[2].effect: Required value',
      'metadata.taints[4]: Duplicate value: {"Key":"b","Value":"c","Effect":"NoExecute","TimeAdded":null}: taints must be unique by key and effect pair',
    ],
  ],
  [
    'ranges',
    node({ podCIDRs: ['10.0.0.0/24', '10.0.1.0/24'] }),
    [
      'spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.1.0/24"]: may specify no more than one CIDR for each IP family',
    ],
  ],
  [
    'more ranges',
    node({ podCIDRs: ['10.0.0.0/24', 'fd00::/64', 'x'] }),
    [
      'spec.podCIDRs[2]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
      'spec.podCIDRs: Internal error: invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR[2]: <nil> (invalid CIDR address: x)',
      'spec.podCIDRs: Invalid value: ["10.0.0.0/24","fd00::/64","x"]: may specify no more than one CIDR for each IP family',
    ],
  ],
  [
    'resources',
    node({}, { capacity: { 'a b': '1', odd: '1', pods: '1.5', memory: '-1' }, allocatable: { cpu: '-1' } }),
    [
      'status.capacity.memory: Invalid value: "-1": must be greater than or equal to 0',
      'status.capacity.pods: Invalid value: "1500m": must be an integer',
      'status.allocatable.cpu: Invalid value: "-1": must be greater than or equal to 0',
    ],
  ],
  [
    'annotations',
    node({}, {}, { annotations: { 'scheduler.alpha.kubernetes.io/preferAvoidPods': '{}' } }),
    [],
  ],
  [
    'bad annotations',
    node(
      {},
      {},
      {
        annotations: {
          'scheduler.alpha.kubernetes.io/preferAvoidPods':
            '{"preferAvoidPods":[{"podSignature":{"podController":{"kind":"x"}}}]}',
        },
      },
    ),
    [
      'metadata.annotations.scheduler.alpha.kubernetes.io/preferAvoidPods[0].PodSignature.PodController.Controller: Invalid value: false: must point to a controller',
    ],
  ],
])('node, created: %s', async (_, manifest, causes) => {
  expect(await createCauses(nodeStrategy, manifest)).toEqual(causes);
});

test.each<[string, Manifest, Manifest, string[]]>([
  [
    'taints and labels',
    node({}),
    node({ unschedulable: true, taints: [{ key: 'a', effect: 'NoSchedule' }] }, {}, { labels: { a: 'b' } }),
    [],
  ],
  [
    'the range',
    node({ podCIDR: '10.0.0.0/24' }),
    node({ podCIDR: '10.0.1.0/24' }),
    ['spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid'],
  ],
  ['a range where none was set', node({}), node({ podCIDR: '10.0.1.0/24' }), []],
  [
    'no range where one was set',
    node({ podCIDR: '10.0.1.0/24' }),
    node({}),
    ['spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid'],
  ],
  [
    'a second range',
    node({ podCIDRs: ['10.0.0.0/24'] }),
    node({ podCIDRs: ['10.0.0.0/24', 'fd00::/64'] }),
    ['spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid'],
  ],
  [
    'the provider ID',
    node({ providerID: 'a' }),
    node({ providerID: 'b' }),
    ['spec.providerID: Invalid value: null: field cannot be modified once set'],
  ],
  [
    'removal of the provider ID',
    node({ providerID: 'a' }),
    node({}),
    ['spec.providerID: Invalid value: null: field cannot be cleared once set'],
  ],
  [
    'other fields',
    node({ externalID: 'a' }),
    node({ externalID: 'b' }),
    ['spec.externalID: Forbidden: may not be updated'],
  ],
])('node, updated: %s', async (_, from, to, causes) => {
  expect(await updateCauses(nodeStrategy, { from, to })).toEqual(causes);
});

test.each<[string, Manifest, Manifest, string[]]>([
  [
    'duplicate addresses',
    node({}),
    node(
      {},
      {
        addresses: [
          { type: 'InternalIP', address: '1.2.3.4' },
          { type: 'InternalIP', address: '1.2.3.4' },
        ],
      },
    ),
    ['status.addresses[1]: Duplicate value: {"Type":"InternalIP","Address":"1.2.3.4"}'],
  ],
  [
    'images',
    node({}),
    node({}, { capacity: { cpu: '-1' } }),
    [
      'status.capacity.cpu: Invalid value: "-1": must be greater than or equal to 0',
      'status.allocatable.cpu: Invalid value: "-1": must be greater than or equal to 0',
    ],
  ],
])('node status, updated: %s', async (_, from, to, causes) => {
  expect(await updateCauses(nodeStatusStrategy, { from, to })).toEqual(causes);
});
