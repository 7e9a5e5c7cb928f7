import type { PodSpec, SecurityContext } from '../../apis/core/v1/types.ts';
import type { AnyContainer } from '../pod-containers.ts';

type Effective = Pick<SecurityContext, 'runAsUser' | 'runAsGroup' | 'runAsNonRoot' | 'seLinuxOptions'>;

/** The effective security context of a container, whose own settings override those of its pod. */
export function effectiveSecurityContext(
  { spec: { securityContext: pod } }: { readonly spec: PodSpec },
  { securityContext: own }: AnyContainer,
): Effective {
  return {
    runAsUser: own?.runAsUser ?? pod?.runAsUser,
    runAsGroup: own?.runAsGroup ?? pod?.runAsGroup,
    runAsNonRoot: own?.runAsNonRoot ?? pod?.runAsNonRoot,
    seLinuxOptions: own?.seLinuxOptions ?? pod?.seLinuxOptions,
  };
}
