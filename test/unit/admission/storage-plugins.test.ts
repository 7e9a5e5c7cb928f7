import { defaultStorageClass } from '../../../shared/admission/plugins/default-storage-class.ts';
import { persistentVolumeClaimResize } from '../../../shared/admission/plugins/persistent-volume-claim-resize.ts';
import { persistentVolumeLabel } from '../../../shared/admission/plugins/persistent-volume-label.ts';
import { storageObjectInUseProtection } from '../../../shared/admission/plugins/storage-object-in-use-protection.ts';
import { PASSED, refused } from '../../fixtures/admission.ts';
import { describePlugin } from '../../fixtures/describe-plugin.ts';

const claim = (spec: object = {}, metadata: object = {}, phase = 'Bound') => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'c', namespace: 'ns', ...metadata },
  spec: { accessModes: ['ReadWriteOnce'], ...spec },
  status: { phase },
});
const storageClass = (name: string, year: number, annotation?: string, rest: object = {}) => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: {
    name,
    creationTimestamp: `${year}-01-01T00:00:00Z`,
    annotations: annotation === undefined ? {} : { [annotation]: 'true' },
  },
  provisioner: 'example.com/disk',
  ...rest,
});
const STABLE = 'storageclass.kubernetes.io/is-default-class';
const BETA = 'storageclass.beta.kubernetes.io/is-default-class';

describePlugin(defaultStorageClass, {
  'no classes': [{ object: claim() }, PASSED],
  'no default': [{ object: claim(), cluster: [storageClass('a', 2020)] }, PASSED],
  'one default': [
    { object: claim(), cluster: [storageClass('a', 2020), storageClass('b', 2019, BETA)] },
    { changes: { 'spec.storageClassName': 'b' } },
  ],
  'the newest of several': [
    {
      object: claim(),
      cluster: [
        storageClass('a', 2020, STABLE),
        storageClass('b', 2022, BETA),
        storageClass('c', 2021, STABLE),
      ],
    },
    { changes: { 'spec.storageClassName': 'b' } },
  ],
  'the first by name of the same age': [
    { object: claim(), cluster: [storageClass('b', 2020, STABLE), storageClass('a', 2020, STABLE)] },
    { changes: { 'spec.storageClassName': 'a' } },
  ],
  'a claim with an empty class': [
    { object: claim({ storageClassName: '' }), cluster: [storageClass('a', 2020, STABLE)] },
    PASSED,
  ],
  'a claim with the old annotation': [
    {
      object: claim({}, { annotations: { 'volume.beta.kubernetes.io/storage-class': 'x' } }),
      cluster: [storageClass('a', 2020, STABLE)],
    },
    PASSED,
  ],
  'an update': [{ object: claim(), oldObject: claim(), cluster: [storageClass('a', 2020, STABLE)] }, PASSED],
});

const sized = (storage: string, storageClassName = 'grows', phase?: string) =>
  claim({ storageClassName, resources: { requests: { storage } } }, {}, phase);
const fixed = refused(
  '403 Forbidden: persistentvolumeclaims "c" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
);
describePlugin(
  persistentVolumeClaimResize,
  {
    'expansion with a class that allows it': [{ object: sized('2Gi'), oldObject: sized('1Gi') }, PASSED],
    "a class that doesn't allow it": [
      { object: sized('2Gi', 'fixed'), oldObject: sized('1Gi', 'fixed') },
      fixed,
    ],
    'a missing class': [{ object: sized('2Gi', 'gone'), oldObject: sized('1Gi', 'gone') }, fixed],
    'no class': [{ object: sized('2Gi', ''), oldObject: sized('1Gi', '') }, fixed],
    'another class than before': [{ object: sized('2Gi'), oldObject: sized('1Gi', 'fixed') }, fixed],
    'not bound yet': [
      { object: sized('2Gi'), oldObject: sized('1Gi', 'grows', 'Pending') },
      refused(
        '403 Forbidden: persistentvolumeclaims "c" is forbidden: Only bound persistent volume claims can be expanded',
      ),
    ],
    'the same size in another notation': [
      { object: sized('1024Mi', 'fixed'), oldObject: sized('1Gi', 'fixed') },
      PASSED,
    ],
    'its status': [
      { object: sized('2Gi', 'fixed'), oldObject: sized('1Gi', 'fixed'), subresource: 'status' },
      PASSED,
    ],
  },
  {
    cluster: [
      storageClass('grows', 2020, STABLE, { allowVolumeExpansion: true }),
      storageClass('fixed', 2020, STABLE),
    ],
  },
);

const volume = { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'v' }, spec: {} };
const attributesClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'VolumeAttributesClass',
  metadata: { name: 'v' },
  driverName: 'example.com/disk',
};
const finalizers = (...names: string[]) => ({ changes: { 'metadata.finalizers': names } });
describePlugin(storageObjectInUseProtection, {
  'a claim': [{ object: claim() }, finalizers('kubernetes.io/pvc-protection')],
  'a claim with other finalizers': [
    { object: claim({}, { finalizers: ['example.com/x'] }) },
    finalizers('example.com/x', 'kubernetes.io/pvc-protection'),
  ],
  'a claim that has the finalizer': [
    { object: claim({}, { finalizers: ['kubernetes.io/pvc-protection'] }) },
    PASSED,
  ],
  'a volume': [{ object: volume }, finalizers('kubernetes.io/pv-protection')],
  'a volume attributes class': [{ object: attributesClass }, finalizers('kubernetes.io/vac-protection')],
  'a volume attributes class, switched off': [
    { object: attributesClass, disabledFeatures: ['VolumeAttributesClass'] },
    PASSED,
  ],
  'an update': [{ object: claim(), oldObject: claim() }, PASSED],
});

const ZONE = 'topology.kubernetes.io/zone';
const REGION = 'topology.kubernetes.io/region';
const disk = (spec: object, labels: object = {}) => ({
  ...volume,
  metadata: { name: 'v', labels, annotations: { 'pv.kubernetes.io/provisioned-by': 'example.com/disk' } },
  spec,
});
const placed = { [REGION]: 'r', [ZONE]: 'b__a' };
const EXPRESSIONS = [
  { key: REGION, operator: 'In', values: ['r'] },
  { key: ZONE, operator: 'In', values: ['a', 'b'] },
];
const onNodes = (...terms: object[]) => ({ nodeAffinity: { required: { nodeSelectorTerms: terms } } });
const OF_ARM = { matchExpressions: [{ key: 'arch', operator: 'In', values: ['arm'] }] };
describePlugin(persistentVolumeLabel, {
  'a disk without a cloud': [{ object: { ...volume, spec: { nfs: { server: 's', path: '/' } } } }, PASSED],
  'a disk labelled by its provisioner': [
    { object: disk({ gcePersistentDisk: { pdName: 'd' } }, placed) },
    { changes: { 'spec.nodeAffinity': onNodes({ matchExpressions: EXPRESSIONS }).nodeAffinity } },
  ],
  'with affinities': [
    { object: disk({ csi: { driver: 'd', volumeHandle: 'h' }, ...onNodes(OF_ARM) }, placed) },
    {
      changes: {
        'spec.nodeAffinity.required.nodeSelectorTerms': [
          { matchExpressions: [...OF_ARM.matchExpressions, ...EXPRESSIONS] },
        ],
      },
    },
  ],
  'with an affinity to a zone': [
    { object: disk({ csi: {}, ...onNodes({ matchExpressions: [EXPRESSIONS[1]] }) }, placed) },
    PASSED,
  ],
  'invalid zones': [
    { object: disk({}, { [REGION]: 'r', [ZONE]: 'a__' }) },
    refused(
      '403 Forbidden: persistentvolumes "v" is forbidden: failed to convert label string for Zone: a__ to a Set',
    ),
  ],
  'a disk unknown outside its cloud': [
    { object: disk({ awsElasticBlockStore: { volumeID: 'vol-1' } }, { [ZONE]: 'a' }) },
    refused(
      '403 Forbidden: persistentvolumes "v" is forbidden: error querying AWS EBS volume vol-1: unable to build AWS cloud provider for EBS',
    ),
  ],
  'a disk being provisioned': [
    { object: disk({ cinder: { volumeID: 'placeholder-for-provisioning' } }) },
    PASSED,
  ],
});
