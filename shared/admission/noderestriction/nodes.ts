import type { Node } from '../../apis/core/v1/types.ts';
import { semanticDeepEqual } from '../../meta/deep-equal.ts';
import { quote } from '../../runtime/go-format.ts';
import { forbidden } from '../errors.ts';
import type { NodeCheck } from './node-check.ts';

const RESTRICTED = 'node-restriction.kubernetes.io';
/** Labels that a kubelet may set on its node (https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/kubelet/pkg/apis/well_known_labels.go). */
const KUBELET_LABELS = new Set([
  'kubernetes.io/hostname',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
]);
const KUBELET_NAMESPACES = ['kubelet.kubernetes.io', 'node.kubernetes.io'];
const KUBERNETES_NAMESPACES = ['kubernetes.io', 'k8s.io'];

/** Nodes may only write themselves, and not in ways that attract pods meant for other nodes. */
export const checkNodes: NodeCheck = (nodeName, attributes) => {
  const node = quote(nodeName);
  const { operation, name } = attributes;
  const [object, old] = [attributes.object, attributes.oldObject] as [Node, Node];
  const asked = operation === 'CREATE' ? name || (object.metadata.name ?? '') : name;
  if (asked !== nodeName) {
    throw forbidden(attributes, `node ${node} is not allowed to modify node ${quote(asked)}`);
  }
  if (operation === 'CREATE') {
    if (object.spec.configSource !== undefined) {
      throw forbidden(attributes, `node ${node} is not allowed to create pods with a non-nil configSource`);
    }
    const labels = forbiddenLabels(changedLabels(object, undefined));
    if (labels.length > 0) {
      throw forbidden(
        attributes,
        `node ${node} is not allowed to set the following labels: ${labels.join(', ')}`,
      );
    }
  }
  if (operation !== 'UPDATE') return;
  const { configSource } = object.spec;
  if (configSource !== undefined && !semanticDeepEqual(configSource, old.spec.configSource)) {
    throw forbidden(
      attributes,
      `node ${node} is not allowed to update configSource to a new non-nil configSource`,
    );
  }
  if (!semanticDeepEqual(object.spec.taints, old.spec.taints)) {
    throw forbidden(attributes, `node ${node} is not allowed to modify taints`);
  }
  if (!semanticDeepEqual(object.metadata.ownerReferences, old.metadata.ownerReferences)) {
    throw forbidden(attributes, `node ${node} is not allowed to modify ownerReferences`);
  }
  const labels = forbiddenLabels(changedLabels(object, old));
  if (labels.length > 0) {
    throw forbidden(attributes, `is not allowed to modify labels: ${labels.join(', ')}`);
  }
};

function changedLabels(node: Node, old: Node | undefined): string[] {
  const [labels, before] = [node, old].map(
    (object) => new Map(Object.entries(object?.metadata.labels ?? {})),
  );
  return [...new Set([...labels!.keys(), ...before!.keys()])].filter(
    (key) => labels!.get(key) !== before!.get(key),
  );
}

/** Sorted. */
function forbiddenLabels(keys: readonly string[]): string[] {
  return keys
    .filter((key) => isIn(key, [RESTRICTED]) || (isIn(key, KUBERNETES_NAMESPACES) && !isKubelets(key)))
    .sort();
}

function isKubelets(key: string): boolean {
  return KUBELET_LABELS.has(key) || isIn(key, KUBELET_NAMESPACES);
}

/** Whether the label's prefix is one of the domains or a subdomain. */
function isIn(key: string, domains: readonly string[]): boolean {
  if (!key.includes('/')) return false;
  const prefix = key.slice(0, key.indexOf('/'));
  return domains.some((domain) => prefix === domain || prefix.endsWith(`.${domain}`));
}
