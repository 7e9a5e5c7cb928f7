import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
} from '../../apis/admissionregistration/v1/types.ts';
import { semanticDeepEqual } from '../../meta/deep-equal.ts';
import type { KubeObject } from '../../meta/kube-object.ts';
import { newInternalError, newServiceUnavailable, StatusError } from '../../meta/status-error.ts';
import { quote } from '../../runtime/go-format.ts';
import { formatGroupVersionKind } from '../../runtime/group-version.ts';
import type {
  AdmissionAttributes,
  AdmissionDependencies,
  AdmissionPluginFactory,
  EquivalentResource,
} from '../admission.ts';
import type { AdmissionInput } from '../cel/admission-input.ts';
import { forbidden } from '../errors.ts';
import { MutatorReinvocation } from '../mutator-reinvocation.ts';
import type { MutatingEvaluator } from '../policy/mutating-evaluator.ts';
import { ParamSource } from '../policy/params.ts';
import { type PolicyHook, PolicySource } from '../policy/policy-source.ts';
import { requestNamespace } from '../policy/request-namespace.ts';
import { isExemptFromPolicies } from '../policy/virtual-resources.ts';
import { readObject } from '../read-object.ts';
import { type ReinvocationContext, reinvocationOf } from '../reinvocation.ts';
import { VersionedObjectsCache } from '../versioned-objects.ts';

const NAME = 'MutatingAdmissionPolicy';

type Hook = PolicyHook<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, MutatingEvaluator>;

/** Runs mutating policies, which are CEL expressions. */
export const mutatingAdmissionPolicy: AdmissionPluginFactory = (dependencies) => {
  const source: PolicySource<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, MutatingEvaluator> =
    new PolicySource('mutating', dependencies, async (policy) => {
      const { MutatingEvaluator } = await import('../policy/mutating-evaluator.ts');
      return new MutatingEvaluator(policy);
    });
  const params = new ParamSource(dependencies);
  return {
    name: NAME,
    handles: () => true,
    open: () => source.open(),
    reads: (attributes) => (isExemptFromPolicies(attributes) ? [] : source.reads),
    async admit(attributes) {
      const hooks = await source.hooks(attributes);
      if (hooks.length === 0) return;
      const run = new MutationRun(attributes, { dependencies, params });
      const invocations = await run.invocations(hooks);
      if (invocations.length > 0) await run.invoke(invocations);
      run.finish();
    },
  };
};

/** One run of a policy: a binding with one of its parameters. */
interface Invocation {
  readonly hook: Hook;
  readonly binding: MutatingAdmissionPolicyBinding;
  readonly target: EquivalentResource;
  readonly params: KubeObject | undefined;
}

interface PolicyFailure {
  readonly policy: MutatingAdmissionPolicy;
  readonly binding: MutatingAdmissionPolicyBinding | undefined;
  readonly message: string;
  /** If undefined, Forbidden. */
  readonly reason?: string;
}

/** All policies of one request. */
class MutationRun {
  readonly #attributes: AdmissionAttributes;
  readonly #dependencies: AdmissionDependencies;
  readonly #params: ParamSource;
  readonly #versions: VersionedObjectsCache;
  readonly #failures: PolicyFailure[] = [];
  /** Whether any mutation succeeded, even without effect. */
  #mutated = false;

  constructor(
    attributes: AdmissionAttributes,
    sources: { readonly dependencies: AdmissionDependencies; readonly params: ParamSource },
  ) {
    this.#attributes = attributes;
    this.#dependencies = sources.dependencies;
    this.#params = sources.params;
    this.#versions = new VersionedObjectsCache(attributes);
  }

  /** The matching policies, determined before any of them changes the object. */
  async invocations(hooks: readonly Hook[]): Promise<readonly Invocation[]> {
    const invocations: Invocation[] = [];
    const attributes = this.#attributes;
    const { resources } = this.#dependencies;
    for (const hook of hooks) {
      const { policy, matcher, bindings } = hook;
      const target = await this.#configured(policy, undefined, () => matcher.match(attributes, resources));
      if (target === undefined) continue;
      for (const { binding, matcher: bound } of bindings) {
        const params = await this.#configured(policy, binding, async () => {
          if (bound !== undefined && (await bound.match(attributes, resources)) === undefined) return [];
          await this.#versions.at(target.kind);
          return this.#params.collect(policy.spec.paramKind, binding.spec.paramRef, attributes.namespace);
        });
        for (const one of params ?? []) invocations.push({ hook, binding, target, params: one });
      }
    }
    return invocations;
  }

  async invoke(invocations: readonly Invocation[]): Promise<void> {
    const attributes = this.#attributes;
    const reinvocation = reinvocationOf(attributes);
    const own = reinvocation.value(NAME, () => new MutatorReinvocation());
    if (reinvocation.isReinvoke) own.requireIfChanged(attributes.object);
    const { authorizationCache } = await import('../cel/admission-input.ts');
    const namespace = await requestNamespace(attributes, this.#dependencies.resources);
    const shared = { namespace, authorizer: authorizationCache(this.#dependencies) };
    for (const invocation of invocations) await this.#apply(invocation, shared, { reinvocation, own });
    // Upstream doesn't check for actual changes here: every reinvocable policy runs again, even after its own change.
    if (this.#mutated) {
      own.require();
      reinvocation.shouldReinvoke = true;
    }
    own.setOutput(attributes.object);
  }

  /** Throws the failures of policies whose failure policy isn't Ignore. */
  finish(): void {
    const failures = this.#failures.filter(({ policy }) => policy.spec.failurePolicy !== 'Ignore');
    const [first] = failures;
    if (first === undefined) return;
    const { status } = forbidden(this.#attributes, 'admission request denied by policy');
    const causes = failures.map((failure) => ({ message: textOf(failure) }));
    throw new StatusError({
      ...status,
      message: textOf(first),
      ...(first.reason && { reason: first.reason }),
      details: { ...status.details, causes },
    });
  }

  async #apply(
    { hook, binding, target, params }: Invocation,
    shared: Pick<AdmissionInput, 'namespace' | 'authorizer'>,
    { reinvocation, own }: { readonly reinvocation: ReinvocationContext; readonly own: MutatorReinvocation },
  ): Promise<void> {
    const { policy } = hook;
    const attributes = this.#attributes;
    const evaluator = await hook.evaluator();
    const input = async (): Promise<AdmissionInput> => {
      const versioned = await this.#versions.at(target.kind);
      return { attributes, target, versioned, params, ...shared };
    };
    const fail = (error: unknown): void => {
      if (error instanceof StatusError) throw error;
      const message = (error as Error).message;
      this.#failures.push({ policy, binding, message, reason: 'Invalid' });
    };
    try {
      if (!(await evaluator.matches(await input()))) return;
    } catch (error) {
      fail(error);
      return;
    }
    const uid = [policy, binding, params].map((one) => keyOf(one)).join();
    if (reinvocation.isReinvoke && !own.shouldReinvoke(uid)) return;
    const before = attributes.object;
    for (let index = 0; index < evaluator.mutations; index++) {
      if (attributes.object === undefined) break;
      try {
        await this.#mutate(evaluator, index, await input());
      } catch (error) {
        fail(error);
      }
    }
    if (!semanticDeepEqual(before, attributes.object)) {
      own.require();
      reinvocation.shouldReinvoke = true;
    }
    if (policy.spec.reinvocationPolicy === 'IfNeeded') own.add(uid);
  }

  async #mutate(evaluator: MutatingEvaluator, index: number, input: AdmissionInput): Promise<void> {
    const { kind } = input.versioned;
    const schema = await this.#dependencies.schemaOf(kind);
    if (schema === undefined) {
      throw newServiceUnavailable(
        `Resource kind ${formatGroupVersionKind(kind)} not found. There can be a delay between when CustomResourceDefinitions are created and when they are available.`,
      );
    }
    const mutated = await evaluator.mutate(index, input, schema);
    this.#mutated = true;
    if (mutated === input.versioned.object) return;
    try {
      this.#attributes.object = await readObject(mutated, kind, this.#attributes, this.#dependencies);
    } catch (error) {
      throw newInternalError(error);
    }
    this.#versions.clear();
  }

  async #configured<T>(
    policy: MutatingAdmissionPolicy,
    binding: MutatingAdmissionPolicyBinding | undefined,
    run: () => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await run();
    } catch (error) {
      const what = binding === undefined ? 'policy' : 'binding';
      const message = `failed to configure ${what}: ${(error as Error).message}`;
      this.#failures.push({ policy, binding, message });
      return undefined;
    }
  }
}

function keyOf(object: KubeObject | undefined): string {
  return object === undefined ? '' : `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

function textOf({ policy, binding, message }: PolicyFailure): string {
  const { name = '' } = policy.metadata;
  return binding === undefined
    ? `policy ${quote(name)} denied request: ${message}`
    : `policy '${name}' with binding '${binding.metadata.name}' denied request: ${message}`;
}
