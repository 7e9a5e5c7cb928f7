import type { Binding, Node, Pod } from '../../apis/core/v1/types.ts';
import type { ObjectMeta } from '../../meta/v1/types.ts';
import type { AdmissionAttributes, AdmissionPluginFactory } from '../admission.ts';
import { isResource, operations, PODS } from '../attributes.ts';

const COPIED = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'];

/** Copies the labels of the node's zone and region to a pod when it is bound. */
export const podTopologyLabels: AdmissionPluginFactory = ({ resources, featureEnabled }) => ({
  name: 'PodTopologyLabels',
  handles: operations('CREATE'),
  judges: [PODS],
  async admit(attributes) {
    if (!featureEnabled('PodTopologyLabelsAdmission') || !isResource(attributes, '', PODS.resource)) return;
    const nodeName = nodeOf(attributes);
    if (nodeName === '') return;
    const lister = resources.lister<Node>({ group: '', resource: 'nodes' });
    const labels = (await lister.get('', nodeName))?.metadata.labels ?? {};
    const copied = COPIED.filter((key) => Object.hasOwn(labels, key)).map((key) => [key, labels[key]!]);
    if (copied.length === 0) return;
    const { metadata } = attributes.object as { metadata: ObjectMeta };
    metadata.labels = { ...metadata.labels, ...Object.fromEntries(copied) };
  },
});

/** '' if the request doesn't bind to a node. */
function nodeOf({ subresource, kind, object }: AdmissionAttributes): string {
  if (subresource === '') return (object as Pod).spec.nodeName ?? '';
  if (subresource !== 'binding' || kind.kind !== 'Binding') return '';
  const { target } = object as Binding;
  return target.kind === 'Node' ? (target.name ?? '') : '';
}
