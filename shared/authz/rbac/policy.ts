/**
 * Bindings and roles of one scope, compiled for lookup by subject and resource, so that a decision looks only at
 * rules that could grant it.
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

/** Finds the rules a binding refers to; throws when they don't exist. */
export type RoleRefResolver = (roleRef: RoleRef) => readonly PolicyRule[];

type Binding = ClusterRoleBinding | RoleBinding;

/** One subject of one binding. */
interface Bound {
  /** Position of the binding, then of the subject within it: the first match explains a decision. */
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
  /** Built on the first decision: rules by the resources they name; '' holds rules for non-resource URLs. */
  grants: Map<string, Grant[]> | undefined;
}

function describeSubject(subject: Subject, bindingNamespace: string): string {
  if (subject.kind !== 'ServiceAccount') return `${subject.kind} ${quote(subject.name)}`;
  return `${subject.kind} ${quote(`${subject.name}/${subject.namespace || bindingNamespace}`)}`;
}

/** As it stands in `RBAC: allowed by ...`; upstream writes the name before the namespace. */
function describe({ binding, subjectIndex }: Bound): string {
  const { name = '', namespace = '' } = binding.metadata;
  const [kind, key] =
    namespace === '' ? ['ClusterRoleBinding', name] : ['RoleBinding', `${name}/${namespace}`];
  const { roleRef } = binding;
  const subject = describeSubject(binding.subjects![subjectIndex]!, namespace);
  return `${kind} ${quote(key)} of ${roleRef.kind} ${quote(roleRef.name)} to ${subject}`;
}

/** The first binding to each role: what another one to the same role would grant, it grants. */
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

/** Roles of this many rules, bound again and again, would be told by the product of both. */
const MANY_RULES = 1000;

const before = (a: Bound, b: Bound): boolean =>
  a.order < b.order || (a.order === b.order && a.subjectIndex < b.subjectIndex);

/** The bindings of the cluster, or of one namespace. */
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
    // Who is named again by the same binding gets nothing more from it.
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

  /** Who grants the request: upstream's description of the binding; undefined when nobody does. */
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
   * All rules that a user has in this scope, and what could not be resolved, in the order of the bindings; where they are
   * very many, those of a role once, however many bind to it.
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
