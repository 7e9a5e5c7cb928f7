import { expect, test } from 'vitest';
import { persistentVolumeStrategy } from '../../../../shared/registry/core/persistentvolume/strategy.ts';
import {
  persistentVolumeClaimStatusStrategy,
  persistentVolumeClaimStrategy,
} from '../../../../shared/registry/core/persistentvolumeclaim/strategy.ts';
import type { Manifest } from '../../../fixtures/internal-object.ts';
import { createCauses, updateCauses } from '../../../fixtures/strategy-causes.ts';

const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const NAME_PART =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const CLAIM_UPDATES =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';

const of = (kind: string, fields: object): Manifest => ({ kind, apiVersion: 'v1', ...fields });
const volume = (spec: object, metadata: object = {}) =>
  of('PersistentVolume', {
    metadata,
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], ...spec },
  });
const HOST_PATH = { hostPath: { path: '/a' } };
const claim = (spec: object, status: object = {}, metadata: object = {}) =>
  of('PersistentVolumeClaim', {
    metadata,
    status,
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  });
const bound = (spec: object = {}, status: object = {}) =>
  claim({ volumeName: 'v', storageClassName: 'c', ...spec }, { phase: 'Bound', ...status });

test.each<[string, Manifest, string[]]>([
  ['a path on a host', volume(HOST_PATH), []],
  [
    'nothing',
    of('PersistentVolume', { spec: {} }),
    [
      'spec.accessModes: Required value',
      'spec.capacity: Required value',
      'spec.capacity: Unsupported value: null: supported values: "storage"',
      'spec: Required value: must specify a volume type',
    ],
  ],
  [
    'two sources',
    volume({ ...HOST_PATH, nfs: { server: 's', path: '/' } }),
    ['spec.nfs: Forbidden: may not specify more than 1 volume type'],
  ],
  ['no source', volume({}), ['spec: Required value: must specify a volume type']],
  [
    'modes',
    volume({
      ...HOST_PATH,
      accessModes: ['Odd', 'ReadWriteOncePod', 'ReadWriteOnce'],
      volumeMode: 'Odd',
      persistentVolumeReclaimPolicy: 'Odd',
    }),
    [
      'spec.accessModes: Unsupported value: "Odd": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
      'spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes',
      'spec.persistentVolumeReclaimPolicy: Unsupported value: "Odd": supported values: "Delete", "Recycle", "Retain"',
      'spec.volumeMode: Unsupported value: "Odd": supported values: "Block", "Filesystem"',
    ],
  ],
  [
    'resources other than storage',
    volume({ ...HOST_PATH, capacity: { storage: '1Gi', cpu: '1' } }),
    ['spec.capacity: Unsupported value: {"cpu":"1","storage":"1Gi"}: supported values: "storage"'],
  ],
  [
    'invalid storage sizes',
    volume({ ...HOST_PATH, capacity: { storage: '-1' } }),
    [
      'spec.capacity[storage]: Invalid value: -1: must be a valid resource quantity',
      'spec.capacity[storage]: Invalid value: "-1": must be greater than zero',
    ],
  ],
  [
    'recycling the root',
    volume({ hostPath: { path: '/' }, persistentVolumeReclaimPolicy: 'Recycle' }),
    ["spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'"],
  ],
  [
    'recycling the root by a path with dots',
    volume({ hostPath: { path: '/a/..' }, persistentVolumeReclaimPolicy: 'Recycle' }),
    [
      'spec.hostPath.path: Invalid value: "/a/..": must not contain \'..\'',
      "spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'",
    ],
  ],
  [
    'paths',
    volume({ hostPath: { path: '/a/../b', type: 'Odd' } }),
    [
      'spec.hostPath.path: Invalid value: "/a/../b": must not contain \'..\'',
      'spec.hostPath.type: Unsupported value: "Odd": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"',
    ],
  ],
  [
    'a local path',
    volume({ local: { path: '/a' } }),
    ['spec.nodeAffinity: Required value: Local volume requires node affinity'],
  ],
  [
    'a local path with node affinity',
    volume({
      local: { path: '/a' },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }],
        },
      },
    }),
    [],
  ],
  [
    'an invalid local path',
    volume({ local: { path: '..' }, nodeAffinity: { required: { nodeSelectorTerms: [] } } }),
    [
      'spec.nodeAffinity.required.nodeSelectorTerms: Required value: must have at least one node selector term',
      'spec.local.path: Invalid value: "..": must not contain \'..\'',
    ],
  ],
  [
    'an NFS',
    volume({ nfs: { server: '', path: 'a' } }),
    ['spec.nfs.server: Required value', 'spec.nfs.path: Invalid value: "a": must be an absolute path'],
  ],
  [
    'iSCSI',
    volume({ iscsi: { targetPortal: '', iqn: 'x', lun: 256, chapAuthSession: true } }),
    [
      'spec.iscsi.targetPortal: Required value',
      'spec.iscsi.iqn: Invalid value: "x": must be valid format',
      'spec.iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive',
      'spec.iscsi.secretRef: Required value',
    ],
  ],
  [
    'fibre channel',
    volume({ fc: { targetWWNs: ['a'], wwids: ['b'] } }),
    [
      'spec.fc.targetWWNs: Invalid value: ["a"]: targetWWNs and wwids can not be specified simultaneously',
      'spec.fc.lun: Required value: lun is required if targetWWNs is specified',
    ],
  ],
  [
    'CSI',
    volume({
      csi: {
        driver: 'A_',
        volumeHandle: '',
        nodePublishSecretRef: { name: 'a' },
        controllerExpandSecretRef: { namespace: 'b' },
      },
    }),
    [
      `spec.csi.driver: Invalid value: "A_": ${SUBDOMAIN}`,
      'spec.csi.volumeHandle: Required value',
      'spec.csi.controllerExpandSecretRef.name: Required value',
      'spec.csi.nodePublishSecretRef.namespace: Required value',
    ],
  ],
  [
    'azure files',
    volume({ azureFile: { secretName: '', shareName: '', secretNamespace: '' } }),
    [
      'spec.azureFile.secretName: Required value',
      'spec.azureFile.shareName: Required value',
      'spec.azureFile.secretNamespace: Required value',
    ],
  ],
  [
    'flex',
    volume({ flexVolume: { driver: '', secretRef: { name: '' } } }),
    ['spec.flexVolume.driver: Required value'],
  ],
  [
    'classes',
    volume({ ...HOST_PATH, storageClassName: 'A_', volumeAttributesClassName: '' }),
    [
      `spec.storageClassName: Invalid value: "A_": ${SUBDOMAIN}`,
      'spec.volumeAttributesClassName: Required value: an empty string is disallowed',
      'spec.csi: Required value: has to be specified when using volumeAttributesClassName',
    ],
  ],
  [
    'mount options of a fibre channel',
    volume({ fc: {} }, { annotations: { 'volume.beta.kubernetes.io/mount-options': 'ro' } }),
    [
      'spec.fc.targetWWNs: Required value: must specify either targetWWNs or wwids, but not both',
      'metadata.annotations.volume.beta.kubernetes.io/mount-options: Forbidden: may not specify mount options for this volume type',
    ],
  ],
  [
    'mount options of a host path',
    volume({ ...HOST_PATH }, { annotations: { 'volume.beta.kubernetes.io/mount-options': 'ro' } }),
    [
      'metadata.annotations.volume.beta.kubernetes.io/mount-options: Forbidden: may not specify mount options for this volume type',
    ],
  ],
])('persistent volume, created: %s', async (_, manifest, causes) => {
  expect(await createCauses(persistentVolumeStrategy, manifest)).toEqual(causes);
});

test.each<[string, Manifest, Manifest, string[]]>([
  [
    'another policy',
    volume(HOST_PATH),
    volume({ ...HOST_PATH, persistentVolumeReclaimPolicy: 'Delete', capacity: { storage: '2Gi' } }),
    [],
  ],
  [
    'another mode',
    volume(HOST_PATH),
    volume({ ...HOST_PATH, volumeMode: 'Block' }),
    ['volumeMode: Invalid value: "Block": field is immutable'],
  ],
  [
    'another affinity',
    volume({
      ...HOST_PATH,
      nodeAffinity: {
        required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }] },
      },
    }),
    volume({
      ...HOST_PATH,
      nodeAffinity: {
        required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'b', operator: 'Exists' }] }] },
      },
    }),
    [
      'nodeAffinity: Invalid value: {"Required":{"NodeSelectorTerms":[{"MatchExpressions":[{"Key":"b","Operator":"Exists","Values":null}],"MatchFields":null}]}}: field is immutable, except for updating from beta label to GA',
    ],
  ],
  [
    'affinity where none was set',
    volume(HOST_PATH),
    volume({
      ...HOST_PATH,
      nodeAffinity: {
        required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }] },
      },
    }),
    [],
  ],
])('persistent volume, updated: %s', async (_, from, to, causes) => {
  expect(await updateCauses(persistentVolumeStrategy, { from, to })).toEqual(causes);
});

test.each<[string, Manifest, string[]]>([
  ['a claim', claim({}), []],
  [
    'nothing',
    of('PersistentVolumeClaim', { spec: {} }),
    [
      'spec.accessModes: Required value: at least 1 access mode is required',
      'spec.resources[storage]: Required value',
    ],
  ],
  [
    'modes',
    claim({ accessModes: ['Odd', 'ReadWriteOncePod', 'ReadWriteOnce'], volumeMode: 'Odd' }),
    [
      'spec.accessModes: Unsupported value: "Odd": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
      'spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes',
      'spec.volumeMode: Unsupported value: "Odd": supported values: "Block", "Filesystem"',
    ],
  ],
  [
    'a selector',
    claim({ selector: { matchExpressions: [{ key: 'a', operator: 'Odd' }], matchLabels: { 'b c': 'd e' } } }),
    [
      `spec.selector.matchLabels: Invalid value: "b c": ${NAME_PART}`,
      `spec.selector.matchLabels: Invalid value: "d e": ${VALUE}`,
      'spec.selector.matchExpressions[0].operator: Invalid value: "Odd": not a valid selector operator',
    ],
  ],
  [
    'a request of zero',
    claim({ resources: { requests: { storage: '0' } } }),
    ['spec.resources[storage]: Invalid value: "0": must be greater than zero'],
  ],
  [
    'classes',
    claim({ storageClassName: 'A_', volumeAttributesClassName: 'B_' }),
    [
      `spec.storageClassName: Invalid value: "A_": ${SUBDOMAIN}`,
      `spec.volumeAttributesClassName: Invalid value: "B_": ${SUBDOMAIN}`,
    ],
  ],
  [
    'sources',
    claim({
      dataSource: { kind: 'PersistentVolumeClaim', name: '' },
      dataSourceRef: { apiGroup: 'a.b', kind: 'C', name: 'd' },
    }),
    ['spec.dataSource.name: Required value', 'spec: Invalid value: {}: must match dataSourceRef'],
  ],
  [
    'a source of the core group',
    claim({ dataSourceRef: { kind: 'Pod', name: 'p' } }),
    [
      'spec.dataSource: Invalid value: "Pod": must be \'PersistentVolumeClaim\' when referencing the default apiGroup',
      'spec.dataSourceRef: Invalid value: "Pod": must be \'PersistentVolumeClaim\' when referencing the default apiGroup',
    ],
  ],
  [
    'a source of a bad group',
    claim({ dataSourceRef: { apiGroup: 'A_', kind: 'Pod', name: 'p' } }),
    [
      `spec.dataSource.apiGroup: Invalid value: "A_": ${SUBDOMAIN}`,
      `spec.dataSourceRef.apiGroup: Invalid value: "A_": ${SUBDOMAIN}`,
    ],
  ],
])('persistent volume claim, created: %s', async (_, manifest, causes) => {
  expect(await createCauses(persistentVolumeClaimStrategy, manifest)).toEqual(causes);
});

test.each<[string, Manifest, Manifest, string[]]>([
  ['nothing', bound(), bound(), []],
  ['the bound volume', claim({}), claim({ volumeName: 'v' }), []],
  [
    'the bound volume, and other fields',
    claim({}),
    claim({ volumeName: 'v', accessModes: ['ReadOnlyMany'] }),
    [
      `spec: Forbidden: ${CLAIM_UPDATES}
@@ -1,6 +1,6 @@
 {
  "AccessModes": [
-  "ReadWriteOnce"
+  "ReadOnlyMany"
  ],
  "Selector": null,
  "Resources": {
`,
    ],
  ],
  ['expansion of a bound claim', bound(), bound({ resources: { requests: { storage: '2Gi' } } }), []],
  [
    'expansion of an unbound claim',
    claim({ storageClassName: 'c' }),
    claim({ storageClassName: 'c', resources: { requests: { storage: '2Gi' } } }),
    [
      `spec: Forbidden: ${CLAIM_UPDATES}
@@ -6,7 +6,7 @@
  "Resources": {
   "Limits": null,
   "Requests": {
-   "storage": "1Gi"
+   "storage": "2Gi"
   }
  },
  "VolumeName": "",
`,
    ],
  ],
  [
    'a request below the capacity',
    bound({ resources: { requests: { storage: '3Gi' } } }, { capacity: { storage: '2Gi' } }),
    bound({ resources: { requests: { storage: '1Gi' } } }, { capacity: { storage: '2Gi' } }),
    ['spec.resources.requests.storage: Forbidden: field can not be less than status.capacity'],
  ],
  [
    'a smaller request above the capacity',
    bound({ resources: { requests: { storage: '4Gi' } } }, { capacity: { storage: '2Gi' } }),
    bound({ resources: { requests: { storage: '3Gi' } } }, { capacity: { storage: '2Gi' } }),
    [],
  ],
  [
    'the class in the annotation',
    claim({}, {}, { annotations: { 'volume.beta.kubernetes.io/storage-class': 'a' } }),
    claim({}, {}, { annotations: { 'volume.beta.kubernetes.io/storage-class': 'b' } }),
    ['metadata.annotations.volume.beta.kubernetes.io/storage-class: Invalid value: "b": field is immutable'],
  ],
  ['a class where none was set', claim({}), claim({ storageClassName: 'c' }), []],
  [
    'another volume attributes class',
    bound({ volumeAttributesClassName: 'a' }, { currentVolumeAttributesClassName: 'a' }),
    bound({ volumeAttributesClassName: 'b' }),
    [],
  ],
  [
    'no volume attributes class',
    bound({ volumeAttributesClassName: 'a' }, { currentVolumeAttributesClassName: 'a' }),
    bound({}, { currentVolumeAttributesClassName: 'a' }),
    [
      'spec.volumeAttributesClassName: Forbidden: update to nil is forbidden when status.currentVolumeAttributesClassName is not nil',
    ],
  ],
  [
    'another mode',
    claim({}),
    claim({ volumeMode: 'Block' }),
    [
      `spec: Forbidden: ${CLAIM_UPDATES}
@@ -11,7 +11,7 @@
  },
  "VolumeName": "",
  "StorageClassName": null,
- "VolumeMode": "Filesystem",
+ "VolumeMode": "Block",
  "DataSource": null,
  "DataSourceRef": null,
  "VolumeAttributesClassName": null
`,
      'volumeMode: Invalid value: "Block": field is immutable',
    ],
  ],
])('persistent volume claim, updated: %s', async (_, from, to, causes) => {
  expect(await updateCauses(persistentVolumeClaimStrategy, { from, to })).toEqual(causes);
});

test.each<[string, Manifest, Manifest, string[]]>([
  [
    'amounts',
    claim({}),
    claim(
      {},
      {
        capacity: { storage: '-1' },
        allocatedResources: { cpu: '1', storage: '1.5', 'a.b/c': '-1' },
        allocatedResourceStatuses: { cpu: 'NodeResizePending', storage: 'Odd' },
        modifyVolumeStatus: { status: 'Odd' },
      },
    ),
    [
      'status.capacity[storage]: Invalid value: -1: must be a valid resource quantity',
      'status.allocatedResourceStatuses: Unsupported value: "cpu": supported values: "storage"',
      'status.allocatedResourceStatuses: Unsupported value: "storage": supported values: "ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"',
      'status.allocatedResources[a.b/c]: Invalid value: -1: must be a valid resource quantity',
      'status.allocatedResources: Unsupported value: "cpu": supported values: "storage"',
    ],
  ],
])('persistent volume claim status, updated: %s', async (_, from, to, causes) => {
  expect(await updateCauses(persistentVolumeClaimStatusStrategy, { from, to })).toEqual(causes);
});
