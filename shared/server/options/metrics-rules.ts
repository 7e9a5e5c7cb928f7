/**
 * Validates the options for metrics
 * (https://github.com/kubernetes/component-base/blob/master/metrics/api/v1/validation.go).
 */

import { KUBERNETES_RELEASE } from '../../apis/kubernetes-release.ts';
import type { CompletedOptions } from './completed-options.ts';

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const METRIC_NAME = new RegExp(`^${NAME}$`);
const LABEL_KEY = /^[a-zA-Z_:][a-zA-Z0-9_:]*,[a-zA-Z_][a-zA-Z0-9_]*$/;

export function hiddenMetricsErrors({ showHiddenMetricsForVersion: version }: CompletedOptions): string[] {
  const [major, minor] = KUBERNETES_RELEASE.minor.split('.').map(Number) as [number, number];
  const before = `${major}.${minor - 1}`;
  if (version === '' || version === before) return [];
  return [
    `metrics.showHiddenMetricsForVersion: Invalid value: ${JSON.stringify(version)}: must be omitted or have the value '${before}'; only the previous minor version is allowed`,
  ];
}

export function disabledMetricsErrors({ disabledMetrics }: CompletedOptions): string[] {
  const wrong = disabledMetrics.find((name) => !METRIC_NAME.test(name));
  if (wrong === undefined) return [];
  const value = JSON.stringify(disabledMetrics);
  return [
    `metrics.disabledMetrics: Invalid value: ${value}: must be fully qualified metric names matching "^${NAME}$", got ${JSON.stringify(wrong)}`,
  ];
}

/** Errors for keys that aren't in the form `family,label`. */
export function labelKeysError(labels: ReadonlyMap<string, string>): string | undefined {
  if ([...labels.keys()].every((key) => LABEL_KEY.test(key))) return undefined;
  const value = JSON.stringify(Object.fromEntries(labels));
  return `Invalid value: ${value}: must have keys with format \`metricName,labelName\` where metricName matches "${NAME}" and labelName matches "[a-zA-Z_][a-zA-Z0-9_]*"`;
}

export function metricLabelErrors(options: CompletedOptions): string[] {
  const { allowMetricLabels: labels, allowMetricLabelsManifest: manifest } = options;
  const keys = labelKeysError(labels);
  const errors = keys === undefined ? [] : [`metrics.allowListMapping: ${keys}`];
  if (labels.size === 0 || manifest === '') return errors;
  const { showHiddenMetricsForVersion, disabledMetrics } = options;
  const value = JSON.stringify({
    ...(showHiddenMetricsForVersion !== '' && { showHiddenMetricsForVersion }),
    ...(disabledMetrics.length > 0 && { disabledMetrics }),
    allowListMapping: Object.fromEntries(labels),
    allowListMappingManifest: manifest,
  });
  return [
    ...errors,
    `metrics: Invalid value: ${value}: cannot specify both allowListMapping and allowListMappingManifest`,
  ];
}
