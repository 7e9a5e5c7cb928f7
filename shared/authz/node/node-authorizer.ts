/** https://github.com/kubernetes/kubernetes/blob/master/plugin/pkg/auth/authorizer/node/node_authorizer.go */

import type { PolicyRule } from '../../apis/rbac/v1/types.ts';
import type { UserInfo } from '../../request/user-info.ts';
import { formatGroupResource } from '../../runtime/group-version.ts';
import type { AuthorizationResult, Authorizer, AuthorizerAttributes, RuleResolver } from '../authorizer.ts';
import { bootstrapPolicy, type GateQuery } from '../rbac/bootstrap/policy.ts';
import { ruleAllows } from '../rbac/rule-allows.ts';
import { unreadable } from '../unreadable.ts';
import type { NodeIndex, NodeObjectKind } from './node-index.ts';

const NODES_GROUP = 'system:nodes';
const USERNAME_PREFIX = 'system:node:';
const LEASE_NAMESPACE = 'kube-node-lease';

const ALLOW: AuthorizationResult = { decision: 'Allow', reason: '' };
const noOpinion = (reason = ''): AuthorizationResult => ({ decision: 'NoOpinion', reason });

/** Undefined for users that are not nodes; '' for a node without a name. */
function nodeIdentity({ name, groups }: UserInfo): string | undefined {
  if (!name.startsWith(USERNAME_PREFIX) || !groups.includes(NODES_GROUP)) return undefined;
  return name.slice(USERNAME_PREFIX.length);
}

type Decide = (
  node: string,
  attributes: AuthorizerAttributes,
  index: NodeIndex,
  enabled: GateQuery,
) => Promise<AuthorizationResult>;

/** Requires the object to be related to the node. */
async function related(
  node: string,
  kind: NodeObjectKind,
  { namespace, name }: AuthorizerAttributes,
  index: NodeIndex,
): Promise<AuthorizationResult> {
  if (name === '') return noOpinion('No Object name found');
  try {
    if (await index.has(node, kind, namespace, name)) return ALLOW;
  } catch (error) {
    return { ...noOpinion(), error: unreadable(error) ?? (error as Error) };
  }
  return noOpinion(`no relationship found between node '${node}' and this object`);
}

const get =
  (kind: NodeObjectKind): Decide =>
  async (node, attributes, index) => {
    if (attributes.verb !== 'get') return noOpinion('can only get individual resources of this type');
    if (attributes.subresource !== '') return noOpinion('cannot get subresource');
    return related(node, kind, attributes, index);
  };

const read =
  (kind: NodeObjectKind): Decide =>
  async (node, attributes, index) => {
    const { verb, subresource, namespace } = attributes;
    if (!['get', 'list', 'watch'].includes(verb)) return noOpinion('can only read resources of this type');
    if (subresource !== '') return noOpinion('cannot read subresource');
    if (namespace === '') return noOpinion('can only read namespaced object of this type');
    return related(node, kind, attributes, index);
  };

const getClaim = get('pvc');

const claim: Decide = async (node, attributes, index, enabled) => {
  if (attributes.subresource !== 'status') return getClaim(node, attributes, index, enabled);
  if (attributes.verb !== 'update' && attributes.verb !== 'patch') {
    return noOpinion('can only get/update/patch this type');
  }
  return related(node, 'pvc', attributes, index);
};

const readAccount = read('serviceaccount');
/** With either gate, kubelets read the service accounts of their pods. */
const ACCOUNT_GATES = ['KubeletServiceAccountTokenForCredentialProviders', 'PodCertificateRequest'];

const serviceAccount: Decide = async (node, attributes, index, enabled) => {
  const { verb, name, subresource } = attributes;
  if (verb === 'get' && ACCOUNT_GATES.some(enabled)) return readAccount(node, attributes, index, enabled);
  if (verb !== 'create' || name === '') {
    return noOpinion('can only create tokens for individual service accounts');
  }
  if (subresource !== 'token') return noOpinion('can only create token subresource of serviceaccount');
  return related(node, 'serviceaccount', attributes, index);
};

const OWN_VERBS = ['get', 'create', 'update', 'patch', 'delete'];

const lease: Decide = async (node, { verb, namespace, name }) => {
  if (!OWN_VERBS.includes(verb)) {
    return noOpinion('can only get, create, update, patch, or delete a node lease');
  }
  if (namespace !== LEASE_NAMESPACE) {
    return noOpinion(`can only access leases in the "${LEASE_NAMESPACE}" system namespace`);
  }
  // On create, the name is in the body: NodeRestriction checks it.
  if (verb !== 'create' && name !== node) {
    return noOpinion('can only access node lease with the same name as the requesting node');
  }
  return ALLOW;
};

const csiNode: Decide = async (node, { verb, subresource, name }) => {
  if (!OWN_VERBS.includes(verb)) return noOpinion('can only get, create, update, patch, or delete a CSINode');
  if (subresource !== '') return noOpinion('cannot authorize CSINode subresources');
  if (verb !== 'create' && name !== node) {
    return noOpinion('can only access CSINode with the same name as the requesting node');
  }
  return ALLOW;
};

function selects({ fieldSelector }: AuthorizerAttributes, field: string, node: string): boolean {
  return (fieldSelector ?? []).some(
    ({ key, operator, values }) =>
      key === field && operator === '=' && values.length === 1 && values[0] === node,
  );
}

const resourceSlice: Decide = async (node, attributes, index) => {
  const { verb, subresource } = attributes;
  if (subresource !== '') return noOpinion('cannot authorize ResourceSlice subresources');
  switch (verb) {
    case 'create':
      return ALLOW;
    case 'get':
    case 'update':
    case 'patch':
    case 'delete':
      return related(node, 'resourceslice', attributes, index);
    case 'watch':
    case 'list':
    case 'deletecollection':
      if (selects(attributes, 'spec.nodeName', node)) return ALLOW;
      return noOpinion('can only list/watch/deletecollection resourceslices with nodeName field selector');
    default:
      return noOpinion(
        'only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection',
      );
  }
};

const podCertificateRequest: Decide = async (node, attributes, index, enabled) => {
  if (!enabled('PodCertificateRequest')) return noOpinion();
  const { verb, subresource } = attributes;
  if (subresource !== '')
    return noOpinion('nodes may not access the status subresource of PodCertificateRequests');
  switch (verb) {
    case 'create':
      return ALLOW;
    case 'get':
      return related(node, 'podcertificaterequest', attributes, index);
    case 'list':
    case 'watch':
      if (selects(attributes, 'spec.nodeName', node)) return ALLOW;
      return noOpinion('can only list/watch podcertificaterequests with nodeName field selector');
    default:
      return noOpinion(
        'only the following verbs are allowed for a PodCertificateRequest: get, watch, list, create',
      );
  }
};

/** NodeRestriction ensures that a node writes only its own Node object. */
const nodes: Decide = async (node, { verb, subresource, name }) => {
  if (subresource === 'status') return verb === 'update' || verb === 'patch' ? ALLOW : noOpinion();
  if (subresource !== '') return noOpinion();
  if (['create', 'update', 'patch'].includes(verb)) return ALLOW;
  if (!['get', 'list', 'watch'].includes(verb)) return noOpinion();
  if (name === node) return ALLOW;
  if (name === '') return noOpinion(`node '${node}' cannot read all nodes, only its own Node object`);
  return noOpinion(`node '${node}' cannot read '${name}', only its own Node object`);
};

const getPod = get('pod');
/** Writes that NodeRestriction restricts to the node's own pods. */
const POD_WRITES: Readonly<Record<string, readonly string[]>> = {
  '': ['create', 'delete'],
  status: ['update', 'patch'],
  eviction: ['create'],
};

const pods: Decide = async (node, attributes, index, enabled) => {
  const { verb, subresource, name } = attributes;
  if (Object.hasOwn(POD_WRITES, subresource) && POD_WRITES[subresource]!.includes(verb)) return ALLOW;
  if (subresource !== '') return noOpinion();
  if (verb === 'get') return getPod(node, attributes, index, enabled);
  if (verb !== 'list' && verb !== 'watch') return noOpinion();
  if (selects(attributes, 'spec.nodeName', node)) return ALLOW;
  if (name !== '') return related(node, 'pod', attributes, index);
  return noOpinion('can only list/watch pods with spec.nodeName field selector');
};

/** Resources for which a node is restricted to its own objects. */
const RESOURCES: ReadonlyMap<string, Decide> = new Map([
  ['secrets', read('secret')],
  ['configmaps', read('configmap')],
  ['persistentvolumeclaims', claim],
  ['persistentvolumes', get('pv')],
  ['resourceclaims.resource.k8s.io', get('resourceclaim')],
  ['volumeattachments.storage.k8s.io', get('volumeattachment')],
  ['serviceaccounts', serviceAccount],
  ['leases.coordination.k8s.io', lease],
  ['csinodes.storage.k8s.io', csiNode],
  ['resourceslices.resource.k8s.io', resourceSlice],
  ['podcertificaterequests.certificates.k8s.io', podCertificateRequest],
  ['nodes', nodes],
  ['pods', pods],
]);

/** `--authorization-mode=Node`: allows what kubelets need, restricted to objects related to their own pods. */
export class NodeAuthorizer implements Authorizer, RuleResolver {
  readonly #index: NodeIndex;
  readonly #enabled: GateQuery;
  #rules: readonly PolicyRule[] | undefined;

  constructor(index: NodeIndex, enabled: GateQuery) {
    this.#index = index;
    this.#enabled = enabled;
  }

  async authorize(attributes: AuthorizerAttributes): Promise<AuthorizationResult> {
    const node = nodeIdentity(attributes.user);
    if (node === undefined) return noOpinion();
    if (node === '') return noOpinion(`unknown node for user ${JSON.stringify(attributes.user.name)}`);
    if (attributes.isResourceRequest) {
      const { apiGroup: group, resource } = attributes;
      const decide = RESOURCES.get(formatGroupResource({ group, resource }));
      if (decide !== undefined) return decide(node, attributes, this.#index, this.#enabled);
    }
    this.#rules ??=
      bootstrapPolicy(this.#enabled).clusterRoles.find(({ metadata }) => metadata.name === 'system:node')
        ?.rules ?? [];
    return this.#rules.some((rule) => ruleAllows(attributes, rule)) ? ALLOW : noOpinion();
  }

  async rulesFor(user: UserInfo): ReturnType<RuleResolver['rulesFor']> {
    const isNode = nodeIdentity(user) !== undefined;
    return {
      resourceRules: [],
      nonResourceRules: [],
      incomplete: isNode,
      ...(isNode && { error: new Error('node authorizer does not support user rule resolution') }),
    };
  }
}
