import { podRequests } from '../../apis/core/pod-requests.ts';
import { parseResourceList } from '../../apis/core/pod-resources.ts';
import type { Node, Pod } from '../../apis/core/v1/types.ts';
import { StatusError } from '../../meta/status-error.ts';
import { quote } from '../../runtime/go-format.ts';
import { Quantity } from '../../runtime/quantity.ts';
import type { AdmissionAttributes, AdmissionPluginFactory } from '../admission.ts';
import { isResource, operations, PODS } from '../attributes.ts';
import { forbidden } from '../errors.ts';

/** Rejects a resize of a bound pod beyond the node's allocatable resources, or on a node that doesn't support it. */
export const podResizeValidator: AdmissionPluginFactory = ({ resources, featureEnabled }) => ({
  name: 'PodResizeValidator',
  handles: operations('UPDATE'),
  judges: [PODS],
  async validate(attributes) {
    if (!featureEnabled('InPlacePodVerticalScaling')) return;
    if (!isResource(attributes, '', 'pods') || attributes.subresource !== 'resize') return;
    const [pod, old] = [attributes.object as Pod, attributes.oldObject as Pod];
    const { nodeName } = pod.spec;
    if (!nodeName || pod.metadata.generation === old.metadata.generation) return;
    const node = await resources.lister<Node>({ group: '', resource: 'nodes' }).get('', nodeName);
    if (node === undefined) throw forbidden(attributes, `node ${quote(nodeName)} not found`);
    const os = node.metadata.labels?.['kubernetes.io/os'];
    if (os !== undefined && os !== 'linux') {
      const why = `pod resize is only supported on linux nodes, node ${quote(nodeName)} is ${quote(os)}`;
      throw refused(attributes, 'UnsupportedPlatform', why);
    }
    const missing = overCapacity(pod, node);
    if (missing.length > 0) {
      const why = `node didn't have enough allocatable resources: ${missing.join('; ')}`;
      throw refused(attributes, 'NodeCapacity', why);
    }
  },
});

/** CPU in millicores, memory in bytes. */
function overCapacity(pod: Pod, node: Node): string[] {
  const requests = podRequests({ ...pod, status: {} as Pod['status'] });
  const allocatable = parseResourceList(node.status?.allocatable);
  const units = [
    ['cpu', (amount: Quantity) => amount.milliValue()],
    ['memory', (amount: Quantity) => amount.value()],
  ] as const;
  return units.flatMap(([name, unit]) => {
    const requested = requests.get(name) ?? Quantity.zero;
    const available = allocatable.get(name) ?? Quantity.zero;
    if (requested.cmp(available) <= 0) return [];
    return [`${name}, requested: ${unit(requested)}, allocatable: ${unit(available)}`];
  });
}

function refused(attributes: AdmissionAttributes, reason: string, message: string): StatusError {
  const { status } = forbidden(attributes, message);
  return new StatusError({ ...status, details: { ...status.details, causes: [{ reason }] } });
}
