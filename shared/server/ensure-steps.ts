import { defaultServiceCIDR } from '../controlplane/ensure/default-service-cidr.ts';
import { flowControlDefaults } from '../controlplane/ensure/flow-control.ts';
import { kubernetesService } from '../controlplane/ensure/kubernetes-service.ts';
import { systemPriorityClasses } from '../controlplane/ensure/priority-classes.ts';
import { rbacBootstrapRoles } from '../controlplane/ensure/rbac-bootstrap-roles.ts';
import { systemNamespaces } from '../controlplane/ensure/system-namespaces.ts';
import type { EnsureStep } from '../controlplane/ensure-step.ts';
import { formatIP, parseCIDR } from '../util/ip.ts';
import type { GenericConfig } from './generic-config.ts';
import type { CompletedOptions } from './options/completed-options.ts';
import { featureEnabled } from './options/feature-gates.ts';
import { serviceRanges } from './service-ranges.ts';

/** The bootstrap steps of a cluster, in order. */
export function ensureSteps({ runtime, identity }: GenericConfig): readonly EnsureStep[] {
  const { options } = runtime;
  return [
    systemNamespaces,
    ...(identity.authorizationModes.includes('RBAC')
      ? [rbacBootstrapRoles((gate) => featureEnabled(options, gate), options.emulation?.policy)]
      : []),
    systemPriorityClasses,
    flowControlDefaults,
    defaultServiceCIDR(serviceRanges(options)),
    kubernetesService({ clusterIPs: kubernetesServiceIPs(options), targetPort: options.advertisePort }),
  ];
}

/** The first address of each service range. */
function kubernetesServiceIPs(options: CompletedOptions): string[] {
  return serviceRanges(options).map((range) => {
    const { address, base } = parseCIDR(range)!;
    return formatIP({ family: address.family, value: base + 1n });
  });
}
