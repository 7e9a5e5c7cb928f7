/**
 * Decides whether a client may act as somebody else, and as whom it then acts
 * (https://github.com/kubernetes/apiserver/tree/master/pkg/endpoints/filters/impersonation, KEP-5284).
 */

import { isForbidden } from '../../meta/status-error.ts';
import { splitServiceAccountUsername } from '../../request/service-account-user.ts';
import type { UserInfo } from '../../request/user-info.ts';
import type { Authorizer, AuthorizerAttributes } from '../authorizer.ts';
import { checkAuthorization, ImpersonationAttempt, nodeNameOf } from './user-checks.ts';

const NODE_NAME_KEY = 'authentication.kubernetes.io/node-name';
const ASSOCIATED_NODE_KEYS = 'authentication.kubernetes.io/associated-node-keys';

export interface Impersonation {
  readonly user: UserInfo;
  /** The verb that allowed it; '' for plain `impersonate`. For the audit log. */
  readonly constraint: string;
}

interface Mode {
  readonly name: string;
  applies(wanted: UserInfo, requestor: UserInfo): boolean;
  /** Changes what is asked of the authorizer. */
  ask?(attributes: AuthorizerAttributes): AuthorizerAttributes;
}

const onlyUsername = ({ uid, groups, extra }: UserInfo): boolean =>
  uid === '' && groups.length === 0 && Object.keys(extra).length === 0;
const isNode = ({ name }: UserInfo): boolean => nodeNameOf(name) !== undefined;
const isServiceAccount = ({ name }: UserInfo): boolean => splitServiceAccountUsername(name) !== undefined;

/** Narrowest first. In each the requestor needs the right to be the user, and to do this request as one. */
const MODES: readonly Mode[] = [
  {
    name: 'associated-node',
    applies: (wanted, requestor) => {
      const nodes = requestor.extra[NODE_NAME_KEY] ?? [];
      const ownNode = nodes.length === 1 ? nodes[0] : undefined;
      return (
        onlyUsername(wanted) &&
        isNode(wanted) &&
        isServiceAccount(requestor) &&
        ownNode === nodeNameOf(wanted.name)
      );
    },
    // The right holds for whichever node the service account runs on, so that neither names one.
    ask: (attributes) => ({
      ...attributes,
      user: {
        ...attributes.user,
        extra: { [ASSOCIATED_NODE_KEYS]: Object.keys(attributes.user.extra).sort() },
      },
      name: attributes.verb === 'impersonate:associated-node' ? '*' : attributes.name,
    }),
  },
  { name: 'arbitrary-node', applies: (wanted) => onlyUsername(wanted) && isNode(wanted) },
  { name: 'serviceaccount', applies: (wanted) => onlyUsername(wanted) && isServiceAccount(wanted) },
  { name: 'user-info', applies: (wanted) => !isNode(wanted) && !isServiceAccount(wanted) },
];

/** Refusals name what was really asked. */
function askingOtherwise(authorizer: Authorizer, ask: NonNullable<Mode['ask']>): Authorizer {
  return {
    async authorize(attributes) {
      try {
        await checkAuthorization(authorizer, ask(attributes));
        return { decision: 'Allow', reason: '' };
      } catch (error) {
        if (!isForbidden(error)) throw error;
        return { decision: 'Deny', reason: '', error };
      }
    },
  };
}

async function attempt(
  authorizer: Authorizer,
  mode: Mode,
  request: { wanted: UserInfo; attributes: AuthorizerAttributes },
): Promise<Impersonation> {
  const { wanted, attributes } = request;
  const asking = mode.ask ? askingOtherwise(authorizer, mode.ask) : authorizer;
  await checkAuthorization(asking, {
    ...attributes,
    verb: `impersonate-on:${mode.name}:${attributes.verb}`,
  });
  const verb = `impersonate:${mode.name}`;
  const checks = { authorizer: asking, requestor: attributes.user, verb, constrained: true };
  return { user: await new ImpersonationAttempt(checks).impersonate(wanted), constraint: verb };
}

export interface ImpersonationRequest {
  /** The request's, with its real user. */
  readonly attributes: AuthorizerAttributes;
  readonly wanted: UserInfo;
  /** Off: by the verb `impersonate` alone (feature gate ConstrainedImpersonation). */
  readonly constrained?: boolean;
}

/**
 * Tries the constrained modes, then plain `impersonate`. Throws Forbidden: what the first mode said that applied; and what
 * the authorizer rejects with, where it can't say whether one of them would have done.
 */
export async function impersonate(
  authorizer: Authorizer,
  { attributes, wanted, constrained = true }: ImpersonationRequest,
): Promise<Impersonation> {
  const refusals: unknown[] = [];
  for (const mode of constrained ? MODES : []) {
    if (!mode.applies(wanted, attributes.user)) continue;
    try {
      return await attempt(authorizer, mode, { wanted, attributes });
    } catch (error) {
      refusals.push(error);
    }
  }
  try {
    const checks = { authorizer, requestor: attributes.user, verb: 'impersonate', constrained: false };
    return { user: await new ImpersonationAttempt(checks).impersonate(wanted), constraint: '' };
  } catch (error) {
    refusals.push(error);
    throw refusals.find((one) => !isForbidden(one)) ?? refusals[0];
  }
}
