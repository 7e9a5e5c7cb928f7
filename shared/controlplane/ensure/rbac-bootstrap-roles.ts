import { type BootstrapTable, bootstrapPolicy, type GateQuery } from '../../authz/rbac/bootstrap/policy.ts';
import { reconcileBootstrapPolicy } from '../../authz/rbac/bootstrap/reconcile.ts';
import type { EnsureStep } from '../ensure-step.ts';

/** The roles that Kubernetes' own parts have, and those meant for people. */
export const rbacBootstrapRoles = (enabled: GateQuery, emulated?: BootstrapTable): EnsureStep => ({
  name: 'poststarthook/rbac/bootstrap-roles',
  async run(resources) {
    await reconcileBootstrapPolicy(resources, bootstrapPolicy(enabled, emulated));
  },
});
