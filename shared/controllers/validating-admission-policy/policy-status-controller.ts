/**
 * Reports type errors in a policy's expressions in its status
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/validatingadmissionpolicystatus/controller.go).
 */

import type { TypeCheckerDependencies } from '../../admission/policy/type-checking.ts';
import type { ValidatingAdmissionPolicy } from '../../apis/admissionregistration/v1/types.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import { applyStatus } from '../apply-status.ts';
import { type Change, type Controller, isResource } from '../controller.ts';

const GROUP = 'admissionregistration.k8s.io';
const POLICIES = { group: GROUP, version: 'v1', resource: 'validatingadmissionpolicies' };
const MANAGER = 'validatingadmissionpolicy-status';

export class ValidatingAdmissionPolicyStatusController implements Controller {
  readonly name = 'validatingadmissionpolicy-status-controller';
  readonly #resources: ResourceAccess;
  readonly #types: TypeCheckerDependencies;

  constructor(resources: ResourceAccess, types: TypeCheckerDependencies) {
    this.#resources = resources;
    this.#types = types;
  }

  keysFor({ type, resource, name }: Change): string[] {
    return type !== 'DELETED' && isResource(resource, GROUP, POLICIES.resource) ? [name] : [];
  }

  async allKeys(): Promise<string[]> {
    const { items } = await this.#resources.lister<ValidatingAdmissionPolicy>(POLICIES).snapshot(0);
    return items.filter(isUnchecked).map(({ metadata }) => metadata.name!);
  }

  async reconcile(name: string): Promise<undefined> {
    const policy = await this.#resources.lister<ValidatingAdmissionPolicy>(POLICIES).get('', name, 0);
    if (policy === undefined || !isUnchecked(policy)) return;
    // CEL is loaded with the first policy.
    const { typeCheck } = await import('../../admission/policy/type-checking.ts');
    const expressionWarnings = await typeCheck(policy, this.#types);
    const status = {
      observedGeneration: policy.metadata.generation,
      typeChecking: expressionWarnings.length > 0 ? { expressionWarnings } : {},
    };
    const applied = { kind: 'ValidatingAdmissionPolicy', metadata: { name }, status };
    await applyStatus(this.#resources.client, POLICIES, applied, MANAGER);
  }
}

function isUnchecked({ metadata, status }: ValidatingAdmissionPolicy): boolean {
  return (metadata.generation ?? 0) > (status?.observedGeneration ?? 0);
}
