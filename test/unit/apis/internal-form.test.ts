import { expect, test } from 'vitest';
import { internalDifference, internalForm } from '../../../shared/apis/internal-form.ts';

test.each<[string, unknown, unknown]>([
  ['core.EventSource', { component: 'a' }, { Component: 'a', Host: '' }],
  [
    'core.EventSource',
    [{}, { host: 'b' }],
    [
      { Component: '', Host: '' },
      { Component: '', Host: 'b' },
    ],
  ],
  ['batch.PodFailurePolicy', undefined, null],
  [
    'batch.PodFailurePolicy',
    { rules: [{ action: 'Ignore', onExitCodes: { operator: 'In', values: [1] } }] },
    {
      Rules: [
        {
          Action: 'Ignore',
          OnExitCodes: { ContainerName: null, Operator: 'In', Values: [1] },
          OnPodConditions: null,
        },
      ],
    },
  ],
  // The fields of an embedded struct are inlined.
  [
    'core.Volume',
    { name: 'v', hostPath: { path: '/a' } },
    expect.objectContaining({ Name: 'v', HostPath: { Path: '/a', Type: null }, EmptyDir: null }),
  ],
  [
    'core.PersistentVolumeClaim',
    { metadata: { name: 'a' }, spec: { resources: { requests: { storage: '1', a: '2' } } } },
    expect.objectContaining({
      name: 'a',
      Spec: expect.objectContaining({
        AccessModes: null,
        Resources: { Limits: null, Requests: { a: '2', storage: '1' } },
        VolumeName: '',
      }),
    }),
  ],
])('%s of %j', (type, value, form) => {
  expect(internalForm(type, value)).toEqual(form);
});

test('names are sorted', () => {
  expect(JSON.stringify(internalForm('core.ResourceRequirements', { requests: { b: '1', a: '2' } }))).toBe(
    '{"Limits":null,"Requests":{"a":"2","b":"1"},"Claims":null}',
  );
});

test('a difference of many lines is reported by field', () => {
  const rules = Array.from({ length: 400 }, () => ({ action: 'Ignore' }));
  const after = { rules: [...rules, { action: 'Count' }] };
  expect(internalDifference('batch.PodFailurePolicy', { rules }, after)).toBe(
    '  .rules[400]: unset -> {"action":"Count"}',
  );
});
