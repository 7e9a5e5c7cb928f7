import type { Pod } from '../../apis/core/v1/types.ts';
import type {
  DeviceClass,
  DeviceSubRequest,
  ExactDeviceRequest,
  ResourceClaim,
} from '../../apis/resource/v1/types.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import { controllerOf } from '../../meta/owner-reference.ts';
import type { OwnerReference } from '../../meta/v1/types.ts';
import { Quantity } from '../../runtime/quantity.ts';
import { PODS } from '../attributes.ts';
import { type Amounts, addAmounts, excessOver, ONE, pick } from './amounts.ts';
import type { QuotaEvaluator } from './evaluator.ts';
import { ExtendedResources, isExtendedResourceQuotaName } from './extended-resources.ts';
import { objectCountName } from './object-count-evaluator.ts';
import { podEvaluator } from './pod-evaluator.ts';

const CLAIMS = { group: 'resource.k8s.io', resource: 'resourceclaims' };
const COUNT = objectCountName(CLAIMS);
/** `gpu.example.com.deviceclass.resource.k8s.io/devices`: the usage of one class. */
const CLASS_SUFFIX = '.deviceclass.resource.k8s.io/devices';
/** Maximum number of devices per request, which is what "all" counts as. */
const MOST_DEVICES = 32;

/** Annotation of claims that the scheduler creates for pods with extended resources. */
const EXTENDED = 'resource.kubernetes.io/extended-resource-claim';
export const DEVICE_CLASSES = { group: 'resource.k8s.io', resource: 'deviceclasses' };

/** https://github.com/kubernetes/kubernetes/blob/master/pkg/quota/v1/evaluator/core/resource_claims.go */
export const resourceClaimEvaluator: QuotaEvaluator = {
  resource: CLAIMS,
  handles: ({ operation, subresource }) =>
    subresource === '' && (operation === 'CREATE' || operation === 'UPDATE'),
  tracks: (name) => isOwnName(name) || isExtendedResourceQuotaName(name),
  usage: (object) => new Map([[COUNT, ONE], ...perClass(devicesOf(object as ResourceClaim))]),
  async informed(claims, namespace, { list, featureEnabled }) {
    if (!featureEnabled('DRAExtendedResource')) return { ...resourceClaimEvaluator, tracks: isOwnName };
    const extended = new ExtendedResources((await list(DEVICE_CLASSES, '')) as readonly DeviceClass[]);
    let counted: PodsOfClaims | undefined;
    if (!extended.isEmpty && (await claims()).some(isForPod)) {
      counted = new PodsOfClaims(await list(PODS, namespace), await list(CLAIMS, namespace));
    }
    return {
      ...resourceClaimEvaluator,
      tracks: (name) => isOwnName(name) || extended.tracks(name),
      usage(object, now) {
        const claim = object as ResourceClaim;
        const pod = counted?.podOf(claim);
        const byPod: Amounts = pod === undefined ? new Map() : podEvaluator.usage(pod, now);
        const used = extended.usage(devicesOf(claim));
        const beyond = pick(excessOver(used, byPod), (name, { sign }) => used.has(name) && sign > 0);
        return addAmounts(resourceClaimEvaluator.usage(claim, now), beyond);
      },
    };
  },
};

const isOwnName = (name: string): boolean => name === COUNT || name.endsWith(CLASS_SUFFIX);
const isForPod = ({ metadata }: KubeObject): boolean => metadata.annotations?.[EXTENDED] === 'true';

/** Finds the pods for whose extended resources claims were created, and whose usage already counts. */
class PodsOfClaims {
  readonly #pods: ReadonlyMap<string, Pod>;
  readonly #claims: readonly KubeObject[];

  constructor(pods: readonly KubeObject[], claims: readonly KubeObject[]) {
    this.#pods = new Map(pods.map((pod) => [pod.metadata.name!, pod as Pod]));
    this.#claims = claims.filter(isForPod);
  }

  /** If the pod's status doesn't name its claim, the oldest one counts. */
  podOf(claim: ResourceClaim): Pod | undefined {
    const owner = ownerOf(claim);
    const pod = isForPod(claim) && owner ? this.#pods.get(owner.name) : undefined;
    if (owner === undefined || pod?.metadata.uid !== owner.uid) return undefined;
    const claimStatus = pod.status?.extendedResourceClaimStatus;
    if (claimStatus) return claimStatus.resourceClaimName === claim.metadata.name ? pod : undefined;
    const own = this.#claims.filter((other) => ownerOf(other)?.uid === owner.uid);
    return own.some((other) => isBefore(other, claim)) ? undefined : pod;
  }
}

function ownerOf({ metadata }: KubeObject): OwnerReference | undefined {
  const owner = controllerOf(metadata);
  return owner?.kind === 'Pod' && owner.apiVersion === 'v1' ? owner : undefined;
}

function isBefore({ metadata: a }: KubeObject, { metadata: b }: KubeObject): boolean {
  const age = Date.parse(String(a.creationTimestamp)) - Date.parse(String(b.creationTimestamp));
  return age === 0 ? a.name! < b.name! : age < 0;
}

/** The number of devices per class. */
function devicesOf({ spec }: ResourceClaim): Amounts {
  const requests = (spec.devices?.requests ?? []).map(({ exactly, firstAvailable }) =>
    mostOf([...(exactly ? [exactly] : []), ...(firstAvailable ?? [])]),
  );
  return requests.reduce<Amounts>(addAmounts, new Map());
}

function perClass(devices: Amounts): [string, Quantity][] {
  return [...devices].map(([name, amount]) => [name + CLASS_SUFFIX, amount]);
}

/** The maximum per class over alternative requests. */
function mostOf(requests: readonly (ExactDeviceRequest | DeviceSubRequest)[]): Amounts {
  const most = new Map<string, number>();
  for (const { deviceClassName, allocationMode, count = 1 } of requests) {
    // Counts beyond the safe integer range are bigints.
    const devices = allocationMode === 'All' ? MOST_DEVICES : Number(count);
    most.set(deviceClassName, Math.max(devices, most.get(deviceClassName) ?? 0));
  }
  return new Map([...most].map(([name, devices]) => [name, Quantity.fromInteger(devices)]));
}
