import type { PodSpec, SecurityContext } from '../../apis/core/v1/types.ts';
import type { AnyContainer } from '../pod-containers.ts';

type Effective = Pick<SecurityContext, 'runAsUser' | 'runAsGroup' | 'runAsNonRoot' | 'seLinuxOptions'>;

/** What a container runs with: its own settings before its pod's. */
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
