import { containersOf } from '../../pod-containers.ts';
import {
  type CheckPod,
  containersNamed,
  containersThat,
  exceptWindows,
  joinQuoted,
  type PodSecurityCheck,
  sortedSet,
} from '../check.ts';

const isForbidden = (capability: string): boolean => capability !== 'NET_BIND_SERVICE';

const check: CheckPod = (pod) => {
  const keeping = containersThat(
    pod,
    ({ securityContext }) => !(securityContext?.capabilities?.drop ?? []).includes('ALL'),
  );
  const adding = containersThat(pod, ({ securityContext }) =>
    (securityContext?.capabilities?.add ?? []).some(isForbidden),
  );
  const added = containersOf(pod.spec).flatMap(({ securityContext }) =>
    (securityContext?.capabilities?.add ?? []).filter(isForbidden),
  );
  const details = [
    ...(keeping.length > 0
      ? [`${containersNamed(keeping)} must set securityContext.capabilities.drop=["ALL"]`]
      : []),
    ...(adding.length > 0
      ? [
          `${containersNamed(adding)} must not include ${joinQuoted(sortedSet(added))} in securityContext.capabilities.add`,
        ]
      : []),
  ];
  if (details.length === 0) return undefined;
  return { reason: 'unrestricted capabilities', detail: details.join('; ') };
};

const overrides = ['capabilities_baseline'];

/** All capabilities must be dropped; only NET_BIND_SERVICE may be added. */
export const capabilitiesRestricted: PodSecurityCheck = {
  id: 'capabilities_restricted',
  level: 'restricted',
  versions: [
    { since: 22, check, overrides },
    { since: 25, check: exceptWindows(check), overrides },
  ],
};
