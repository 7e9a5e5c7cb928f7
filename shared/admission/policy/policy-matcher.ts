/** https://github.com/kubernetes/apiserver/blob/master/pkg/admission/plugin/policy/matching/matching.go */

import type { MatchResources } from '../../apis/admissionregistration/v1/types.ts';
import type { ResourceAccess } from '../../rest/resource-access.ts';
import type { AdmissionAttributes, EquivalentResource } from '../admission.ts';
import { RequestSelectors } from '../matching/request-selectors.ts';
import { ResourceRules } from '../matching/resource-rules.ts';

/** Compiled `matchConstraints` of a policy or `matchResources` of a binding. */
export class PolicyMatcher {
  readonly #selectors: RequestSelectors;
  readonly #rules: ResourceRules;
  readonly #excluded: ResourceRules;

  constructor({ resourceRules, excludeResourceRules, matchPolicy, ...selectors }: MatchResources) {
    this.#selectors = new RequestSelectors(selectors);
    this.#rules = new ResourceRules(resourceRules, matchPolicy);
    this.#excluded = new ResourceRules(excludeResourceRules, matchPolicy);
  }

  /** The resource and kind as which the request matches; undefined if it doesn't. Throws for an invalid selector. */
  async match(
    attributes: AdmissionAttributes,
    resources: ResourceAccess,
  ): Promise<EquivalentResource | undefined> {
    const { resource, kind } = attributes;
    const target = this.#rules.empty ? { resource, kind } : this.#rules.match(attributes);
    if (target === undefined || this.#excluded.match(attributes) !== undefined) return undefined;
    return (await this.#selectors.matches(attributes, resources)) ? target : undefined;
  }
}
