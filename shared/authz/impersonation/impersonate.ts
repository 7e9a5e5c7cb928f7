/**
 * Decides whether a client may impersonate another user, and returns the user it then acts as
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
  /** The verb that allowed it, for the audit log; '' for plain `impersonate`. */
  readonly constraint: string;
}

interface Mode {
  readonly name: string;
  applies(wanted: UserInfo, requestor: UserInfo): boolean;
  /** Modifies the attributes before they are authorized. */
  ask?(attributes: AuthorizerAttributes): AuthorizerAttributes;
}

const onlyUsername = ({ uid, groups, extra }: UserInfo): boolean =>
  uid === '' && groups.length === 0 && Object.keys(extra).length === 0;
const isNode = ({ name }: UserInfo): boolean => nodeNameOf(name) !== undefined;
const isServiceAccount = ({ name }: UserInfo): boolean => splitServiceAccountUsername(name) !== undefined;

/**
 * Most specific first. In each mode the requestor needs the right to impersonate the user, and the right to make this
 * request while impersonating.
 */
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
    // The right applies to whichever node the service account runs on, so the attributes name no node.
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

/** Authorizes modified attributes; the Forbidden error describes these. */
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

/** Impersonates by the verb `impersonate` alone. */
async function attemptPlainly(
  authorizer: Authorizer,
  { wanted, attributes }: Attempt,
): Promise<Impersonation> {
  const checks = { authorizer, requestor: attributes.user, verb: 'impersonate', constrained: false };
  return { user: await new ImpersonationAttempt(checks).impersonate(wanted), constraint: '' };
}

/**
 * The mode that last succeeded for a requestor, keyed by a digest of the name, which bounds the size of keys. It is
 * tried first, and its refusal is the one reported.
 */
export type ModeMemory = BoundedCache<string, string>;

export interface ImpersonationRequest {
  /** The attributes of the request, with its real user. */
  readonly attributes: AuthorizerAttributes;
  readonly wanted: UserInfo;
  /** Off: only the verb `impersonate` is checked (feature gate ConstrainedImpersonation). */
  readonly constrained?: boolean;
  readonly memory?: ModeMemory;
}

const PLAIN = '';

const keyOf = ({ attributes }: ImpersonationRequest): string =>
  createHash('sha256').update(attributes.user.name).digest('base64');

/** The modes to try, in order: names of modes, or PLAIN. */
function waysOf(request: ImpersonationRequest): string[] {
  const { attributes, wanted, constrained = true, memory } = request;
  const modes = constrained ? MODES.filter((mode) => mode.applies(wanted, attributes.user)) : [];
  const ways = [...modes.map(({ name }) => name), PLAIN];
  const last = memory?.get(keyOf(request));
  return last === undefined || !ways.includes(last) ? ways : [last, ...ways.filter((way) => way !== last)];
}

/**
 * Tries the constrained modes, then plain `impersonate`. Rejects with the Forbidden error of the first mode, or with
 * the authorizer's error if one of the modes could not be decided.
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
