/**
 * The bindings and roles of one scope, compiled for lookup by subject and resource, so that a decision examines only
 * rules that may grant the request.
 */

import type {
  ClusterRoleBinding,
  PolicyRule,
  RoleBinding,
  RoleRef,
  Subject,
} from '../../apis/rbac/v1/types.ts';
import { serviceAccountUsername } from '../../request/service-account-user.ts';
import type { UserInfo } from '../../request/user-info.ts';
import { quote } from '../../runtime/go-format.ts';
import { seenBefore } from '../../util/seen-before.ts';
import type { AuthorizerAttributes } from '../authorizer.ts';
import { combinedResource, ruleAllows } from './rule-allows.ts';

/** Returns the rules of the role a binding refers to; throws if it does not exist. */
export type RoleRefResolver = (roleRef: RoleRef) => readonly PolicyRule[];

type Binding = ClusterRoleBinding | RoleBinding;

/** A subject of a binding. */
interface Bound {
  /**
   * Position of the binding, then of the subject within it: the first match is reported as the reason for a decision.
   */
  readonly order: number;
  readonly subjectIndex: number;
  readonly binding: Binding;
  readonly rules: readonly PolicyRule[];
  readonly error: Error | undefined;
}

interface Grant {
  readonly rule: PolicyRule;
  readonly bound: Bound;
}

interface SubjectPolicy {
  readonly bounds: Bound[];
  /** Built on the first decision: rules by resource; '' has the rules for non-resource URLs. */
  grants: Map<string, Grant[]> | undefined;
}

function describeSubject(subject: Subject, bindingNamespace: string): string {
  if (subject.kind !== 'ServiceAccount') return `${subject.kind} ${quote(subject.name)}`;
  return `${subject.kind} ${quote(`${subject.name}/${subject.namespace || bindingNamespace}`)}`;
}

/** The description in `RBAC: allowed by ...`; as upstream, the name precedes the namespace. */
function describe({ binding, subjectIndex }: Bound): string {
  const { name = '', namespace = '' } = binding.metadata;
  const [kind, key] =
    namespace === '' ? ['ClusterRoleBinding', name] : ['RoleBinding', `${name}/${namespace}`];
  const { roleRef } = binding;
  const subject = describeSubject(binding.subjects![subjectIndex]!, namespace);
  return `${kind} ${quote(key)} of ${roleRef.kind} ${quote(roleRef.name)} to ${subject}`;
}

/** The first binding to each role; further bindings to the same role grant nothing more. */
function firstOfEach(bounds: readonly Bound[]): readonly Bound[] {
  const isKnown = seenBefore<readonly PolicyRule[]>();
  return bounds.filter(({ rules }) => !isKnown(rules));
}

function grantsOf(bounds: readonly Bound[]): Map<string, Grant[]> {
  const grants = new Map<string, Grant[]>();
  for (const bound of firstOfEach(bounds)) {
    for (const rule of bound.rules) {
      const keys = new Set(rule.resources);
      if (rule.nonResourceURLs?.length) keys.add('');
      for (const key of keys) {
        const list = grants.get(key);
        if (list === undefined) grants.set(key, [{ rule, bound }]);
        else list.push({ rule, bound });
      }
    }
  }
  return grants;
}

/**
 * Above this number, the rules of a role are listed once, even if several bindings refer to it: otherwise the list
 * grows with the product of bindings and rules.
 */
const MANY_RULES = 1000;

const before = (a: Bound, b: Bound): boolean =>
  a.order < b.order || (a.order === b.order && a.subjectIndex < b.subjectIndex);

/** The bindings of the cluster or of one namespace. */
export class ScopePolicy {
  readonly #users = new Map<string, SubjectPolicy>();
  readonly #groups = new Map<string, SubjectPolicy>();

  /** `namespace` is '' for cluster role bindings. */
  constructor(bindings: readonly Binding[], namespace: string, resolve: RoleRefResolver) {
    bindings.forEach((binding, order) => {
      if (!binding.subjects?.length) return;
      let rules: readonly PolicyRule[] = [];
      let error: Error | undefined;
      try {
        rules = resolve(binding.roleRef);
      } catch (caught) {
        error = caught as Error;
      }
      binding.subjects.forEach((subject, subjectIndex) => {
        this.#add(subject, namespace, { order, subjectIndex, binding, rules, error });
      });
    });
  }

  #add(subject: Subject, bindingNamespace: string, bound: Bound): void {
    let [index, key] = [this.#users, subject.name];
    if (subject.kind === 'Group') index = this.#groups;
    else if (subject.kind === 'ServiceAccount') {
      const namespace = subject.namespace || bindingNamespace;
      if (namespace === '') return;
      key = serviceAccountUsername(namespace, subject.name);
    } else if (subject.kind !== 'User') return;
    const policy = index.get(key);
    if (policy === undefined) index.set(key, { bounds: [bound], grants: undefined });
    // A subject repeated in the same binding grants nothing more.
    else if (policy.bounds.at(-1)!.binding !== bound.binding) policy.bounds.push(bound);
  }

  #policiesOf(user: UserInfo): SubjectPolicy[] {
    const policies: SubjectPolicy[] = [];
    const own = this.#users.get(user.name);
    if (own !== undefined) policies.push(own);
    for (const group of user.groups) {
      const policy = this.#groups.get(group);
      if (policy !== undefined) policies.push(policy);
    }
    return policies;
  }

  /** Returns upstream's description of the binding that grants the request; undefined if there is none. */
  grantFor(attributes: AuthorizerAttributes): string | undefined {
    const keys = attributes.isResourceRequest ? [combinedResource(attributes), '*'] : [''];
    if (attributes.isResourceRequest && attributes.subresource !== '')
      keys.push(`*/${attributes.subresource}`);
    let first: Bound | undefined;
    for (const policy of this.#policiesOf(attributes.user)) {
      policy.grants ??= grantsOf(policy.bounds);
      for (const key of keys) {
        for (const { rule, bound } of policy.grants.get(key) ?? []) {
          if (first !== undefined && !before(bound, first)) break;
          if (ruleAllows(attributes, rule)) {
            first = bound;
            break;
          }
        }
      }
    }
    return first && describe(first);
  }

  /**
   * All rules of a user in this scope and the errors for roles that could not be resolved, in the order of the
   * bindings; if there are very many rules, those of a role are listed once, however many bindings refer to it.
   */
  rulesFor(user: UserInfo): { rules: PolicyRule[]; errors: Error[] } {
    const byOrder = new Map<number, Bound>();
    for (const { bounds } of this.#policiesOf(user))
      for (const bound of bounds) byOrder.set(bound.order, bound);
    const bounds = [...byOrder.values()].sort((a, b) => a.order - b.order);
    const count = bounds.reduce((sum, { rules }) => sum + rules.length, 0);
    return {
      rules: (count > MANY_RULES ? firstOfEach(bounds) : bounds).flatMap(({ rules }) => rules),
      errors: bounds.flatMap(({ error }) => error ?? []),
    };
  }
}
