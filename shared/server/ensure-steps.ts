import { flowControlDefaults } from '../controlplane/ensure/flow-control.ts';
import { systemPriorityClasses } from '../controlplane/ensure/priority-classes.ts';
import { rbacBootstrapRoles } from '../controlplane/ensure/rbac-bootstrap-roles.ts';
import { systemNamespaces } from '../controlplane/ensure/system-namespaces.ts';
import type { EnsureStep } from '../controlplane/ensure-step.ts';
import type { GenericConfig } from './generic-config.ts';

/** What a cluster is born with, in the order in which it is made. */
export function ensureSteps({ authorizationModes }: GenericConfig): readonly EnsureStep[] {
  return [
    systemNamespaces,
    ...(authorizationModes.includes('RBAC') ? [rbacBootstrapRoles] : []),
    systemPriorityClasses,
    flowControlDefaults,
  ];
}
