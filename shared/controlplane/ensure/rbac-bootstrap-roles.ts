import { type BootstrapTable, bootstrapPolicy, type GateQuery } from '../../authz/rbac/bootstrap/policy.ts';
import { reconcileBootstrapPolicy } from '../../authz/rbac/bootstrap/reconcile.ts';
import type { EnsureStep } from '../ensure-step.ts';

/** The roles of Kubernetes' own components, and the user-facing ones. */
export const rbacBootstrapRoles = (enabled: GateQuery, emulated?: BootstrapTable): EnsureStep => ({
  name: 'poststarthook/rbac/bootstrap-roles',
  async run(resources) {
    await reconcileBootstrapPolicy(resources, bootstrapPolicy(enabled, emulated));
  },
});
