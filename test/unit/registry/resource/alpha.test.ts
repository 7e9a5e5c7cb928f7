import { expect, test } from 'vitest';
import type { ResourcePoolStatusRequest } from '../../../../shared/apis/resource/v1alpha3/types.ts';
import type { DeviceTaintRule } from '../../../../shared/apis/resource/v1beta2/types.ts';
import {
  deviceTaintRuleStatusStrategy,
  deviceTaintRuleStrategy,
} from '../../../../shared/registry/resource/devicetaintrule/strategy.ts';
import {
  resourcePoolStatusRequestStatusStrategy,
  resourcePoolStatusRequestStrategy,
} from '../../../../shared/registry/resource/resourcepoolstatusrequest/strategy.ts';
import {
  createCauses,
  createOutcome,
  updateCauses,
  updateOutcome,
} from '../../../fixtures/strategy-causes.ts';

const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

const rule = (spec: object, status: object = {}) => ({
  apiVersion: 'resource.k8s.io/v1alpha3',
  kind: 'DeviceTaintRule',
  spec: { taint: { key: 'k', effect: 'NoExecute' }, ...spec },
  status,
});

test.each<[object, string[]]>([
  [{}, []],
  [{ deviceSelector: { driver: 'd', pool: 'p/q', device: 'x' } }, []],
  [
    { deviceSelector: { driver: '', pool: '', device: 'X' }, taint: { key: 'k', effect: '' } },
    [
      'spec.deviceSelector.driver: Required value',
      'spec.deviceSelector.pool: Required value',
      `spec.deviceSelector.device: Invalid value: "X": ${LABEL}`,
      'spec.taint.effect: Required value',
    ],
  ],
])('taint rule: %j', async (spec, causes) => {
  expect(await createCauses(deviceTaintRuleStrategy, rule(spec))).toEqual(causes);
});

test('a changed effect resets the time', async () => {
  const timeAdded = '2026-01-02T03:04:05Z';
  const from = rule({ taint: { key: 'k', effect: 'NoExecute', timeAdded } });
  const to = rule({ taint: { key: 'k', effect: 'None', timeAdded } });
  const { object } = await updateOutcome<DeviceTaintRule>(deviceTaintRuleStrategy, { from, to });
  expect(object.metadata.generation).toBe(2);
  expect(object.spec.taint.timeAdded).not.toBe(timeAdded);
  const same = await updateOutcome<DeviceTaintRule>(deviceTaintRuleStrategy, { from, to: from });
  expect(same.object.spec.taint.timeAdded).toBe(timeAdded);
  expect(same.object.metadata.generation).toBe(1);
});

const condition = (type: string) => ({
  type,
  status: 'True',
  reason: 'R',
  message: '',
  lastTransitionTime: '2026-01-02T03:04:05Z',
});

test("a taint rule's status", async () => {
  const conditions = Array.from({ length: 9 }, (_, index) => condition(`C${index}`));
  const update = { from: rule({}), to: rule({}, { conditions }) };
  expect(await updateCauses(deviceTaintRuleStatusStrategy, update)).toEqual([
    'status.conditions: Too many: 9: must have at most 8 items',
  ]);
});

const request = (spec: object, status?: object) => ({
  apiVersion: 'resource.k8s.io/v1alpha3',
  kind: 'ResourcePoolStatusRequest',
  spec: { driver: 'd.example.com', ...spec },
  ...(status && { status }),
});

test.each<[object, string[]]>([
  [{}, []],
  [{ poolName: 'a/b', limit: 1000 }, []],
  [
    { driver: '', poolName: 'a//B', limit: 1001 },
    [
      'spec.driver: Required value',
      'spec.poolName: Invalid value: "a//B": segment 1: must not be empty',
      `spec.poolName: Invalid value: "B": segment 2: ${SUBDOMAIN}`,
      'spec.limit: Invalid value: 1001: must be less than or equal to 1000',
    ],
  ],
  [{ limit: 0 }, ['spec.limit: Invalid value: 0: must be greater than or equal to 1']],
])('pool status request: %j', async (spec, causes) => {
  expect(await createCauses(resourcePoolStatusRequestStrategy, request(spec))).toEqual(causes);
});

test('a request is immutable, and has no answer initially', async () => {
  const update = { from: request({}), to: request({ limit: 2 }) };
  expect(await updateCauses(resourcePoolStatusRequestStrategy, update)).toEqual([
    'spec: Invalid value: null: field is immutable',
  ]);
  const sent = request({}, { poolCount: 1 });
  const { object } = await createOutcome<ResourcePoolStatusRequest>(resourcePoolStatusRequestStrategy, sent);
  expect(object.status).toBeUndefined();
});

test.each<[object, string[]]>([
  [{ poolCount: 0 }, []],
  [
    {
      poolCount: 1,
      pools: [{ driver: 'd', poolName: 'p', generation: 1, resourceSliceCount: 1, totalDevices: 0 }],
      conditions: [condition('Complete')],
    },
    [],
  ],
  [{}, ['status.poolCount: Required value']],
  [
    {
      poolCount: 1,
      pools: [
        {
          ...{ driver: 'd', poolName: 'p', generation: 1 },
          partitionSummary: [
            { attribute: 'a', type: 't', total: 1, allocatable: -1 },
            { attribute: 'a', type: 't', total: 1, allocatable: 0 },
            { attribute: '', type: '' },
          ],
          shareableSummary: { fullyAvailableDevices: -1, capacity: [{ name: '', total: '1' }] },
        },
      ],
    },
    [
      'status.pools[0].partitionSummary[1]: Duplicate value: {"attribute":"a","type":"t","total":1,"allocatable":0}',
      'status.pools[0].partitionSummary[0].allocatable: Invalid value: -1: must be greater than or equal to 0',
      'status.pools[0].partitionSummary[2].attribute: Required value',
      'status.pools[0].partitionSummary[2].type: Required value',
      'status.pools[0].partitionSummary[2].total: Required value',
      'status.pools[0].partitionSummary[2].allocatable: Required value',
      'status.pools[0].shareableSummary.fullyAvailableDevices: Invalid value: -1: must be greater than or equal to 0',
      'status.pools[0].shareableSummary.partiallyAvailableDevices: Required value',
      'status.pools[0].shareableSummary.capacity[0].name: Required value',
      'status.pools[0].shareableSummary.capacity[0].consumed: Required value',
      'status.pools[0].shareableSummary.capacity[0].available: Required value',
    ],
  ],
  [
    {
      poolCount: -1,
      pools: [
        {
          driver: '',
          poolName: '',
          generation: 0,
          resourceSliceCount: 0,
          totalDevices: -1,
          nodeName: 'N',
          validationError: 'x'.repeat(257),
        },
      ],
      conditions: [condition('Complete'), condition('Complete')],
    },
    [
      'status.conditions[1]: Duplicate value: "Complete"',
      'status.poolCount: Invalid value: -1: must be greater than or equal to 0',
      'status.pools[0].driver: Required value',
      'status.pools[0].poolName: Required value',
      'status.pools[0].generation: Required value',
      'status.pools[0].resourceSliceCount: Invalid value: 0: must be greater than or equal to 1',
      'status.pools[0].totalDevices: Invalid value: -1: must be greater than or equal to 0',
      `status.pools[0].nodeName: Invalid value: "N": ${SUBDOMAIN}`,
      'status.pools[0].validationError: Too long: may not be more than 256 bytes',
    ],
  ],
])('answer: %j', async (status, causes) => {
  const update = { from: request({}), to: request({}, status) };
  expect(await updateCauses(resourcePoolStatusRequestStatusStrategy, update)).toEqual(causes);
});

test('a request is answered once', async () => {
  const update = { from: request({}, { poolCount: 1 }), to: request({}, { poolCount: 2 }) };
  expect(await updateCauses(resourcePoolStatusRequestStatusStrategy, update)).toEqual([
    'status: Invalid value: {"PoolCount":2,"Pools":null,"Conditions":null}: field is immutable',
  ]);
});
