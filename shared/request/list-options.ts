/**
 * The options of list and watch requests
 * (https://github.com/kubernetes/apimachinery/blob/master/pkg/apis/meta/internalversion/types.go,
 * validation/validation.go).
 */

import { type FieldError, forbidden, notSupported } from '../meta/field-error.ts';
import { type FieldSelector, parseFieldSelector } from '../meta/fields.ts';
import { parseLabelSelector, type Selector } from '../meta/labels.ts';
import { SelectorError } from '../meta/selector-error.ts';
import { newBadRequest } from '../meta/status-error.ts';
import {
  booleanParameter,
  integerParameter,
  optionalBooleanParameter,
  stringParameter,
} from './query-parameters.ts';

const NOT_OLDER_THAN = 'NotOlderThan';
const EXACT = 'Exact';

export interface ListOptions {
  readonly labelSelector: Selector;
  readonly fieldSelector: FieldSelector;
  readonly watch: boolean;
  readonly allowWatchBookmarks: boolean;
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
  readonly timeoutSeconds: number | undefined;
  readonly limit: number;
  readonly continue: string;
  readonly sendInitialEvents: boolean | undefined;
}

function parseSelector<S>(parse: (text: string) => S, text: string): S {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof SelectorError) throw newBadRequest(error.message);
    throw error;
  }
}

const decoded = new WeakMap<URLSearchParams, ListOptions>();

/** Throws BadRequest for values that can't be parsed; does not check whether the options are compatible. */
export function decodeListOptions(query: URLSearchParams): ListOptions {
  let options = decoded.get(query);
  if (options === undefined) {
    options = decode(query);
    decoded.set(query, options);
  }
  return options;
}

function decode(query: URLSearchParams): ListOptions {
  const plain = {
    watch: booleanParameter(query, 'watch'),
    allowWatchBookmarks: booleanParameter(query, 'allowWatchBookmarks'),
    resourceVersion: stringParameter(query, 'resourceVersion') ?? '',
    resourceVersionMatch: stringParameter(query, 'resourceVersionMatch') ?? '',
    timeoutSeconds: integerParameter(query, 'timeoutSeconds'),
    limit: integerParameter(query, 'limit') ?? 0,
    continue: stringParameter(query, 'continue') ?? '',
    sendInitialEvents: optionalBooleanParameter(query, 'sendInitialEvents'),
  };
  // Selectors are parsed last: in the versioned options they are plain strings.
  return {
    ...plain,
    labelSelector: parseSelector(parseLabelSelector, stringParameter(query, 'labelSelector') ?? ''),
    fieldSelector: parseSelector(parseFieldSelector, stringParameter(query, 'fieldSelector') ?? ''),
  };
}

/** A watch from "now" or "any" begins with the current objects, as if the request had set `sendInitialEvents`. */
export function setListOptionsDefaults(options: ListOptions): ListOptions {
  const { watch, resourceVersion, resourceVersionMatch, sendInitialEvents } = options;
  const legacy = watch && (resourceVersion === '' || resourceVersion === '0');
  if (!legacy || sendInitialEvents !== undefined || resourceVersionMatch !== '') return options;
  return { ...options, sendInitialEvents: true, resourceVersionMatch: NOT_OLDER_THAN };
}

/** Returns an error for each conflict among the options. */
export function validateListOptions(options: ListOptions): FieldError[] {
  return options.watch ? validateWatchOptions(options) : validateOptionsOfList(options);
}

function validateOptionsOfList(options: ListOptions): FieldError[] {
  const errors: FieldError[] = [];
  const { resourceVersionMatch: match, resourceVersion } = options;
  if (match !== '') {
    const field = 'resourceVersionMatch';
    if (resourceVersion === '') {
      errors.push(forbidden(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
    }
    if (options.continue !== '') {
      errors.push(forbidden(field, 'resourceVersionMatch is forbidden when continue is provided'));
    }
    if (match !== EXACT && match !== NOT_OLDER_THAN) {
      errors.push(notSupported(field, match, [EXACT, NOT_OLDER_THAN, '']));
    }
    if (match === EXACT && resourceVersion === '0') {
      errors.push(forbidden(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
    }
  }
  if (options.sendInitialEvents !== undefined) {
    errors.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  return errors;
}

function validateWatchOptions(options: ListOptions): FieldError[] {
  const errors: FieldError[] = [];
  const match = options.resourceVersionMatch;
  const field = 'resourceVersionMatch';
  if (options.sendInitialEvents !== undefined && match !== NOT_OLDER_THAN) {
    const detail = `sendInitialEvents requires setting resourceVersionMatch to ${NOT_OLDER_THAN}`;
    errors.push(forbidden(field, detail));
  }
  if (match === '') return errors;
  if (options.sendInitialEvents === undefined) {
    const detail = 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided';
    errors.push(forbidden(field, detail));
  }
  if (match !== NOT_OLDER_THAN) errors.push(notSupported(field, match, [NOT_OLDER_THAN]));
  if (options.continue !== '') {
    errors.push(forbidden(field, 'resourceVersionMatch is forbidden when continue is provided'));
  }
  return errors;
}
