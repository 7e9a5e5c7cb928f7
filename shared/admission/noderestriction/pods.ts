import type { Node, Pod } from '../../apis/core/v1/types.ts';
import { semanticDeepEqual } from '../../meta/deep-equal.ts';
import { newNotFound } from '../../meta/status-error.ts';
import { quote } from '../../runtime/go-format.ts';
import type { GroupResource } from '../../runtime/group-version.ts';
import type { AdmissionAttributes, AdmissionDependencies } from '../admission.ts';
import { PODS } from '../attributes.ts';
import { forbidden } from '../errors.ts';
import { apiReferenceOf } from './api-references.ts';
import type { NodeCheck } from './node-check.ts';

/** Resource as in the errors of upstream's listers. */
const oneOf = (kind: string): GroupResource => ({ group: '', resource: kind });

export const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';

/** Reads the latest state, because the pod may have just been bound. */
export async function findPod(
  { resources }: AdmissionDependencies,
  namespace: string,
  name: string,
): Promise<Pod> {
  const pod = await resources.lister<Pod>(PODS).get(namespace, name, 0);
  if (pod === undefined) throw newNotFound(oneOf('pod'), name);
  return pod;
}

export const checkPods: NodeCheck = async (nodeName, attributes, dependencies) => {
  const check = Object.hasOwn(BY_SUBRESOURCE, attributes.subresource)
    ? BY_SUBRESOURCE[attributes.subresource]!
    : unexpected;
  await check(nodeName, attributes, dependencies);
};

const unexpected: NodeCheck = (_, attributes) => {
  throw forbidden(
    attributes,
    `unexpected pod subresource ${quote(attributes.subresource)}, only 'status' and 'eviction' are allowed`,
  );
};

/**
 * Nodes may only create mirror pods of their own that refer to no other API objects, and only delete pods bound to
 * them.
 */
async function checkPod(
  nodeName: string,
  attributes: AdmissionAttributes,
  dependencies: AdmissionDependencies,
): Promise<void> {
  const node = quote(nodeName);
  if (attributes.operation === 'CREATE') {
    const pod = attributes.object as Pod;
    for (const [violated, why] of CREATE_RULES) {
      if (violated(pod, nodeName)) throw forbidden(attributes, why(node));
    }
    await checkOwner(nodeName, attributes, dependencies);
    const reference = apiReferenceOf(pod.spec);
    if (reference === undefined) return;
    throw forbidden(attributes, `node ${node} can not create pods that reference ${reference}`);
  } else if (attributes.operation === 'DELETE') {
    const pod = await findPod(dependencies, attributes.namespace, attributes.name);
    if (pod.spec.nodeName === nodeName) return;
    throw forbidden(attributes, `node ${node} can only delete pods with spec.nodeName set to itself`);
  } else {
    throw forbidden(
      attributes,
      `unexpected operation ${quote(attributes.operation)}, node ${node} can only create and delete mirror pods`,
    );
  }
}

type Rule = readonly [(pod: Pod, nodeName: string) => boolean, (node: string) => string];

const CREATE_RULES: readonly Rule[] = [
  [
    ({ metadata }) => !Object.hasOwn(metadata.annotations ?? {}, MIRROR_ANNOTATION),
    (node) =>
      `pod does not have ${quote(MIRROR_ANNOTATION)} annotation, node ${node} can only create mirror pods`,
  ],
  [
    ({ spec }, nodeName) => spec.nodeName !== nodeName,
    (node) => `node ${node} can only create pods with spec.nodeName set to itself`,
  ],
  [
    ({ metadata }) => (metadata.ownerReferences ?? []).length > 1,
    (node) => `node ${node} can only create pods with a single owner reference set to itself`,
  ],
  [
    ({ metadata }) => (metadata.ownerReferences ?? []).length === 0,
    (node) => `node ${node} can only create pods with an owner reference set to itself`,
  ],
];

/** An owner reference to a node must refer to the requesting node. */
async function checkOwner(
  nodeName: string,
  attributes: AdmissionAttributes,
  { resources }: AdmissionDependencies,
): Promise<void> {
  const refuse = (why: string) => forbidden(attributes, why);
  const [owner] = attributes.object!.metadata.ownerReferences!;
  const { apiVersion, kind, name, controller, blockOwnerDeletion, uid } = owner!;
  if (apiVersion !== 'v1' || kind !== 'Node' || name !== nodeName) {
    throw refuse(`node ${quote(nodeName)} can only create pods with an owner reference set to itself`);
  }
  if (controller !== true) {
    throw refuse(
      `node ${quote(nodeName)} can only create pods with a controller owner reference set to itself`,
    );
  }
  if (blockOwnerDeletion === true) {
    throw refuse(`node ${quote(nodeName)} must not set blockOwnerDeletion on an owner reference`);
  }
  const lister = resources.lister<Node>({ group: '', resource: 'nodes' });
  const node = (await lister.get('', nodeName)) ?? (await lister.get('', nodeName, 0));
  if (node === undefined) throw newNotFound(oneOf('node'), nodeName);
  if (node.metadata.uid !== uid) {
    throw refuse(`node ${nodeName} UID mismatch: expected ${uid} got ${node.metadata.uid}`);
  }
}

const checkStatus: NodeCheck = (nodeName, attributes) => {
  const node = quote(nodeName);
  if (attributes.operation !== 'UPDATE') {
    throw forbidden(attributes, `unexpected operation ${quote(attributes.operation)}`);
  }
  const [pod, old] = [attributes.object as Pod, attributes.oldObject as Pod];
  if (old.spec.nodeName !== nodeName) {
    throw forbidden(
      attributes,
      `node ${node} can only update pod status for pods with spec.nodeName set to itself`,
    );
  }
  if (!semanticDeepEqual(pod.metadata.labels ?? {}, old.metadata.labels ?? {})) {
    throw forbidden(attributes, `node ${node} cannot update labels through pod status`);
  }
  for (const [field, words] of [
    ['resourceClaimStatuses', 'resource claim statues'],
    ['extendedResourceClaimStatus', 'extended resource claim status'],
  ] as const) {
    if (semanticDeepEqual(pod.status?.[field], old.status?.[field])) continue;
    throw forbidden(attributes, `node ${node} cannot update ${words}`);
  }
};

const checkEviction: NodeCheck = async (nodeName, attributes, dependencies) => {
  if (attributes.operation !== 'CREATE') {
    throw forbidden(attributes, `unexpected operation ${attributes.operation}`);
  }
  const name = attributes.name || attributes.object?.metadata?.name;
  if (!name) throw forbidden(attributes, 'could not determine pod from request data');
  const pod = await findPod(dependencies, attributes.namespace, name);
  if (pod.spec.nodeName === nodeName) return;
  throw forbidden(attributes, `node ${nodeName} can only evict pods with spec.nodeName set to itself`);
};

const BY_SUBRESOURCE: Readonly<Record<string, NodeCheck>> = {
  '': checkPod,
  status: checkStatus,
  eviction: checkEviction,
};
