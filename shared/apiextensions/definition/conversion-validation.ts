import type { CustomResourceConversion } from '../../apis/apiextensions/v1/types.ts';
import { type FieldError, forbidden, invalid, notSupported, required } from '../../meta/field-error.ts';
import type { FieldPath } from '../../meta/field-path.ts';
import { isDNS1035Label } from '../../meta/validation/names.ts';
import {
  validateCABundle,
  validateWebhookService,
  validateWebhookURL,
} from '../../meta/validation/webhook-client.ts';
import { appendAll } from '../../util/append-all.ts';
import { seenBefore } from '../../util/seen-before.ts';
import { type DefinitionOptions, isRecognizedReviewVersion } from './definition-options.ts';

const STRATEGIES = ['None', 'Webhook'];

/** Field names in errors are those of upstream's internal form. */
export function validateConversion(
  { strategy, webhook }: CustomResourceConversion,
  path: FieldPath,
  options: DefinitionOptions,
): FieldError[] {
  const errors: FieldError[] = [];
  const atStrategy = path.child('strategy');
  if (!strategy) errors.push(required(atStrategy, ''));
  else if (!STRATEGIES.includes(strategy)) errors.push(notSupported(atStrategy, strategy, STRATEGIES));
  const at = path.child('webhookClientConfig');
  const atVersions = path.child('conversionReviewVersions');
  const versions = webhook?.conversionReviewVersions ?? [];
  const config = webhook?.clientConfig;
  if (strategy !== 'Webhook') {
    const detail = 'should not be set when strategy is not set to Webhook';
    if (config) errors.push(forbidden(at, detail));
    if (versions.length > 0) errors.push(forbidden(atVersions, detail));
    return errors;
  }
  if (!config) errors.push(required(at, 'required when strategy is set to Webhook'));
  else {
    const { url, service, caBundle } = config;
    if ((url === undefined) === (service === undefined)) {
      errors.push(required(at, 'exactly one of url or service is required'));
    } else if (url !== undefined) appendAll(errors, validateWebhookURL(at.child('url'), url));
    else {
      // Upstream swaps name and namespace here.
      const { name, namespace, ...rest } = service!;
      const swapped = { ...rest, name: namespace, namespace: name };
      appendAll(errors, validateWebhookService(at.child('service'), swapped));
    }
    if (caBundle && !options.allowInvalidCABundle) {
      appendAll(errors, validateCABundle(at.child('caBundle'), caBundle));
    }
  }
  return errors.concat(validateReviewVersions(versions, atVersions, options));
}

function validateReviewVersions(
  versions: readonly string[],
  path: FieldPath,
  { requireRecognizedConversionReviewVersion }: DefinitionOptions,
): FieldError[] {
  if (versions.length === 0) return [required(path, '')];
  const errors: FieldError[] = [];
  const isRepeated = seenBefore<string>();
  for (const [index, version] of versions.entries()) {
    const at = path.index(index);
    if (isRepeated(version)) errors.push(invalid(at, version, 'duplicate version'));
    else
      appendAll(
        errors,
        isDNS1035Label(version).map((text) => invalid(at, version, text)),
      );
  }
  if (requireRecognizedConversionReviewVersion && !versions.some(isRecognizedReviewVersion)) {
    errors.push(invalid(path, versions, 'must include at least one of v1, v1beta1'));
  }
  return errors;
}
