/** Authorization checks (https://github.com/kubernetes/apiserver/blob/master/pkg/cel/library/authz.go). */

import { isDNS1123Label, isDNS1123Subdomain } from '../../meta/validation/names.ts';
import type { UserInfo } from '../../request/user-info.ts';
import { type FunctionDeclaration, member } from '../declaration.ts';
import { CelError, NO_SUCH_OVERLOAD } from '../error.ts';
import { BOOL, type CelType, objectType, STRING } from '../type.ts';
import { ObjectValue, type Value } from '../value.ts';

export const AUTHORIZER_TYPE = objectType('kubernetes.authorization.Authorizer');
const PATH_CHECK_TYPE = objectType('kubernetes.authorization.PathCheck');
const GROUP_CHECK_TYPE = objectType('kubernetes.authorization.GroupCheck');
export const RESOURCE_CHECK_TYPE = objectType('kubernetes.authorization.ResourceCheck');
const DECISION_TYPE = objectType('kubernetes.authorization.Decision');

/** An authorization check of an expression. Resource checks have no `path`. */
export interface CelAuthorizationQuestion {
  readonly user: UserInfo;
  readonly verb: string;
  readonly path?: string;
  readonly apiGroup: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** As given in the expression; '' if there is none. */
  readonly fieldSelector: string;
  readonly labelSelector: string;
}

export interface CelDecision {
  readonly allowed: boolean;
  readonly reason: string;
  /** An evaluation error that accompanies the decision. */
  readonly error?: string | undefined;
}

/** Decides authorization checks: upstream's authorizer, reduced to the needs of expressions. */
export interface CelAuthorizer {
  authorize(question: CelAuthorizationQuestion): Promise<CelDecision>;
}

/** Thrown by an evaluation that needs a decision; the evaluator awaits `answer` and evaluates again. */
export class AuthorizationPending {
  readonly answer: Promise<void>;
  constructor(answer: Promise<void>) {
    this.answer = answer;
  }
}

/** The decisions made so far; one cache per request, shared by all its expressions. */
export class AuthorizationCache {
  readonly #authorizer: CelAuthorizer;
  readonly #answers = new Map<string, CelDecision>();

  constructor(authorizer: CelAuthorizer) {
    this.#authorizer = authorizer;
  }

  /** Throws `AuthorizationPending` if the decision is not known yet. */
  decide(question: CelAuthorizationQuestion): CelDecision {
    const key = JSON.stringify(question);
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    throw new AuthorizationPending(
      this.#authorizer.authorize(question).then((decision) => {
        this.#answers.set(key, decision);
      }),
    );
  }
}

/** Usable only as a receiver: has no fields, and is equal only to itself. */
abstract class Receiver extends ObjectValue {
  equals(other: Value): boolean | CelError {
    return other instanceof Receiver ? this === other : NO_SUCH_OVERLOAD;
  }
}

/** The variable `authorizer`. */
export class AuthorizerValue extends Receiver {
  readonly type = AUTHORIZER_TYPE;
  readonly user: UserInfo;
  readonly cache: AuthorizationCache;
  constructor(user: UserInfo, cache: AuthorizationCache) {
    super();
    this.user = user;
    this.cache = cache;
  }
}

type Selected = Omit<CelAuthorizationQuestion, 'user' | 'verb'>;

const NOTHING_SELECTED: Selected = {
  apiGroup: '',
  resource: '',
  subresource: '',
  namespace: '',
  name: '',
  fieldSelector: '',
  labelSelector: '',
};

class Check extends Receiver {
  readonly type: CelType;
  readonly authorizer: AuthorizerValue;
  readonly selected: Selected;
  constructor(type: CelType, authorizer: AuthorizerValue, selected: Selected) {
    super();
    this.type = type;
    this.authorizer = authorizer;
    this.selected = selected;
  }
}

class Decision extends Receiver {
  readonly type = DECISION_TYPE;
  readonly decision: CelDecision;
  constructor(decision: CelDecision) {
    super();
    this.decision = decision;
  }
}

/** The variable `authorizer.requestResource`: a check for the requested resource. */
export function requestResourceCheck(
  authorizer: AuthorizerValue,
  resource: Pick<Selected, 'apiGroup' | 'resource' | 'subresource' | 'namespace' | 'name'>,
): Value {
  return new Check(RESOURCE_CHECK_TYPE, authorizer, { ...NOTHING_SELECTED, ...resource });
}

function path(authorizer: AuthorizerValue, text: string): Value {
  if (text.trim() === '') return new CelError('path must not be empty');
  return new Check(PATH_CHECK_TYPE, authorizer, { ...NOTHING_SELECTED, path: text });
}

function group(authorizer: AuthorizerValue, apiGroup: string): Value {
  return new Check(GROUP_CHECK_TYPE, authorizer, { ...NOTHING_SELECTED, apiGroup });
}

function resource({ authorizer, selected }: Check, text: string): Value {
  if (text.trim() === '') return new CelError('resource must not be empty');
  return new Check(RESOURCE_CHECK_TYPE, authorizer, { ...selected, resource: text });
}

function serviceAccount(authorizer: AuthorizerValue, namespace: string, name: string): Value {
  if (isDNS1123Subdomain(name).length > 0) return new CelError('Invalid service account name');
  if (isDNS1123Label(namespace).length > 0) return new CelError('Invalid service account namespace');
  const user: UserInfo = {
    name: `system:serviceaccount:${namespace}:${name}`,
    uid: '',
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
    extra: {},
  };
  return new AuthorizerValue(user, authorizer.cache);
}

function check({ authorizer, selected }: Check, verb: string): Value {
  return new Decision(authorizer.cache.decide({ user: authorizer.user, verb, ...selected }));
}

/** A member of ResourceCheck that sets one field. */
function narrowing(name: string, id: string, field: keyof Selected): FunctionDeclaration {
  return member(
    name,
    id,
    [RESOURCE_CHECK_TYPE, STRING],
    RESOURCE_CHECK_TYPE,
    ({ authorizer, selected }: Check, text: string) =>
      new Check(RESOURCE_CHECK_TYPE, authorizer, { ...selected, [field]: text }),
  );
}

export const AUTHORIZER: readonly FunctionDeclaration[] = [
  member('path', 'authorizer_path', [AUTHORIZER_TYPE, STRING], PATH_CHECK_TYPE, path),
  member('group', 'authorizer_group', [AUTHORIZER_TYPE, STRING], GROUP_CHECK_TYPE, group),
  member(
    'serviceAccount',
    'authorizer_serviceaccount',
    [AUTHORIZER_TYPE, STRING, STRING],
    AUTHORIZER_TYPE,
    serviceAccount,
  ),
  member('resource', 'groupcheck_resource', [GROUP_CHECK_TYPE, STRING], RESOURCE_CHECK_TYPE, resource),
  narrowing('subresource', 'resourcecheck_subresource', 'subresource'),
  narrowing('namespace', 'resourcecheck_namespace', 'namespace'),
  narrowing('name', 'resourcecheck_name', 'name'),
  member('check', 'pathcheck_check', [PATH_CHECK_TYPE, STRING], DECISION_TYPE, check),
  member('check', 'resourcecheck_check', [RESOURCE_CHECK_TYPE, STRING], DECISION_TYPE, check),
  member(
    'errored',
    'decision_errored',
    [DECISION_TYPE],
    BOOL,
    ({ decision }: Decision) => decision.error !== undefined,
  ),
  member(
    'error',
    'decision_error',
    [DECISION_TYPE],
    STRING,
    ({ decision }: Decision) => decision.error ?? '',
  ),
  member('allowed', 'decision_allowed', [DECISION_TYPE], BOOL, ({ decision }: Decision) => decision.allowed),
  member('reason', 'decision_reason', [DECISION_TYPE], STRING, ({ decision }: Decision) => decision.reason),
];

export const AUTHORIZER_SELECTORS: readonly FunctionDeclaration[] = [
  narrowing('fieldSelector', 'authorizer_fieldselector', 'fieldSelector'),
  narrowing('labelSelector', 'authorizer_labelselector', 'labelSelector'),
];
