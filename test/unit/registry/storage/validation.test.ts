import { expect, test } from 'vitest';
import type { CSIDriver, VolumeAttachment } from '../../../../shared/apis/storage/v1/types.ts';
import { csiDriverStrategy } from '../../../../shared/registry/storage/csidriver/strategy.ts';
import { csiNodeStrategy } from '../../../../shared/registry/storage/csinode/strategy.ts';
import { csiStorageCapacityStrategy } from '../../../../shared/registry/storage/csistoragecapacity/strategy.ts';
import { storageClassStrategy } from '../../../../shared/registry/storage/storageclass/strategy.ts';
import {
  volumeAttachmentStatusStrategy,
  volumeAttachmentStrategy,
} from '../../../../shared/registry/storage/volumeattachment/strategy.ts';
import { volumeAttributesClassStrategy } from '../../../../shared/registry/storage/volumeattributesclass/strategy.ts';
import {
  createCauses,
  createOutcome,
  updateCauses,
  updateOutcome,
} from '../../../fixtures/strategy-causes.ts';

const manifest =
  (kind: string) =>
  (fields: object): { apiVersion: string; kind: string } => ({
    apiVersion: 'storage.k8s.io/v1',
    kind,
    ...fields,
  });

const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const NAME_PART =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

const storageClass = manifest('StorageClass');
const topologies = (...terms: { key: string; values?: string[] }[][]) => ({
  provisioner: 'example.com/disks',
  allowedTopologies: terms.map((matchLabelExpressions) => ({ matchLabelExpressions })),
});

test.each<[object, string[]]>([
  [{ provisioner: 'kubernetes.io/Disks', parameters: { type: '', fs: 'ext4' } }, []],
  [topologies([{ key: 'zone', values: ['a', 'b'] }], [{ key: 'zone', values: ['a'] }]), []],
  [{ provisioner: '' }, ['provisioner: Required value']],
  [{ provisioner: 'a b' }, [`provisioner: Invalid value: "a b": ${NAME_PART}`]],
  [
    {
      provisioner: 'a',
      parameters: { '': 'x', big: 'x'.repeat(256 * 1024) },
      reclaimPolicy: 'Recycle',
      volumeBindingMode: 'Later',
    },
    [
      'parameters: Invalid value: "": field can not be empty.',
      'parameters: Too long: may not be more than 262144 bytes',
      'reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"',
      'volumeBindingMode: Unsupported value: "Later": supported values: "Immediate", "WaitForFirstConsumer"',
    ],
  ],
  [
    {
      provisioner: 'a',
      parameters: Object.fromEntries(Array.from({ length: 513 }, (_, index) => [`p${index}`, ''])),
    },
    ['parameters: Too long: may not be more than 512 bytes'],
  ],
  [
    topologies(
      [
        { key: 'zone', values: [] },
        { key: 'zone', values: ['a', 'a'] },
        { key: '-', values: ['a'] },
      ],
      [{ key: 'rack', values: ['1', '2'] }],
      [{ key: 'rack', values: ['2', '1'] }],
    ),
    [
      'allowedTopologies[0].matchLabelExpressions[0].values: Required value',
      'allowedTopologies[0].matchLabelExpressions[1].values[1]: Duplicate value: "a"',
      'allowedTopologies[0].matchLabelExpressions[1].key: Duplicate value: "zone"',
      `allowedTopologies[0].matchLabelExpressions[2].key: Invalid value: "-": ${NAME_PART}`,
      'allowedTopologies[2].matchLabelExpressions: Duplicate value: ""',
    ],
  ],
])('storage class %#', async (fields, causes) => {
  expect(await createCauses(storageClassStrategy, storageClass(fields))).toEqual(causes);
});

test("a storage class's provisioning parameters are immutable", async () => {
  const from = storageClass({ provisioner: 'a', parameters: { a: 'b' } });
  const to = storageClass({
    provisioner: 'b',
    reclaimPolicy: 'Retain',
    volumeBindingMode: 'WaitForFirstConsumer',
    allowVolumeExpansion: true,
    mountOptions: ['ro'],
  });
  expect(await updateCauses(storageClassStrategy, { from, to })).toEqual([
    'provisioner: Invalid value: null: field is immutable',
    'parameters: Invalid value: null: field is immutable',
    'reclaimPolicy: Invalid value: null: field is immutable',
    'volumeBindingMode: Invalid value: null: field is immutable',
  ]);
});

test('a storage class warns of old labels', async () => {
  const manifest = storageClass(
    topologies([{ key: 'failure-domain.beta.kubernetes.io/zone', values: ['a'] }]),
  );
  expect((await createOutcome(storageClassStrategy, manifest)).warnings).toEqual([
    'allowedTopologies[0].matchLabelExpressions[0].key: deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  ]);
});

const attachment = (spec: object, status?: object) =>
  manifest('VolumeAttachment')({
    spec: { attacher: 'csi.example.com', nodeName: 'node', source: { persistentVolumeName: 'pv' }, ...spec },
    ...(status && { status }),
  });
const EXACTLY_ONE = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
const inlineVolumeSpec = {
  accessModes: ['ReadWriteOnce'],
  csi: { driver: 'csi.example.com', volumeHandle: 'handle' },
};

test.each<[object, string[]]>([
  [{}, []],
  [{ source: { inlineVolumeSpec } }, []],
  [
    { attacher: '', nodeName: 'N', source: {} },
    [
      `spec.source: Required value: ${EXACTLY_ONE}`,
      `spec.nodeName: Invalid value: "N": ${SUBDOMAIN}`,
      'spec.attacher: Required value',
    ],
  ],
  [{ source: { inlineVolumeSpec, persistentVolumeName: 'pv' } }, [`spec.source: Forbidden: ${EXACTLY_ONE}`]],
  [
    { source: { persistentVolumeName: '_' } },
    [`spec.source.persistentVolumeName: Invalid value: "_": ${SUBDOMAIN}`],
  ],
  [
    { source: { inlineVolumeSpec: { accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' } } } },
    [
      'spec.source.inlineVolumeSpec.csi: Required value: has to be specified in the context of inline volumes',
    ],
  ],
])('volume attachment: %j', async (spec, causes) => {
  expect(await createCauses(volumeAttachmentStrategy, attachment(spec))).toEqual(causes);
});

test('a new volume attachment is not attached', async () => {
  const { object } = await createOutcome<VolumeAttachment>(
    volumeAttachmentStrategy,
    attachment({}, { attached: true }),
  );
  expect(object.status).toEqual({ attached: false });
});

test('the spec of a volume attachment is immutable; its status is written separately', async () => {
  const spec = { nodeName: 'other' };
  const [causes] = await updateCauses(volumeAttachmentStrategy, {
    from: attachment({}),
    to: attachment(spec),
  });
  expect(causes).toBe('spec: Invalid value: null: field is immutable');
  const { object, causes: none } = await updateOutcome<VolumeAttachment>(volumeAttachmentStatusStrategy, {
    from: attachment({}, { attached: false }),
    to: attachment(spec, { attached: true }),
  });
  expect(none).toEqual([]);
  expect(object).toMatchObject({ spec: { nodeName: 'node' }, status: { attached: true } });
});

test("a volume attachment's errors", async () => {
  const attachError = { message: 'x'.repeat(1025), errorCode: -1 };
  const update = {
    from: attachment({}),
    to: attachment({}, { attached: false, attachError, attachmentMetadata: { a: 'x'.repeat(256 * 1024) } }),
  };
  expect(await updateCauses(volumeAttachmentStatusStrategy, update)).toEqual([
    'status.attachmentMetadata: Too long: may not be more than 262144 bytes',
    'status.attachError.message: Too long: may not be more than 262144 bytes',
    'status.attachError.errorCode: Invalid value: -1: must be between 0 and 2147483647, inclusive',
  ]);
});

const csiNode = (...drivers: object[]) => manifest('CSINode')({ spec: { drivers } });

test.each<[object[], string[]]>([
  [[{ name: 'a.example.com', nodeID: 'n', topologyKeys: ['zone'], allocatable: { count: 0 } }], []],
  [
    [
      { name: '', nodeID: '', allocatable: { count: -1 } },
      { name: 'a', nodeID: 'x'.repeat(257) },
      { name: 'a', nodeID: 'n', topologyKeys: ['zone', 'zone', '?'] },
    ],
    [
      'spec.drivers[0].name: Required value',
      'spec.drivers[0].nodeID: Required value',
      'spec.drivers[0].allocatable.count: Invalid value: -1: must be greater than or equal to 0',
      `spec.drivers[1].nodeID: Invalid value: "${'x'.repeat(257)}": must be 256 characters or less`,
      'spec.drivers[2].name: Duplicate value: "a"',
      'spec.drivers[2]: Duplicate value: "zone"',
      `spec.drivers[2]: Invalid value: "?": ${NAME_PART}`,
    ],
  ],
])('CSI node %#', async (drivers, causes) => {
  expect(await createCauses(csiNodeStrategy, csiNode(...drivers))).toEqual(causes);
});

test('a driver on a node changes only its volume count', async () => {
  const from = csiNode({ name: 'a', nodeID: 'n', allocatable: { count: 1 } });
  const more = csiNode({ name: 'a', nodeID: 'n', allocatable: { count: 2 } });
  expect(await updateCauses(csiNodeStrategy, { from, to: more })).toEqual([]);
  const to = csiNode({ name: 'a', nodeID: 'other' });
  expect(await updateCauses(csiNodeStrategy, { from, to })).toEqual([
    'spec.drivers: Invalid value: {"Name":"a","NodeID":"other","TopologyKeys":null,"Allocatable":null}: field is immutable',
  ]);
});

const csiDriver = (spec: object) => manifest('CSIDriver')({ spec });

test.each<[object, string[]]>([
  [{}, []],
  [
    {
      fsGroupPolicy: 'Always',
      volumeLifecycleModes: ['Persistent', 'Sometimes'],
      nodeAllocatableUpdatePeriodSeconds: 9,
      serviceAccountTokenInSecrets: true,
    },
    [
      'spec.fsGroupPolicy: Unsupported value: "Always": supported values: "File", "None", "ReadWriteOnceWithFSType"',
      'spec.volumeLifecycleModes: Unsupported value: "Sometimes": supported values: "Persistent", "Ephemeral"',
      'spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 9: must be greater than or equal to 10 seconds',
      'spec.serviceAccountTokenInSecrets: Invalid value: true: serviceAccountTokenInSecrets is set but no tokenRequests are specified',
    ],
  ],
  [
    {
      tokenRequests: [
        { audience: 'a', expirationSeconds: 599 },
        { audience: 'b', expirationSeconds: 2 ** 32 + 1 },
        { audience: 'a' },
      ],
    },
    [
      'spec.tokenRequests[0].expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
      'spec.tokenRequests[1].expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds',
      'spec.tokenRequests[2].audience: Duplicate value: "a"',
    ],
  ],
])('CSI driver: %j', async (spec, causes) => {
  expect(await createCauses(csiDriverStrategy, csiDriver(spec))).toEqual(causes);
});

test("a CSI driver's attachRequired and modes are immutable", async () => {
  const from = csiDriver({});
  const allowed = csiDriver({ podInfoOnMount: true, requiresRepublish: true });
  const { causes, object } = await updateOutcome<CSIDriver>(csiDriverStrategy, { from, to: allowed });
  expect(causes).toEqual([]);
  expect(object.metadata.generation).toBe(2);
  const to = csiDriver({ attachRequired: false, volumeLifecycleModes: ['Ephemeral'] });
  expect(await updateCauses(csiDriverStrategy, { from, to })).toEqual([
    'spec.attachedRequired: Invalid value: false: field is immutable',
    'spec.volumeLifecycleModes: Invalid value: ["Ephemeral"]: field is immutable',
  ]);
});

test('a CSI driver with token requests should use secrets', async () => {
  const asks = csiDriver({ tokenRequests: [{ audience: 'a' }] });
  const { warnings } = await createOutcome(csiDriverStrategy, asks);
  expect(warnings).toEqual([
    'spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes',
  ]);
  expect((await updateOutcome(csiDriverStrategy, { from: asks, to: asks })).warnings).toEqual([]);
});

const capacity = (fields: object) => manifest('CSIStorageCapacity')({ storageClassName: 'fast', ...fields });

test.each<[object, string[]]>([
  [{ capacity: '1Gi', nodeTopology: { matchLabels: { zone: 'a' } } }, []],
  [
    {
      storageClassName: 'Fast',
      capacity: '-1',
      nodeTopology: { matchExpressions: [{ key: 'zone', operator: 'Exists', values: ['a'] }] },
    },
    [
      "nodeTopology.matchExpressions[0].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
      `storageClassName: Invalid value: "Fast": ${SUBDOMAIN}`,
      'capacity: Invalid value: "-1": must be greater than or equal to 0',
    ],
  ],
])('CSI storage capacity: %j', async (fields, causes) => {
  expect(await createCauses(csiStorageCapacityStrategy, capacity(fields))).toEqual(causes);
});

test('the subject of a capacity is immutable', async () => {
  const from = capacity({ capacity: '1Gi' });
  expect(await updateCauses(csiStorageCapacityStrategy, { from, to: capacity({ capacity: '2Gi' }) })).toEqual(
    [],
  );
  const to = capacity({ storageClassName: 'slow', nodeTopology: { matchLabels: { a: 'b' } } });
  expect(await updateCauses(csiStorageCapacityStrategy, { from, to })).toEqual([
    'nodeTopology: Invalid value: {"matchLabels":{"a":"b"}}: field is immutable',
    'storageClassName: Invalid value: "slow": field is immutable',
  ]);
});

const attributesClass = (fields: object) =>
  manifest('VolumeAttributesClass')({ driverName: 'csi.example.com', parameters: { iops: '10' }, ...fields });

test.each<[object, string[]]>([
  [{}, []],
  [
    { driverName: '', parameters: {} },
    ['driverName: Required value', 'parameters: Required value: must contain at least one key/value pair'],
  ],
])('volume attributes class: %j', async (fields, causes) => {
  expect(await createCauses(volumeAttributesClassStrategy, attributesClass(fields))).toEqual(causes);
});

test('a volume attributes class is immutable', async () => {
  const update = {
    from: attributesClass({}),
    to: attributesClass({ driverName: 'other', parameters: { iops: '20' } }),
  };
  expect(await updateCauses(volumeAttributesClassStrategy, update)).toEqual([
    'driverName: Forbidden: updates to driverName are forbidden.',
    'parameters: Forbidden: updates to parameters are forbidden.',
  ]);
});
