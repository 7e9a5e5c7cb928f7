/** Rules for a pod's DNS configuration. */

import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { byteLength } from '../../../meta/validation/format.ts';
import { isValidIPForLegacyField } from '../../../meta/validation/ip.ts';
import { isDNS1123SubdomainWithUnderscore } from '../../../meta/validation/names.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { HostAlias, PodDNSConfig, PodSpec } from '../v1/types.ts';
import { invalidEach, validateDNS1123Subdomain } from './helpers.ts';

const POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];

// Limits of the resolver in Linux's libc.
const MAX_NAMESERVERS = 3;
const MAX_SEARCHES = 32;
const MAX_SEARCH_CHARACTERS = 2048;
const MAX_HOSTNAME_LENGTH = 64;

export function validateDNSPolicy(policy: string | undefined, path: FieldPath): FieldError[] {
  if (!policy) return [required(path, '')];
  return POLICIES.includes(policy) ? [] : [notSupported(path, policy, POLICIES)];
}

function validateConfig(
  { nameservers = [], searches = [], options }: PodDNSConfig,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  const servers = path.child('nameservers');
  if (nameservers.length > MAX_NAMESERVERS) {
    errors.push(invalid(servers, nameservers, `must not have more than ${MAX_NAMESERVERS} nameservers`));
  }
  for (const [index, server] of nameservers.entries()) {
    appendAll(errors, isValidIPForLegacyField(servers.index(index), server));
  }
  const at = path.child('searches');
  if (searches.length > MAX_SEARCHES) {
    errors.push(invalid(at, searches, `must not have more than ${MAX_SEARCHES} search paths`));
  }
  if (byteLength(searches.join(' ')) > MAX_SEARCH_CHARACTERS) {
    const detail = `must not have more than ${MAX_SEARCH_CHARACTERS} characters (including spaces) in the search list`;
    errors.push(invalid(at, searches, detail));
  }
  for (const [index, search] of searches.entries()) {
    if (search === '.') continue;
    const domain = search.replace(/\.$/, '');
    appendAll(errors, invalidEach(at.index(index), domain, isDNS1123SubdomainWithUnderscore(domain)));
  }
  for (const [index, { name }] of (options ?? []).entries()) {
    if (!name) errors.push(required(path.child('options').index(index), 'must not be empty'));
  }
  return errors;
}

export function validatePodDNSConfig({ dnsConfig, dnsPolicy }: PodSpec, path: FieldPath): FieldError[] {
  if (dnsPolicy === 'None') {
    if (!dnsConfig) return [required(path, 'must provide `dnsConfig` when `dnsPolicy` is None')];
    if (!dnsConfig.nameservers?.length) {
      const detail = 'must provide at least one DNS nameserver when `dnsPolicy` is None';
      return [required(path.child('nameservers'), detail)];
    }
  }
  return dnsConfig ? validateConfig(dnsConfig, path) : [];
}

export function validateHostAliases(
  aliases: readonly HostAlias[] | undefined,
  path: FieldPath,
): FieldError[] {
  return (aliases ?? []).flatMap(({ ip, hostnames }, index) => {
    const at = path.index(index);
    return [
      ...isValidIPForLegacyField(at.child('ip'), ip),
      ...(hostnames ?? []).flatMap((hostname, number) =>
        validateDNS1123Subdomain(hostname, at.child('hostnames').index(number)),
      ),
    ];
  });
}

export function validateHostnameOverride(spec: PodSpec, path: FieldPath): FieldError[] {
  const { hostnameOverride: hostname } = spec;
  if (hostname === undefined) return [];
  const errors: FieldError[] = [];
  if (spec.setHostnameAsFQDN) {
    errors.push(forbidden(path, 'may not be specified when setHostnameAsFQDN is true'));
  }
  if (spec.hostNetwork) errors.push(forbidden(path, 'may not be specified when hostNetwork is true'));
  if (byteLength(hostname) > MAX_HOSTNAME_LENGTH) errors.push(tooLong(path, MAX_HOSTNAME_LENGTH));
  return [...errors, ...validateDNS1123Subdomain(hostname, path)];
}
