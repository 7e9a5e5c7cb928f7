/**
 * The names that an authority may certify (RFC 5280, 4.2.1.10), by Go's rules
 * (https://github.com/golang/go/blob/master/src/crypto/x509/constraints.go).
 */

import { DER_TAG, DERError, type DERValue, readDER, readDERSequence } from '../../util/der.ts';
import { GENERAL_NAME_TAG, type GeneralNames } from '../../util/general-names.ts';
import { parseIP } from '../../util/ip.ts';

/** Subtrees for each kind of name; `ips` are addresses followed by their masks. */
interface Subtrees {
  readonly dns: readonly string[];
  readonly emails: readonly string[];
  readonly uris: readonly string[];
  readonly ips: readonly Uint8Array[];
}

export interface NameConstraints {
  readonly permitted: Subtrees;
  readonly excluded: Subtrees;
  /** Whether there are constraints on kinds of names not handled here. */
  readonly hasUnknown: boolean;
}

/** Whether it is printable ASCII without empty labels. */
function isDomain(text: string): boolean {
  return text === '' || (/^[!-~]+$/.test(text) && text.split('.').every((label) => label !== ''));
}

/** Like a domain, optionally with a leading dot. */
const isDomainConstraint = (text: string): boolean => text !== '.' && isDomain(text.replace(/^\./, ''));

function hasContiguousMask(network: Uint8Array): boolean {
  const bits = Array.from(network.subarray(network.length / 2), (byte) => byte.toString(2).padStart(8, '0'));
  return !bits.join('').includes('01');
}

function readDomain({ content }: DERValue): string {
  const text = Buffer.from(content).toString('latin1');
  if (!isDomainConstraint(text)) throw new DERError(`bad name constraint ${JSON.stringify(text)}`);
  return text;
}

function readEmail(value: DERValue): string {
  const text = Buffer.from(value.content).toString('latin1');
  if (!text.includes('@')) return readDomain(value);
  if (parseMailbox(text) === undefined) throw new DERError(`bad name constraint ${JSON.stringify(text)}`);
  return text;
}

function readURI(value: DERValue): string {
  const domain = readDomain(value);
  if (parseIP(domain) !== undefined) throw new DERError(`bad name constraint ${JSON.stringify(domain)}`);
  return domain;
}

function readNetwork({ content }: DERValue): Uint8Array {
  const isLong = content.length === 8 || content.length === 32;
  if (!isLong || !hasContiguousMask(content)) throw new DERError('bad name constraint of addresses');
  return content;
}

const KNOWN_TAGS: ReadonlySet<number> = new Set(Object.values(GENERAL_NAME_TAG));

function readSubtrees(list: DERValue | undefined): Subtrees & { readonly hasUnknown: boolean } {
  const bases = readDERSequence(list?.content ?? new Uint8Array()).map(({ tag, content }) => {
    const [base] = tag === DER_TAG.sequence ? readDERSequence(content) : [];
    if (base === undefined) throw new DERError('invalid NameConstraints extension');
    return base;
  });
  const { dns, email, uri, ip } = GENERAL_NAME_TAG;
  const withTag = (tag: number) => bases.filter((base) => base.tag === tag);
  return {
    dns: withTag(dns).map(readDomain),
    emails: withTag(email).map(readEmail),
    uris: withTag(uri).map(readURI),
    ips: withTag(ip).map(readNetwork),
    hasUnknown: bases.some(({ tag }) => !KNOWN_TAGS.has(tag)),
  };
}

/** Reads the extension's value. Throws `DERError`. */
export function readNameConstraints(value: Uint8Array): NameConstraints {
  const fields = readDERSequence(readDER(value, DER_TAG.sequence).content);
  const [permittedList, excludedList] = [0xa0, 0xa1].map((tag) => fields.find((field) => field.tag === tag));
  const known = [permittedList, excludedList].filter((list) => list !== undefined);
  if (known.length !== fields.length || known.every(({ content }) => content.length === 0)) {
    throw new DERError('invalid or empty NameConstraints extension');
  }
  const [permitted, excluded] = [readSubtrees(permittedList), readSubtrees(excludedList)];
  return { permitted, excluded, hasUnknown: permitted.hasUnknown || excluded.hasUnknown };
}

/** Domains are case-insensitive; a constraint with a leading dot matches subdomains only. */
function domainMatches(constraint: string, name: string): boolean {
  const [suffix, domain] = [constraint.toLowerCase(), name.toLowerCase()];
  if (suffix === '' || suffix === domain) return true;
  return domain.endsWith(suffix.startsWith('.') ? suffix : `.${suffix}`);
}

/** `*.example.com` covers `secret.example.com`, which a constraint may exclude. */
function wildcardMatches(constraint: string, name: string): boolean {
  const parent = (text: string) => text.toLowerCase().slice(text.indexOf('.') + 1);
  return name.startsWith('*.') && constraint.includes('.') && parent(constraint) === parent(name);
}

interface Mailbox {
  readonly local: string;
  readonly domain: string;
}

const ATOM = "[\\w!#$%&'*+/=?^`{|}~-]+";
const MAILBOX = new RegExp(`^(${ATOM}(?:\\.${ATOM})*)@(.+)$`);

/** Undefined for invalid mailboxes, including quoted local parts. */
function parseMailbox(text: string): Mailbox | undefined {
  const [, local, domain] = MAILBOX.exec(text) ?? [];
  if (local === undefined || domain === undefined || !isDomain(domain)) return undefined;
  return { local, domain: domain.toLowerCase() };
}

function mailboxMatches(constraint: string, name: string): boolean {
  const { local, domain } = parseMailbox(name)!;
  if (!constraint.includes('@')) return domainMatches(constraint, domain);
  const exact = parseMailbox(constraint);
  return exact?.local === local && exact.domain === domain;
}

function addressMatches(network: Uint8Array, address: Uint8Array): boolean {
  const { length } = address;
  if (network.length !== 2 * length) return false;
  return address.every((byte, at) => ((byte ^ network[at]!) & network[length + at]!) === 0);
}

/** The host of a URI. Undefined if there is none, or if it is an IP address, to which constraints do not apply. */
function hostOf(uri: string): string | undefined {
  const host = URL.canParse(uri) ? new URL(uri).host.replace(/:\d+$/, '') : '';
  const isAddress = host.startsWith('[') || parseIP(host) !== undefined;
  return host === '' || isAddress || !isDomain(host) ? undefined : host;
}

interface Kind<N, C> {
  readonly type: string;
  readonly names: readonly N[];
  readonly permitted: readonly C[];
  readonly excluded: readonly C[];
  matches(constraint: C, name: N): boolean;
  /** Matches beyond `matches` for excluded subtrees. */
  excludes?(constraint: C, name: N): boolean;
}

function problemOf<N, C>({ type, names, permitted, excluded, matches, excludes }: Kind<N, C>) {
  for (const name of names) {
    const shown = JSON.stringify(typeof name === 'string' ? name : [...(name as Uint8Array)].join('.'));
    if (permitted.length > 0 && !permitted.some((constraint) => matches(constraint, name))) {
      return `${type} ${shown} is not permitted by any constraint`;
    }
    if (excluded.some((constraint) => matches(constraint, name) || excludes?.(constraint, name))) {
      return `${type} ${shown} is excluded by a constraint`;
    }
  }
  return undefined;
}

/** The reason why an authority with these constraints may not certify these names; undefined if it may. */
export function constraintProblem(
  { permitted, excluded }: NameConstraints,
  { dnsNames, emailAddresses, uris, ipAddresses }: GeneralNames,
): string | undefined {
  const badDomain = dnsNames.find((name) => !isDomain(name));
  if (badDomain !== undefined) return `cannot parse dnsName ${JSON.stringify(badDomain)}`;
  const badMailbox = emailAddresses.find((name) => parseMailbox(name) === undefined);
  if (badMailbox !== undefined) return `cannot parse rfc822Name ${JSON.stringify(badMailbox)}`;
  const badURI = uris.find((uri) => hostOf(uri) === undefined);
  if (badURI !== undefined) {
    return `URI without a host name (${JSON.stringify(badURI)}) cannot be matched against constraints`;
  }
  return (
    problemOf({
      type: 'IP address',
      names: ipAddresses,
      permitted: permitted.ips,
      excluded: excluded.ips,
      matches: addressMatches,
    }) ??
    problemOf({
      type: 'DNS name',
      names: dnsNames,
      permitted: permitted.dns,
      excluded: excluded.dns,
      matches: domainMatches,
      excludes: wildcardMatches,
    }) ??
    problemOf({
      type: 'URI',
      names: uris,
      permitted: permitted.uris,
      excluded: excluded.uris,
      matches: (constraint, uri) => domainMatches(constraint, hostOf(uri)!),
    }) ??
    problemOf({
      type: 'email address',
      names: emailAddresses,
      permitted: permitted.emails,
      excluded: excluded.emails,
      matches: mailboxMatches,
    })
  );
}
