import { expect, test } from 'vitest';
import {
  keepPodLevelResources,
  preparePodLevelResources,
  setPodLevelDefaults,
} from '../../../../shared/apis/core/pod-level-defaults.ts';
import type { Pod, ResourceRequirements } from '../../../../shared/apis/core/v1/types.ts';

const FIX = 'PodLevelResourcesFixDefaulting';
const gates = (...off: string[]) => ({ featureEnabled: (gate: string) => !off.includes(gate) });

const pod = (resources: ResourceRequirements | undefined, ...containers: ResourceRequirements[]): Pod =>
  ({
    metadata: {},
    spec: { ...(resources && { resources }), containers: containers.map((one) => ({ resources: one })) },
    status: {},
  }) as unknown as Pod;

/** Expected pod-level resources: when read, and when stored. */
test.each<[string, Pod, ResourceRequirements | undefined, ResourceRequirements | undefined]>([
  ['has no pod-level resources', pod(undefined, { requests: { cpu: '1' } }), undefined, undefined],
  ['has empty pod-level resources', pod({}, { requests: { cpu: '1' } }), {}, {}],
  [
    'has limits',
    pod({ limits: { cpu: '4', memory: '4Gi' } }, { requests: { cpu: '1' } }, { requests: { cpu: '500m' } }),
    { limits: { cpu: '4', memory: '4Gi' }, requests: { cpu: '1500m', memory: '4Gi' } },
    { limits: { cpu: '4', memory: '4Gi' }, requests: { cpu: '1500m', memory: '4Gi' } },
  ],
  [
    'has requests, with limits on all containers',
    pod({ requests: { cpu: '1' } }, { limits: { cpu: '1' } }, { limits: { cpu: '2' } }),
    { requests: { cpu: '1' } },
    { requests: { cpu: '1' }, limits: { cpu: '3' } },
  ],
  [
    "has requests above all containers' limits",
    pod({ requests: { cpu: '5' } }, { limits: { cpu: '1' } }, { limits: { cpu: '2' } }),
    { requests: { cpu: '5' } },
    { requests: { cpu: '5' }, limits: { cpu: '5' } },
  ],
  [
    'has requests, with a container without limits',
    pod({ requests: { cpu: '1' } }, { limits: { cpu: '1' } }, {}),
    { requests: { cpu: '1' } },
    { requests: { cpu: '1' } },
  ],
  [
    'has requests of one resource, and containers with huge pages',
    pod({ requests: { cpu: '1' } }, { limits: { 'hugepages-2Mi': '4Mi' }, requests: { memory: '1Gi' } }),
    {
      requests: { cpu: '1', memory: '1Gi', 'hugepages-2Mi': '4Mi' },
      limits: { 'hugepages-2Mi': '4Mi' },
    },
    {
      requests: { cpu: '1', memory: '1Gi', 'hugepages-2Mi': '4Mi' },
      limits: { 'hugepages-2Mi': '4Mi' },
    },
  ],
])('a pod that %s', (_what, given, asRead, asStored) => {
  const read = structuredClone(given);
  setPodLevelDefaults(gates(), read);
  expect(read).toEqual(given);
  setPodLevelDefaults(gates(FIX), read);
  expect(read.spec.resources).toEqual(asRead);
  const stored = structuredClone(given);
  preparePodLevelResources(gates(FIX), stored);
  preparePodLevelResources(gates('PodLevelResources'), stored);
  expect(stored).toEqual(given);
  preparePodLevelResources(gates(), stored);
  expect(stored.spec.resources).toEqual(asStored);
});

test('clients that omit unknown fields do not remove them', () => {
  const resources = { requests: { cpu: '1' } };
  const stored = pod(resources, {});
  const kept = pod(undefined, {});
  keepPodLevelResources(gates(), kept, stored);
  expect(kept.spec.resources).toEqual(resources);
  const lost = pod(undefined, {});
  keepPodLevelResources(gates(FIX), lost, stored);
  expect(lost.spec.resources).toBeUndefined();
});
