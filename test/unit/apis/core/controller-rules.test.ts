import { expect, test } from 'vitest';
import { podTemplateStrategy } from '../../../../shared/registry/core/podtemplate/strategy.ts';
import {
  replicationControllerStatusStrategy,
  replicationControllerStrategy,
} from '../../../../shared/registry/core/replicationcontroller/strategy.ts';
import { serviceAccountStrategy } from '../../../../shared/registry/core/serviceaccount/strategy.ts';
import type { Manifest } from '../../../fixtures/internal-object.ts';
import { createCauses, updateCauses } from '../../../fixtures/strategy-causes.ts';

const NAME_PART =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

const of = (kind: string, fields: object): Manifest => ({ kind, apiVersion: 'v1', ...fields });
const template = (spec: object = {}, labels: object = { app: 'a' }) => ({
  metadata: { labels },
  spec: { containers: [{ name: 'a', image: 'a:1' }], ...spec },
});
const controller = (spec: object, status: object = {}) =>
  of('ReplicationController', { spec: { template: template(), ...spec }, status });

test.each<[string, Manifest, string[]]>([
  ['a template', controller({}), []],
  [
    'no template',
    of('ReplicationController', { spec: { selector: { a: 'b' } } }),
    ['spec.template: Required value'],
  ],
  [
    'an empty selector',
    of('ReplicationController', { spec: { template: template({}, {}) } }),
    ['spec.selector: Required value'],
  ],
  [
    "a selector that doesn't match the template",
    controller({ selector: { app: 'b' } }),
    [
      'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`',
    ],
  ],
  [
    'numbers',
    controller({ replicas: -1, minReadySeconds: -2 }),
    [
      'spec.minReadySeconds: Invalid value: -2: must be greater than or equal to 0',
      'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    ],
  ],
  [
    "pods that don't restart",
    controller({ template: template({ restartPolicy: 'OnFailure', activeDeadlineSeconds: 5 }) }),
    [
      'spec.template.spec.restartPolicy: Unsupported value: "OnFailure": supported values: "Always"',
      'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicationController is not Supported',
    ],
  ],
  [
    'ephemeral containers',
    controller({ template: template({ ephemeralContainers: [{ name: 'b', image: 'b' }] }) }),
    ['spec.template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template'],
  ],
  [
    'read-only disks with many pods',
    controller({
      replicas: 2,
      template: template({ volumes: [{ name: 'd', gcePersistentDisk: { pdName: 'x' } }] }),
    }),
    [],
  ],
])('replication controller, created: %s', async (_, manifest, causes) => {
  expect(await createCauses(replicationControllerStrategy, manifest)).toEqual(causes);
});

test.each<[string, Manifest, Manifest, string[]]>([
  [
    'anything',
    controller({}),
    controller({ replicas: 0, selector: { tier: 'b' }, template: template({}, { tier: 'b' }) }),
    [],
  ],
  [
    'numbers',
    controller({}),
    controller({ replicas: -1 }),
    ['spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
  ],
])('replication controller, updated: %s', async (_, from, to, causes) => {
  expect(await updateCauses(replicationControllerStrategy, { from, to })).toEqual(causes);
});

test.each<[string, Manifest, Manifest, string[]]>([
  [
    'numbers',
    controller({}),
    controller(
      {},
      {
        replicas: 2,
        fullyLabeledReplicas: 3,
        readyReplicas: 4,
        availableReplicas: 5,
        observedGeneration: -1,
      },
    ),
    [
      'status.observedGeneration: Invalid value: -1: must be greater than or equal to 0',
      'status.fullyLabeledReplicas: Invalid value: 3: cannot be greater than status.replicas',
      'status.readyReplicas: Invalid value: 4: cannot be greater than status.replicas',
      'status.availableReplicas: Invalid value: 5: cannot be greater than status.replicas',
      'status.availableReplicas: Invalid value: 5: cannot be greater than readyReplicas',
    ],
  ],
  [
    'more available than ready',
    controller({}),
    controller({}, { replicas: 5, readyReplicas: 1, availableReplicas: 2 }),
    ['status.availableReplicas: Invalid value: 2: cannot be greater than readyReplicas'],
  ],
])('replication controller status, updated: %s', async (_, from, to, causes) => {
  expect(await updateCauses(replicationControllerStatusStrategy, { from, to })).toEqual(causes);
});

test.each<[string, Manifest, string[]]>([
  ['a template', of('PodTemplate', { template: template() }), []],
  [
    'a bad template',
    of('PodTemplate', { template: template({ restartPolicy: 'Odd', dnsPolicy: 'Odd' }, { 'a b': 'c' }) }),
    [
      `template.labels: Invalid value: "a b": ${NAME_PART}`,
      'template.spec.restartPolicy: Unsupported value: "Odd": supported values: "Always", "OnFailure", "Never"',
      'template.spec.dnsPolicy: Unsupported value: "Odd": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"',
    ],
  ],
])('pod template, created: %s', async (_, manifest, causes) => {
  expect(await createCauses(podTemplateStrategy, manifest)).toEqual(causes);
});

test.each<[string, Manifest, string[]]>([
  ['anything', of('ServiceAccount', { secrets: [{ name: 'a b' }], imagePullSecrets: [{ name: '' }] }), []],
])('service account, created: %s', async (_, manifest, causes) => {
  expect(await createCauses(serviceAccountStrategy, manifest)).toEqual(causes);
});

test('fields unknown to a client are not changed by it', async () => {
  const annotations = {
    'non-convertible.kubernetes.io/spec.selector': 'x',
    'non-convertible.kubernetes.io/spec.other': 'y',
  };
  const of = (labels: object) => ({
    ...controller({ selector: labels, template: template({}, labels) }),
    metadata: { annotations },
  });
  expect(
    await updateCauses(replicationControllerStrategy, { from: of({ a: 'b' }), to: of({ a: 'b', c: 'd' }) }),
  ).toEqual([
    'spec.selector: Invalid value: {"a":"b","c":"d"}: cannot update non-convertible selector',
    'spec.other: Not found: "y": unknown non-convertible field',
  ]);
});
