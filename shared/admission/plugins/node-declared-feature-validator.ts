import { nodeSelectorMatches } from '../../apis/core/node-selector.ts';
import { isRestartableInitContainer } from '../../apis/core/pod-resources.ts';
import type { EmptyDirVolumeSource, Node, Pod } from '../../apis/core/v1/types.ts';
import type { Device, ResourceSlice } from '../../apis/resource/v1/types.ts';
import { semanticDeepEqual } from '../../meta/deep-equal.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import { quote } from '../../runtime/go-format.ts';
import { Quantity } from '../../runtime/quantity.ts';
import { once } from '../../util/once.ts';
import type { AdmissionAttributes, AdmissionPluginFactory } from '../admission.ts';
import { isPod, isWhole, operations, PODS } from '../attributes.ts';
import { forbidden } from '../errors.ts';

const NODES = { group: '', resource: 'nodes' };
const RESOURCE_SLICES = { group: 'resource.k8s.io', resource: 'resourceslices' };
/** Feature of nodes that allows devices to map to the node's own CPU and memory. */
const ALLOCATABLE = 'DRANodeAllocatableResources';

type Changes = (old: Pod, updated: Pod) => boolean;

/**
 * Features that a node needs for a change of a running pod, by name
 * (https://github.com/kubernetes/component-helpers/tree/master/nodedeclaredfeatures/features).
 */
const FEATURES: readonly (readonly [string, Changes])[] = [
  [
    'InPlacePodLevelResourcesVerticalScaling',
    (old, updated) => !semanticDeepEqual(old.spec.resources, updated.spec.resources),
  ],
  [
    'InPlacePodVerticalScalingInitContainers',
    (old, updated) =>
      (old.spec.initContainers ?? []).some(
        (container, index) =>
          !isRestartableInitContainer(container) &&
          !semanticDeepEqual(container.resources, updated.spec.initContainers?.[index]?.resources),
      ),
  ],
  [
    'InPlacePodVerticalScalingMemoryBackedVolumes',
    ({ spec: { volumes: old = [] } }, { spec: { volumes = [] } }) =>
      old.length === volumes.length &&
      volumes.some(
        ({ name, emptyDir }, index) =>
          old[index]!.name === name && growsInMemory(old[index]!.emptyDir, emptyDir),
      ),
  ],
];

function growsInMemory(
  old: EmptyDirVolumeSource | undefined,
  updated: EmptyDirVolumeSource | undefined,
): boolean {
  if (updated?.medium !== 'Memory' || updated.sizeLimit == null || old?.sizeLimit == null) return false;
  return Quantity.parse(updated.sizeLimit).cmp(Quantity.parse(old.sizeLimit)) !== 0;
}

async function validatePod(attributes: AdmissionAttributes, resources: ResourceAccess): Promise<void> {
  const [pod, old] = [attributes.object as Pod, attributes.oldObject as Pod];
  const { nodeName } = pod.spec;
  if (!nodeName || pod.metadata.generation === old.metadata.generation) return;
  const needed = FEATURES.filter(([, changes]) => changes(old, pod)).map(([name]) => name);
  if (needed.length === 0) return;
  const node = await resources.lister<Node>(NODES).get('', nodeName);
  if (node === undefined) throw forbidden(attributes, `node ${quote(nodeName)} not found`);
  const declared = node.status?.declaredFeatures ?? [];
  const missing = needed.filter((name) => !declared.includes(name));
  if (missing.length === 0) return;
  throw forbidden(
    attributes,
    `pod update requires features ${missing.join(', ')} which are not available on node ${quote(nodeName)}`,
  );
}

type Placed = Pick<Device, 'nodeName' | 'nodeSelector' | 'allNodes'>;

/** The nodes that have access to a device. */
async function nodesOf(
  attributes: AdmissionAttributes,
  name: string,
  { nodeName, nodeSelector, allNodes }: Placed,
  resources: ResourceAccess,
  everyNode: () => Promise<readonly Node[]>,
): Promise<readonly Node[]> {
  if (nodeName) {
    const node = await resources.lister<Node>(NODES).get('', nodeName);
    if (node !== undefined) return [node];
    throw forbidden(attributes, `node ${quote(nodeName)} not found for device ${quote(name)}`);
  }
  if (nodeSelector) return (await everyNode()).filter((node) => nodeSelectorMatches(nodeSelector, node));
  if (allNodes) return everyNode();
  throw forbidden(
    attributes,
    `device ${quote(name)} in ResourceSlice has NodeAllocatableResources but does not map to any nodes`,
  );
}

/** Devices that map to node resources require nodes with that feature. */
async function validateSlice(attributes: AdmissionAttributes, resources: ResourceAccess): Promise<void> {
  const { spec } = attributes.object as ResourceSlice;
  const everyNode = once(async () => (await resources.lister<Node>(NODES).snapshot()).items);
  for (const device of spec.devices ?? []) {
    if (Object.keys(device.nodeAllocatableResources ?? {}).length === 0) continue;
    const placed = spec.perDeviceNodeSelection ? device : spec;
    const nodes = await nodesOf(attributes, device.name, placed, resources, everyNode);
    const unable = nodes.find(({ status }) => !status?.declaredFeatures?.includes(ALLOCATABLE));
    if (unable === undefined) continue;
    throw forbidden(
      attributes,
      `node ${quote(unable.metadata.name ?? '')} does not support ${ALLOCATABLE} feature`,
    );
  }
}

/**
 * Rejects changes of bound pods that their node doesn't support (upstream's
 * `plugin/pkg/admission/nodedeclaredfeatures/admission.go`).
 */
export const nodeDeclaredFeatureValidator: AdmissionPluginFactory = ({ resources, featureEnabled }) => ({
  name: 'NodeDeclaredFeatureValidator',
  handles: operations('CREATE', 'UPDATE'),
  judges: [PODS, RESOURCE_SLICES],
  async validate(attributes) {
    if (!featureEnabled('NodeDeclaredFeatures')) return;
    if (isWhole(attributes, RESOURCE_SLICES.group, RESOURCE_SLICES.resource)) {
      if (featureEnabled(ALLOCATABLE)) await validateSlice(attributes, resources);
      return;
    }
    if (attributes.operation !== 'UPDATE') return;
    if (!isPod({ ...attributes, subresource: attributes.subresource.replace(/^resize$/, '') })) return;
    await validatePod(attributes, resources);
  },
});
