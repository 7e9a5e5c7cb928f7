import { expect, test } from 'vitest';
import {
  packSummary,
  summaryOf,
  unpackSummary,
} from '../../../shared/apiextensions/serving/definition-summary.ts';
import type { Definition } from '../../../shared/apis/apiextensions/definition.ts';
import { definition, version } from '../../fixtures/apiextensions/definition.ts';

const NAMES = { plural: 'crontabs', singular: 'crontab', kind: 'CronTab', listKind: 'CronTabList' };
const metadata = { name: 'crontabs.example.com', uid: 'u-1', generation: 3, resourceVersion: '17' };
const condition = (type: string, status: string) => ({ type, status, reason: '', message: '' });
const statusOf = (acceptedNames: Definition['status']['acceptedNames'], ...types: string[]) =>
  ({
    acceptedNames,
    conditions: types.map((type) => condition(type, 'True')),
    storedVersions: ['v1'],
  }) as Definition['status'];

const PLAIN = {
  name: 'crontabs.example.com',
  uid: 'u-1',
  resourceVersion: 17,
  generation: 3,
  group: 'example.com',
  namespaced: true,
  versions: [{ name: 'v1', served: true, hasStatus: false, hasScale: false }],
  storageVersion: 'v1',
  kind: 'CronTab',
  acceptedNames: NAMES,
  namesAccepted: true,
  established: true,
  terminating: false,
  revision: JSON.stringify(['u-1', 3, NAMES]),
};

test.each([
  [
    'established',
    definition({}, { metadata, status: statusOf(NAMES, 'NamesAccepted', 'Established') }),
    PLAIN,
  ],
  [
    'cluster-scoped and terminating',
    definition(
      { scope: 'Cluster' },
      { metadata, status: statusOf(NAMES, 'NamesAccepted', 'Established', 'Terminating') },
    ),
    { ...PLAIN, namespaced: false, terminating: true },
  ],
  [
    'without its names',
    definition({}, { metadata, status: statusOf({ plural: '', kind: '' }) }),
    {
      ...PLAIN,
      acceptedNames: { plural: '', kind: '' },
      namesAccepted: false,
      established: false,
      revision: JSON.stringify(['u-1', 3, { plural: '', kind: '' }]),
    },
  ],
  [
    'with several versions',
    definition(
      {
        versions: [
          version({ name: 'v1', storage: false, subresources: { status: {} } }),
          version({
            name: 'v2',
            served: false,
            subresources: { scale: { specReplicasPath: '.spec.a', statusReplicasPath: '.status.a' } },
          }),
        ],
      },
      { metadata, status: statusOf(NAMES, 'NamesAccepted', 'Established') },
    ),
    {
      ...PLAIN,
      versions: [
        { name: 'v1', served: true, hasStatus: true, hasScale: false },
        { name: 'v2', served: false, hasStatus: false, hasScale: true },
      ],
      storageVersion: 'v2',
    },
  ],
])('the summary of a definition that is %s survives packing', (_, of, expected) => {
  const summary = summaryOf(of);
  expect(summary).toEqual(expected);
  expect(unpackSummary(summary.name, packSummary(summary))).toEqual(expected);
});
