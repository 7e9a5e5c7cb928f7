/** The order in which to create resources in another cluster: dependencies first, restrictions last. */

import { formatGroupResource, type GroupResource } from '../runtime/group-version.ts';

/** Before all others. */
const FIRST = [
  'customresourcedefinitions.apiextensions.k8s.io',
  'namespaces',
  'priorityclasses.scheduling.k8s.io',
  'runtimeclasses.node.k8s.io',
  'storageclasses.storage.k8s.io',
  'servicecidrs.networking.k8s.io',
  'secrets',
  'configmaps',
  'serviceaccounts',
  'clusterroles.rbac.authorization.k8s.io',
  'roles.rbac.authorization.k8s.io',
  'clusterrolebindings.rbac.authorization.k8s.io',
  'rolebindings.rbac.authorization.k8s.io',
  'persistentvolumes',
  'persistentvolumeclaims',
  'services',
];

/** After custom resources, which may own them, and owners before their dependents. */
const WORKLOADS = [
  'deployments.apps',
  'replicasets.apps',
  'statefulsets.apps',
  'daemonsets.apps',
  'controllerrevisions.apps',
  'replicationcontrollers',
  'cronjobs.batch',
  'jobs.batch',
  'pods',
];

/** Resources that reject or change others: the objects were created before them, or have passed them already. */
const LAST = [
  'limitranges',
  'resourcequotas',
  'apiservices.apiregistration.k8s.io',
  'validatingadmissionpolicies.admissionregistration.k8s.io',
  'validatingadmissionpolicybindings.admissionregistration.k8s.io',
  'mutatingadmissionpolicies.admissionregistration.k8s.io',
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io',
  'validatingwebhookconfigurations.admissionregistration.k8s.io',
  'mutatingwebhookconfigurations.admissionregistration.k8s.io',
];

const RANKS = new Map([...FIRST, '', ...WORKLOADS, ...LAST].map((name, rank) => [name, rank]));

const rankOf = (resource: GroupResource): number =>
  RANKS.get(formatGroupResource(resource)) ?? RANKS.get('')!;

/** For `sort`. Other resources keep their order. */
export const byDependency = (a: GroupResource, b: GroupResource): number => rankOf(a) - rankOf(b);

/** Whether no other objects may follow its objects. */
export const comesLast = (resource: GroupResource): boolean => LAST.includes(formatGroupResource(resource));
