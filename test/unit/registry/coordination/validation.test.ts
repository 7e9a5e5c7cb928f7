import { expect, test } from 'vitest';
import type { Lease } from '../../../../shared/apis/coordination/v1/types.ts';
import { leaseStrategy } from '../../../../shared/registry/coordination/lease/strategy.ts';
import { leaseCandidateStrategy } from '../../../../shared/registry/coordination/leasecandidate/strategy.ts';
import { createCauses, createOutcome, updateCauses } from '../../../fixtures/strategy-causes.ts';

const lease = (spec: object) => ({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', spec });
const candidate = (spec: object) => ({
  apiVersion: 'coordination.k8s.io/v1beta1',
  kind: 'LeaseCandidate',
  spec: { leaseName: 'lease', binaryVersion: '1.36.0', strategy: 'example.com/own', ...spec },
});

test.each<[object, string[]]>([
  [{}, []],
  [{ holderIdentity: 'a', leaseDurationSeconds: 15, leaseTransitions: 0 }, []],
  [
    { leaseDurationSeconds: 0, leaseTransitions: -1 },
    [
      'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
      'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
])('lease: %j', async (spec, causes) => {
  expect(await createCauses(leaseStrategy, lease(spec))).toEqual(causes);
});

test('a lease drops the fields of coordinated leader election', async () => {
  const sent = lease({ holderIdentity: 'a', strategy: 'Nonsense', preferredHolder: 'b' });
  const { causes, object } = await createOutcome<Lease>(leaseStrategy, sent);
  expect(causes).toEqual([]);
  expect(object.spec).toEqual({ holderIdentity: 'a' });
});

test.each<[object, string[]]>([
  [{}, []],
  [{ strategy: 'OldestEmulationVersion', emulationVersion: '1.35.0' }, []],
  [
    { leaseName: '', binaryVersion: '', strategy: '' },
    ['spec.leaseName: Required value', 'spec.binaryVersion: Required value', 'spec.strategy: Required value'],
  ],
  [
    { binaryVersion: '1.36', emulationVersion: 'v1.35.0' },
    [
      'spec.emulationVersion: Invalid value: "v1.35.0": must be a valid semantic version',
      'spec.binaryVersion: Invalid value: "1.36": must be a valid semantic version',
    ],
  ],
  [
    { binaryVersion: '1.36.0-alpha.1', emulationVersion: '1.36.0' },
    [
      'spec.binaryVersion: Invalid value: "1.36.0-alpha.1": must be greater than or equal to `emulationVersion`',
    ],
  ],
  [
    { strategy: 'OldestEmulationVersion' },
    ["spec.emulationVersion: Required value: must be specified when `strategy` is 'OldestEmulationVersion'"],
  ],
  [
    { strategy: 'Newest' },
    ['spec.strategy.strategy: Unsupported value: "Newest": supported values: "OldestEmulationVersion"'],
  ],
  [
    { strategy: 'Example.com/own' },
    [
      "spec.strategy.strategy: Invalid value: \"Example.com/own\": prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  ],
])('lease candidate: %j', async (spec, causes) => {
  expect(await createCauses(leaseCandidateStrategy, candidate(spec))).toEqual(causes);
});

test("a candidate's lease is immutable", async () => {
  expect(
    await updateCauses(leaseCandidateStrategy, {
      from: candidate({}),
      to: candidate({ leaseName: 'other' }),
    }),
  ).toEqual(['spec.leaseName: Invalid value: "other": field is immutable']);
});
