import type {
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '../../apis/admissionregistration/v1/types.ts';
import { StatusError } from '../../meta/status-error.ts';
import type { RequestContext } from '../../request/request-context.ts';
import type { AdmissionAttributes, AdmissionDependencies, AdmissionPluginFactory } from '../admission.ts';
import type { AdmissionInput } from '../cel/admission-input.ts';
import { forbidden } from '../errors.ts';
import { ParamSource } from '../policy/params.ts';
import { type PolicyHook, PolicySource } from '../policy/policy-source.ts';
import { requestNamespace } from '../policy/request-namespace.ts';
import type { PolicyDenial, PolicyResult, ValidatingEvaluator } from '../policy/validating-evaluator.ts';
import { isExemptFromPolicies } from '../policy/virtual-resources.ts';
import { VersionedObjectsCache } from '../versioned-objects.ts';

type Hook = PolicyHook<ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, ValidatingEvaluator>;

const FAILURES = 'validation.policy.admission.k8s.io/validation_failure';
/** Limits the size of the audit log. */
const MAX_FAILURES = 50;
const MAX_ANNOTATION_LENGTH = 10 * 1024;

const CODES: Readonly<Record<string, number>> = {
  Forbidden: 403,
  Unauthorized: 401,
  RequestEntityTooLarge: 413,
  Invalid: 422,
};

/** Runs validating policies, which are CEL expressions. */
export const validatingAdmissionPolicy: AdmissionPluginFactory = (dependencies) => {
  const source: PolicySource<
    ValidatingAdmissionPolicy,
    ValidatingAdmissionPolicyBinding,
    ValidatingEvaluator
  > = new PolicySource('validating', dependencies, async (policy) => {
    const { ValidatingEvaluator } = await import('../policy/validating-evaluator.ts');
    return new ValidatingEvaluator(policy);
  });
  const params = new ParamSource(dependencies);
  return {
    name: 'ValidatingAdmissionPolicy',
    handles: () => true,
    open: () => source.open(),
    reads: (attributes) => (isExemptFromPolicies(attributes) ? [] : source.reads),
    async validate(attributes, context) {
      const hooks = await source.hooks(attributes);
      if (hooks.length === 0) return;
      const run = new PolicyRun(attributes, context, { dependencies, params });
      for (const hook of hooks) await run.apply(hook);
      run.finish();
    },
  };
};

interface Denied {
  readonly policy: string;
  /** Undefined if the policy itself is invalid. */
  readonly binding: string | undefined;
  readonly denial: PolicyDenial;
}

/** All policies of one request. */
class PolicyRun {
  readonly #attributes: AdmissionAttributes;
  readonly #context: RequestContext;
  readonly #dependencies: AdmissionDependencies;
  readonly #params: ParamSource;
  readonly #versions: VersionedObjectsCache;
  readonly #denied: Denied[] = [];
  readonly #failures: object[] = [];
  #shared: Promise<Pick<AdmissionInput, 'namespace' | 'authorizer'>> | undefined;

  constructor(
    attributes: AdmissionAttributes,
    context: RequestContext,
    sources: { readonly dependencies: AdmissionDependencies; readonly params: ParamSource },
  ) {
    this.#attributes = attributes;
    this.#context = context;
    this.#dependencies = sources.dependencies;
    this.#params = sources.params;
    this.#versions = new VersionedObjectsCache(attributes);
  }

  async apply({ policy, matcher, bindings, evaluator }: Hook): Promise<void> {
    const attributes = this.#attributes;
    const { resources } = this.#dependencies;
    const annotations = new Map<string, Set<string>>();
    const target = await this.#configured(policy, undefined, () => matcher.match(attributes, resources));
    if (target === undefined) return;
    for (const { binding, matcher: bound } of bindings) {
      const inputs = await this.#configured(policy, binding, async () => {
        if (bound !== undefined && (await bound.match(attributes, resources)) === undefined) return undefined;
        const { paramKind } = policy.spec;
        const params = await this.#params.collect(paramKind, binding.spec.paramRef, attributes.namespace);
        if (params.length === 0) return undefined;
        return { params, versioned: await this.#versions.at(target.kind) };
      });
      if (inputs === undefined) continue;
      this.#shared ??= this.#sharedInput();
      const shared = await this.#shared;
      for (const one of inputs.params) {
        const input = { attributes, target, versioned: inputs.versioned, params: one, ...shared };
        this.#take(policy, binding, await (await evaluator()).evaluate(input), annotations);
      }
    }
    for (const [key, values] of annotations) {
      attributes.addAnnotation(`${policy.metadata.name}/${key}`, [...values].join(', '));
    }
  }

  /** Throws the first denial. */
  finish(): void {
    if (this.#failures.length > 0) {
      this.#attributes.addAnnotation(FAILURES, JSON.stringify(this.#failures.slice(0, MAX_FAILURES)));
    }
    const [first] = this.#denied;
    if (first === undefined) return;
    const { policy, binding, denial } = first;
    const by = binding === undefined ? '' : ` with binding '${binding}'`;
    const message = `ValidatingAdmissionPolicy '${policy}'${by} denied request: ${denial.message}`;
    const { status } = forbidden(this.#attributes, message);
    const reason = denial.reason || 'Invalid';
    const causes = [...(status.details?.causes ?? []), { message }];
    const code = CODES[reason] ?? 422;
    throw new StatusError({ ...status, reason, code, details: { ...status.details, causes } });
  }

  async #sharedInput(): Promise<Pick<AdmissionInput, 'namespace' | 'authorizer'>> {
    const { authorizationCache } = await import('../cel/admission-input.ts');
    const namespace = await requestNamespace(this.#attributes, this.#dependencies.resources);
    return { namespace, authorizer: authorizationCache(this.#dependencies) };
  }

  /** Turns configuration errors of a policy or binding into denials, unless failures are ignored. */
  async #configured<T>(
    { spec, metadata }: ValidatingAdmissionPolicy,
    binding: ValidatingAdmissionPolicyBinding | undefined,
    run: () => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await run();
    } catch (error) {
      if (spec.failurePolicy === 'Ignore') return undefined;
      const what = binding === undefined ? 'policy' : 'binding';
      const message = `failed to configure ${what}: ${(error as Error).message}`;
      this.#denied.push({
        policy: metadata.name ?? '',
        binding: binding?.metadata.name,
        denial: { index: 0, message },
      });
      return undefined;
    }
  }

  #take(
    { metadata }: ValidatingAdmissionPolicy,
    binding: ValidatingAdmissionPolicyBinding,
    { denials, auditAnnotations }: PolicyResult,
    annotations: Map<string, Set<string>>,
  ): void {
    const [policy, bindingName] = [metadata.name ?? '', binding.metadata.name ?? ''];
    const validationActions = binding.spec.validationActions ?? [];
    for (const denial of denials) {
      for (const action of validationActions) {
        if (action === 'Deny') {
          this.#denied.push({ policy, binding: bindingName, denial });
        } else if (action === 'Warn') {
          this.#context.addWarning(
            `Validation failed for ValidatingAdmissionPolicy '${policy}' with binding '${bindingName}': ${denial.message}`,
          );
        } else if (action === 'Audit') {
          this.#failures.push({
            message: denial.message,
            policy: binding.spec.policyName,
            binding: bindingName,
            expressionIndex: denial.index,
            validationActions,
          });
        }
      }
    }
    for (const { key, value, error } of auditAnnotations) {
      if (error !== undefined) {
        this.#denied.push({ policy, binding: bindingName, denial: { index: 0, message: error } });
      } else if (value !== undefined) {
        const values = annotations.get(key) ?? new Set();
        annotations.set(key, values.add(value.slice(0, MAX_ANNOTATION_LENGTH)));
      }
    }
  }
}
