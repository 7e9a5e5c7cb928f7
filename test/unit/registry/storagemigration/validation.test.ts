import { describe, expect, test } from 'vitest';
import {
  storageVersionMigrationStatusStrategy,
  storageVersionMigrationStrategy,
} from '../../../../shared/registry/storagemigration/storageversionmigration/strategy.ts';
import { createCauses, updateCauses } from '../../../fixtures/strategy-causes.ts';

const of = (resource: object, status: object = {}) => ({
  apiVersion: 'storagemigration.k8s.io/v1beta1',
  kind: 'StorageVersionMigration',
  spec: { resource },
  status,
});

const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

test.each<[object, string[]]>([
  [{ resource: 'pods' }, []],
  [{ group: 'apps', resource: 'deployments' }, []],
  [{ group: 'apps' }, ['spec.resource.resource: Required value: resource is required to be set']],
  [
    { group: 'A', resource: '1pods' },
    [
      `spec.resource.resource: Invalid value: "1pods": ${LABEL}`,
      `spec.resource.group: Invalid value: "A": ${SUBDOMAIN}`,
    ],
  ],
])('create %j', async (resource, causes) => {
  expect(await createCauses(storageVersionMigrationStrategy, of(resource))).toEqual(causes);
});

test('the migrated resource is immutable', async () => {
  const strategy = storageVersionMigrationStrategy;
  const old = of({ group: 'apps', resource: 'deployments' });
  expect(await updateCauses(strategy, { from: old, to: old })).toEqual([]);
  expect(await updateCauses(strategy, { from: old, to: of({ resource: 'pods' }) })).toEqual([
    'spec: Invalid value: {"Resource":{"group":"","resource":"pods"}}: field is immutable',
  ]);
});

describe('status', () => {
  const condition = (type: string, status: string) => ({
    type,
    status,
    reason: 'Reason',
    message: '',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  });
  const conditions = (...list: object[]) => ({ conditions: list });
  const shown = (...list: { type: string; status: string }[]) =>
    JSON.stringify(
      list.map(({ type, status }) => ({
        type,
        status,
        lastTransitionTime: '2026-01-01T00:00:00Z',
        reason: 'Reason',
        message: '',
      })),
    );
  const [succeeded, failed] = [condition('Succeeded', 'True'), condition('Failed', 'True')];
  const unsucceeded = condition('Succeeded', 'False');

  test.each<[string, object, object, string[]]>([
    ['a version', {}, { resourceVersion: '12', ...conditions(succeeded) }, []],
    [
      'an invalid number',
      {},
      { resourceVersion: '012' },
      ['status.resourceVersion: Invalid value: "012": resource version is not well formed: 012'],
    ],
    [
      'another version',
      { resourceVersion: '12' },
      { resourceVersion: '13' },
      ['status.resourceVersion: Invalid value: "13": field is immutable'],
    ],
    [
      'both outcomes',
      {},
      conditions(succeeded, failed),
      [
        `status.conditions: Invalid value: ${shown(succeeded, failed)}: Both success and failed conditions cannot be true at the same time`,
      ],
    ],
    [
      'removal of success',
      conditions(succeeded),
      conditions(unsucceeded),
      [
        `status.conditions: Invalid value: ${shown(unsucceeded)}: Success condition cannot be set to false once it is true`,
      ],
    ],
    [
      'removal of failure',
      conditions(failed),
      {},
      ['status.conditions: Invalid value: null: Failed condition cannot be set to false once it is true'],
    ],
    [
      'a condition without a reason',
      {},
      conditions({ ...succeeded, reason: '' }),
      ['status.conditions[0].reason: Required value'],
    ],
  ])('%s', async (_what, before, after, causes) => {
    const resource = { resource: 'pods' };
    const strategy = storageVersionMigrationStatusStrategy;
    expect(await updateCauses(strategy, { from: of(resource, before), to: of(resource, after) })).toEqual(
      causes,
    );
  });
});
