/**
 * Decides whether a client may act as somebody else, and as whom it then acts
 * (https://github.com/kubernetes/apiserver/tree/master/pkg/endpoints/filters/impersonation, KEP-5284).
 */

import { createHash } from 'node:crypto';
import { isForbidden } from '../../meta/status-error.ts';
import { splitServiceAccountUsername } from '../../request/service-account-user.ts';
import type { UserInfo } from '../../request/user-info.ts';
import type { BoundedCache } from '../../util/bounded-cache.ts';
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

interface Attempt {
  readonly wanted: UserInfo;
  readonly attributes: AuthorizerAttributes;
}

async function attempt(
  authorizer: Authorizer,
  mode: Mode,
  { wanted, attributes }: Attempt,
): Promise<Impersonation> {
  const asking = mode.ask ? askingOtherwise(authorizer, mode.ask) : authorizer;
  await checkAuthorization(asking, {
    ...attributes,
    verb: `impersonate-on:${mode.name}:${attributes.verb}`,
  });
  const verb = `impersonate:${mode.name}`;
  const checks = { authorizer: asking, requestor: attributes.user, verb, constrained: true };
  return { user: await new ImpersonationAttempt(checks).impersonate(wanted), constraint: verb };
}

/** By the verb `impersonate` alone. */
async function attemptPlainly(
  authorizer: Authorizer,
  { wanted, attributes }: Attempt,
): Promise<Impersonation> {
  const checks = { authorizer, requestor: attributes.user, verb: 'impersonate', constrained: false };
  return { user: await new ImpersonationAttempt(checks).impersonate(wanted), constraint: '' };
}

/** Which way was right the last time for who asks, by a digest of the name, however long: it is tried first, and is what a refusal tells of. */
export type ModeMemory = BoundedCache<string, string>;

export interface ImpersonationRequest {
  /** The request's, with its real user. */
  readonly attributes: AuthorizerAttributes;
  readonly wanted: UserInfo;
  /** Off: by the verb `impersonate` alone (feature gate ConstrainedImpersonation). */
  readonly constrained?: boolean;
  readonly memory?: ModeMemory;
}

const PLAIN = '';

const keyOf = ({ attributes }: ImpersonationRequest): string =>
  createHash('sha256').update(attributes.user.name).digest('base64');

/** The ways in the order in which they are tried: PLAIN, or names of modes. */
function waysOf(request: ImpersonationRequest): string[] {
  const { attributes, wanted, constrained = true, memory } = request;
  const modes = constrained ? MODES.filter((mode) => mode.applies(wanted, attributes.user)) : [];
  const ways = [...modes.map(({ name }) => name), PLAIN];
  const last = memory?.get(keyOf(request));
  return last === undefined || !ways.includes(last) ? ways : [last, ...ways.filter((way) => way !== last)];
}

/**
 * Tries the constrained modes, then plain `impersonate`. Throws Forbidden: what the first way said; and what the
 * authorizer rejects with, where it can't say whether one of them would have done.
 */
export async function impersonate(
  authorizer: Authorizer,
  request: ImpersonationRequest,
): Promise<Impersonation> {
  const refusals: unknown[] = [];
  for (const way of waysOf(request)) {
    try {
      const mode = MODES.find(({ name }) => name === way);
      const allowed = await (mode === undefined
        ? attemptPlainly(authorizer, request)
        : attempt(authorizer, mode, request));
      request.memory?.set(keyOf(request), way);
      return allowed;
    } catch (error) {
      refusals.push(error);
    }
  }
  throw refusals.find((one) => !isForbidden(one)) ?? refusals[0];
}
