/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/authentication/tokenreview/storage.go */

import type { TokenReview, TokenReviewStatus } from '../../apis/authentication/v1/types.ts';
import { intersectAudiences } from '../../authn/audiences.ts';
import { withAuthenticatedGroup } from '../../authn/authenticated-group.ts';
import {
  AuthenticationError,
  INVALID_BEARER_TOKEN,
  messagesOf,
  type TokenAuthenticator,
} from '../../authn/authenticator.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import { newBadRequest, newInternalError } from '../../meta/status-error.ts';
import type { RequestContext } from '../../request/request-context.ts';
import { type Creater, type RESTObject, restObject, type ValidateObject } from '../../rest/rest-storage.ts';
import { quoteAll } from '../../runtime/go-format.ts';
import type { GroupResource } from '../../runtime/group-version.ts';
import { deepCopyInPieces } from '../../util/deep-copy.ts';
import { apiUserInfo } from './user-info.ts';

/** Authenticates tokens on behalf of other components. */
export class TokenReviewREST implements Creater {
  readonly groupResource: GroupResource;
  readonly #tokens: TokenAuthenticator | undefined;
  readonly #apiAudiences: readonly string[];

  constructor(
    groupResource: GroupResource,
    tokens: TokenAuthenticator | undefined,
    apiAudiences: readonly string[],
  ) {
    this.groupResource = groupResource;
    this.#tokens = tokens;
    this.#apiAudiences = apiAudiences;
  }

  async create(context: RequestContext, object: KubeObject, validate: ValidateObject): Promise<RESTObject> {
    const review = object as TokenReview;
    const { token = '', audiences = [] } = review.spec;
    if (token === '') throw newBadRequest('token is required for TokenReview in authentication');
    await validate(await deepCopyInPieces(object));
    if (this.#tokens === undefined) return restObject(review);
    const wanted = audiences.length > 0 ? audiences : this.#apiAudiences;
    review.status = await this.#status(this.#tokens, { token, wanted, context });
    return restObject(review);
  }

  async #status(
    tokens: TokenAuthenticator,
    { token, wanted, context }: { token: string; wanted: readonly string[]; context: RequestContext },
  ): Promise<TokenReviewStatus> {
    const recorder = {
      addAuditAnnotation: (key: string, value: string) => context.audit.addAnnotation(key, value),
      addWarning: (text: string) => context.addWarning(text),
    };
    let response: Awaited<ReturnType<TokenAuthenticator['authenticateToken']>>;
    try {
      response = await tokens.authenticateToken(token, wanted, recorder);
      if (response === undefined) throw new AuthenticationError(INVALID_BEARER_TOKEN);
    } catch (error) {
      // The reviewed token is never upstream's loopback token, which its chain tries first and which adds this message.
      const { message } = new AuthenticationError([INVALID_BEARER_TOKEN, ...messagesOf(error as Error)]);
      return { user: {}, error: message };
    }
    if (wanted.length > 0 && intersectAudiences(wanted, response.audiences).length === 0) {
      throw newInternalError(
        `error validating audience. want=${quoteAll(wanted)} got=${quoteAll(response.audiences)}`,
      );
    }
    return {
      authenticated: true,
      user: apiUserInfo(withAuthenticatedGroup(response).user),
      ...(response.audiences.length > 0 && { audiences: [...response.audiences] }),
    };
  }
}
