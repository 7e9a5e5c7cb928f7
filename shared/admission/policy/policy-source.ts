import type { MatchResources, ParamKind, ParamRef } from '../../apis/admissionregistration/v1/types.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import type { ListerSnapshot, ResourceAccess } from '../../rest/resource-access.ts';
import type { GroupResource } from '../../runtime/group-version.ts';
import { entryOf } from '../../util/entry-of.ts';
import type { AdmissionAttributes, AdmissionDependencies } from '../admission.ts';
import { isAdmissionConfiguration } from '../attributes.ts';
import { type ManifestObjects, type Manifests, policyManifests } from '../manifests.ts';
import { PolicyMatcher } from './policy-matcher.ts';
import { isVirtual } from './virtual-resources.ts';

/** The kinds of policies and bindings. */
type PolicyKinds = readonly [string, string];

export interface Policy extends KubeObject {
  spec: {
    readonly paramKind?: ParamKind | undefined;
    readonly matchConstraints?: MatchResources | undefined;
    readonly failurePolicy?: string | undefined;
  };
}

export interface Binding extends KubeObject {
  spec: {
    readonly policyName?: string | undefined;
    readonly paramRef?: ParamRef | undefined;
    readonly matchResources?: MatchResources | undefined;
  };
}

/** A policy with its bindings. `evaluator` is created when a request first matches. */
export interface PolicyHook<P extends Policy, B extends Binding, E> {
  readonly policy: P;
  readonly matcher: PolicyMatcher;
  readonly bindings: readonly { readonly binding: B; readonly matcher: PolicyMatcher | undefined }[];
  readonly evaluator: () => Promise<E>;
}

const GROUP = 'admissionregistration.k8s.io';

/** Joins policies with their bindings whenever either changes. Unchanged policies stay compiled. */
export class PolicySource<P extends Policy, B extends Binding, E> {
  readonly #resources: ResourceAccess;
  /** The resources of policies and bindings. */
  readonly reads: readonly [GroupResource, GroupResource];
  readonly #compile: (policy: P) => Promise<E>;
  readonly #evaluators = new WeakMap<P, Promise<E>>();
  readonly #matchers = new WeakMap<MatchResources, PolicyMatcher>();
  readonly #manifests: Manifests | undefined;
  readonly #kinds: PolicyKinds;
  #ownHooks: { readonly of: ManifestObjects; readonly value: readonly PolicyHook<P, B, E>[] } | null = null;
  #hooks: {
    readonly policies: ListerSnapshot<P>;
    readonly bindings: ListerSnapshot<B>;
    readonly value: readonly PolicyHook<P, B, E>[];
  } | null = null;

  constructor(
    sort: 'validating' | 'mutating',
    dependencies: AdmissionDependencies,
    compile: (policy: P) => Promise<E>,
  ) {
    const kind = `${sort === 'mutating' ? 'Mutating' : 'Validating'}AdmissionPolicy`;
    this.#kinds = [kind, `${kind}Binding`];
    this.#manifests = policyManifests(`${kind}Configuration`, this.#kinds, dependencies);
    const name = `${sort}admissionpolic`;
    this.reads = [
      { group: GROUP, resource: `${name}ies` },
      { group: GROUP, resource: `${name}ybindings` },
    ];
    this.#resources = dependencies.resources;
    this.#compile = compile;
  }

  async open(): Promise<void> {
    await this.#manifests?.load();
  }

  /**
   * The policies that may apply to a request: those from files first, each sorted by policy name and then binding name.
   */
  async hooks(attributes: AdmissionAttributes): Promise<readonly PolicyHook<P, B, E>[]> {
    if (isVirtual(attributes)) return [];
    const own = this.#manifests === undefined ? [] : await this.#ofManifests(this.#manifests);
    // A policy in the API could prevent its own correction.
    if (isAdmissionConfiguration(attributes)) return own;
    const others = await this.#ofAPI();
    return own.length === 0 ? others : [...own, ...others];
  }

  async #ofManifests(manifests: Manifests): Promise<readonly PolicyHook<P, B, E>[]> {
    const of = await manifests.current();
    if (this.#ownHooks?.of !== of) {
      const [policies, bindings] = this.#kinds.map((kind) => of.get(kind) ?? []) as [P[], B[]];
      this.#ownHooks = { of, value: this.#join(policies, bindings) };
    }
    return this.#ownHooks.value;
  }

  async #ofAPI(): Promise<readonly PolicyHook<P, B, E>[]> {
    const [policies, bindings] = await Promise.all([
      this.#resources.lister<P>(this.reads[0]).snapshot(),
      this.#resources.lister<B>(this.reads[1]).snapshot(),
    ]);
    if (this.#hooks?.policies !== policies || this.#hooks.bindings !== bindings) {
      this.#hooks = { policies, bindings, value: this.#join(policies.items, bindings.items) };
    }
    return this.#hooks.value;
  }

  #join(policies: readonly P[], bindings: readonly B[]): readonly PolicyHook<P, B, E>[] {
    const byPolicy = new Map<string | undefined, B[]>();
    for (const binding of bindings) entryOf(byPolicy, binding.spec.policyName, () => []).push(binding);
    return policies.flatMap((policy) => {
      const bound = byPolicy.get(policy.metadata.name) ?? [];
      if (bound.length === 0) return [];
      return [
        {
          policy,
          matcher: this.#matcher(policy.spec.matchConstraints ?? {}),
          bindings: bound.map((binding) => ({
            binding,
            matcher: binding.spec.matchResources && this.#matcher(binding.spec.matchResources),
          })),
          evaluator: () => this.#evaluator(policy),
        },
      ];
    });
  }

  #matcher(constraints: MatchResources): PolicyMatcher {
    let matcher = this.#matchers.get(constraints);
    if (matcher === undefined) {
      matcher = new PolicyMatcher(constraints);
      this.#matchers.set(constraints, matcher);
    }
    return matcher;
  }

  #evaluator(policy: P): Promise<E> {
    let evaluator = this.#evaluators.get(policy);
    if (evaluator === undefined) {
      evaluator = this.#compile(policy);
      this.#evaluators.set(policy, evaluator);
    }
    return evaluator;
  }
}
