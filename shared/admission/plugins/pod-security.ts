import type { Namespace, Pod } from '../../apis/core/v1/types.ts';
import { formatFieldError } from '../../meta/field-error.ts';
import { newForbidden, newInternalError, newInvalid } from '../../meta/status-error.ts';
import type { RequestContext } from '../../request/request-context.ts';
import { aggregateMessages, quote } from '../../runtime/go-format.ts';
import type { AdmissionAttributes, AdmissionDependencies, AdmissionPluginFactory } from '../admission.ts';
import { isResource, operations, PODS } from '../attributes.ts';
import { findNamespace } from '../namespaces.ts';
import { containersOf } from '../pod-containers.ts';
import type { PodLike } from '../podsecurity/check.ts';
import { type PodSecurityConfiguration, readPodSecurityConfiguration } from '../podsecurity/configuration.ts';
import type { PodSecurityMetrics } from '../podsecurity/pod-security-metrics.ts';
import { hasPodTemplate, podTemplateOf } from '../podsecurity/pod-template.ts';
import {
  compareLevels,
  formatLevelVersion,
  isFullyPrivileged,
  isSame,
  MODES,
  type PodSecurityPolicy,
  type PolicyOfLabels,
  PREFIX,
  policyOfLabels,
} from '../podsecurity/policy.ts';

/** Subresources that don't affect a pod's privileges. */
const IGNORED = new Set(['exec', 'attach', 'binding', 'eviction', 'log', 'portforward', 'proxy', 'status']);

/** Enforces the Pod Security Standards according to the labels of namespaces. */
export const podSecurity: AdmissionPluginFactory = (dependencies) => {
  const configuration = readPodSecurityConfiguration(dependencies.configuration);
  return {
    name: 'PodSecurity',
    handles: operations('CREATE', 'UPDATE'),
    async validate(attributes, context) {
      const run = new PodSecurityRun(attributes, context, { configuration, dependencies });
      if (isResource(attributes, '', 'namespaces')) await run.validateNamespace();
      else if (isResource(attributes, '', 'pods')) await run.validatePod();
      else if (hasPodTemplate(attributes.resource)) await run.validateTemplate();
    },
  };
};

class PodSecurityRun {
  readonly #attributes: AdmissionAttributes;
  readonly #context: RequestContext;
  readonly #configuration: PodSecurityConfiguration;
  readonly #dependencies: AdmissionDependencies;

  constructor(
    attributes: AdmissionAttributes,
    context: RequestContext,
    of: { readonly configuration: PodSecurityConfiguration; readonly dependencies: AdmissionDependencies },
  ) {
    this.#attributes = attributes;
    this.#context = context;
    this.#configuration = of.configuration;
    this.#dependencies = of.dependencies;
  }

  /** Validates the labels, and warns about existing pods that violate them. */
  async validateNamespace(): Promise<void> {
    const { subresource, operation, object, oldObject, kind, name } = this.#attributes;
    if (subresource !== '') return;
    const { policy, errors } = this.#policyOf(object as Namespace);
    const old = operation === 'UPDATE' ? this.#policyOf(oldObject as Namespace) : undefined;
    if (errors.length > 0 && !(old !== undefined && messagesOf(errors) === messagesOf(old.errors))) {
      throw newInvalid(kind, name, errors);
    }
    if (old !== undefined) {
      const [now, before] = [policy.enforce, old.policy.enforce];
      const relaxed = now.version === before.version && compareLevels(now.level, before.level) <= 0;
      if (isSame(now, before) || now.level === 'privileged' || relaxed) return;
    }
    const namespace = object!.metadata.name ?? '';
    if (this.#configuration.namespaces.has(namespace)) {
      this.#warnOfExemption(namespace, policy);
    } else if (old !== undefined) {
      const pods = await this.#dependencies.resources.lister<Pod>(PODS).list(namespace);
      const judged = pods.filter((pod) => !this.#isExemptRuntime(pod));
      const { warnOfExistingPods } = await import('../podsecurity/existing-pods.ts');
      for (const warning of warnOfExistingPods(namespace, judged, policy.enforce)) {
        this.#context.addWarning(warning);
      }
    }
  }

  async validatePod(): Promise<void> {
    const { subresource, operation, object, oldObject, namespace } = this.#attributes;
    if (IGNORED.has(subresource) || this.#isExempt()) return;
    const found = await findNamespace(this.#dependencies.resources, namespace);
    if (found === undefined) {
      const message = `failed to lookup namespace ${quote(namespace)}`;
      this.#annotate(
        'error',
        `Internal error occurred: ${message}: namespaces ${quote(namespace)} not found`,
      );
      this.#metrics?.failed({ fatal: true }, this.#attributes);
      throw newInternalError(new Error(message));
    }
    const of = this.#policyOf(found);
    if (of.errors.length === 0 && isFullyPrivileged(of.policy)) {
      this.#annotate('enforce-policy', 'privileged:latest');
      this.#count('allow', 'enforce', of.policy);
      return;
    }
    const pod = object as Pod;
    if (operation === 'UPDATE' && !isSignificantUpdate(pod, oldObject as Pod)) return;
    await this.#evaluate(pod, of, { enforces: true });
  }

  /** Workloads only produce warnings; their pods will be rejected. */
  async validateTemplate(): Promise<void> {
    const { subresource, namespace, resource, object } = this.#attributes;
    if (subresource !== '' || this.#isExempt()) return;
    const found = await findNamespace(this.#dependencies.resources, namespace);
    if (found === undefined) {
      const missing = `namespaces ${quote(namespace)} not found`;
      this.#annotate('error', `failed to lookup namespace ${quote(namespace)}: ${missing}`);
      this.#metrics?.failed({ fatal: true }, this.#attributes);
      return;
    }
    const of = this.#policyOf(found);
    const silent = of.policy.warn.level === 'privileged' && of.policy.audit.level === 'privileged';
    if (of.errors.length === 0 && silent) return;
    const template = podTemplateOf(resource, object!);
    if (template !== undefined) await this.#evaluate(template, of, { enforces: false });
  }

  #policyOf({ metadata }: Namespace): PolicyOfLabels {
    return policyOfLabels(metadata.labels ?? {}, this.#configuration.defaults);
  }

  #annotate(key: string, value: string): void {
    this.#attributes.addAnnotation(PREFIX + key, value);
  }

  #isExempt(): boolean {
    const { namespace, user } = this.#attributes;
    const { namespaces, usernames } = this.#configuration;
    const why = namespaces.has(namespace) ? 'namespace' : usernames.has(user.name) ? 'user' : undefined;
    if (why === undefined) return false;
    this.#annotate('exempt', why);
    this.#metrics?.exempted(this.#attributes);
    return true;
  }

  get #metrics(): PodSecurityMetrics | undefined {
    return this.#dependencies.metrics?.podSecurity;
  }

  #count(decision: 'allow' | 'deny', mode: (typeof MODES)[number], policy: PodSecurityPolicy): void {
    this.#metrics?.evaluated(decision, { mode, policy: policy[mode] }, this.#attributes);
  }

  #isExemptRuntime({ spec }: PodLike): boolean {
    return this.#configuration.runtimeClasses.has(spec.runtimeClassName ?? '');
  }

  /** Most namespaces have no restrictions, so the checks are loaded on demand. */
  async #evaluate(
    pod: PodLike,
    { policy, errors }: PolicyOfLabels,
    { enforces }: { readonly enforces: boolean },
  ): Promise<void> {
    if (this.#isExemptRuntime(pod)) {
      this.#annotate('exempt', 'runtimeClass');
      this.#metrics?.exempted(this.#attributes);
      return;
    }
    if (errors.length > 0) {
      this.#annotate('error', `Failed to parse policy: ${messagesOf(errors)}`);
      this.#metrics?.failed({ fatal: false }, this.#attributes);
    }
    const { evaluatePod, formatViolations } = await import('../podsecurity/evaluate-pod.ts');
    const violations = (mode: (typeof MODES)[number]): string =>
      formatViolations(evaluatePod(policy[mode], pod));
    const refused = enforces ? violations('enforce') : '';
    if (enforces) {
      this.#annotate('enforce-policy', formatLevelVersion(policy.enforce));
      this.#count(refused === '' ? 'allow' : 'deny', 'enforce', policy);
    }
    const audited = violations('audit');
    const would = (mode: 'audit' | 'warn', text: string): string =>
      `would violate PodSecurity ${quote(formatLevelVersion(policy[mode]))}: ${text}`;
    if (audited !== '') {
      this.#annotate('audit-violations', would('audit', audited));
      this.#count('deny', 'audit', policy);
    }
    if (refused !== '') {
      const { resource, name } = this.#attributes;
      const of = quote(formatLevelVersion(policy.enforce));
      throw newForbidden(resource, name, `violates PodSecurity ${of}: ${refused}`);
    }
    const warned = violations('warn');
    if (warned === '') return;
    this.#context.addWarning(would('warn', warned));
    this.#count('deny', 'warn', policy);
  }

  #warnOfExemption(namespace: string, policy: PodSecurityPolicy): void {
    const { defaults } = this.#configuration;
    const isDefault = MODES.every(
      (mode) =>
        isSame(policy[mode], defaults[mode]) ||
        (policy[mode].level === 'privileged' && defaults[mode].level === 'privileged'),
    );
    if (isFullyPrivileged(policy) || isDefault) return;
    const labels = this.#attributes.object!.metadata.labels ?? {};
    const configured = MODES.filter(
      (mode) =>
        policy[mode].level !== 'privileged' &&
        (Object.hasOwn(labels, PREFIX + mode) || Object.hasOwn(labels, `${PREFIX}${mode}-version`)),
    ).map((mode) => `${mode}=${formatLevelVersion(policy[mode])}`);
    this.#context.addWarning(
      `namespace ${quote(namespace)} is exempt from Pod Security, and the policy (${configured.join(', ')}) will be ignored`,
    );
  }
}

function messagesOf(errors: PolicyOfLabels['errors']): string {
  return aggregateMessages(errors.map(formatFieldError));
}

/** Among the mutable parts of a pod, only new containers and new images matter. */
function isSignificantUpdate({ spec }: Pod, { spec: old }: Pod): boolean {
  const images = new Map(containersOf(old).map(({ name, image }) => [name, image]));
  return (
    (spec.containers ?? []).length !== (old.containers ?? []).length ||
    (spec.initContainers ?? []).length !== (old.initContainers ?? []).length ||
    containersOf(spec).some(({ name, image }) => !images.has(name) || images.get(name) !== image)
  );
}
