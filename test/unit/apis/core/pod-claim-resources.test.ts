/** The expected messages are those of upstream's `validatePodLevelResourcesCoverDRA`. */

import { expect, test } from 'vitest';
import type { Pod } from '../../../../shared/apis/core/v1/types.ts';
import { uncoveredClaims } from '../../../../shared/apis/core/validation/pod-claim-resources.ts';

const containers = (...limits: object[]) =>
  limits.map((limit, index) => ({
    name: `c${index}`,
    resources: { requests: { cpu: '100m' }, limits: limit },
  }));
const pod = (resources: object | undefined, claims: object[], ...limits: object[]): Pod =>
  ({
    metadata: { name: 'p' },
    spec: { resources, containers: containers(...limits) },
    status: {
      nodeAllocatableResourceClaimStatuses: claims.map((claim) => ({ resourceClaimName: 'r', ...claim })),
    },
  }) as unknown as Pod;
const mapped = (name: string, quantity: string) => ({ mapping: [{ name, quantity }], containers: ['c0'] });
const overhead = (...names: string[]) => ({
  overhead: [{ name: 'cpu', perPod: '50m', perContainer: '25m' }],
  containers: names,
});
const REQUEST =
  'pod level request for cpu is insufficient to cover the aggregated container and node-allocatable DRA requests';

test.each<[string, Pod, string | undefined]>([
  ['without pod-level resources', pod(undefined, [mapped('cpu', '9')], {}), undefined],
  ['without claims', pod({ requests: { cpu: '10m' } }, [], {}), undefined],
  [
    'enough resources for containers and claim',
    pod({ requests: { cpu: '200m' } }, [mapped('cpu', '100m')], {}),
    undefined,
  ],
  [
    'too few resources for the claim',
    pod({ requests: { cpu: '199m' } }, [mapped('cpu', '100m')], {}),
    REQUEST,
  ],
  [
    'an overhead of each container',
    pod({ requests: { cpu: '300m' } }, [overhead('c0', 'c1')], {}, {}),
    undefined,
  ],
  ['a unit too much', pod({ requests: { cpu: '299m' } }, [overhead('c0', 'c1')], {}, {}), REQUEST],
  [
    "resources that pods can't have at pod level",
    pod({ requests: { 'a.b/c': '1' } }, [mapped('a.b/c', '9')], {}),
    undefined,
  ],
  [
    'huge pages of a claim',
    pod({ limits: { 'hugepages-2Mi': '4Mi' } }, [mapped('hugepages-2Mi', '6Mi')], {}),
    'pod level limit for hugepages-2Mi is insufficient to cover the aggregated container and node-allocatable DRA limits',
  ],
  [
    'a container with its claim',
    pod({ limits: { cpu: '1' } }, [mapped('cpu', '600m')], { cpu: '500m' }, { cpu: '1' }),
    'pod level limit for cpu is insufficient to cover the limit and DRA overhead for container c0',
  ],
  [
    'a container of another claim',
    pod({ limits: { cpu: '1' } }, [{ ...mapped('cpu', '600m'), containers: ['c1'] }], { cpu: '500m' }, {}),
    undefined,
  ],
])('%s', (_, object, why) => {
  expect(uncoveredClaims(object)).toBe(why);
});
