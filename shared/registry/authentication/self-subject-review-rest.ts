/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/authentication/selfsubjectreview/rest.go */

import type { SelfSubjectReview } from '../../apis/authentication/v1/types.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import { formatTime } from '../../meta/time.ts';
import type { RequestContext } from '../../request/request-context.ts';
import { type Creater, type RESTObject, restObject, type ValidateObject } from '../../rest/rest-storage.ts';
import type { GroupResource } from '../../runtime/group-version.ts';
import { deepCopyInPieces } from '../../util/deep-copy.ts';
import { apiUserInfo } from './user-info.ts';

/** Returns the caller's user info: `kubectl auth whoami`. */
export class SelfSubjectReviewREST implements Creater {
  readonly groupResource: GroupResource;

  constructor(groupResource: GroupResource) {
    this.groupResource = groupResource;
  }

  async create(context: RequestContext, object: KubeObject, validate: ValidateObject): Promise<RESTObject> {
    await validate(await deepCopyInPieces(object));
    const review: SelfSubjectReview = {
      metadata: { creationTimestamp: formatTime(Date.now()) },
      status: { userInfo: apiUserInfo(context.user) },
    };
    return restObject(review);
  }
}
