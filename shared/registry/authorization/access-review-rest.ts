/** https://github.com/kubernetes/kubernetes/tree/master/pkg/registry/authorization */

import type {
  LocalSubjectAccessReview,
  SelfSubjectAccessReview,
  SubjectAccessReview,
  SubjectAccessReviewSpec,
} from '../../apis/authorization/v1/types.ts';
import {
  validateLocalSubjectAccessReview,
  validateSelfSubjectAccessReview,
  validateSubjectAccessReview,
} from '../../apis/authorization/validation/access-review.ts';
import type { Authorizer } from '../../authz/authorizer.ts';
import type { FieldError } from '../../meta/field-error.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import { newBadRequest, newInvalid } from '../../meta/status-error.ts';
import type { RequestContext } from '../../request/request-context.ts';
import type { UserInfo } from '../../request/user-info.ts';
import { type Creater, type RESTObject, restObject, type ValidateObject } from '../../rest/rest-storage.ts';
import type { GroupResource } from '../../runtime/group-version.ts';
import { deepCopyInPieces } from '../../util/deep-copy.ts';
import { reviewQuestion, reviewStatus } from './review-attributes.ts';

type AccessReview = SubjectAccessReview | LocalSubjectAccessReview | SelfSubjectAccessReview;

/** The differences between the three kinds. */
export interface AccessReviewKind<R extends AccessReview> {
  validate(review: R): FieldError[];
  /** Rejects based on the request rather than the object alone. */
  checkRequest?(review: R, context: RequestContext): void;
  /** The user whose access is reviewed. */
  subject(review: R, context: RequestContext): UserInfo;
}

const subjectOf = ({ spec }: { readonly spec: SubjectAccessReviewSpec }): UserInfo => ({
  name: spec.user ?? '',
  uid: spec.uid ?? '',
  groups: spec.groups ?? [],
  extra: spec.extra ?? {},
});

export const SUBJECT_ACCESS_REVIEW: AccessReviewKind<SubjectAccessReview> = {
  validate: validateSubjectAccessReview,
  subject: subjectOf,
};

export const LOCAL_SUBJECT_ACCESS_REVIEW: AccessReviewKind<LocalSubjectAccessReview> = {
  validate: validateLocalSubjectAccessReview,
  checkRequest({ metadata }, { requestInfo: { namespace } }) {
    if (namespace === '') throw newBadRequest('namespace is required on this type: ');
    if (namespace !== (metadata.namespace ?? '')) {
      throw newBadRequest(`spec.resourceAttributes.namespace must match namespace: ${namespace}`);
    }
  },
  subject: subjectOf,
};

export const SELF_SUBJECT_ACCESS_REVIEW: AccessReviewKind<SelfSubjectAccessReview> = {
  validate: validateSelfSubjectAccessReview,
  subject: (_review, { user }) => user,
};

/** Answers an access review using the server's own authorizer. */
export class AccessReviewREST<R extends AccessReview> implements Creater {
  readonly groupResource: GroupResource;
  readonly #kind: AccessReviewKind<R>;
  readonly #authorizer: Authorizer;

  constructor(groupResource: GroupResource, kind: AccessReviewKind<R>, authorizer: Authorizer) {
    this.groupResource = groupResource;
    this.#kind = kind;
    this.#authorizer = authorizer;
  }

  async create(context: RequestContext, object: KubeObject, validate: ValidateObject): Promise<RESTObject> {
    const review = object as R;
    const errors = this.#kind.validate(review);
    // Upstream omits the kind in this error.
    if (errors.length > 0) throw newInvalid({ group: this.groupResource.group, kind: '' }, '', errors);
    this.#kind.checkRequest?.(review, context);
    await validate(await deepCopyInPieces(object));
    const { attributes, problems } = reviewQuestion(this.#kind.subject(review, context), review.spec);
    review.status = reviewStatus(await this.#authorizer.authorize(attributes), problems);
    return restObject(review);
  }
}
