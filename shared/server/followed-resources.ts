/**
 * Resources that most requests depend on: authorization, admission and discovery. If the store supports it, a single
 * read tells whether any of them changed. The list is short because each adds 150 bytes to that read, which should stay
 * within one read unit of 4 KB.
 */
export const FOLLOWED_RESOURCES: readonly string[] = [
  'admissionregistration.k8s.io/mutatingadmissionpolicies',
  'admissionregistration.k8s.io/mutatingadmissionpolicybindings',
  'admissionregistration.k8s.io/mutatingwebhookconfigurations',
  'admissionregistration.k8s.io/validatingadmissionpolicies',
  'admissionregistration.k8s.io/validatingadmissionpolicybindings',
  'admissionregistration.k8s.io/validatingwebhookconfigurations',
  'apiextensions.k8s.io/customresourcedefinitions',
  'apiregistration.k8s.io/apiservices',
  'core/limitranges',
  'core/namespaces',
  'core/resourcequotas',
  'core/serviceaccounts',
  'networking.k8s.io/ingressclasses',
  'node.k8s.io/runtimeclasses',
  'rbac.authorization.k8s.io/clusterrolebindings',
  'rbac.authorization.k8s.io/clusterroles',
  'rbac.authorization.k8s.io/rolebindings',
  'rbac.authorization.k8s.io/roles',
  'scheduling.k8s.io/priorityclasses',
  'storage.k8s.io/storageclasses',
].map((name) => `/registry/${name}`);
