/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/admissionregistration/validation/validation.go */

import { semanticDeepEqual } from '../../../meta/deep-equal.ts';
import {
  duplicate,
  type FieldError,
  invalid,
  invalidEach,
  notSupported,
  required,
} from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { isFullyQualifiedName } from '../../../meta/validation/domains.ts';
import { validateLabelSelector } from '../../../meta/validation/label-selector.ts';
import { isDNS1035Label } from '../../../meta/validation/names.ts';
import { validateWebhookService, validateWebhookURL } from '../../../meta/validation/webhook-client.ts';
import { appendAll } from '../../../util/append-all.ts';
import { seenBefore } from '../../../util/seen-before.ts';
import type {
  MutatingWebhook,
  MutatingWebhookConfiguration,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
  WebhookClientConfig,
} from '../v1/types.ts';
import type { NewExpressionChecker } from './expression-checker.ts';
import { validateMatchConditions } from './match-conditions.ts';
import { validateRule } from './rules.ts';

const WEBHOOKS = FieldPath.of('webhooks');
export const FAILURE_POLICIES = ['Fail', 'Ignore'];
export const MATCH_POLICIES = ['Equivalent', 'Exact'];
export const REINVOCATION_POLICIES = ['IfNeeded', 'Never'];
const NO_SIDE_EFFECTS = ['None', 'NoneOnDryRun'];
const SIDE_EFFECTS = [...NO_SIDE_EFFECTS, 'Some', 'Unknown'];
const REVIEW_VERSIONS = ['v1', 'v1beta1'];
const MAX_TIMEOUT_SECONDS = 30;

type Webhook = ValidatingWebhook | MutatingWebhook;
type WebhookConfiguration = ValidatingWebhookConfiguration | MutatingWebhookConfiguration;

/** Rules that are skipped, because the stored object already violates them or v1beta1 lacks them. */
interface Tolerance {
  readonly matchConditions: boolean;
  readonly sideEffects: boolean;
  readonly unknownReviewVersions: boolean;
  readonly sameNames: boolean;
  readonly badLabelValues: boolean;
}

const isRecognized = ({ admissionReviewVersions: versions }: Webhook): boolean =>
  (versions ?? []).some((version) => REVIEW_VERSIONS.includes(version));

/** `version` is the version of the request. */
function toleranceFor(
  webhooks: readonly Webhook[],
  old: readonly Webhook[] | undefined,
  version: string,
): Tolerance {
  const isBeta = version === 'v1beta1';
  const stored = old ?? [];
  return {
    matchConditions:
      old !== undefined &&
      old.length === webhooks.length &&
      old.every((hook, index) => semanticDeepEqual(hook.matchConditions, webhooks[index]!.matchConditions)),
    sideEffects: isBeta || stored.some(({ sideEffects }) => !NO_SIDE_EFFECTS.includes(sideEffects ?? '')),
    unknownReviewVersions: stored.some(
      (hook) => Boolean(hook.admissionReviewVersions?.length) && !isRecognized(hook),
    ),
    sameNames: isBeta || new Set(stored.map(({ name }) => name)).size < stored.length,
    badLabelValues: stored.some(
      ({ namespaceSelector, objectSelector }) =>
        validateLabelSelector(namespaceSelector, WEBHOOKS).length > 0 ||
        validateLabelSelector(objectSelector, WEBHOOKS).length > 0,
    ),
  };
}

export function validateWebhookConfiguration(
  { webhooks = [] }: WebhookConfiguration,
  old: WebhookConfiguration | undefined,
  version: string,
  newChecker: NewExpressionChecker,
): FieldError[] {
  const tolerated = toleranceFor(webhooks, old && (old.webhooks ?? []), version);
  const names = new Set<string>();
  return webhooks.flatMap((webhook: Webhook, index) => {
    const path = WEBHOOKS.index(index);
    const { name, matchConditions, admissionReviewVersions } = webhook;
    const errors = validateWebhook(webhook, tolerated, path);
    if (!tolerated.matchConditions) {
      const at = path.child('matchConditions');
      appendAll(errors, validateMatchConditions(matchConditions, { params: false }, newChecker, at));
    }
    const versions = path.child('admissionReviewVersions');
    appendAll(errors, validateReviewVersions(admissionReviewVersions ?? [], tolerated, versions));
    if (!tolerated.sameNames && names.has(name)) errors.push(duplicate(path.child('name'), name));
    if (name !== '') names.add(name);
    return errors;
  });
}

const unlessIn = (value: string | undefined, supported: readonly string[], path: FieldPath): FieldError[] =>
  value === undefined || supported.includes(value) ? [] : [notSupported(path, value, supported)];

function validateWebhook(webhook: Webhook, tolerated: Tolerance, path: FieldPath): FieldError[] {
  const { name, rules = [], timeoutSeconds: seconds, clientConfig } = webhook;
  const sideEffects = webhook.sideEffects ?? undefined;
  const errors = [
    ...isFullyQualifiedName(path.child('name'), name),
    ...rules.flatMap((rule, index) => validateRule(rule, path.child('rules').index(index))),
    ...unlessIn(webhook.failurePolicy, FAILURE_POLICIES, path.child('failurePolicy')),
    ...unlessIn(webhook.matchPolicy, MATCH_POLICIES, path.child('matchPolicy')),
  ];
  const effects = tolerated.sideEffects ? SIDE_EFFECTS : NO_SIDE_EFFECTS;
  const effectsPath = path.child('sideEffects');
  if (sideEffects === undefined) {
    errors.push(required(effectsPath, `must specify one of ${effects.join(', ')}`));
  }
  appendAll(errors, unlessIn(sideEffects, effects, effectsPath));
  if (seconds !== undefined && (seconds < 1 || seconds > MAX_TIMEOUT_SECONDS)) {
    const detail = 'the timeout value must be between 1 and 30 seconds';
    errors.push(invalid(path.child('timeoutSeconds'), seconds, detail));
  }
  for (const selector of ['namespaceSelector', 'objectSelector'] as const) {
    const options = { allowInvalidLabelValueInSelector: tolerated.badLabelValues };
    appendAll(errors, validateLabelSelector(webhook[selector], path.child(selector), options));
  }
  if ('reinvocationPolicy' in webhook) {
    const at = path.child('reinvocationPolicy');
    appendAll(errors, unlessIn(webhook.reinvocationPolicy, REINVOCATION_POLICIES, at));
  }
  return errors.concat(validateClientConfig(clientConfig, path.child('clientConfig')));
}

function validateClientConfig({ url, service }: WebhookClientConfig, path: FieldPath): FieldError[] {
  if (service && url === undefined) return validateWebhookService(path.child('service'), service);
  if (!service && url !== undefined) return validateWebhookURL(path.child('url'), url);
  return [required(path, 'exactly one of url or service is required')];
}

function validateReviewVersions(
  versions: readonly string[],
  tolerated: Tolerance,
  path: FieldPath,
): FieldError[] {
  const known = REVIEW_VERSIONS.join(', ');
  if (versions.length === 0) return [required(path, `must specify one of ${known}`)];
  const isRepeated = seenBefore<string>();
  const errors = versions.flatMap((version, index) =>
    isRepeated(version)
      ? [invalid(path.index(index), version, 'duplicate version')]
      : invalidEach(path.index(index), version, isDNS1035Label(version)),
  );
  if (tolerated.unknownReviewVersions || versions.some((version) => REVIEW_VERSIONS.includes(version))) {
    return errors;
  }
  return [...errors, invalid(path, versions, `must include at least one of ${known}`)];
}
