/** https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/authorization/util/helpers.go */

import type {
  NonResourceAttributes,
  ResourceAttributes,
  SubjectAccessReviewStatus,
} from '../../apis/authorization/v1/types.ts';
import type {
  AuthorizationResult,
  AuthorizerAttributes,
  SelectorRequirement,
} from '../../authz/authorizer.ts';
import { parseFieldSelector } from '../../meta/fields.ts';
import { LabelRequirement } from '../../meta/label-requirement.ts';
import { parseLabelSelector } from '../../meta/labels.ts';
import type { UserInfo } from '../../request/user-info.ts';

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[] | undefined;
}

interface SelectorAttributes {
  readonly rawSelector?: string | undefined;
  readonly requirements?: readonly Requirement[] | undefined;
}

/**
 * The requirements that could be parsed, and whether some couldn't. Dropping requirements only makes the question
 * broader.
 */
interface ReadSelector {
  readonly requirements: readonly SelectorRequirement[] | undefined;
  readonly failed: boolean;
}

const LABEL_OPERATORS = new Map([
  ['In', 'in'],
  ['NotIn', 'notin'],
  ['Exists', 'exists'],
  ['DoesNotExist', '!'],
] as const);
const FIELD_OPERATORS = new Map([
  ['In', '='],
  ['NotIn', '!='],
]);

function readLabelRequirement({ key, operator, values = [] }: Requirement): SelectorRequirement | undefined {
  const known = LABEL_OPERATORS.get(operator as 'In');
  if (known === undefined) return undefined;
  try {
    LabelRequirement.of(key, known, [...values]);
    return { key, operator: known, values };
  } catch {
    return undefined;
  }
}

function readFieldRequirement({ key, operator, values = [] }: Requirement): SelectorRequirement | undefined {
  const known = FIELD_OPERATORS.get(operator);
  return known !== undefined && values.length === 1 ? { key, operator: known, values } : undefined;
}

const parseLabels = (text: string): SelectorRequirement[] =>
  (parseLabelSelector(text).requirements() ?? []).map(({ key, operator, values }) => ({
    key,
    operator,
    values,
  }));
const parseFields = (text: string): SelectorRequirement[] =>
  parseFieldSelector(text).requirements.map(({ field, operator, value }) => ({
    key: field,
    operator,
    values: [value],
  }));

/** Longer than any request's address; a longer selector is treated as unparsable. */
const MAX_RAW_SELECTOR = 128 * 1024;

function readSelector(
  selector: SelectorAttributes | undefined,
  parse: (text: string) => SelectorRequirement[],
  read: (requirement: Requirement) => SelectorRequirement | undefined,
): ReadSelector {
  const { rawSelector = '', requirements = [] } = selector ?? {};
  if (requirements.length > 0) {
    const known = requirements.flatMap((requirement) => read(requirement) ?? []);
    return {
      requirements: known.length > 0 ? known : undefined,
      failed: known.length < requirements.length,
    };
  }
  if (rawSelector === '') return { requirements: undefined, failed: false };
  if (rawSelector.length > MAX_RAW_SELECTOR) return { requirements: undefined, failed: true };
  try {
    return { requirements: parse(rawSelector), failed: false };
  } catch {
    return { requirements: undefined, failed: true };
  }
}

export interface ReviewQuestion {
  readonly attributes: AuthorizerAttributes;
  /** Errors in the question. */
  readonly problems: readonly string[];
}

/** The authorizer attributes of an access review. */
export function reviewQuestion(
  user: UserInfo,
  spec: {
    readonly resourceAttributes?: ResourceAttributes | undefined;
    readonly nonResourceAttributes?: NonResourceAttributes | undefined;
  },
): ReviewQuestion {
  const { resourceAttributes: resource, nonResourceAttributes: nonResource } = spec;
  const fieldSelector = readSelector(resource?.fieldSelector, parseFields, readFieldRequirement);
  const labelSelector = readSelector(resource?.labelSelector, parseLabels, readLabelRequirement);
  const problems = Object.entries({ fieldSelector, labelSelector }).flatMap(
    ([name, { requirements, failed }]) =>
      failed
        ? [`spec.resourceAttributes.${name} ${requirements ? 'partially ' : ''}ignored due to parse error`]
        : [],
  );
  const attributes: AuthorizerAttributes = {
    user,
    isResourceRequest: resource !== undefined,
    verb: (resource ?? nonResource)?.verb ?? '',
    namespace: resource?.namespace ?? '',
    apiGroup: resource?.group ?? '',
    apiVersion: resource ? resource.version || '*' : '',
    resource: resource?.resource ?? '',
    subresource: resource?.subresource ?? '',
    name: resource?.name ?? '',
    path: nonResource?.path ?? '',
    fieldSelector: fieldSelector.requirements,
    labelSelector: labelSelector.requirements,
  };
  return { attributes, problems };
}

export function reviewStatus(
  { decision, reason, error }: AuthorizationResult,
  problems: readonly string[],
): SubjectAccessReviewStatus {
  const evaluationError = [error?.message ?? '', ...problems].filter((text) => text !== '').join('; ');
  return {
    allowed: decision === 'Allow',
    ...(decision === 'Deny' && { denied: true }),
    ...(reason !== '' && { reason }),
    ...(evaluationError !== '' && { evaluationError }),
  };
}
