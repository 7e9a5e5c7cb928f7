import { isRestartableInitContainer } from '../../apis/core/pod-resources.ts';
import type { Node, Pod } from '../../apis/core/v1/types.ts';
import { semanticDeepEqual } from '../../meta/deep-equal.ts';
import { quote } from '../../runtime/go-format.ts';
import type { AdmissionPluginFactory } from '../admission.ts';
import { isPod, operations, PODS } from '../attributes.ts';
import { forbidden } from '../errors.ts';

type Changes = (old: Pod, updated: Pod) => boolean;

/**
 * What a change of a running pod asks of its node, by the feature's name
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
];

/** A bound pod changes only in ways that its node says it can follow. */
export const nodeDeclaredFeatureValidator: AdmissionPluginFactory = ({ resources, featureEnabled }) => ({
  name: 'NodeDeclaredFeatureValidator',
  handles: operations('UPDATE'),
  judges: [PODS],
  async validate(attributes) {
    if (!featureEnabled('NodeDeclaredFeatures')) return;
    if (!isPod({ ...attributes, subresource: attributes.subresource.replace(/^resize$/, '') })) return;
    const [pod, old] = [attributes.object as Pod, attributes.oldObject as Pod];
    const { nodeName } = pod.spec;
    if (!nodeName || pod.metadata.generation === old.metadata.generation) return;
    const needed = FEATURES.filter(([, changes]) => changes(old, pod)).map(([name]) => name);
    if (needed.length === 0) return;
    const node = await resources.lister<Node>({ group: '', resource: 'nodes' }).get('', nodeName);
    if (node === undefined) throw forbidden(attributes, `node ${quote(nodeName)} not found`);
    const declared = node.status?.declaredFeatures ?? [];
    const missing = needed.filter((name) => !declared.includes(name));
    if (missing.length === 0) return;
    throw forbidden(
      attributes,
      `pod update requires features ${missing.join(', ')} which are not available on node ${quote(nodeName)}`,
    );
  },
});
