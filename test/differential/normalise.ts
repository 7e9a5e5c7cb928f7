/**
 * Normalises responses: removes what differs between any two servers, such as identities, times, revisions and
 * allocated addresses.
 */

import { parse } from 'yaml';
import type { Reply } from './exchange.ts';

export interface Answer {
  readonly status: number;
  /** Headers with semantics for the response; absent in responses recorded without them. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly warnings: readonly string[];
  /** Parsed if it is JSON. */
  readonly body: unknown;
  /** Reviews received by webhooks, if any. */
  readonly asked?: unknown;
  /** Audit events, if they are compared. */
  readonly events?: unknown;
}

const byText = (left: unknown, right: unknown): number => {
  const [one, other] = [JSON.stringify(left), JSON.stringify(right)];
  return one < other ? -1 : one > other ? 1 : 0;
};

const TYPED = /^failed to create typed (?:patch|live) object \(/;

/**
 * Type errors of an applied object. Upstream iterates over maps in random order, and over an object only up to its
 * first undeclared field.
 */
function typedErrors(message: string): string {
  const [where = '', ...lines] = message.split('\n');
  if (message.includes('field not declared in schema')) return where.replace(/(?<=\)): .*$/, ': undeclared');
  return [where, ...lines.toSorted()].join('\n');
}

/** Sorts lists that upstream returns in random order: conflicts with managers, validation errors. */
function ordered(body: unknown): unknown {
  const { reason, details, message } = (body ?? {}) as Readonly<Record<string, unknown>>;
  const { causes, group, kind } = (details ?? {}) as { causes?: unknown; group?: unknown; kind?: unknown };
  // Upstream iterates over these fields as a Go map, in random order.
  const isOfMaps =
    reason === 'Invalid' &&
    (String(group).endsWith('example.com') ||
      kind === 'ResourceQuota' ||
      // For a definition, schema properties: only the four most expensive rules are reported.
      String(message).includes(': Forbidden: contributed to estimated rule cost total exceeding') ||
      String(message).includes('.allocatedResourceStatuses: ') ||
      String(message).includes('.resources.requests: Invalid value: ') ||
      String(message).includes(': must be greater than or equal to aggregate container requests of '));
  if (TYPED.test(String(message))) return { ...(body as object), message: typedErrors(String(message)) };
  if ((reason !== 'Conflict' && !isOfMaps) || !Array.isArray(causes)) return body;
  const words = String(message)
    .split(/[\s,[\]]+/)
    .toSorted()
    .join(' ');
  return {
    ...(body as object),
    message: words,
    details: { ...(details as object), causes: causes.toSorted(byText) },
  };
}

/** Replacements of fields, wherever they occur. */
const FIELDS: Readonly<Record<string, (value: unknown) => unknown>> = {
  uid: masked('<uid>'),
  resourceVersion: masked('<revision>'),
  continue: masked('<continue>'),
  creationTimestamp: masked('<time>'),
  deletionTimestamp: masked('<time>'),
  expirationTimestamp: masked('<time>'),
  time: masked('<time>'),
  clusterIP: (value) => (isAddress(value) ? '<address>' : value),
  clusterIPs: (value) =>
    Array.isArray(value) ? value.map((one) => (isAddress(one) ? '<address>' : one)) : value,
  // Rules are ordered by a Go map of bindings.
  resourceRules: sorted,
  nonResourceRules: sorted,
  nodePort: portOrValue,
  healthCheckNodePort: portOrValue,
};

function portOrValue(value: unknown): unknown {
  return typeof value === 'number' && value >= 30_000 ? '<port>' : value;
}

function sorted(value: unknown): unknown {
  return Array.isArray(value) ? value.toSorted(byText) : value;
}

function masked(mask: string) {
  return (value: unknown): unknown => (typeof value === 'string' && value !== '' ? mask : value);
}

const isAddress = (value: unknown): boolean => typeof value === 'string' && /^10\.0\.0\.\d+$/.test(value);

const UID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;

const TEXTS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g, '<certificate>'],
  [/\bX509SHA256=[0-9a-f]{64}/g, 'X509SHA256=<digest>'],
  [/\b(g-)[bcdfghjklmnpqrstvwxz2456789]{5}$/g, '$1<random>'],
  [/\bkube-api-access-[a-z0-9]{5}\b/g, 'kube-api-access-<random>'],
  [UID, '<uid>'],
  [/\b20[2-9]\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, '<time>'],
  [/\b\d+(?:ms|s|m)(?:\d+s)?$/g, '<age>'],
  [/^\d+h(?:\d+m)?$/g, '<age>'],
  // Age of an object created at a date in the past: recorded responses are compared on another day.
  [/^\d+y(?:\d+d)?$/g, '<age>'],
  [/\b10\.0\.0\.\d+\b/g, '<address>'],
  [/:3[0-2]\d{3}\/(?=TCP|UDP|SCTP)/g, ':<port>/'],
  [/(?<=\bselfType)\d+/g, ''],
  // Only the first syntax error of an expression is reported.
  [/(ERROR: <input>:\d+:\d+: Syntax error[\s\S]*?\^)(?:\nERROR: <input>[\s\S]*?\^)+/g, '$1'],
  // Internal forms and differences between them: an empty list or map equals none.
  [/(?<="[A-Z]\w*":)(?:\[\]|\{\})/g, 'null'],
  [/(?<=Invalid value: )(?:\[\]|\{\})(?=: field is immutable)/g, 'null'],
  [/(?<=\n[ +-] +"\w+": )(?:\[\]|\{\})(?=,?\n)/g, 'null'],
  [/(?<=\bresourceVersion\\?":\\?")\d+/g, '<revision>'],
  [/(?<=in record )\(\d+\)/g, '(<revision>)'],
  [/(?<=ResourceVersion in the precondition \()\d{2,}(?=\))/g, '<revision>'],
  [/(?<=ResourceVersion in object meta: )\d+/g, '<revision>'],
];

const OF_A_RULE = /^299 - "[\w.[\]\\"-]+: Invalid value: /;

/** Violations of stored custom resources are reported in the order of a Go map, after all others. */
const orderedWarnings = (warnings: readonly string[]): readonly string[] => [
  ...warnings.filter((warning) => !OF_A_RULE.test(warning)),
  ...warnings.filter((warning) => OF_A_RULE.test(warning)).toSorted(),
];

/** Listeners add others, and some are specific to a server. */
const HEADERS = [
  'allow',
  'cache-control',
  'content-disposition',
  'location',
  'retry-after',
  'vary',
  'www-authenticate',
  'x-content-type-options',
];

/** For these only the presence is compared. */
const MARKS = ['audit-id', 'etag'];

function headersOf({ headers }: Reply): Pick<Answer, 'headers'> {
  if (headers === undefined) return {};
  const said = (name: string): string => [headers[name] ?? []].flat().join(', ');
  const named = [
    ...HEADERS.map((name): [string, string] => [name, said(name)]),
    ...MARKS.map((name): [string, string] => [name, said(name) === '' ? '' : `<${name}>`]),
  ];
  return { headers: Object.fromEntries(named.filter(([, value]) => value !== '')) };
}

/** Audit events repeat what is answered. */
function orderedEvents(events: unknown): unknown {
  if (!Array.isArray(events)) return events;
  return events.map((event: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(
      Object.entries(event).map(([key, value]) => [key, key.startsWith('response') ? ordered(value) : value]),
    ),
  );
}

export function normalise(reply: Reply, namespace: string): Answer {
  const { status, contentType, warnings, text, asked, events } = reply;
  const plain = (one: string) => one.replaceAll(namespace, '$N');
  const shown = plain(opened(text));
  const body = parsed(shown, contentType) ?? eventsOf(shown) ?? shown;
  return {
    status,
    ...headersOf(reply),
    contentType,
    warnings: orderedWarnings(warnings.map(plain)),
    body,
    ...(asked !== undefined && { asked: parsed(plain(JSON.stringify(asked))) }),
    ...(events !== undefined && { events: orderedEvents(parsed(plain(opened(JSON.stringify(events))))) }),
  };
}

/** Normalises a recorded response again, since the rules may have changed. */
export function renormalise({ body, asked, events, ...rest }: Answer): Answer {
  const again = (value: unknown) => ordered(scrubbed(value));
  return {
    ...rest,
    warnings: orderedWarnings(rest.warnings),
    body: again(body),
    ...(asked !== undefined && { asked: again(asked) }),
    ...(events !== undefined && { events: again(events) }),
  };
}

/** YAML is compared by value: quotes and line breaks are up to the writer. */
function parsed(text: string, contentType = 'application/json'): unknown {
  try {
    const value = contentType.startsWith('application/yaml')
      ? parse(text, { version: '1.1' })
      : JSON.parse(text);
    return ordered(scrubbed(value));
  } catch {
    // Not a JSON document.
    return undefined;
  }
}

/** The events of a watch, one per line. */
function eventsOf(text: string): unknown {
  const events = text
    .trimEnd()
    .split('\n')
    .map((line) => parsed(line));
  return events.includes(undefined) ? undefined : events;
}

/** Managers are ordered by the second of their write. */
function byManager(entries: unknown): unknown {
  if (!Array.isArray(entries)) return entries;
  const keyOf = (entry: unknown): string => {
    const { manager, operation, subresource, apiVersion } = (entry ?? {}) as Record<string, unknown>;
    return JSON.stringify([manager, operation, subresource, apiVersion]);
  };
  return entries.toSorted((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
}

const TOKEN = /" ?(eyJ[\w-]+)\.(eyJ[\w-]+)\.[\w-]+"|(?<=: )(eyJ[\w-]+)\.(eyJ[\w-]+)\.[\w-]+(?=\n)/g;

/** Replaces tokens by their decoded contents, with times relative to their issue. */
function opened(text: string): string {
  return text.replace(TOKEN, (_, ...parts: readonly (string | undefined)[]) => {
    const [header, claims] = parts
      .filter((part) => part !== undefined)
      .slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()));
    const { kid: _kid, ...others } = header;
    const { iat, nbf, exp, jti, ...said } = claims;
    const { warnafter, ...bound } = said['kubernetes.io'] ?? {};
    return JSON.stringify({
      ...others,
      ...said,
      'kubernetes.io': { ...bound, ...(warnafter !== undefined && { warnafter: warnafter - iat }) },
      nbf: nbf - iat,
      exp: exp - iat,
      jti: typeof jti,
    });
  });
}

function scrubbed(value: unknown): unknown {
  if (typeof value === 'string') return TEXTS.reduce((text, [from, to]) => text.replace(from, to), value);
  if (Array.isArray(value)) return value.map(scrubbed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      const field = Object.hasOwn(FIELDS, key) ? FIELDS[key] : undefined;
      const clean = scrubbed(field === undefined ? member : field(member));
      return [key.replace(UID, '<uid>'), key === 'managedFields' ? byManager(clean) : clean];
    }),
  );
}
