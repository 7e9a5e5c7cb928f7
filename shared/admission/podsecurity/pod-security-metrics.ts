/**
 * Metrics of Pod Security evaluations
 * (https://github.com/kubernetes/pod-security-admission/blob/master/metrics/metrics.go).
 */

import { KUBERNETES_RELEASE } from '../../apis/kubernetes-release.ts';
import { minorNumber } from '../../apis/minor.ts';
import type { Counter, MetricsRegistry } from '../../metrics/metrics-registry.ts';
import type { AdmissionAttributes } from '../admission.ts';
import type { LevelVersion, MODES } from './policy.ts';

const OF_REQUEST = ['request_operation', 'resource', 'subresource'];
const RESOURCES: Readonly<Record<string, string>> = { pods: 'pod', namespaces: 'namespace' };

function labelsOf({ operation, resource, subresource }: AdmissionAttributes): string[] {
  const isCore = resource.group === '';
  // All other evaluated resources are controllers of pods.
  const what = isCore ? RESOURCES[resource.resource] : undefined;
  return [operation.toLowerCase(), what ?? 'controller', subresource];
}

/** The privileged level doesn't depend on the version. */
function versionOf({ level, version }: LevelVersion): string {
  if (version === 'latest' || level === 'privileged') return 'latest';
  return version > minorNumber(KUBERNETES_RELEASE.minor) ? 'future' : `v1.${version}`;
}

export class PodSecurityMetrics {
  readonly #evaluations: Counter;
  readonly #exemptions: Counter;
  readonly #errors: Counter;

  constructor(registry: MetricsRegistry) {
    this.#evaluations = registry.counter({
      name: 'pod_security_evaluations_total',
      labels: ['decision', 'mode', 'policy_level', 'policy_version', ...OF_REQUEST],
    });
    this.#exemptions = registry.counter({ name: 'pod_security_exemptions_total', labels: OF_REQUEST });
    this.#errors = registry.counter({ name: 'pod_security_errors_total', labels: ['fatal', ...OF_REQUEST] });
  }

  evaluated(
    decision: 'allow' | 'deny',
    { mode, policy }: { readonly mode: (typeof MODES)[number]; readonly policy: LevelVersion },
    attributes: AdmissionAttributes,
  ): void {
    this.#evaluations.add([decision, mode, policy.level, versionOf(policy), ...labelsOf(attributes)]);
  }

  exempted(attributes: AdmissionAttributes): void {
    this.#exemptions.add(labelsOf(attributes));
  }

  failed({ fatal }: { readonly fatal: boolean }, attributes: AdmissionAttributes): void {
    this.#errors.add([String(fatal), ...labelsOf(attributes)]);
  }
}
