/**
 * Validates the options for metrics
 * (https://github.com/kubernetes/component-base/blob/master/metrics/api/v1/validation.go).
 */

import { KUBERNETES_RELEASE } from '../../apis/kubernetes-release.ts';
import type { CompletedOptions } from './completed-options.ts';

const LABEL_KEY = /^[a-zA-Z_:][a-zA-Z0-9_:]*,[a-zA-Z_][a-zA-Z0-9_]*$/;

export function hiddenMetricsErrors({ showHiddenMetricsForVersion: version }: CompletedOptions): string[] {
  const [major, minor] = KUBERNETES_RELEASE.minor.split('.').map(Number) as [number, number];
  const before = `${major}.${minor - 1}`;
  if (version === '' || version === before) return [];
  return [
    `metrics.showHiddenMetricsForVersion: Invalid value: ${JSON.stringify(version)}: must be omitted or have the value '${before}'; only the previous minor version is allowed`,
  ];
}

export function metricLabelErrors({ allowMetricLabels }: CompletedOptions): string[] {
  if ([...allowMetricLabels.keys()].every((key) => LABEL_KEY.test(key))) return [];
  const value = JSON.stringify(Object.fromEntries(allowMetricLabels));
  return [
    `metrics.allowListMapping: Invalid value: ${value}: must have keys with format \`metricName,labelName\` where metricName matches "[a-zA-Z_:][a-zA-Z0-9_:]*" and labelName matches "[a-zA-Z_][a-zA-Z0-9_]*"`,
  ];
}
