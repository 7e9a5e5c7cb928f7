import type { Authorizer } from '../../authz/authorizer.ts';
import { authorizerAttributes } from '../../authz/authorizer-attributes.ts';
import { wantedUser, withoutImpersonationHeaders } from '../../authz/impersonation/headers.ts';
import { impersonate } from '../../authz/impersonation/impersonate.ts';
import { changedRequest } from '../../request/api-request.ts';
import type { Filter } from '../routing/handler.ts';

/** Lets those who may act as somebody else do so (`kubectl --as`); `constrained`: as somebody, for some requests, too. */
export function withImpersonation(authorizer: Authorizer, constrained: boolean): Filter {
  return async (context, next) => {
    const wanted = wantedUser(context.request.headers);
    if (wanted === undefined) return next(context);
    const attributes = authorizerAttributes(context.user, context.requestInfo);
    const { user, constraint } = await impersonate(authorizer, { attributes, wanted, constrained });
    context.impersonator = context.user;
    context.user = user;
    context.impersonationConstraint = constraint;
    const headers = withoutImpersonationHeaders(context.request.headers);
    context.request = changedRequest(context.request, { headers });
    return next(context);
  };
}
