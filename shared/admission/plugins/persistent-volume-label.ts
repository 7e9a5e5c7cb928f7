import type { NodeSelectorRequirement, PersistentVolume } from '../../apis/core/v1/types.ts';
import type { AdmissionAttributes, AdmissionPluginFactory } from '../admission.ts';
import { isResource, operations } from '../attributes.ts';
import { forbidden } from '../errors.ts';

const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';
/** Name of a disk that is still being provisioned. */
const PLACEHOLDER = 'placeholder-for-provisioning';
const ZONES = ['topology.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/zone'] as const;
const REGIONS = ['topology.kubernetes.io/region', 'failure-domain.beta.kubernetes.io/region'] as const;

/** Disks whose location only their cloud provider knows: names of disk and cloud for messages, and the disk's id. */
const DISKS: readonly (readonly [
  disk: string,
  cloud: string,
  name: (spec: PersistentVolume['spec']) => string | undefined,
])[] = [
  ['AWS EBS volume', 'AWS cloud provider for EBS', (spec) => spec.awsElasticBlockStore?.volumeID],
  ['GCE PD volume', 'GCE cloud provider for PD', (spec) => spec.gcePersistentDisk?.pdName],
  ['AzureDisk volume', 'Azure cloud provider for AzureDisk', (spec) => spec.azureDisk?.diskName],
  ['Cinder volume', 'OpenStack cloud provider for Cinder disk', (spec) => spec.cinder?.volumeID],
  ['vSphere Volume', 'vSphere cloud provider', (spec) => spec.vsphereVolume?.volumePath],
];

/**
 * Restricts volumes to nodes in their zone and region. Removed upstream in 1.31. Without a cloud provider, labels of
 * provisioners are used and other cloud disks are rejected, as in kube-apiserver without one.
 */
export const persistentVolumeLabel: AdmissionPluginFactory = () => ({
  name: 'PersistentVolumeLabel',
  handles: operations('CREATE'),
  async admit(attributes) {
    if (!isResource(attributes, '', 'persistentvolumes')) return;
    const volume = attributes.object as PersistentVolume;
    const requirements = requirementsOf(attributes, volume);
    if (requirements.length === 0) return;
    const required = volume.spec.nodeAffinity?.required;
    const terms = required?.nodeSelectorTerms?.length ? required.nodeSelectorTerms : [{}];
    const known = new Set(
      terms.flatMap(({ matchExpressions = [] }) => matchExpressions.map(({ key }) => key)),
    );
    if (requirements.some(({ key }) => known.has(key))) return;
    const nodeSelectorTerms = terms.map((term) => ({
      ...term,
      matchExpressions: [...(term.matchExpressions ?? []), ...requirements],
    }));
    volume.spec.nodeAffinity = { ...volume.spec.nodeAffinity, required: { ...required, nodeSelectorTerms } };
  },
});

function requirementsOf(
  attributes: AdmissionAttributes,
  { metadata, spec }: PersistentVolume,
): NodeSelectorRequirement[] {
  if (metadata.annotations?.[PROVISIONED_BY] !== undefined) {
    for (const [index, zoneLabel] of ZONES.entries()) {
      const regionLabel = REGIONS[index]!;
      const [zone, region] = [metadata.labels?.[zoneLabel], metadata.labels?.[regionLabel]];
      if (zone === undefined || region === undefined) continue;
      return [
        { key: regionLabel, operator: 'In', values: [region] },
        { key: zoneLabel, operator: 'In', values: zonesOf(attributes, zone) },
      ];
    }
  }
  for (const [disk, cloud, nameOf] of DISKS) {
    const name = nameOf(spec);
    if (name === undefined) continue;
    if (name === PLACEHOLDER) return [];
    throw forbidden(attributes, `error querying ${disk} ${name}: unable to build ${cloud}`);
  }
  return [];
}

/** Regional disks have several zones: `a__b`. */
function zonesOf(attributes: AdmissionAttributes, label: string): string[] {
  const zones = label.split('__').map((zone) => zone.trim());
  if (zones.includes('')) {
    throw forbidden(attributes, `failed to convert label string for Zone: ${label} to a Set`);
  }
  return [...new Set(zones)].sort();
}
