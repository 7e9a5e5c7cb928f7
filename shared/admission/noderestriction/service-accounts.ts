import type { TokenRequest } from '../../apis/authentication/v1/types.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod, Volume } from '../../apis/core/v1/types.ts';
import type { CSIDriver } from '../../apis/storage/v1/types.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import { aggregateMessages, quote } from '../../runtime/go-format.ts';
import type { AdmissionAttributes, AdmissionDependencies } from '../admission.ts';
import { forbidden } from '../errors.ts';
import type { NodeCheck } from './node-check.ts';
import { findPod } from './pods.ts';

/** Nodes may request tokens for pods that run on them, for the audiences that these pods need. */
export const checkServiceAccounts: NodeCheck = async (nodeName, attributes, dependencies) => {
  if (attributes.operation !== 'CREATE' || attributes.subresource !== 'token') return;
  const refuse = (why: string) => forbidden(attributes, why);
  const { spec } = attributes.object as unknown as TokenRequest;
  const bound = spec.boundObjectRef;
  if (bound?.apiVersion !== 'v1' || bound.kind !== 'Pod' || !bound.name) {
    throw refuse('node requested token not bound to a pod');
  }
  if (!bound.uid) throw refuse('node requested token with a pod binding without a uid');
  const pod = await findPod(dependencies, attributes.namespace, bound.name);
  if (bound.uid !== pod.metadata.uid) {
    throw refuse(
      `the UID in the bound object reference (${bound.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  }
  if (pod.spec.nodeName !== nodeName) {
    throw refuse('node requested token bound to a pod scheduled on a different node');
  }
  if (dependencies.featureEnabled('ServiceAccountNodeAudienceRestriction')) {
    await checkAudience(spec.audiences ?? [], pod, attributes, dependencies);
  }
};

async function checkAudience(
  audiences: readonly string[],
  pod: Pod,
  attributes: AdmissionAttributes,
  dependencies: AdmissionDependencies,
): Promise<void> {
  if (audiences.length > 1) throw forbidden(attributes, 'node may only request 0 or 1 audiences');
  const [audience = ''] = audiences;
  const problems: string[] = [];
  for (const volume of pod.spec.volumes ?? []) {
    const answer = await volumeNeeds(audience, volume, pod, dependencies);
    if (answer === true) return;
    if (answer !== false) problems.push(answer.missing);
  }
  if (problems.length > 0) {
    throw forbidden(
      attributes,
      `error validating audience ${quote(audience)}: ${aggregateMessages(problems)}`,
    );
  }
  const { user } = attributes;
  const { allowed, error } = await dependencies.authorize({
    user,
    verb: 'request-serviceaccounts-token-audience',
    namespace: attributes.namespace,
    apiGroup: '',
    apiVersion: 'v1',
    resource: audience,
    name: attributes.name,
  });
  if (allowed) return;
  throw forbidden(
    attributes,
    error === undefined
      ? `${user.name} is not authorized to request tokens for audience ${quote(audience)}`
      : `error authorizing ${user.name} to request tokens for audience ${quote(audience)}: ${error.message}`,
  );
}

/** An object that a volume refers to but that doesn't exist. */
interface Missing {
  readonly missing: string;
}

const missing = (resource: string, name: string): Missing => ({
  missing: `${resource} ${quote(name)} not found`,
});

async function volumeNeeds(
  audience: string,
  volume: Volume,
  pod: Pod,
  { resources }: AdmissionDependencies,
): Promise<boolean | Missing> {
  const sources = volume.projected?.sources ?? [];
  if (sources.some(({ serviceAccountToken: token }) => token && (token.audience ?? '') === audience)) {
    return true;
  }
  const driver = await driverOf(volume, pod, resources);
  if (typeof driver === 'object') return driver;
  if (driver === '') return false;
  const drivers = resources.lister<CSIDriver>({ group: 'storage.k8s.io', resource: 'csidrivers' });
  const found = await drivers.get('', driver);
  if (found === undefined) return missing('csidriver.storage.k8s.io', driver);
  return (found.spec.tokenRequests ?? []).some((request) => request.audience === audience);
}

/** The name of the CSI driver of a volume; '' if it has none. */
async function driverOf(volume: Volume, pod: Pod, resources: ResourceAccess): Promise<string | Missing> {
  const claimName = volume.ephemeral?.volumeClaimTemplate
    ? `${pod.metadata.name}-${volume.name}`
    : volume.persistentVolumeClaim?.claimName;
  if (claimName === undefined) return volume.csi?.driver ?? '';
  const claims = resources.lister<PersistentVolumeClaim>({ group: '', resource: 'persistentvolumeclaims' });
  const claim = await claims.get(pod.metadata.namespace ?? '', claimName);
  if (claim === undefined) return missing('persistentvolumeclaim', claimName);
  const { volumeName = '' } = claim.spec;
  const volumes = resources.lister<PersistentVolume>({ group: '', resource: 'persistentvolumes' });
  const bound = await volumes.get('', volumeName);
  if (bound === undefined) return missing('persistentvolume', volumeName);
  return bound.spec.csi?.driver ?? '';
}
