/** Cases in which upstream's own validation, run on the same objects, once had a different message. */

import { expect, test } from 'vitest';
import type { KubeObject } from '../../../../shared/meta/kube-object.ts';
import { jobStrategy } from '../../../../shared/registry/batch/job/strategy.ts';
import { nodeStrategy } from '../../../../shared/registry/core/node/strategy.ts';
import { persistentVolumeStrategy } from '../../../../shared/registry/core/persistentvolume/strategy.ts';
import { podStrategy } from '../../../../shared/registry/core/pod/strategy.ts';
import { replicationControllerStrategy } from '../../../../shared/registry/core/replicationcontroller/strategy.ts';
import { ingressStrategy } from '../../../../shared/registry/networking/ingress/strategy.ts';
import { storageClassStrategy } from '../../../../shared/registry/storage/storageclass/strategy.ts';
import type { RESTStrategy } from '../../../../shared/rest/strategy.ts';
import { createCauses, updateCauses } from '../../../fixtures/strategy-causes.ts';

const metadata = (name: string) => ({ name });
const containers = [{ name: 'c', image: 'i' }];
const pod = (securityContext: object) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  spec: { containers: [{ ...containers[0], securityContext }] },
});
const long = 'x'.repeat(300);

test.each<
  [string, RESTStrategy<never>, { apiVersion: string; kind: string; [field: string]: unknown }, string[]]
>([
  [
    "taints with Go's field names",
    nodeStrategy,
    {
      apiVersion: 'v1',
      kind: 'Node',
      spec: {
        taints: [
          { key: 'a', effect: 'NoSchedule' },
          { key: 'a', effect: 'NoSchedule' },
        ],
      },
    },
    [
      'metadata.taints[1]: Duplicate value: {"Key":"a","Value":"","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair',
    ],
  ],
  [
    "security contexts with Go's field names",
    podStrategy,
    pod({ privileged: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }),
    [
      'spec.containers[0].securityContext: Invalid value: {"Capabilities":{"Add":null,"Drop":["ALL"]},"Privileged":true,"SELinuxOptions":null,"WindowsOptions":null,"RunAsUser":null,"RunAsGroup":null,"RunAsNonRoot":null,"ReadOnlyRootFilesystem":null,"AllowPrivilegeEscalation":false,"ProcMount":null,"SeccompProfile":null,"AppArmorProfile":null}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
    ],
  ],
  [
    "seccomp profiles with Go's field names",
    podStrategy,
    pod({ seccompProfile: { type: 'Unconfined', localhostProfile: 'p.json' } }),
    [
      'spec.containers[0].securityContext.seccompProfile.localhostProfile: Invalid value: {"Type":"Unconfined","LocalhostProfile":"p.json"}: can only be set when seccomp type is Localhost',
    ],
  ],
  [
    'integers with full precision',
    podStrategy,
    {
      apiVersion: 'v1',
      kind: 'Pod',
      spec: { containers: [{ ...containers[0], ports: [{ containerPort: 2147483647 }] }] },
    },
    [
      'spec.containers[0].ports[0].containerPort: Invalid value: 2147483647: must be between 1 and 65535, inclusive',
    ],
  ],
  [
    'quantities in the order of their names',
    persistentVolumeStrategy,
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      spec: {
        capacity: { storage: '1Gi', cpu: '1' },
        accessModes: ['ReadWriteOnce'],
        nfs: { server: 's', path: '/p' },
      },
    },
    ['spec.capacity: Unsupported value: {"cpu":"1","storage":"1Gi"}: supported values: "storage"'],
  ],
  [
    "a replication controller's name, by a declarative rule",
    replicationControllerStrategy,
    {
      apiVersion: 'v1',
      kind: 'ReplicationController',
      metadata: metadata(long),
      spec: { selector: { a: 'b' }, template: { metadata: { labels: { a: 'b' } }, spec: { containers } } },
    },
    [`metadata.name: Invalid value: "${long}": must be no more than 253 bytes`],
  ],
  [
    'an empty path type, and a missing one',
    ingressStrategy,
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      spec: {
        rules: [
          {
            http: {
              paths: ['', undefined].map((pathType) => ({
                pathType,
                backend: { service: { name: 's', port: { number: 80 } } },
              })),
            },
          },
        ],
      },
    },
    [
      'spec.rules[0].http.paths[0].pathType: Unsupported value: "": supported values: "Exact", "ImplementationSpecific", "Prefix"',
      'spec.rules[0].http.paths[1].pathType: Required value: pathType must be specified',
    ],
  ],
  [
    'an empty topology selector',
    storageClassStrategy,
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      provisioner: 'a',
      allowedTopologies: [{}],
    },
    ['allowedTopologies[0].matchLabelExpressions: Duplicate value: ""'],
  ],
  [
    'an indexed job without a name',
    jobStrategy,
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: '', generateName: '' },
      spec: {
        completions: 3,
        completionMode: 'Indexed',
        template: { spec: { containers, restartPolicy: 'Never' } },
      },
    },
    [
      'metadata.name: Required value: name or generateName is required',
      'metadata.name: Invalid value: "": will not able to create pod with invalid DNS label: -2',
    ],
  ],
])('%s', async (_what, strategy, manifest, causes) => {
  expect(await createCauses(strategy as RESTStrategy<KubeObject>, manifest)).toEqual(causes);
});

test('node selector terms by their Go names', async () => {
  const gated = (terms?: object[]) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    spec: {
      containers,
      schedulingGates: [{ name: 'example.com/gate' }],
      affinity: terms && {
        nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } },
      },
    },
  });
  const from = gated([{ matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }]);
  const path = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms';
  const changed = gated([{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }]);
  const added = gated([
    { matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] },
    { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n'] }] },
  ]);
  const causes = async (to: typeof from) =>
    (await updateCauses(podStrategy, { from, to })).filter((cause) => cause.startsWith(path));
  expect(await causes(changed)).toEqual([
    `${path}[0]: Invalid value: {"MatchExpressions":[{"Key":"a","Operator":"Exists","Values":null}],"MatchFields":null}: only additions are allowed (no mutations or deletions)`,
  ]);
  expect(await causes(added)).toEqual([
    `${path}: Invalid value: [{"MatchExpressions":[{"Key":"a","Operator":"In","Values":["b"]}],"MatchFields":null},{"MatchExpressions":null,"MatchFields":[{"Key":"metadata.name","Operator":"In","Values":["n"]}]}]: no additions/deletions to non-empty NodeSelectorTerms list are allowed`,
  ]);
});
