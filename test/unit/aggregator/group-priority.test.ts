import { expect, test } from 'vitest';
import { compareGroups, groupVersionPriority } from '../../../shared/aggregator/group-priority.ts';

test('the order of /apis', () => {
  const groups = [
    'example.com',
    'flowcontrol.apiserver.k8s.io',
    'resource.k8s.io',
    'constructor',
    'discovery.k8s.io',
    'apps',
    'apiregistration.k8s.io',
    'apiextensions.k8s.io',
    'admissionregistration.k8s.io',
  ];
  expect(groups.sort(compareGroups)).toEqual([
    'apiregistration.k8s.io',
    'apps',
    'admissionregistration.k8s.io',
    'apiextensions.k8s.io',
    'discovery.k8s.io',
    'resource.k8s.io',
    'flowcontrol.apiserver.k8s.io',
    'constructor',
    'example.com',
  ]);
});

test.each([
  ['', 'v1', 18000, 1],
  ['autoscaling', 'v2', 17500, 30],
  ['autoscaling', 'v9', 17500, 100],
  ['example.com', 'v1', 1000, 100],
  ['apps', 'constructor', 17800, 100],
])('%s/%s', (group, version, groupPriorityMinimum, versionPriority) => {
  expect(groupVersionPriority({ group, version })).toEqual({ groupPriorityMinimum, versionPriority });
});
