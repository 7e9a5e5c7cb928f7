/** kube-controller-manager's controllers by current and former names: cmd/kube-controller-manager/app, 1.37. */

/** Controllers that run here. */
const HERE: Readonly<Record<string, string>> = {
  'certificatesigningrequest-approving-controller': 'csrapproving',
  'certificatesigningrequest-cleaner-controller': 'csrcleaner',
  'certificatesigningrequest-signing-controller': 'csrsigning',
  'clusterrole-aggregation-controller': 'clusterrole-aggregation',
  'garbage-collector-controller': 'garbagecollector',
  'namespace-controller': 'namespace',
  'persistentvolume-protection-controller': 'pv-protection',
  'persistentvolumeclaim-protection-controller': 'pvc-protection',
  'pod-garbage-collector-controller': 'podgc',
  'resourcequota-controller': 'resourcequota',
  'root-ca-certificate-publisher-controller': 'root-ca-cert-publisher',
  'service-cidr-controller': '',
  'serviceaccount-controller': 'serviceaccount',
  'serviceaccount-token-controller': 'serviceaccount-token',
  'storage-version-migrator-controller': 'svm',
  'validatingadmissionpolicy-status-controller': '',
};

/** Controllers that have to run elsewhere. */
const EXTERNAL: Readonly<Record<string, string>> = {
  'bootstrap-signer-controller': 'bootstrapsigner',
  'cronjob-controller': 'cronjob',
  'daemonset-controller': 'daemonset',
  'deployment-controller': 'deployment',
  'device-taint-eviction-controller': '',
  'disruption-controller': 'disruption',
  'endpoints-controller': 'endpoint',
  'endpointslice-controller': 'endpointslice',
  'endpointslice-mirroring-controller': 'endpointslicemirroring',
  'ephemeral-volume-controller': 'ephemeral-volume',
  'horizontal-pod-autoscaler-controller': 'horizontalpodautoscaling',
  'job-controller': 'job',
  'kube-apiserver-serving-clustertrustbundle-publisher-controller': '',
  'legacy-serviceaccount-token-cleaner-controller': 'legacy-service-account-token-cleaner',
  'node-ipam-controller': 'nodeipam',
  'node-lifecycle-controller': 'nodelifecycle',
  'persistentvolume-attach-detach-controller': 'attachdetach',
  'persistentvolume-binder-controller': 'persistentvolume-binder',
  'persistentvolume-expander-controller': 'persistentvolume-expander',
  'podcertificaterequest-cleaner-controller': '',
  'podgroup-protection-controller': '',
  'replicaset-controller': 'replicaset',
  'replicationcontroller-controller': 'replicationcontroller',
  'resourceclaim-controller': 'resource-claim-controller',
  'resourcepoolstatusrequest-controller': '',
  'selinux-warning-controller': '',
  'statefulset-controller': 'statefulset',
  'storageversion-garbage-collector-controller': 'storage-version-gc',
  'taint-eviction-controller': '',
  'token-cleaner-controller': 'tokencleaner',
  'ttl-after-finished-controller': 'ttl-after-finished',
  'ttl-controller': 'ttl',
  'volumeattributesclass-protection-controller': '',
};

const ALIASES: ReadonlyMap<string, string> = new Map(
  Object.entries({ ...HERE, ...EXTERNAL }).flatMap(([name, alias]) => (alias === '' ? [] : [[alias, name]])),
);

const ALL = '*';

/** The current name in kube-controller-manager of a name in `--controllers`; undefined: unknown. */
function canonicalName(named: string): string | undefined {
  const name = ALIASES.get(named) ?? named;
  return Object.hasOwn(HERE, name) || Object.hasOwn(EXTERNAL, name) ? name : undefined;
}

const withoutSign = (pattern: string): string => pattern.replace(/^-/, '');

/** Faults of `--controllers`, in kube-controller-manager's words. */
export function controllerErrors(patterns: readonly string[]): string[] {
  return patterns
    .map(withoutSign)
    .filter((name) => name !== ALL && canonicalName(name) === undefined)
    .map(
      (name) =>
        `${JSON.stringify(name)} is not in the list of known controllers; those that run here are ${Object.keys(HERE).join(', ')}`,
    );
}

/** Names that are requested but do not run here. */
export function externalControllers(patterns: readonly string[]): string[] {
  return patterns.filter((pattern) => Object.hasOwn(EXTERNAL, canonicalName(pattern) ?? ''));
}

/** Whether `--controllers` enables the controller: the first pattern that names it counts. */
export function isControllerEnabled(name: string, patterns: readonly string[]): boolean {
  const first = patterns.find((pattern) => canonicalName(withoutSign(pattern)) === name);
  return first === undefined ? patterns.includes(ALL) : !first.startsWith('-');
}
