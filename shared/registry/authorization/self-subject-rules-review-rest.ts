/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/authorization/selfsubjectrulesreview/rest.go */

import type { SelfSubjectRulesReview } from '../../apis/authorization/v1/types.ts';
import type { RuleResolver } from '../../authz/authorizer.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import { newBadRequest } from '../../meta/status-error.ts';
import type { RequestContext } from '../../request/request-context.ts';
import { type Creater, type RESTObject, restObject, type ValidateObject } from '../../rest/rest-storage.ts';
import type { GroupResource } from '../../runtime/group-version.ts';
import { deepCopyInPieces } from '../../util/deep-copy.ts';

const whenAny = <K extends string>(key: K, values: readonly string[]): { readonly [P in K]?: string[] } =>
  (values.length > 0 ? { [key]: [...values] } : {}) as { readonly [P in K]?: string[] };

/** Lists the caller's permissions as far as the authorizers can enumerate them: `kubectl auth can-i --list`. */
export class SelfSubjectRulesReviewREST implements Creater {
  readonly groupResource: GroupResource;
  readonly #ruleResolver: RuleResolver;

  constructor(groupResource: GroupResource, ruleResolver: RuleResolver) {
    this.groupResource = groupResource;
    this.#ruleResolver = ruleResolver;
  }

  async create(context: RequestContext, object: KubeObject, validate: ValidateObject): Promise<RESTObject> {
    const namespace = (object as SelfSubjectRulesReview).spec.namespace ?? '';
    if (namespace === '') throw newBadRequest('no namespace on request');
    await validate(await deepCopyInPieces(object));
    const rules = await this.#ruleResolver.rulesFor(context.user, namespace);
    const review: SelfSubjectRulesReview = {
      metadata: {},
      spec: {},
      status: {
        resourceRules: rules.resourceRules.map(({ verbs, apiGroups, resources, resourceNames }) => ({
          verbs: [...verbs],
          ...whenAny('apiGroups', apiGroups),
          ...whenAny('resources', resources),
          ...whenAny('resourceNames', resourceNames),
        })),
        nonResourceRules: rules.nonResourceRules.map(({ verbs, nonResourceURLs }) => ({
          verbs: [...verbs],
          ...whenAny('nonResourceURLs', nonResourceURLs),
        })),
        incomplete: rules.incomplete,
        ...(rules.error && { evaluationError: rules.error.message }),
      },
    };
    return restObject(review);
  }
}
