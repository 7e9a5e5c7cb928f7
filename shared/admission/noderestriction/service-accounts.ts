import type { TokenRequest } from '../../apis/authentication/v1/types.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod, Volume } from '../../apis/core/v1/types.ts';
import type { CSIDriver } from '../../apis/storage/v1/types.ts';
import { quote } from '../../runtime/go-format.ts';
import type { AdmissionAttributes, AdmissionDependencies } from '../admission.ts';
import { forbidden } from '../errors.ts';
import type { NodeCheck } from './node-check.ts';
import { findPod } from './pods.ts';

/** Tokens for the pods that run on the node, for the audiences that they need. */
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
  for (const volume of pod.spec.volumes ?? []) {
    if (await volumeNeeds(audience, volume, pod, dependencies)) return;
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
  const subject = `audience ${quote(audience)} not found in pod spec volume`;
  throw forbidden(
    attributes,
    error === undefined
      ? `${subject}, ${user.name} is not authorized to request tokens for this audience`
      : `${subject}, error authorizing ${user.name} to request tokens for this audience: ${error.message}`,
  );
}

async function volumeNeeds(
  audience: string,
  volume: Volume,
  pod: Pod,
  { resources }: AdmissionDependencies,
): Promise<boolean> {
  const sources = volume.projected?.sources ?? [];
  if (sources.some(({ serviceAccountToken: token }) => token && (token.audience ?? '') === audience)) {
    return true;
  }
  const namespace = pod.metadata.namespace ?? '';
  const claimName =
    volume.persistentVolumeClaim?.claimName ?? (volume.ephemeral && `${pod.metadata.name}-${volume.name}`);
  const claim =
    claimName &&
    (await resources
      .lister<PersistentVolumeClaim>({ group: '', resource: 'persistentvolumeclaims' })
      .get(namespace, claimName));
  const volumeName = claim ? claim.spec.volumeName : undefined;
  const bound =
    volumeName &&
    (await resources
      .lister<PersistentVolume>({ group: '', resource: 'persistentvolumes' })
      .get('', volumeName));
  const driverName = volume.csi?.driver ?? (bound ? bound.spec.csi?.driver : undefined);
  if (driverName === undefined) return false;
  const drivers = resources.lister<CSIDriver>({ group: 'storage.k8s.io', resource: 'csidrivers' });
  const requests = (await drivers.get('', driverName))?.spec.tokenRequests ?? [];
  return requests.some((request) => request.audience === audience);
}
