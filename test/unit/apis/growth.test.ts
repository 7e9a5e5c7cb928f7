/** Validation of lists is linear in their length, not quadratic. */

import { expect, test } from 'vitest';
import { validateNamedRule } from '../../../shared/apis/admissionregistration/validation/rules.ts';
import { validateStorageVersionStatus } from '../../../shared/apis/apiserverinternal/validation/storage-version.ts';
import { validateServiceClusterIPs } from '../../../shared/apis/core/validation/cluster-ips.ts';
import { validateMatchLabelKeysAndMismatchLabelKeys } from '../../../shared/apis/core/validation/match-label-keys.ts';
import { validateVolumeDevices, validateVolumeMounts } from '../../../shared/apis/core/validation/mounts.ts';
import { validateResourceQuota } from '../../../shared/apis/core/validation/resource-quotas.ts';
import { validateContainerResourceRequirements } from '../../../shared/apis/core/validation/resource-requirements.ts';
import { validateServiceUpdate } from '../../../shared/apis/core/validation/services.ts';
import { validateTopologySpreadConstraints } from '../../../shared/apis/core/validation/topology-spread.ts';
import { validateNetworkPolicy } from '../../../shared/apis/networking/validation/network-policy.ts';
import { validateSysctlOverlaps } from '../../../shared/apis/policy/validation/sysctl-patterns.ts';
import { validateBindingConditions } from '../../../shared/apis/resource/validation/binding-conditions.ts';
import { validateStorageClass } from '../../../shared/apis/storage/validation/storage-class.ts';
import { FieldPath } from '../../../shared/meta/field-path.ts';

const PATH = FieldPath.of('a');
/** A list that counts accesses to one of its items, or to a word of one. */
type Counted = <T>(of: (i: number) => T) => T[];

const service = (spec: object) => ({ metadata: { name: 'a', resourceVersion: '1' }, spec }) as never;
const policy = (except: string[]) =>
  ({
    metadata: { name: 'a' },
    spec: { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8', except } }] }] },
  }) as never;

const withVolumes = (list: Counted) =>
  ({
    name: 'c',
    volumeMounts: list((i) => ({ name: `v${i}`, mountPath: `/m${i}` })),
    volumeDevices: list((i) => ({ name: `d${i}`, devicePath: `/d${i}` })),
  }) as never;

test.each<[string, (list: Counted) => unknown]>([
  [
    'families of a service',
    (list) => validateServiceClusterIPs(service({ ipFamilies: list((i) => `f${i}`) })),
  ],
  [
    'addresses of a service, with old ones',
    (list) =>
      validateServiceUpdate(
        service({ externalIPs: list((i) => `x${i}`) }),
        service({ externalIPs: list((i) => `10.0.${i >> 8}.${i & 255}`) }),
      ),
  ],
  [
    'exceptions of a network policy, with old ones',
    (list) => validateNetworkPolicy(policy(list((i) => `x${i}`)), policy(list((i) => `y${i}`))),
  ],
  [
    'claims of a container',
    (list) =>
      validateContainerResourceRequirements(
        { claims: list((i) => ({ name: `c${i}` })) },
        new Set(['a']),
        PATH,
        {} as never,
      ),
  ],
  ['mounts of a container with devices', (list) => validateVolumeMounts(withVolumes(list), new Map(), PATH)],
  ['devices of a container with mounts', (list) => validateVolumeDevices(withVolumes(list), new Map(), PATH)],
  [
    'versions of a server',
    (list) =>
      validateStorageVersionStatus({
        metadata: { name: 'a.b' },
        spec: {},
        status: {
          storageVersions: [
            {
              apiServerID: 'a',
              encodingVersion: 'v1',
              decodableVersions: list((i) => `v${i + 1}`),
              servedVersions: list((i) => `v${i + 1}`),
            },
          ],
        },
      } as never),
  ],
  [
    'topology spread constraints',
    (list) =>
      validateTopologySpreadConstraints(
        list((i) => ({ maxSkew: 1, topologyKey: `k${i}`, whenUnsatisfiable: 'DoNotSchedule' })),
        PATH,
        { allows: () => true },
      ),
  ],
  [
    'keys of a term',
    (list) =>
      validateMatchLabelKeysAndMismatchLabelKeys(
        {
          matchLabelKeys: list((i) => `m${i}`),
          mismatchLabelKeys: list((i) => `n${i}`),
          labelSelector: { matchExpressions: list((i) => ({ key: `a${i}`, operator: 'Exists' })) },
        },
        PATH,
      ),
  ],
  ['names of a rule', (list) => validateNamedRule({ resourceNames: list((i) => `n${i}`) } as never, PATH)],
  [
    'patterns of kernel parameters, with forbidden ones',
    (list) =>
      validateSysctlOverlaps(
        { path: PATH, patterns: list((i) => `a.${i}`) },
        { path: PATH, patterns: list((i) => `b.${i}`) },
      ),
  ],
  [
    'scopes of a quota, beside its resources',
    (list) =>
      validateResourceQuota({
        metadata: { name: 'a' },
        spec: {
          hard: Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`a.b/r${i}`, '1'])),
          scopes: list((i) => `s${i}`),
        },
      } as never),
  ],
  [
    'conditions of a binding',
    (list) =>
      validateBindingConditions(
        { bindingConditions: list((i) => `c${i}`), bindingFailureConditions: list((i) => `f${i}`) },
        PATH,
      ),
  ],
  [
    'values of a storage class',
    (list) =>
      validateStorageClass({
        metadata: { name: 'a' },
        provisioner: 'a.b',
        allowedTopologies: [{ matchLabelExpressions: [{ key: 'a', values: list((i) => `v${i}`) }] }],
      } as never),
  ],
])('%s', (_, validate) => {
  const looks = [100, 200, 400].map((length) => {
    let count = 0;
    const counted: Counted = (of) =>
      new Proxy(
        Array.from({ length }, (__, i) => of(i)),
        {
          get(target, key) {
            if (typeof key === 'string' && /^\d+$/.test(key)) count++;
            return Reflect.get(target, key);
          },
        },
      );
    validate(counted);
    return count / length;
  });
  expect(looks[0]).toBeGreaterThanOrEqual(1);
  // Some lists are validated only up to a limit.
  expect(looks[2]).toBeLessThanOrEqual(looks[0]! + 1);
});

test('errors about scopes of a quota that match no resource are bounded', () => {
  const quota = (count: number) => ({
    metadata: { name: 'a' },
    spec: {
      hard: Object.fromEntries(Array.from({ length: count }, (_, i) => [`hugepages-${i + 1}`, '1'])),
      scopes: Array.from({ length: count }, () => 'BestEffort'),
    },
  });
  const errors = [200, 400].map((count) => validateResourceQuota(quota(count) as never).length);
  expect(errors).toEqual([10_000, 10_000]);
});

test('errors about equal topologies are bounded', () => {
  const storageClass = { metadata: { name: 'a' }, provisioner: 'a.b' };
  const errors = [1_000, 2_000].map(
    (count) =>
      validateStorageClass({
        ...storageClass,
        allowedTopologies: Array.from({ length: count }, () => ({})),
      } as never).length,
  );
  expect(errors[1]).toBeLessThan(errors[0]! + 10_000);
});
