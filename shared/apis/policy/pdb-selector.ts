/**
 * An empty selector of a PodDisruptionBudget selects no pods in v1beta1 and all pods in v1. Each version expresses the
 * other's meaning by a requirement on a label that no pod has
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/policy/helper.go).
 */

import type { LabelSelector } from '../../meta/v1/types.ts';

const LABEL = 'pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match';

function isEmpty(selector: LabelSelector): boolean {
  return Object.keys(selector.matchLabels ?? {}).length === 0 && !selector.matchExpressions?.length;
}

function isOnly(selector: LabelSelector, operator: string): boolean {
  if (Object.keys(selector.matchLabels ?? {}).length > 0 || selector.matchExpressions?.length !== 1)
    return false;
  const { key, operator: actual, values } = selector.matchExpressions[0]!;
  return key === LABEL && actual === operator && !values?.length;
}

export const isMatchNone = (selector: LabelSelector): boolean => isOnly(selector, 'Exists');
const isV1beta1MatchAll = (selector: LabelSelector): boolean => isOnly(selector, 'DoesNotExist');

const only = (operator: string): LabelSelector => ({ matchExpressions: [{ key: LABEL, operator }] });

/** Removes the requirements on this label in place. */
export function stripPDBV1beta1Label(selector: LabelSelector): LabelSelector {
  if (!selector.matchExpressions?.some(({ key }) => key === LABEL)) return selector;
  const kept = selector.matchExpressions.filter(({ key }) => key !== LABEL);
  if (kept.length > 0) selector.matchExpressions = kept;
  else delete selector.matchExpressions;
  return selector;
}

export function selectorFromV1beta1(selector: LabelSelector): LabelSelector {
  if (isEmpty(selector)) return only('Exists');
  if (isV1beta1MatchAll(selector)) return {};
  return stripPDBV1beta1Label(selector);
}

export function selectorToV1beta1(selector: LabelSelector): LabelSelector {
  if (isMatchNone(selector)) return {};
  if (isEmpty(selector)) return only('DoesNotExist');
  return selector;
}
